"""Dates, times, durations and countries in words.

CLDR gives month names and countries, but its Kyrgyz and Tajik long dates are not what people write,
its Tajik durations fall back to English and its Russian calls Kyrgyzstan by an old name. So long
dates, durations and the exceptions are texts of the catalogue (`date.*`, `duration.*`,
`country.*`) like any other, and only the list of countries comes from Babel.
"""

from datetime import date, datetime, tzinfo
from typing import Final

from babel import Locale

from hotline.core.languages import SOURCE, chain
from hotline.i18n.words import Words

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def short_date(day: date) -> str:
    """`21.11.2026`: the same in all our languages."""
    return f"{day.day:02}.{day.month:02}.{day.year}"


def long_date(words: Words, day: date, language: str | None) -> str:
    """A date as people write it, month in words."""
    month = words.text(f"date.month.{day.month}", language)
    return words.text("date.long", language, day=day.day, month=month, year=day.year)


def clock(moment: datetime, zone: tzinfo) -> str:
    """`14:05` on the reader's clock. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(zone).strftime("%H:%M")


def moment(words: Words, when: datetime, zone: tzinfo, language: str | None) -> str:
    """Date and time together: `21.11.2026, 14:05`."""
    day = short_date(when.astimezone(zone).date())
    return words.text("date.moment", language, day=day, time=clock(when, zone))


def duration(words: Words, seconds: float, language: str | None) -> str:
    """The largest fitting unit, rounded down, at least one minute: `5 minutes`, `2 hours`."""
    if seconds >= DAY:
        return words.plural("duration.days", language, int(seconds // DAY))
    if seconds >= HOUR:
        return words.plural("duration.hours", language, int(seconds // HOUR))
    return words.plural("duration.minutes", language, max(1, int(seconds // MINUTE)))


def country(words: Words, code: str, language: str | None) -> str:
    """The name of a country by its ISO code; the code itself where there is no name.

    `country.<CODE>` of the catalogue wins over CLDR.
    """
    for candidate in chain(language):
        if words.has(f"country.{code}", candidate):
            return words.text(f"country.{code}", candidate)
        name = Locale(candidate).territories.get(code)
        if name:
            return str(name)
    return code


def countries(words: Words, language: str | None) -> tuple[tuple[str, str], ...]:
    """All two-letter country codes with their names, sorted by name as the language reads."""
    codes = [str(code) for code in Locale(SOURCE).territories]
    codes = [code for code in codes if code.isalpha() and code not in _NOT_COUNTRIES]
    named = ((code, country(words, code, language)) for code in codes)
    return tuple(sorted(named, key=lambda pair: pair[1].casefold()))


_NOT_COUNTRIES: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})

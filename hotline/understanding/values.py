"""Numbers, dates and countries in what people type."""

import datetime as dt
import re
from typing import Final

from hotline.understanding.fold import clean, skeleton
from hotline.understanding.lexicon import Lexicon

_NUMBER: Final = re.compile(r"\d[\d \u00a0.,]*")
_DATE: Final = re.compile(r"\b(\d{1,2})\s*[./\-]\s*(\d{1,2})(?:\s*[./\-]\s*(\d{4}|\d{2}))?\b")
_ISO: Final = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DAY_MONTH: Final = re.compile(r"\b(\d{1,2})\s*(?:ci|nci)?\s+([a-z]{3,})(?:\s+(\d{4}))?")
_MAX_DIGITS: Final = 12


def number(text: str, lexicon: Lexicon) -> str | None:
    """The one number in the text, as digits; None when there is none or several."""
    found = [re.sub(r"\D", "", match) for match in _NUMBER.findall(clean(text))]
    if not found:
        folded = skeleton(text)
        tokens = folded.split()
        spelt = lexicon.numbers.get(folded)
        named = {lexicon.numbers[t] for t in tokens if t in lexicon.numbers}
        spelt = spelt if spelt is not None else (named.pop() if len(named) == 1 else None)
        return None if spelt is None else str(spelt)
    return found[0] if len(found) == 1 and len(found[0]) <= _MAX_DIGITS else None


def date(text: str, lexicon: Lexicon, *, today: dt.date | None = None) -> str | None:
    """An ISO date: 5.12.2026, 2026-12-05, "5 December". Without a year: the next such day.

    `today` is needed for a date without a year; without it such a date is not understood.
    """
    cleaned = clean(text)
    iso = _ISO.search(cleaned)
    if iso:
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    dotted = _DATE.search(cleaned)
    if dotted:
        return _with_year(int(dotted[1]), int(dotted[2]), dotted[3], today)
    named = _DAY_MONTH.search(skeleton(text))
    if named is None or named[2] not in lexicon.months:
        return None
    return _with_year(int(named[1]), lexicon.months[named[2]], named[3], today)


def _with_year(day: int, month: int, year: str | None, today: dt.date | None) -> str | None:
    if year is not None:
        return _day(int(year) + (2000 if len(year) == len("26") else 0), month, day)
    if today is None:
        return None
    this = _day(today.year, month, day)
    if this is not None and this >= today.isoformat():
        return this
    return _day(today.year + 1, month, day)


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


def country(text: str, lexicon: Lexicon) -> str | None:
    """The two-letter code of the one country named, by itself or by a town; else None."""
    tokens = skeleton(text).split()
    found: set[str] = set()
    for size in (3, 2, 1):
        for start in range(len(tokens) - size + 1):
            code = _named(" ".join(tokens[start : start + size]), lexicon)
            if code:
                found.add(code)
        if found:
            break
    return found.pop() if len(found) == 1 else None


def _named(phrase: str, lexicon: Lexicon) -> str | None:
    exact = lexicon.countries.get(phrase)
    if exact is not None:
        return exact
    longest = len("lardan") + 1  # the longest ending in the three languages
    for stem, code in lexicon.country_stems:
        if (
            phrase.count(" ") == stem.count(" ")
            and phrase.startswith(stem)
            and len(phrase) - len(stem) <= longest
        ):
            return code
    return None

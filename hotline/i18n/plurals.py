"""Plural forms of the catalogues: what the header of a file says and which form a number takes.

Babel's own table for PO headers gives Tajik two forms while CLDR has one, so header and choice are
both made from CLDR here and cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from babel import Locale


@dataclass(frozen=True, slots=True)
class Plural:
    """`header` is the gettext expression; `forms` are the CLDR categories, in header order."""

    header: str
    forms: tuple[str, ...]


PLURALS: Final[Mapping[str, Plural]] = {
    "en": Plural("nplurals=2; plural=(n != 1);", ("one", "other")),
    "ky": Plural("nplurals=2; plural=(n != 1);", ("one", "other")),
    "ru": Plural(
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
        "n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
        ("one", "few", "many"),
    ),
    "tg": Plural("nplurals=1; plural=0;", ("other",)),
}


@cache
def _locale(language: str) -> Locale:
    return Locale(language)


def form(language: str, number: int) -> int:
    """Index of the plural form that a whole number takes."""
    category = _locale(language).plural_form(number)
    forms = PLURALS[language].forms
    return forms.index(category) if category in forms else len(forms) - 1

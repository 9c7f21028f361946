"""Kyrgyz, Russian and Tajik in Latin letters, for SMS: more than twice the letters in one part.

The spelling is the one people type themselves, easy to read back aloud, not a standard. Kyrgyz uses
the three special letters that the GSM alphabet has: o and u with two dots, n with a tilde. Letters
are named by their Unicode names, since no Cyrillic stands in the code.
"""

import unicodedata
from collections.abc import Mapping

_COMMON: Mapping[str, str] = {
    "A": "a", "BE": "b", "VE": "v", "GHE": "g", "DE": "d", "IE": "e", "IO": "yo", "ZHE": "zh",
    "ZE": "z", "I": "i", "SHORT I": "y", "KA": "k", "EL": "l", "EM": "m", "EN": "n", "O": "o",
    "PE": "p", "ER": "r", "ES": "s", "TE": "t", "U": "u", "EF": "f", "HA": "h", "TSE": "ts",
    "CHE": "ch", "SHA": "sh", "SHCHA": "sh", "HARD SIGN": "", "YERU": "y", "SOFT SIGN": "",
    "E": "e", "YU": "yu", "YA": "ya",
}  # fmt: skip
_OWN: Mapping[str, Mapping[str, str]] = {
    "ky": {
        "ZHE": "j",
        "BARRED O": "\N{LATIN SMALL LETTER O WITH DIAERESIS}",
        "STRAIGHT U": "\N{LATIN SMALL LETTER U WITH DIAERESIS}",
        "EN WITH DESCENDER": "\N{LATIN SMALL LETTER N WITH TILDE}",
    },
    "ru": {},
    "tg": {
        "HA": "kh",
        "HARD SIGN": "'",
        "GHE WITH STROKE": "gh",
        "I WITH MACRON": "i",
        "KA WITH DESCENDER": "q",
        "U WITH MACRON": "u",
        "HA WITH DESCENDER": "h",
        "CHE WITH DESCENDER": "j",
    },
}


def _table(language: str) -> dict[int, str]:
    """Every special letter is known in every language: names and loan words cross over."""
    letters = dict(_COMMON)
    for code in ("tg", "ky"):
        letters |= {k: v for k, v in _OWN[code].items() if k not in _COMMON}
    letters |= _OWN.get(language, {})
    made: dict[int, str] = {}
    for name, latin in letters.items():
        small = unicodedata.lookup(f"CYRILLIC SMALL LETTER {name}")
        made[ord(small)] = latin
        made[ord(small.upper())] = latin[:1].upper() + latin[1:]
    return made


_TABLES = {code: _table(code) for code in _OWN}


def to_latin(text: str, language: str | None) -> str:
    """The text in Latin letters. What is Latin already stays as it is."""
    return text.translate(_TABLES.get(language or "ru", _TABLES["ru"]))

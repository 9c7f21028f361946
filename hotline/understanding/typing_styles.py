"""How Kyrgyz, Russian and Tajik look when typed on other keyboards. Used to train, never to show.

The styles are those people use: the Russian keyboard without the letters of one's own language,
and several informal Latin typings.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Final


def _table(pairs: Mapping[str, str]) -> dict[int, str]:
    return {
        ord(unicodedata.lookup(f"CYRILLIC SMALL LETTER {name}")): to for name, to in pairs.items()
    }


def _cyrillic(pairs: Mapping[str, str]) -> dict[int, str]:
    return _table(
        {name: unicodedata.lookup(f"CYRILLIC SMALL LETTER {to}") for name, to in pairs.items()}
    )


STRIPPED: Final = _cyrillic(
    {
        "EN WITH DESCENDER": "EN", "BARRED O": "O", "STRAIGHT U": "U", "GHE WITH STROKE": "GHE",
        "KA WITH DESCENDER": "KA", "HA WITH DESCENDER": "HA", "CHE WITH DESCENDER": "CHE",
        "I WITH MACRON": "I", "U WITH MACRON": "U", "SHORT U": "U", "IO": "IE", "SCHWA": "A",
        "STRAIGHT U WITH STROKE": "U", "SHHA": "HA", "BYELORUSSIAN-UKRAINIAN I": "I",
    }
)  # fmt: skip
"""The letter of the Russian keyboard that is struck instead."""

_BASE: Final = {
    "A": "a", "BE": "b", "VE": "v", "GHE": "g", "DE": "d", "IE": "e", "IO": "yo", "ZHE": "zh",
    "ZE": "z", "I": "i", "SHORT I": "y", "KA": "k", "EL": "l", "EM": "m", "EN": "n", "O": "o",
    "PE": "p", "ER": "r", "ES": "s", "TE": "t", "U": "u", "EF": "f", "HA": "kh", "TSE": "ts",
    "CHE": "ch", "SHA": "sh", "SHCHA": "shch", "HARD SIGN": "", "YERU": "y", "SOFT SIGN": "",
    "E": "e", "YU": "yu", "YA": "ya", "EN WITH DESCENDER": "ng", "BARRED O": "o",
    "STRAIGHT U": "u", "GHE WITH STROKE": "gh", "KA WITH DESCENDER": "q",
    "HA WITH DESCENDER": "h", "CHE WITH DESCENDER": "j", "I WITH MACRON": "i",
    "U WITH MACRON": "u", "SHORT U": "o", "SCHWA": "a", "STRAIGHT U WITH STROKE": "u",
    "SHHA": "h", "BYELORUSSIAN-UKRAINIAN I": "i",
}  # fmt: skip
_SHORT: Final = _BASE | {
    "ZHE": "j", "HA": "h", "TSE": "c", "SHORT I": "i", "YERU": "i", "IO": "e", "SHCHA": "sh",
    "EN WITH DESCENDER": "n", "GHE WITH STROKE": "g", "KA WITH DESCENDER": "k",
    "YA": "ia", "YU": "iu",
}  # fmt: skip
_CHAT: Final = _BASE | {
    "ZHE": "j", "HA": "x", "CHE": "4", "SHA": "w", "SHCHA": "w", "TSE": "c", "YERU": "i",
    "IO": "e", "EN WITH DESCENDER": "n", "GHE WITH STROKE": "g", "SHORT I": "i",
}  # fmt: skip
_TURKIC: Final = _BASE | {
    "ZHE": "j", "HA": "h", "TSE": "ts", "YERU": "y", "SHORT I": "i", "BARRED O": "o",
    "STRAIGHT U": "u", "EN WITH DESCENDER": "n", "KA WITH DESCENDER": "k",
    "CHE WITH DESCENDER": "j", "GHE WITH STROKE": "g",
}  # fmt: skip
_X: Final = _BASE | {"HA": "x", "ZHE": "zh", "TSE": "c", "HA WITH DESCENDER": "h", "YERU": "i"}

LATIN: Final = tuple(_table(scheme) for scheme in (_BASE, _SHORT, _CHAT, _TURKIC, _X))
"""Informal Latin typings: zh/kh/ts, j/h/c, chat 4/w/x, a Turkic-looking one, and x for kh."""


def stripped(text: str) -> str:
    """Lower-case text as typed without the letters that the Russian keyboard lacks."""
    return text.lower().translate(STRIPPED)


def latin(text: str, scheme: int) -> str:
    """Lower-case text in one of the `LATIN` typings (`scheme` counts from 0, round and round)."""
    return text.lower().translate(LATIN[scheme % len(LATIN)])


_UZBEK_PAIRS: Final = {
    "o'": "SHORT U", "g'": "GHE WITH STROKE", "sh": "SHA", "ch": "CHE", "ya": "YA", "yo": "IO",
    "yu": "YU", "ye": "IE", "ts": "TSE",
}  # fmt: skip
_UZBEK_LETTERS: Final = {
    "a": "A", "b": "BE", "v": "VE", "g": "GHE", "d": "DE", "e": "IE", "j": "ZHE", "z": "ZE",
    "i": "I", "y": "SHORT I", "k": "KA", "l": "EL", "m": "EM", "n": "EN", "o": "O", "p": "PE",
    "r": "ER", "s": "ES", "t": "TE", "u": "U", "f": "EF", "x": "HA", "q": "KA WITH DESCENDER",
    "h": "HA WITH DESCENDER", "'": "HARD SIGN",
}  # fmt: skip


def uzbek_cyrillic(text: str) -> str:
    """Uzbek written in its Latin alphabet, in the Cyrillic one, by rule."""
    text = text.lower().replace("\N{LEFT SINGLE QUOTATION MARK}", "'")
    for pair, name in _UZBEK_PAIRS.items():
        text = text.replace(pair, unicodedata.lookup(f"CYRILLIC SMALL LETTER {name}"))
    table = {
        ord(letter): unicodedata.lookup(f"CYRILLIC SMALL LETTER {name}")
        for letter, name in _UZBEK_LETTERS.items()
    }
    return text.translate(table)


def slips(text: str, pick: Callable[[int], int]) -> str:
    """The text with one slip of the finger; `pick(n)` gives a number below n and is passed in."""
    if len(text) < 6:  # noqa: PLR2004 - too short to stay readable
        return text
    at = 1 + pick(len(text) - 2)
    kind = pick(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    return text[:at] + text[at - 1] + text[at:]


def counter(seed: int) -> Callable[[int], int]:
    """A small repeatable source of picks: the same seed always gives the same data."""
    state = seed & 0x7FFFFFFF or 1

    def pick(below: int) -> int:
        nonlocal state
        state = (1103515245 * state + 12345) & 0x7FFFFFFF
        return (state >> 8) % below

    return pick


def styles(text: str) -> Iterator[str]:
    """The text as it is, stripped, and in every Latin typing."""
    yield text
    yield stripped(text)
    for scheme in range(len(LATIN)):
        yield latin(text, scheme)

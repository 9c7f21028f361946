"""Which letters each language writes with. Letters are named, since no Cyrillic stands in code."""

import re
import unicodedata
from typing import Final


def _small(*names: str) -> frozenset[str]:
    return frozenset(unicodedata.lookup(f"CYRILLIC SMALL LETTER {name}") for name in names)


RUSSIAN: Final = frozenset(map(chr, range(0x430, 0x450))) | _small("IO")
KYRGYZ_ONLY: Final = _small("EN WITH DESCENDER", "BARRED O", "STRAIGHT U")
TAJIK_ONLY: Final = _small(
    "GHE WITH STROKE", "I WITH MACRON", "KA WITH DESCENDER", "U WITH MACRON", "HA WITH DESCENDER",
    "CHE WITH DESCENDER",
)  # fmt: skip
NOT_TAJIK: Final = _small("SHCHA", "YERU")
"""Russian letters that Tajik words no longer hold. Names of places keep theirs in Russian only."""

LETTERS: Final = {
    "ky": RUSSIAN | KYRGYZ_ONLY,
    "ru": RUSSIAN,
    "tg": (RUSSIAN | TAJIK_ONLY) - NOT_TAJIK,
}
OWN: Final = {"ky": KYRGYZ_ONLY, "tg": TAJIK_ONLY}
"""Letters a long text of the language cannot do without."""

LONG: Final = 120
"""Letters of a text in which at least one own letter is sure to stand."""

WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")


def foreign_letters(text: str, language: str) -> frozenset[str]:
    """Cyrillic letters of the text that the language does not write with."""
    allowed = LETTERS.get(language)
    if allowed is None:
        return frozenset()
    return frozenset(c for c in text.lower() if CYRILLIC.match(c) and c not in allowed)


def mixed_words(text: str) -> tuple[str, ...]:
    """Words that hold both Latin and Cyrillic letters: one of them only looks right."""
    return tuple(
        w for w in re.findall(r"[^\W\d_]+", text) if CYRILLIC.search(w) and LATIN.search(w)
    )


def lacks_own_letters(text: str, language: str) -> bool:
    """A long text without a single letter of its own was typed on a Russian keyboard, or is
    Russian."""
    own = OWN.get(language)
    letters = [c for c in text.lower() if CYRILLIC.match(c)]
    return own is not None and len(letters) >= LONG and not own.intersection(letters)


def is_latin(text: str) -> bool:
    """Whether most letters are Latin."""
    latin = len(LATIN.findall(text))
    return latin > len(CYRILLIC.findall(text))

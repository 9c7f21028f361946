"""One spelling for what people type: Cyrillic, Latin, and anything between.

`skeleton` maps Kyrgyz, Russian and Tajik in their own letters, on a Russian keyboard and in the
usual Latin typings to the same few base letters, so that every matcher behind it meets one form.
It loses distinctions on purpose; nothing a person reads may ever be made from it.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

MAX_CHARS: Final = 2_000
"""Characters looked at. A longer text is a pasted one; its sense stands at the front."""


def _letters(names: Mapping[str, str]) -> dict[int, str]:
    return {
        ord(unicodedata.lookup(f"CYRILLIC SMALL LETTER {name}")): to for name, to in names.items()
    }


CYRILLIC: Final = _letters(
    {
        "A": "a", "BE": "b", "VE": "v", "GHE": "g", "DE": "d", "IE": "e", "IO": "e",
        "ZHE": "zh", "ZE": "z", "I": "i", "SHORT I": "y", "KA": "k", "EL": "l", "EM": "m",
        "EN": "n", "O": "o", "PE": "p", "ER": "r", "ES": "s", "TE": "t", "U": "u", "EF": "f",
        "HA": "h", "TSE": "c", "CHE": "ch", "SHA": "sh", "SHCHA": "sh", "HARD SIGN": "",
        "YERU": "i", "SOFT SIGN": "", "E": "e", "YU": "yu", "YA": "ya",
        # Kyrgyz
        "EN WITH DESCENDER": "n", "BARRED O": "o", "STRAIGHT U": "u",
        # Tajik
        "GHE WITH STROKE": "g", "KA WITH DESCENDER": "k", "HA WITH DESCENDER": "h",
        "CHE WITH DESCENDER": "j", "I WITH MACRON": "i", "U WITH MACRON": "u",
        # the neighbours: Uzbek, Kazakh, Ukrainian
        "SHORT U": "u", "SCHWA": "a", "STRAIGHT U WITH STROKE": "u", "SHHA": "h",
        "BYELORUSSIAN-UKRAINIAN I": "i", "YI": "i", "UKRAINIAN IE": "e",
        "ZHE WITH DESCENDER": "j",
    }
)  # fmt: skip
"""Cyrillic letter (code point, lower case) to the Latin letters it is usually typed with."""

_LATIN_EXTRA: Final = {
    ord("\N{LATIN SMALL LETTER DOTLESS I}"): "i",
    ord("\N{LATIN SMALL LETTER SHARP S}"): "s",
    ord("\N{LATIN SMALL LETTER O WITH STROKE}"): "o",
    ord("\N{LATIN SMALL LETTER SCHWA}"): "a",
    ord("\N{LATIN SMALL LETTER ENG}"): "n",
}

_LOOKALIKE: Final = {
    ord(latin): unicodedata.lookup(f"CYRILLIC {case} LETTER {name}")
    for latin, case, name in (
        ("a", "SMALL", "A"), ("c", "SMALL", "ES"), ("e", "SMALL", "IE"), ("o", "SMALL", "O"),
        ("p", "SMALL", "ER"), ("x", "SMALL", "HA"), ("y", "SMALL", "U"), ("i", "SMALL", "I"),
        ("A", "CAPITAL", "A"), ("B", "CAPITAL", "VE"), ("C", "CAPITAL", "ES"),
        ("E", "CAPITAL", "IE"), ("H", "CAPITAL", "EN"), ("K", "CAPITAL", "KA"),
        ("M", "CAPITAL", "EM"), ("O", "CAPITAL", "O"), ("P", "CAPITAL", "ER"),
        ("T", "CAPITAL", "TE"), ("X", "CAPITAL", "HA"), ("Y", "CAPITAL", "U"),
    )
}  # fmt: skip

# What people type for one sound, longest first. Both scripts pass through the same rules: a
# Cyrillic letter has become its Latin typing by then.
_SOUNDS: Final = {
    "shch": "s", "dzh": "c", "sch": "s", "sj": "s", "shj": "s",
    "dch": "c", "sh": "s", "ch": "c", "zh": "c", "dj": "c", "kh": "h",
    "gh": "g", "ts": "c", "ng": "n", "yo": "e", "ye": "e", "yu": "u", "iu": "u", "ya": "a",
    "ia": "a", "ie": "e", "x": "h", "q": "k", "y": "i", "j": "c", "w": "s",
}  # fmt: skip
_SOUND: Final = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_DOUBLE: Final = re.compile(r"([a-z])\1+")
_DIGIT_LETTER: Final = re.compile(r"(?<=[a-z])4(?=[a-z])|(?<=[a-z])4\b|\b4(?=[a-z]{2})")
_NOT_KEPT: Final = re.compile(r"[^a-z0-9]+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_CYRILLIC_LETTER: Final = re.compile("[\u0400-\u04ff]")
_LATIN_LETTER: Final = re.compile("[a-zA-Z]")
_APOSTROPHES: Final = re.compile("['\u2018\u2019\u02bb\u02bc`\u00b4\u044a\u044c]")
_PASSES: Final = 4


def clean(text: str) -> str:
    """The text without what nobody sees: controls, marks of direction, lone surrogates.

    Invisible joiners vanish (they may stand inside a word); everything else that is not text
    becomes a space. Letters keep their case and script. At most `MAX_CHARS` characters.
    """
    text = text[:MAX_CHARS].replace("\N{NUMERO SIGN}", " ")  # NFKC would make it a "No"
    text = unicodedata.normalize("NFKC", text)[:MAX_CHARS]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(map(_visible, text)).split())


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    category = unicodedata.category(char)
    return "" if category == "Cf" else " "


def skeleton(text: str) -> str:
    """The folded text: words of ``a-z0-9`` with single spaces between, maybe empty."""
    text = clean(text)
    if _CYRILLIC_LETTER.search(text) and _LATIN_LETTER.search(text):
        text = _WORD.sub(_one_script, text)
    text = text.lower()
    text = _APOSTROPHES.sub("", text).translate(CYRILLIC).translate(_LATIN_EXTRA)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(CYRILLIC)
    text = _DIGIT_LETTER.sub("ch", text)
    text = _NOT_KEPT.sub(" ", text).strip()
    for _ in range(_PASSES):
        before = text
        text = _DOUBLE.sub(r"\1", _SOUND.sub(_sound, text))
        if text == before:
            break
    return text


def _sound(match: re.Match[str]) -> str:
    return _SOUNDS[match[0]]


def _one_script(match: re.Match[str]) -> str:
    """A word typed with look-alikes of the other script, in the script of its other letters."""
    word = match[0]
    latin = [c for c in word if c.isascii()]
    if 0 < len(latin) < len(word) and all(ord(c) in _LOOKALIKE for c in latin):
        return word.translate(_LOOKALIKE)
    return word


def words(text: str) -> tuple[str, ...]:
    """The folded words of the text."""
    return tuple(skeleton(text).split())

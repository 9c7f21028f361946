"""What an SMS carries: typographic signs replaced, parts counted, long texts cut at sentences."""

import re
from dataclasses import dataclass

import smsutil

MOST_PARTS = 8
"""SMS parts in one message to the provider (it takes 1,600 characters, some 10 parts)."""

PLAIN = str.maketrans(
    {
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
        "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
        "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{MODIFIER LETTER APOSTROPHE}": "'",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MINUS SIGN}": "-",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{BULLET}": "-",
        "\N{MIDDLE DOT}": "-",
        "\N{NUMERO SIGN}": "No",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "\N{RIGHTWARDS ARROW}": "->",
    }
)
SENTENCE = re.compile(r"(?<=[.!?:\n])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Size:
    """`parts` as the network charges them; `gsm`: in the 7-bit alphabet (160/153, else 70/67)."""

    parts: int
    gsm: bool
    characters: int


def plain(text: str) -> str:
    """Typographic signs replaced by those of every telephone: one of them would double the cost."""
    return text.translate(PLAIN).strip()


def size(text: str) -> Size:
    """How the network will cut a text."""
    found = smsutil.split(text)
    gsm = smsutil.is_valid_gsm(text)
    return Size(max(1, len(found.parts)), gsm, len(text))


def cut(text: str, most: int = MOST_PARTS) -> tuple[str, ...]:
    """Texts of at most `most` parts each, cut at the ends of sentences, else of words."""
    if size(text).parts <= most:
        return (text,)
    made: list[str] = []
    line = ""
    for piece in _pieces(text, most):
        joined = f"{line} {piece}" if line else piece
        if size(joined).parts <= most:
            line = joined
        else:
            made.append(line)
            line = piece
    return (*made, line)


def _pieces(text: str, most: int) -> list[str]:
    """Sentences; one that is too long alone is cut into words, a word too long by characters."""
    found: list[str] = []
    for sentence in (s for s in SENTENCE.split(text) if s):
        if size(sentence).parts <= most:
            found.append(sentence)
            continue
        for word in sentence.split():
            found += [word[i : i + 60] for i in range(0, len(word), 60)]
    return found

"""Which option of a step was meant: by number, by its words in any language, or by yes and no.

A wrong guess is worse than asking again, so a near miss counts only when one option alone fits.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from hotline.core.reading import Choice
from hotline.understanding.fold import clean, skeleton
from hotline.understanding.lexicon import Lexicon

_DIGITS: Final = re.compile(r"\d+")
_PIECES: Final = re.compile(r"[,;\n/|+&]+")
_LEADING: Final = re.compile(r"^\s*([^\W\d_]+)\s*[,.!;:\-\u2013\u2014)]+\s*\S")
_ONE_DIGIT: Final = 9
_MAX_WORDS: Final = 12
_LEAD_WORDS: Final = 12
_MIN_WORD: Final = 4


def choose(
    text: str, choices: Sequence[Choice], lexicon: Lexicon, *, multi: bool = False
) -> tuple[str, ...]:
    """Codes of the options meant, in the order of the step; empty when it is not clear."""
    if not choices:
        return ()
    folded = skeleton(text)
    found = (
        _by_number(folded, choices, lexicon, multi=multi)
        or _whole(text, folded, choices, lexicon)
        or (_several(text, choices, lexicon) if multi else set())
        or _leading(text, choices, lexicon)
        or _near(folded, choices, lexicon)
    )
    return tuple(choice.code for choice in choices if choice.code in found)


def _bare(folded: str, lexicon: Lexicon) -> list[str]:
    tokens = folded.split()
    kept = [t for t in tokens if t not in lexicon.fillers]
    return kept or tokens


def _by_number(
    folded: str, choices: Sequence[Choice], lexicon: Lexicon, *, multi: bool
) -> set[str]:
    """Positions from 1: "2", "2-nd", "two"; with `multi` also "1 3", "1,3", "13", "1 and 3"."""
    tokens = _bare(folded, lexicon)
    if not tokens or len(tokens) > 2 * len(choices) + 1:
        return set()
    numbers: list[int] = []
    for token in tokens:
        if token in lexicon.joiners and multi:
            continue
        number = _number(token, lexicon)
        if number is None:
            return set()
        numbers.append(number)
    count = len(choices)
    if multi and count <= _ONE_DIGIT and len(numbers) == 1 and numbers[0] > count:
        numbers = [int(digit) for digit in str(numbers[0])]
    wanted = set(numbers)
    if not wanted or min(wanted) < 1 or max(wanted) > count or (len(wanted) > 1 and not multi):
        return set()
    return {choices[number - 1].code for number in wanted}


def _number(token: str, lexicon: Lexicon) -> int | None:
    if token.isdecimal() and len(token) <= _ONE_DIGIT:
        return int(token)
    ordinal = _DIGITS.match(token)  # "2ci", "1ii", "3um": a number with the ending of its language
    if ordinal and len(token) - ordinal.end() <= len("inci"):
        return int(ordinal[0]) if len(ordinal[0]) <= _ONE_DIGIT else None
    return lexicon.numbers.get(token)


def _texts(choice: Choice) -> list[str]:
    return [*choice.labels.values(), *choice.synonyms]


@lru_cache(maxsize=4096)
def _folded(label: str) -> str:
    """The folded form of a label of ours: the same few hundred at every message. What people write
    never comes here, so nothing of it is kept."""
    return skeleton(label)


def _whole(text: str, folded: str, choices: Sequence[Choice], lexicon: Lexicon) -> set[str]:
    """The text is an option's label or synonym, its code, or a word of its meaning."""
    bare = " ".join(_bare(folded, lexicon))
    by_label = {
        choice.code
        for choice in choices
        for label in map(_folded, _texts(choice))
        if label and label in {folded, bare}
    }
    if len(by_label) == 1:
        return by_label
    meaning = lexicon.meaning(text, folded) or lexicon.folded.get(bare)
    if meaning is None:
        return set()
    return _one({choice.code for choice in choices if choice.means == meaning})


def _several(text: str, choices: Sequence[Choice], lexicon: Lexicon) -> set[str]:
    """Options named one after another; every piece must be clear, or nothing counts."""
    pieces = [piece for piece in _PIECES.split(clean(text)) if piece.strip()]
    if len(pieces) == 1:
        pieces = _split_at_joiners(pieces[0], lexicon)
    if len(pieces) < 2:  # noqa: PLR2004
        return set()
    found: set[str] = set()
    for piece in pieces:
        folded = skeleton(piece)
        one = (
            _by_number(folded, choices, lexicon, multi=True)
            or _whole(piece, folded, choices, lexicon)
            or _near(folded, choices, lexicon)
        )
        if not one:
            return set()
        found |= one
    return found


def _split_at_joiners(text: str, lexicon: Lexicon) -> list[str]:
    pieces: list[list[str]] = [[]]
    for word in text.split():
        if skeleton(word) in lexicon.joiners:
            pieces.append([])
        else:
            pieces[-1].append(word)
    return [" ".join(piece) for piece in pieces if piece]


def _leading(text: str, choices: Sequence[Choice], lexicon: Lexicon) -> set[str]:
    """ "Yes, he has it": the first word answers when a stop stands behind it."""
    cleaned = clean(text)
    match = _LEADING.match(cleaned)
    if match is None or len(cleaned.split()) > _LEAD_WORDS or "?" in cleaned:
        return set()
    meaning = lexicon.meaning(match[1], skeleton(match[1]))
    if meaning not in {"yes", "no"}:
        return set()
    second = skeleton(cleaned[match.end(1) :]).split()
    opposite = {lexicon.folded.get(word) for word in second[:1]} & ({"yes", "no"} - {meaning})
    return set() if opposite else _one({c.code for c in choices if c.means == meaning})


def _near(folded: str, choices: Sequence[Choice], lexicon: Lexicon) -> set[str]:
    """One option alone is close: a slip of the finger, or some of the words of its label."""
    tokens = _bare(folded, lexicon)
    joined = " ".join(tokens)
    if len(joined) < _MIN_WORD or len(tokens) > _MAX_WORDS or joined.isdecimal():
        return set()
    if lexicon.joiners.intersection(tokens):
        return set()
    slips = {
        choice.code
        for choice in choices
        for label in map(_folded, _texts(choice))
        if OSA.distance(joined, label, score_cutoff=_slips(label)) <= _slips(label)
    }
    if slips:
        return _one(slips)
    telling = [token for token in tokens if len(token) >= _MIN_WORD]
    if not telling:
        return set()
    return _one(
        {
            choice.code
            for choice in choices
            for label in map(_folded, _texts(choice))
            if all(any(_akin(token, word) for word in label.split()) for token in telling)
        }
    )


def _slips(label: str) -> int:
    return 0 if len(label) < _MIN_WORD else 1 if len(label) < 2 * _MIN_WORD else len(label) // 6


def _akin(token: str, word: str) -> bool:
    """The same word with another ending, or with one slip."""
    if len(word) < _MIN_WORD:
        return token == word
    shared = 0
    for a, b in zip(token, word, strict=False):
        if a != b:
            break
        shared += 1
    longer = max(len(token), len(word))
    if shared >= _MIN_WORD and shared * 3 >= longer * 2:
        return True
    return longer > _MIN_WORD and OSA.distance(token, word, score_cutoff=1) <= 1


def _one(codes: set[str]) -> set[str]:
    return codes if len(codes) == 1 else set()

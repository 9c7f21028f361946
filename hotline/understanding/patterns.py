"""Patterns of words: how the danger list says what stands near what.

`a|b` is either; `word*` a beginning, `*word` an ending; `@name` a group; a space means "then, with
at most one other word between"; ` & ` in any order and ` > ` in this order, within eight words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hotline.understanding.data import BadWords
from hotline.understanding.fold import skeleton
from hotline.understanding.stems import StemIndex

MINOR_AGE: Final = "#minor"
_GAP: Final = 2  # steps from one word of a sequence to the next: one other word may stand between
_WINDOW: Final = 8
_ADULT: Final = 18
_YOUNGEST: Final = 5
_MAX_HITS: Final = 24  # per part; a text that repeats one word a thousand times stays cheap

Slot = tuple[str, ...]
Span = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Slots that follow one another; each is a choice of names."""

    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    parts: tuple[Part, ...]
    ordered: bool


def parse(text: str, groups: Mapping[str, Slot], where: str) -> Pattern:
    """Raises `BadWords` naming `where` for an unknown group, an empty item or mixed signs."""
    ordered = " > " in text
    if ordered and " & " in text:
        if text.index(" > ") < text.index(" & "):
            raise BadWords(f"{where}: {text!r}: put what is joined by & first")
        ordered = False
        text = text.replace(" > ", " & ")
    pieces = text.split(" > " if ordered else " & ")
    return Pattern(tuple(_part(piece, groups, where) for piece in pieces), ordered)


def _part(text: str, groups: Mapping[str, Slot], where: str) -> Part:
    slots = [_slot(item, groups, where) for item in text.split()]
    if not slots:
        raise BadWords(f"{where}: {text!r}: a part without words")
    return Part(tuple(slots))


def _slot(item: str, groups: Mapping[str, Slot], where: str) -> Slot:
    names: list[str] = []
    for word in item.split("|"):
        if word == MINOR_AGE:
            names.append(word)
        elif word.startswith("@"):
            if word[1:] not in groups:
                raise BadWords(f"{where}: {word}: there is no such group")
            names.extend(groups[word[1:]])
        else:
            names.append(name(word, where))
    return tuple(dict.fromkeys(names))


def name(word: str, where: str) -> str:
    """One word or stem of the list, folded. Raises `BadWords` when it is none or several."""
    folded = skeleton(word.strip("*"))
    if not folded or " " in folded:
        raise BadWords(f"{where}: {word!r}: one word is needed here")
    if word.startswith("*"):
        return "*" + folded
    return folded + "*" if word.endswith("*") else folded


def names_of(patterns: Iterable[Pattern]) -> set[str]:
    """Every name that the patterns ask for."""
    return {n for p in patterns for part in p.parts for slot in part.slots for n in slot}


def found_in(words: Sequence[str], index: StemIndex) -> dict[str, list[int]]:
    """Names and positions, ages under 18 among them."""
    found = index.find(words)
    ages = [i for i, word in enumerate(words) if _young(word)]
    if ages:
        found[MINOR_AGE] = ages
    return found


def _young(word: str) -> bool:
    digits = word[:2] if word[:2].isdecimal() else word[:1]
    if not digits.isdecimal() or word[len(digits) : len(digits) + 1].isdecimal():
        return False
    return _YOUNGEST <= int(digits) < _ADULT


def match(pattern: Pattern, found: Mapping[str, Sequence[int]]) -> list[Span]:
    """The places where the pattern holds: positions of its words, in the order of its parts."""
    per_part: list[list[Span]] = []
    for part in pattern.parts:
        spans = _sequence(part, found)
        if not spans:
            return []
        per_part.append(spans[:_MAX_HITS])
    joined = per_part[0]
    for spans in per_part[1:]:
        joined = [
            one + two
            for one in joined
            for two in spans
            if _close(one, two, ordered=pattern.ordered)
        ][:_MAX_HITS]
    return joined


def _sequence(part: Part, found: Mapping[str, Sequence[int]]) -> list[Span]:
    spans: list[Span] = []
    for at, slot in enumerate(part.slots):
        places = sorted({place for n in slot for place in found.get(n, ())})
        if not places:
            return []
        if at == 0:
            spans = [(place,) for place in places]
        else:
            spans = [
                (*span, place) for span in spans for place in places if 0 < place - span[-1] <= _GAP
            ]
        if not spans:
            return []
    return spans


def _close(one: Span, two: Span, *, ordered: bool) -> bool:
    if set(one) & set(two):
        return False
    if ordered:
        return max(one) < min(two) and min(two) - max(one) <= _WINDOW
    return max(*one, *two) - min(*one, *two) <= _WINDOW + len(one) + len(two)

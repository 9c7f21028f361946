"""What the intent model looks at: letter groups, words, and concepts that three languages share."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from hotline.understanding.data import BadWords, texts
from hotline.understanding.fold import skeleton
from hotline.understanding.stems import StemIndex

CONCEPTS: Final = "concepts.yaml"
SHORTEST: Final = 2
LONGEST: Final = 5
_MAX_WORDS: Final = 60
_GAP: Final = 2


class ConceptFinder:
    """Concepts ("passport", "take away") by their stems in three languages."""

    __slots__ = ("_index", "_names", "_phrases")

    def __init__(self, tree: Mapping[str, object]) -> None:
        """`tree` maps a concept to its words and stems (`word*`); raises `BadWords`."""
        self._names: dict[str, set[str]] = {}
        self._phrases: list[tuple[str, tuple[str, ...]]] = []
        for concept, listed in tree.items():
            for text in texts(listed, CONCEPTS, concept):
                keys = tuple(_key(word, concept) for word in text.replace("-", " ").split())
                if len(keys) == 1:
                    self._names.setdefault(keys[0], set()).add(concept)
                else:
                    self._phrases.append((concept, keys))
        parts = {key for _, keys in self._phrases for key in keys}
        self._index = StemIndex(set(self._names) | parts)

    def find(self, words: Sequence[str]) -> set[str]:
        found = self._index.find(words)
        concepts = {c for key in found for c in self._names.get(key, ())}
        for concept, keys in self._phrases:
            if concept not in concepts and all(k in found for k in keys) and _runs(keys, found):
                concepts.add(concept)
        return concepts


def _key(word: str, concept: str) -> str:
    folded = skeleton(word.rstrip("*"))
    if not folded or " " in folded:
        raise BadWords(f"{CONCEPTS}: {concept}: {word!r}: nothing is left of it after folding")
    return folded + "*" if word.endswith("*") else folded


def _runs(keys: Sequence[str], found: Mapping[str, Sequence[int]]) -> bool:
    """Whether the words stand one after another, at most one other word between."""
    ends = set(found[keys[0]])
    for key in keys[1:]:
        ends = {p for p in found[key] if any(0 < p - end <= _GAP for end in ends)}
    return bool(ends)


def extract(folded: str, concepts: ConceptFinder) -> Iterator[tuple[str, str]]:
    """Pairs of block ("c" letters, "w" words, "k" concepts) and feature of a folded text."""
    words = folded.split()[:_MAX_WORDS]
    for word in words:
        padded = f" {word} "
        for length in range(SHORTEST, LONGEST + 1):
            for start in range(len(padded) - length + 1):
                yield "c", padded[start : start + length]
    for word in words:
        yield "w", word
    for one, two in pairwise(words):
        yield "w", f"{one} {two}"
    found = sorted(concepts.find(words))
    for concept in found:
        yield "k", concept
    for at, one in enumerate(found):
        for two in found[at + 1 :]:
            yield "k", f"{one}+{two}"

"""Words and stems found among the folded words of a message, slips of the finger included."""

from collections.abc import Iterable, Sequence
from typing import Final

from rapidfuzz.distance import OSA

SLIP_FROM: Final = 6
"""Folded letters from which a stem is still known with one slip; shorter ones collide."""
_SHORTEST_PREFIX: Final = 2


class StemIndex:
    """A set of exact words and of stems (`folded*`), looked up for all words of a message at once.

    A word and a stem are named by their folded text; a stem carries a trailing asterisk, an ending
    a leading one. Words that begin as one of `ordinary` are never taken for a slip.
    """

    __slots__ = (
        "_deletes", "_endings", "_exact", "_lengths", "_near_exact", "_ordinary", "_slip_lengths",
        "_stems",
    )  # fmt: skip

    def __init__(self, names: Iterable[str], ordinary: Iterable[str] = ()) -> None:
        self._ordinary = tuple(ordinary)
        self._endings: list[str] = []
        self._exact: set[str] = set()
        self._stems: set[str] = set()
        self._deletes: dict[str, set[str]] = {}
        for name in names:
            if name.startswith("*"):
                self._endings.append(name[1:])
            elif name.endswith("*"):
                self._stems.add(name[:-1])
            else:
                self._exact.add(name)
        slipping = {stem for stem in self._stems if len(stem) >= SLIP_FROM}
        for stem in slipping:
            for variant in _deletes(stem):
                self._deletes.setdefault(variant, set()).add(stem)
        self._near_exact: dict[str, set[str]] = {}
        for word in self._exact:
            if len(word) >= SLIP_FROM:
                for variant in _deletes(word):
                    self._near_exact.setdefault(variant, set()).add(word)
        self._lengths = sorted({len(stem) for stem in self._stems})
        self._slip_lengths = sorted({len(stem) for stem in slipping})

    def names(self, word: str) -> list[str]:
        """The names that one folded word answers to."""
        found = [word] if word in self._exact else []
        size = len(word)
        for length in self._lengths:
            if length > size:
                break
            if word[:length] in self._stems:
                found.append(word[:length] + "*")
        if not found and size >= SLIP_FROM - 1 and not word.startswith(self._ordinary):
            found = [stem + "*" for stem in self._slips(word)]
            found += [exact for exact in self._whole_slips(word) if exact not in found]
        found.extend(f"*{e}" for e in self._endings if size > len(e) + 2 and word.endswith(e))
        return found

    def _slips(self, word: str) -> list[str]:
        near: set[str] = set()
        seen: set[str] = set()
        for length in self._slip_lengths:
            for cut in (length - 1, length, length + 1):
                prefix = word[:cut]
                if len(prefix) < cut or prefix in seen:
                    continue
                seen.add(prefix)
                for variant in _deletes(prefix):
                    for stem in self._deletes.get(variant, ()):
                        if stem not in near and OSA.distance(prefix, stem, score_cutoff=1) <= 1:
                            near.add(stem)
        return sorted(near)

    def _whole_slips(self, word: str) -> list[str]:
        near = {w for variant in _deletes(word) for w in self._near_exact.get(variant, ())}
        return sorted(w for w in near if OSA.distance(word, w, score_cutoff=1) <= 1)

    def find(self, words: Sequence[str]) -> dict[str, list[int]]:
        """Name to the positions of the words that answer to it."""
        found: dict[str, list[int]] = {}
        for position, word in enumerate(words):
            for name in self.names(word):
                found.setdefault(name, []).append(position)
        return found


def _deletes(text: str) -> list[str]:
    """The text, and the text less one letter; the first letter is taken to be right."""
    return [text, *(text[:at] + text[at + 1 :] for at in range(1, len(text)))]

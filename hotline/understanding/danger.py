"""Signs of danger in free text, before anything else is made of it.

Recall comes first: a sign counts as immediate unless the sentence itself says that it is a "what
if", over and safe now, in the news, or not so; then it is soft, and a person is still offered. The
names of signs leave this module, the words never do.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hotline.core.reading import Danger, DangerLevel
from hotline.understanding.data import BadWords, Tree, section, texts
from hotline.understanding.fold import clean, skeleton
from hotline.understanding.patterns import (
    MINOR_AGE,
    Pattern,
    Slot,
    Span,
    found_in,
    match,
    name,
    names_of,
    parse,
)
from hotline.understanding.stems import StemIndex

FILE: Final = "danger.yaml"
_SENTENCE: Final = re.compile(r"[.!?;\n\u2026]+")
_MAX_WORDS: Final = 240
_MAX_SENTENCES: Final = 24
_SOFTENERS: Final = ("hypothetical", "over", "elsewhere")


class DangerFinder:
    """The danger list, folded and indexed. Built once."""

    __slots__ = (
        "_after", "_before", "_by_name", "_firm", "_ignore", "_index", "_level", "_minor",
        "_over", "_signs", "_soften",
    )  # fmt: skip

    def __init__(self, tree: Tree) -> None:
        """Raises `BadWords` naming the pattern that is wrong."""
        groups = _groups(tree)
        self._signs: list[tuple[str, Pattern]] = []
        self._firm: list[tuple[str, Pattern]] = []
        self._level: dict[str, DangerLevel] = {}
        for sign, entry in section(tree, "signs", FILE).items():
            self._level[sign] = _level(entry.get("level"), sign)
            for key, into in (("patterns", self._signs), ("firm", self._firm)):
                where = f"{FILE}: signs.{sign}.{key}"
                for text in texts(entry.get(key, ()), FILE, f"signs.{sign}.{key}"):
                    into.append((sign, parse(text, groups, where)))
        soften = section(tree, "soften", FILE)
        self._soften = {
            kind: [
                parse(text, groups, f"{FILE}: soften.{kind}")
                for text in texts(soften.get(kind), FILE, f"soften.{kind}")
            ]
            for kind in _SOFTENERS
        }
        self._ignore = [
            parse(text, groups, f"{FILE}: ignore")
            for text in texts(tree.get("ignore"), FILE, "ignore")
        ]
        negate = section(tree, "negate", FILE)
        self._before = _set(negate.get("before"), "negate.before")
        self._after = _set(negate.get("after"), "negate.after")
        self._minor = groups.get("minor_mark", ())
        everything = [p for _, p in (*self._signs, *self._firm)]
        for listed in self._soften.values():
            everything.extend(listed)
        everything.extend(self._ignore)
        self._index = StemIndex(
            (names_of(everything) | set(self._minor)) - {MINOR_AGE}, _ordinary(tree)
        )
        self._by_name: dict[str, list[tuple[str, Pattern, bool]]] = {}
        for firm, signs in ((False, self._signs), (True, self._firm)):
            for sign, pattern in signs:
                for anchor in _rarest(pattern):
                    self._by_name.setdefault(anchor, []).append((sign, pattern, firm))

    def find(self, text: str) -> Danger:
        """Signs and the highest level. A third of a millisecond for an ordinary message."""
        return self.examine(text)[0]

    def examine(self, text: str) -> tuple[Danger, frozenset[str]]:
        """Signs and level as in `find`; and what softens the text, whether or not it needs it."""
        hits: dict[str, DangerLevel] = {}
        over = elsewhere = young = hypothetical = False
        for sentence in self._sentences(text):
            words = sentence.split()
            found = found_in(words, self._index)
            if not found:
                continue
            young = young or self._young(words, found)
            over = over or self._any("over", found)
            elsewhere = elsewhere or self._any("elsewhere", found)
            hypothetical = hypothetical or self._any("hypothetical", found)
            self._judge(words, found, hits)
        softeners = frozenset(
            kind
            for kind, there in zip(_SOFTENERS, (hypothetical, over, elsewhere), strict=True)
            if there
        )
        if over or elsewhere:
            # What is over, or was seen in a film, is said in another sentence as often as in the
            # same one; the person is answered and offered help, nobody is alarmed.
            hits = dict.fromkeys(hits, DangerLevel.SOFT)
        if young and hits:
            urgent = DangerLevel.IMMEDIATE in hits.values()
            hits["minor"] = DangerLevel.IMMEDIATE if urgent else DangerLevel.SOFT
        return _summed(hits), softeners

    def _sentences(self, text: str) -> Iterable[str]:
        pieces = [p for p in _SENTENCE.split(text[:4_000]) if p.strip()][:_MAX_SENTENCES]
        left = _MAX_WORDS
        for piece in pieces:
            folded = skeleton(clean(piece)).split()[:left]
            left -= len(folded)
            if folded:
                yield " ".join(folded)

    def _judge(
        self, words: Sequence[str], found: Mapping[str, list[int]], hits: dict[str, DangerLevel]
    ) -> None:
        ignored = {place for p in self._ignore for span in match(p, found) for place in span}
        hypothetical: bool | None = None
        tried: set[int] = set()
        for anchor in found:
            for sign, pattern, firm in self._by_name.get(anchor, ()):
                if id(pattern) in tried:
                    continue
                tried.add(id(pattern))
                spans = [s for s in match(pattern, found) if not ignored.intersection(s)]
                if not spans:
                    continue
                level = self._level[sign]
                if not firm:
                    if all(self._denied(span, words) for span in spans):
                        continue
                    if hypothetical is None:
                        hypothetical = self._any("hypothetical", found)
                    if hypothetical:
                        level = DangerLevel.SOFT
                if hits.get(sign) is not DangerLevel.IMMEDIATE:
                    hits[sign] = level

    def _denied(self, span: Span, words: Sequence[str]) -> bool:
        """A "not" right before one of the words, or right behind the last, that is not in the span.

        "They do not hit me" is no sign; "they do not let me out" has its "not" in the pattern.
        """
        inside = set(span)
        if any(p - 1 not in inside and p > 0 and words[p - 1] in self._before for p in span):
            return True
        last = max(span)
        return any(
            p not in inside and words[p] in self._after
            for p in range(last + 1, min(last + 2, len(words)))
        )

    def _young(self, words: Sequence[str], found: Mapping[str, list[int]]) -> bool:
        if any(n in found for n in self._minor):
            return True
        return any(
            words[at - 1 if at else 0] in _AGE_BEFORE
            or (at + 1 < len(words) and words[at + 1].startswith(_AGE_AFTER))
            or (
                len(words[at]) > len("17") and words[at].lstrip("0123456789").startswith(_AGE_AFTER)
            )
            for at in found.get(MINOR_AGE, ())
        )

    def _any(self, kind: str, found: Mapping[str, list[int]]) -> bool:
        return any(match(pattern, found) for pattern in self._soften[kind])


_AGE_BEFORE: Final = frozenset({"mne"})
_AGE_AFTER: Final = ("let", "god", "cas", "cast", "sol", "sola")


def _summed(hits: Mapping[str, DangerLevel]) -> Danger:
    if not hits:
        return Danger()
    immediate = tuple(s for s, v in hits.items() if v is DangerLevel.IMMEDIATE)
    if immediate:
        return Danger(DangerLevel.IMMEDIATE, tuple(sorted(immediate)))
    return Danger(DangerLevel.SOFT, tuple(sorted(hits)))


def _rarest(pattern: Pattern) -> Slot:
    """The slot with the fewest names: one of them must be there for the pattern to hold."""
    return min((slot for part in pattern.parts for slot in part.slots), key=len)


def _groups(tree: Tree) -> dict[str, Slot]:
    return {
        str(group): tuple(
            dict.fromkeys(
                name(word, f"{FILE}: groups.{group}")
                for word in texts(listed, FILE, f"groups.{group}")
            )
        )
        for group, listed in section(tree, "groups", FILE).items()
    }


def _ordinary(tree: Tree) -> list[str]:
    return [
        name(word, f"{FILE}: ordinary").rstrip("*")
        for word in texts(tree.get("ordinary", ()), FILE, "ordinary")
    ]


def _level(found: object, sign: str) -> DangerLevel:
    if found not in {DangerLevel.SOFT, DangerLevel.IMMEDIATE}:
        raise BadWords(f"{FILE}: signs.{sign}.level: must be soft or immediate")
    return DangerLevel(str(found))


def _set(found: object, entry: str) -> frozenset[str]:
    return frozenset(map(skeleton, texts(found, FILE, entry)))

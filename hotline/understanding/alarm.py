"""How surely a message is one of somebody in danger: a trained model beside the patterns.

Patterns hear what they were taught. This model has read some thousand messages of people in danger
and as many harmless ones, in three languages, and hears what is like them. What the patterns found
is one of the things it looks at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from hotline.core.reading import Danger, DangerLevel
from hotline.understanding.danger import DangerFinder
from hotline.understanding.data import BadWords, Tree
from hotline.understanding.features import LONGEST, SHORTEST, ConceptFinder
from hotline.understanding.fold import skeleton

Floats = npt.NDArray[np.float32]

SETTINGS: Final = "settings.yaml"
ONLY_BY_PATTERN: Final = "observed"
"""Somebody else reads: it silences the conversation, so the model alone may never say it."""
IMMEDIATE: Final = "immediate"
SOFT: Final = "soft"
WEIGHT: Final = {"c": 1.0, "w": 1.0, "k": 1.2}
_MAX_WORDS: Final = 60
_LIMITS: Final = ("heard", "unsupported", "softened", "doubted", "soft", "alone", "sign")
_SOFTENED: Final = frozenset({"hypothetical", "over", "elsewhere"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Scores (log odds) from which something is taken for danger; see `settings.yaml`."""

    heard: float
    unsupported: float
    softened: float
    doubted: float
    soft: float
    alone: float
    sign: float

    @classmethod
    def from_mapping(cls, tree: Tree) -> "Limits":
        """From `alarm` of the settings. Raises `BadWords` when one is missing or no number."""
        found = tree.get("alarm")
        if not isinstance(found, Mapping):
            raise BadWords(f"{SETTINGS}: alarm: a mapping is needed here")

        def number(key: str) -> float:
            value = found.get(key)
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise BadWords(f"{SETTINGS}: alarm.{key}: a number is needed")
            return float(value)

        return cls(*(number(key) for key in _LIMITS))


@dataclass(frozen=True, slots=True)
class AlarmModel:
    """Feature to row, its weight in a text, and a column per name (`IMMEDIATE`, `SOFT`, signs)."""

    rows: Mapping[str, int]
    idf: Floats
    weights: Floats
    bias: Floats
    names: tuple[str, ...]


def extract(
    text: str, patterns: DangerFinder, concepts: ConceptFinder
) -> tuple[set[str], Danger, frozenset[str]]:
    """What the model looks at in a text, what the patterns say of it, and what softens it."""
    folded = skeleton(text)
    danger, softeners = patterns.examine(text)
    words = folded.split()[:_MAX_WORDS]
    found: set[str] = set()
    for word in words:
        padded = f" {word} "
        end = len(padded) + 1
        for length in range(SHORTEST, LONGEST + 1):
            found.update(["c" + padded[at : at + length] for at in range(end - length)])
    found.update(["w" + word for word in words])
    found.update([f"w{one} {two}" for one, two in pairwise(words)])
    marks = sorted(
        concepts.find(words)
        | {f"={danger.level}", *(f"={sign}" for sign in danger.signs)}
        | {f"~{kind}" for kind in softeners}
    )
    found.update(["k" + mark for mark in marks])
    found.update([f"k{a}+{b}" for i, a in enumerate(marks) for b in marks[i + 1 :]])
    return found, danger, softeners


def vector(
    features: Iterable[str], rows: Mapping[str, int], idf: Floats
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Rows and values, each block of unit length before its weight, the whole of unit length."""
    blocks: dict[str, list[int]] = {"c": [], "w": [], "k": []}
    for feature in features:
        row = rows.get(feature)
        if row is not None:
            blocks[feature[0]].append(row)
    at: list[int] = []
    values: list[Floats] = []
    for block, found in blocks.items():
        if found:
            found.sort()
            raw = idf[found]
            at.extend(found)
            values.append(raw * np.float32(WEIGHT[block] / np.sqrt(np.dot(raw, raw))))
    if not at:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    joined = np.concatenate(values)
    return np.array(at, np.int64), joined / np.float32(np.sqrt(np.dot(joined, joined)))


class AlarmFinder:
    """Patterns and model together: signs and level of danger in a text."""

    __slots__ = ("_concepts", "_first", "_limits", "_model", "_patterns")

    def __init__(
        self,
        patterns: DangerFinder,
        model: AlarmModel,
        concepts: ConceptFinder,
        limits: Limits,
    ) -> None:
        self._patterns = patterns
        self._model = model
        self._concepts = concepts
        self._limits = limits
        self._first = model.names.index(IMMEDIATE), model.names.index(SOFT)

    def scores(self, text: str) -> tuple[Floats, Danger, frozenset[str], bool]:
        """Log odds in the order of `AlarmModel.names`; what the patterns say; softeners; whether
        any word of danger was recognised, by concept or pattern."""
        model = self._model
        features, danger, softeners = extract(text, self._patterns, self._concepts)
        at, values = vector(features, model.rows, model.idf)
        odds = model.bias.copy()
        if at.size:
            odds += values @ model.weights[at]
        named = any(feature[0] == "k" and feature[1] not in "=~" for feature in features)
        return odds, danger, softeners, named

    def find(self, text: str) -> Danger:
        """Signs and the highest level; never raises, whatever was typed."""
        odds, danger, softeners, is_named = self.scores(text)
        immediate, soft = (float(odds[at]) for at in self._first)
        limits = self._limits
        if danger.level is DangerLevel.IMMEDIATE:
            if immediate >= limits.doubted:
                return Danger(DangerLevel.IMMEDIATE, self._signs(odds, danger))
            return Danger(DangerLevel.SOFT, danger.signs)
        softened = bool(_SOFTENED & softeners)
        # One word alone says too little ("locked", said of what?): the model only offers a person.
        alone = len(text.split()) == 1
        needed = limits.heard if is_named else limits.unsupported
        if softened:
            needed = limits.softened
        if not alone and immediate >= max(needed, soft):
            return Danger(DangerLevel.IMMEDIATE, self._signs(odds, danger))
        if danger.level is DangerLevel.SOFT:
            return danger
        if max(soft, immediate) >= (limits.alone if alone else limits.soft):
            return Danger(DangerLevel.SOFT, ())
        return Danger()

    def known(self, text: str) -> Danger:
        """What the patterns alone say."""
        return self._patterns.find(text)

    def _signs(self, odds: Floats, danger: Danger) -> tuple[str, ...]:
        """The signs that patterns or model name; the likeliest when neither is sure."""
        named = {
            name: float(odd)
            for name, odd in zip(self._model.names, odds, strict=True)
            if name not in (IMMEDIATE, SOFT)
        }
        if ONLY_BY_PATTERN not in danger.signs:
            named.pop(ONLY_BY_PATTERN, None)
        heard = {name for name, odd in named.items() if odd >= self._limits.sign}
        if danger.level is DangerLevel.IMMEDIATE:
            heard.update(danger.signs)
        return tuple(sorted(heard or {max(named, key=lambda name: (named[name], name))}))

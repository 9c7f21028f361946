"""Trains the danger model from written messages: the same data give the same model, in seconds.

One logistic regression a column (immediate, soft, and every sign), with an L2 penalty, solved over
the examples with numpy. The ordinary questions of all intents are examples of harmless messages.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hotline.understanding.alarm import IMMEDIATE, SOFT, AlarmModel, Floats, extract, vector
from hotline.understanding.danger import DangerFinder
from hotline.understanding.data import BadWords, texts
from hotline.understanding.features import ConceptFinder
from hotline.understanding.fold import skeleton
from hotline.understanding.training import LANGUAGES, kernel_of, largest

FOLDER: Final = "danger_examples"
HARMLESS: Final = "none"
ORDINARY: Final = "ordinary"
_LEVELS: Final = frozenset({IMMEDIATE, SOFT, HARMLESS})
_MIN_TEXTS: Final = 2  # texts that must share a letter group before it is kept
_PENALTY: Final = 1e-5
_STEPS: Final = 80
_LEANING: Final = 0.02
_QUESTION: Final = 0.6  # an ordinary question counts for this much of an example
_LIKENESS: Final = 2.0  # and what is like danger and is none, for this much
_ALIKE: Final = frozenset({"hypothetical", "over", "denied", "elsewhere"})


@dataclass(frozen=True, slots=True)
class Message:
    """One example: its words, its sign or kind, and its level."""

    text: str
    kind: str
    level: str


def messages(examples: Mapping[str, object], phrasings: Mapping[str, object]) -> list[Message]:
    """Every example once: the folder `danger_examples`, and the phrasings that are no danger.

    Raises `BadWords` for a misshaped file. `urgent` in `ordinary.yaml` names the intents whose
    phrasings may be of people in danger; they are left out.
    """
    found: list[Message] = []
    seen: set[str] = set()

    def add(text: str, kind: str, level: str) -> None:
        folded = skeleton(text)
        if folded and folded not in seen:
            seen.add(folded)
            found.append(Message(text, kind, level))

    urgent: frozenset[str] = frozenset()
    for kind, entry in sorted(examples.items()):
        file = f"{FOLDER}/{kind}.yaml"
        if not isinstance(entry, Mapping) or entry.get("level") not in _LEVELS:
            raise BadWords(f"{file}: level: must be one of {', '.join(sorted(_LEVELS))}")
        if kind == ORDINARY:
            urgent = frozenset(texts(entry.get("urgent"), file, "urgent"))
        for language in LANGUAGES:
            for text in texts(entry.get(language), file, language):
                add(text, kind, str(entry["level"]))
    for intent, by_language in sorted(phrasings.items()):
        if intent in urgent or not isinstance(by_language, Mapping):
            continue
        for language in LANGUAGES:
            for text in texts(by_language.get(language), f"phrasings/{intent}.yaml", language):
                add(text, ORDINARY, HARMLESS)
    return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """Examples as numbers: rows and weights of features, products of all pairs, what to learn."""

    rows: Mapping[str, int]
    idf: Floats
    vectors: Sequence[tuple[npt.NDArray[np.int64], Floats]]
    kernel: Floats
    names: tuple[str, ...]
    target: Floats
    weight: Floats


def prepare(found: Sequence[Message], patterns: DangerFinder, concepts: ConceptFinder) -> Prepared:
    """The examples as numbers."""
    features = [extract(message.text, patterns, concepts)[0] for message in found]
    counts: Counter[str] = Counter()
    for one in features:
        counts.update(one)
    kept = sorted(feature for feature, n in counts.items() if n >= _MIN_TEXTS)
    total = len(found)
    idf = np.array([math.log((1 + total) / (1 + counts[f])) + 1 for f in kept], np.float32)
    rows = {feature: row for row, feature in enumerate(kept)}
    vectors = [vector(one, rows, idf) for one in features]
    signs = sorted({m.kind for m in found if m.level == IMMEDIATE})
    names = (IMMEDIATE, SOFT, *signs)
    target = np.array(
        [[m.level == IMMEDIATE, m.level == SOFT, *(m.kind == s for s in signs)] for m in found],
        np.float32,
    )
    weight = np.array([_weight(message) for message in found], np.float32)
    return Prepared(rows, idf, vectors, kernel_of(vectors, len(rows)), names, target, weight)


def _weight(message: Message) -> float:
    if message.kind == ORDINARY:
        return _QUESTION
    return _LIKENESS if message.kind in _ALIKE else 1.0


def train(found: Sequence[Message], patterns: DangerFinder, concepts: ConceptFinder) -> AlarmModel:
    """The model of the examples."""
    known = prepare(found, patterns, concepts)
    alpha = solve(known.kernel, known.target, known.weight)
    bias = np.asarray(np.float32(_LEANING) * alpha.sum(axis=0), np.float32)
    weights = np.zeros((len(known.rows), len(known.names)), np.float32)
    for (at, values), row in zip(known.vectors, alpha, strict=True):
        weights[at] += np.outer(values, row)
    return AlarmModel(known.rows, known.idf, weights, bias, known.names)


def held_out(known: Prepared, folds: int) -> Floats:
    """Log odds of every example by a model that has not seen it."""
    odds = np.zeros_like(known.target)
    fold = np.arange(len(known.target)) % folds
    for one in range(folds):
        inside, outside = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        alpha = solve(
            known.kernel[np.ix_(inside, inside)], known.target[inside], known.weight[inside]
        )
        odds[outside] = (known.kernel[np.ix_(outside, inside)] + np.float32(_LEANING)) @ alpha
    return odds


def solve(kernel: Floats, target: Floats, weight: Floats) -> Floats:
    """Accelerated gradient steps; the result weighs examples, a column per thing to learn."""
    kernel = kernel + np.float32(_LEANING)
    share = (weight / weight.sum())[:, None].astype(np.float32)
    root = np.sqrt(share)[:, 0]
    rate = np.float32(1.0 / (0.25 * largest(kernel, root) + _PENALTY))
    alpha = np.zeros_like(target)
    ahead, pace = alpha, 1.0
    for _ in range(_STEPS):
        gap = share * (1 / (1 + np.exp(-(kernel @ ahead))) - target)
        new = ahead - rate * (gap + np.float32(_PENALTY) * ahead)
        faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = new + np.float32((pace - 1) / faster) * (new - alpha)
        alpha, pace = new, faster
    return alpha

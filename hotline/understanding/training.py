"""Trains the intent model from phrasings: the same data give the same model, in seconds.

Multinomial logistic regression with an L2 penalty, solved over the examples instead of over the
features (there are fewer of them), with numpy alone. The probabilities are calibrated on held-out
folds, so that "90 %" is right nine times in ten on phrasings the model has not seen.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hotline.understanding.data import BadWords, texts
from hotline.understanding.features import ConceptFinder, extract
from hotline.understanding.fold import skeleton
from hotline.understanding.intents import OUT_OF_SCOPE, Floats, Model, vector

LANGUAGES: Final = ("ky", "ru", "tg")
_MIN_LETTERS: Final = 2  # texts that must share a letter group before it is kept
_PENALTY: Final = 1e-5
_STEPS: Final = 80
_LEANING: Final = 0.02
_FOLDS: Final = 3
_SHARPNESS: Final = tuple(0.5 + 0.1 * i for i in range(36))
_OOS_WEIGHT: Final = 0.7  # its examples are many; each counts for a little less


@dataclass(frozen=True, slots=True)
class Example:
    """One phrasing, folded, with its intent and language."""

    folded: str
    intent: str
    language: str


def examples(phrasings: Mapping[str, Mapping[str, object]]) -> list[Example]:
    """Every phrasing once. Raises `BadWords` for a language without any, or an empty text."""
    found: list[Example] = []
    seen: dict[str, str] = {}
    for intent in sorted(phrasings):
        file = f"phrasings/{intent}.yaml"
        for language in LANGUAGES:
            listed = texts(phrasings[intent].get(language), file, language)
            if not listed:
                raise BadWords(f"{file}: {language}: there are no phrasings")
            for text in listed:
                folded = skeleton(text)
                if not folded:
                    raise BadWords(f"{file}: {language}: {text!r}: nothing is left after folding")
                if seen.get(folded, intent) != intent:
                    raise BadWords(f"{file}: {language}: {text!r} is also in {seen[folded]}")
                if folded not in seen:
                    seen[folded] = intent
                    found.append(Example(folded, intent, language))
    return found


def train(found: Sequence[Example], concepts: ConceptFinder) -> Model:
    """The calibrated model of the examples."""
    rows, idf = _vocabulary(found, concepts)
    intents = tuple(sorted({e.intent for e in found}))
    vectors = [vector(e.folded, rows, idf, concepts) for e in found]
    labels = np.array([intents.index(e.intent) for e in found])
    kernel = kernel_of(vectors, len(rows))
    weight = _example_weights(labels, intents)
    folds = np.array([_fold(e, i) for i, e in enumerate(found)])
    sharpness = _calibrate(kernel, labels, weight, folds, len(intents))
    alpha = _solve(kernel, labels, weight, len(intents))
    bias = np.asarray(np.float32(_LEANING) * alpha.sum(axis=0), np.float32)
    weights = np.zeros((len(rows), len(intents)), np.float32)
    for (at, values), row in zip(vectors, alpha, strict=True):
        weights[at] += np.outer(values, row)
    return Model(rows, idf, weights, bias, intents, sharpness)


def held_out(
    found: Sequence[Example], concepts: ConceptFinder
) -> tuple[Floats, npt.NDArray[np.int64], tuple[str, ...]]:
    """Uncalibrated scores of every example by a model that has not seen it; labels; intents."""
    rows, idf = _vocabulary(found, concepts)
    intents = tuple(sorted({e.intent for e in found}))
    vectors = [vector(e.folded, rows, idf, concepts) for e in found]
    labels = np.array([intents.index(e.intent) for e in found])
    kernel = kernel_of(vectors, len(rows))
    folds = np.array([_fold(e, i) for i, e in enumerate(found)])
    weight = _example_weights(labels, intents)
    return _cross(kernel, labels, weight, folds, len(intents)), labels, intents


def _fold(example: Example, at: int) -> int:
    del example
    return at % _FOLDS


def _example_weights(labels: npt.NDArray[np.int64], intents: Sequence[str]) -> Floats:
    weight = np.ones(len(labels), np.float32)
    if OUT_OF_SCOPE in intents:
        weight[labels == intents.index(OUT_OF_SCOPE)] = _OOS_WEIGHT
    return weight


def _vocabulary(found: Sequence[Example], concepts: ConceptFinder) -> tuple[dict[str, int], Floats]:
    counts: Counter[str] = Counter()
    for example in found:
        counts.update({block + feature for block, feature in extract(example.folded, concepts)})
    kept = sorted(f for f, n in counts.items() if n >= _MIN_LETTERS or f[0] == "k")
    total = len(found)
    idf = np.array([math.log((1 + total) / (1 + counts[f])) + 1 for f in kept], np.float32)
    return {feature: row for row, feature in enumerate(kept)}, idf


def kernel_of(vectors: Sequence[tuple[npt.NDArray[np.int64], Floats]], width: int) -> Floats:
    """Products of all pairs of texts, through the list of texts that hold each feature."""
    count = len(vectors)
    owners = np.concatenate([np.full(len(at), i) for i, (at, _) in enumerate(vectors)])
    at_all = np.concatenate([at for at, _ in vectors])
    values_all = np.concatenate([values for _, values in vectors])
    order = np.argsort(at_all, kind="stable")
    owners, values_all = owners[order], values_all[order]
    starts = np.searchsorted(at_all[order], np.arange(width + 1))
    kernel = np.zeros((count, count), np.float32)
    for i, (at, values) in enumerate(vectors):
        if not len(at):
            continue
        places = np.concatenate([np.arange(starts[f], starts[f + 1]) for f in at])
        times = np.repeat(values, starts[at + 1] - starts[at])
        kernel[i] = np.bincount(owners[places], values_all[places] * times, count)
    return kernel


def _softmax(logits: Floats) -> Floats:
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exp / exp.sum(axis=1, keepdims=True), dtype=np.float32)


def _solve(kernel: Floats, labels: npt.NDArray[np.int64], weight: Floats, classes: int) -> Floats:
    """Accelerated gradient steps; the result weighs examples, a column per intent.

    The intents' own leanings are learnt as one more feature that every text has (`_LEANING`).
    """
    count = len(labels)
    kernel = kernel + np.float32(_LEANING)
    target = np.zeros((count, classes), np.float32)
    target[np.arange(count), labels] = 1
    share = (weight / weight.sum())[:, None].astype(np.float32)
    rate = np.float32(1.0 / (0.5 * largest(kernel, np.sqrt(share)[:, 0]) + _PENALTY))
    alpha = np.zeros((count, classes), np.float32)
    ahead, pace = alpha, 1.0
    for _ in range(_STEPS):
        gap = share * (_softmax(kernel @ ahead) - target)
        new = ahead - rate * (gap + np.float32(_PENALTY) * ahead)
        faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = new + np.float32((pace - 1) / faster) * (new - alpha)
        alpha, pace = new, faster
    return alpha


def largest(matrix: Floats, scale: Floats) -> float:
    """The largest eigenvalue of the matrix scaled on both sides, from above closely enough."""
    vector_ = np.ones(len(matrix), np.float32)
    value = 1.0
    for _ in range(30):
        vector_ = scale * (matrix @ (scale * vector_))
        value = float(np.linalg.norm(vector_))
        vector_ /= np.float32(value)
    return value * 1.05


def _cross(
    kernel: Floats,
    labels: npt.NDArray[np.int64],
    weight: Floats,
    folds: npt.NDArray[np.int64],
    classes: int,
) -> Floats:
    scores = np.zeros((len(labels), classes), np.float32)
    for fold in range(_FOLDS):
        inside, outside = folds != fold, folds == fold
        alpha = _solve(kernel[np.ix_(inside, inside)], labels[inside], weight[inside], classes)
        scores[outside] = (kernel[np.ix_(outside, inside)] + np.float32(_LEANING)) @ alpha
    return scores


def _calibrate(
    kernel: Floats,
    labels: npt.NDArray[np.int64],
    weight: Floats,
    folds: npt.NDArray[np.int64],
    classes: int,
) -> float:
    """The factor on the scores that makes held-out probabilities most honest (log loss)."""
    scores = _cross(kernel, labels, weight, folds, classes)
    own = np.arange(len(labels))

    def loss(factor: float) -> float:
        return float(-np.log(_softmax(scores * np.float32(factor))[own, labels] + 1e-9).mean())

    return min(_SHARPNESS, key=loss)

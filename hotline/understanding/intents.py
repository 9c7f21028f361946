"""Which of the intents a question is, and how sure that is.

One linear model for all three languages on folded text, with a trained out-of-scope class. Its
probabilities are calibrated at build time; the thresholds of the decision stand in the settings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hotline.core.reading import Scored
from hotline.understanding.data import BadWords, Tree
from hotline.understanding.features import ConceptFinder, extract

OUT_OF_SCOPE: Final = "out_of_scope"
OPERATOR: Final = "talk_operator"
SETTINGS: Final = "settings.yaml"
TOP: Final = 3
_LIKELY: Final = 0.6

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which an answer is given, and from which something is out of scope."""

    answer: float
    margin: float
    out_of_scope: float
    human_first: frozenset[str]

    @classmethod
    def from_mapping(cls, tree: Tree) -> "Thresholds":
        """Raises `BadWords` when a threshold is missing or no probability."""
        first = tree.get("human_first")
        if not isinstance(first, Sequence) or isinstance(first, str):
            raise BadWords(f"{SETTINGS}: human_first: a list of intents is needed")
        return cls(
            _probability(tree, "answer"),
            _probability(tree, "margin"),
            _probability(tree, "out_of_scope"),
            frozenset(map(str, first)),
        )


def _probability(tree: Tree, key: str) -> float:
    value = tree.get(key)
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadWords(f"{SETTINGS}: {key}: a number from 0 to 1 is needed")
    return float(value)


@dataclass(frozen=True, slots=True)
class Model:
    """Feature to row, its weight in the text (idf times block), and a column per intent."""

    rows: Mapping[str, int]
    idf: Floats
    weights: Floats
    bias: Floats
    intents: tuple[str, ...]
    sharpness: float


def vector(
    folded: str, model_rows: Mapping[str, int], idf: Floats, concepts: ConceptFinder
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Rows and values of a text, each block of unit length before its weight."""
    blocks: dict[str, set[int]] = {"c": set(), "w": set(), "k": set()}
    for block, feature in extract(folded, concepts):
        row = model_rows.get(block + feature)
        if row is not None:
            blocks[block].add(row)
    rows: list[int] = []
    values: list[Floats] = []
    for block, found in blocks.items():
        if found:
            ordered = sorted(found)
            raw = idf[ordered]
            rows.extend(ordered)
            values.append(raw * np.float32(BLOCK_WEIGHT[block] / np.sqrt(np.dot(raw, raw))))
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    joined = np.concatenate(values)
    return np.array(rows, np.int64), joined / np.float32(np.sqrt(np.dot(joined, joined)))


BLOCK_WEIGHT: Final = {"c": 1.0, "w": 0.5, "k": 0.9}


class IntentFinder:
    """The compiled model and its thresholds."""

    __slots__ = ("_concepts", "_model", "_thresholds")

    def __init__(self, model: Model, concepts: ConceptFinder, thresholds: Thresholds) -> None:
        self._model = model
        self._concepts = concepts
        self._thresholds = thresholds

    def scores(self, folded: str) -> Floats:
        """Calibrated probabilities in the order of `Model.intents`."""
        model = self._model
        rows, values = vector(folded, model.rows, model.idf, self._concepts)
        logits = model.bias.copy()
        if rows.size:
            logits += values @ model.weights[rows]
        logits *= np.float32(model.sharpness)
        exp = np.exp(logits - logits.max())
        return np.asarray(exp / exp.sum(), dtype=np.float32)

    def strange(self, folded: str) -> bool:
        """Whether no word of the text stands in any question, nor a concept, nor a likely topic."""
        words = folded.split()
        if any("w" + word in self._model.rows for word in words) or self._concepts.find(words):
            return False
        return float(self.scores(folded).max()) < _LIKELY

    def outside(self, folded: str) -> float:
        """The calibrated probability of the out-of-scope class."""
        return float(self.scores(folded)[self._model.intents.index(OUT_OF_SCOPE)])

    def find(self, folded: str) -> tuple[tuple[Scored, ...], str]:
        """The best three intents, out of scope left out of them, and the decision."""
        probabilities = self.scores(folded)
        order = np.argsort(-probabilities, kind="stable")
        names = self._model.intents
        ranked = [Scored(names[i], round(float(probabilities[i]), 4)) for i in order[: TOP + 1]]
        outside = float(probabilities[names.index(OUT_OF_SCOPE)])
        best = tuple(s for s in ranked if s.intent != OUT_OF_SCOPE)[:TOP]
        return best, self._decide(best, outside)

    def _decide(self, best: Sequence[Scored], outside: float) -> str:
        limits = self._thresholds
        first, second = best[0], best[1]
        if outside >= limits.out_of_scope and outside > first.score:
            return "out_of_scope"
        if first.score >= limits.answer and first.score - second.score >= limits.margin:
            human = first.intent == OPERATOR or first.intent in limits.human_first
            return "human" if human else "answer"
        return "choose"

"""Which language a message is in: Kyrgyz, Russian, Tajik or another, however it is typed.

Two character n-gram naive Bayes models, one per script, since a joint one loses the Latin typings.
The margin between the two best languages becomes the confidence; a table of greetings and short
words stands in front, because two letters carry no statistics.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hotline.understanding.data import BadWords, Tree, texts
from hotline.understanding.fold import clean
from hotline.understanding.typing_styles import latin, stripped, uzbek_cyrillic

OURS: Final = ("ky", "ru", "tg")
FILE: Final = "short_words.yaml"
SCRIPTS: Final = ("cyrl", "latn")
_CYRILLIC: Final = ("ky", "ru", "tg", "uz", "kk")
_LATIN: Final = ("ky", "ru", "tg", "uz", "kk", "en")
LANGUAGES: Final = {"cyrl": _CYRILLIC, "latn": _LATIN}
_LONGEST: Final = 4
_FEATURES: Final = 40_000
_SMOOTH: Final = 0.1
_LOOKED_AT: Final = 300
_CLEAR_CONFIDENCE: Final = 0.9
_CLEAR_LETTERS: Final = 12

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Guess:
    """`language` is "ky", "ru", "tg" or "other"; `confidence` 0 to 1; `letters` looked at."""

    language: str | None
    confidence: float
    letters: int = 0

    @property
    def clear(self) -> bool:
        """Sure enough, and long enough, to speak against what is known of the person."""
        return self.confidence >= _CLEAR_CONFIDENCE and self.letters >= _CLEAR_LETTERS


@dataclass(frozen=True, slots=True)
class Table:
    """One script's model: n-gram to row, and log probabilities, a column per language."""

    rows: Mapping[str, int]
    weights: FloatArray
    languages: tuple[str, ...]


def grams(text: str) -> Iterable[str]:
    """N-grams of 1 to 4 letters inside each word, with its edges, and the words themselves."""
    for word in text.split():
        padded = f" {word} "
        size = len(padded)
        for length in range(1, _LONGEST + 1):
            for start in range(size - length + 1):
                gram = padded[start : start + length]
                if gram != " ":
                    yield gram
        if size > _LONGEST + 2:
            yield word


def letters_only(text: str) -> str:
    """Lower-case letters and apostrophes; digits only where they stand for a letter."""
    lowered = clean(text[:_LOOKED_AT]).lower()
    kept = "".join(c if c.isalpha() or c in "'4" else " " for c in lowered)
    return " ".join(word for word in kept.split() if any(map(str.isalpha, word)))


def script_of(text: str) -> str | None:
    """The script with more letters: "cyrl", "latn", "none" (another one), or None if empty."""
    cyrillic = sum("\u0400" <= c <= "\u04ff" for c in text)
    latin_count = sum(c.isalpha() and c < "\u0250" for c in text)
    if not cyrillic and not latin_count:
        return "none" if any(map(str.isalpha, text)) else None
    return "cyrl" if cyrillic >= latin_count else "latn"


def train(sentences: Mapping[str, Sequence[str]]) -> dict[str, Table]:
    """Models from sentences by language ("ky", "ru", "tg", "uz" in Latin, "kk", "en").

    Every sentence is also learnt as typed on a Russian keyboard and in each Latin typing.
    """
    counts: dict[str, dict[str, Counter[str]]] = {
        script: {language: Counter() for language in LANGUAGES[script]} for script in SCRIPTS
    }
    for language, lines in sentences.items():
        for line in lines:
            for script, text in _spellings(language, line):
                counts[script][language].update(grams(letters_only(text)))
    return {script: _table(counts[script], LANGUAGES[script]) for script in SCRIPTS}


def _spellings(language: str, line: str) -> Iterable[tuple[str, str]]:
    if language == "en":
        yield "latn", line
    elif language == "uz":
        yield "latn", line
        yield "latn", line.replace("'", "")
        cyrillic = uzbek_cyrillic(line)
        yield "cyrl", cyrillic
        yield "cyrl", stripped(cyrillic)
    else:
        yield "cyrl", line
        yield "cyrl", stripped(line)
        for scheme in range(5):
            yield "latn", latin(line, scheme)


def _table(counts: Mapping[str, Counter[str]], languages: tuple[str, ...]) -> Table:
    total: Counter[str] = Counter()
    for language in languages:
        size = max(1, sum(counts[language].values()))
        for gram, count in counts[language].items():
            total[gram] += count / size  # type: ignore[assignment]
    kept = sorted(total, key=lambda gram: (-total[gram], gram))[:_FEATURES]
    raw = np.array([[counts[lang][gram] for lang in languages] for gram in kept], dtype=np.float64)
    smooth = raw + _SMOOTH
    weights = np.log(smooth / smooth.sum(axis=0)).astype(np.float32)
    return Table({gram: row for row, gram in enumerate(kept)}, weights, languages)


class LanguageFinder:
    """Two tables and the short words. Holds nothing of any person."""

    __slots__ = ("_short", "_tables")

    def __init__(self, tables: Mapping[str, Table], short: Tree) -> None:
        """`short` maps a language, or "ambiguous", to its greetings and short words."""
        self._tables = dict(tables)
        self._short: dict[str, str] = {}
        for language, listed in short.items():
            if language not in {*OURS, "other", "ambiguous"}:
                raise BadWords(f"{FILE}: {language}: no such language here")
            for phrase in texts(listed, FILE, language):
                self._short[letters_only(phrase)] = language

    def find(self, text: str) -> Guess:
        """At most a millisecond. `language` is None when there are no letters at all."""
        letters = letters_only(text)
        count = len(letters.replace(" ", ""))
        script = script_of(letters)
        if script is None:
            return Guess(None, 0.0)
        if script == "none":
            return Guess("other", 0.9, count)
        known = self._short.get(letters)
        if known == "ambiguous":
            return Guess(self._best(script, letters)[0], 0.3, count)
        if known is not None:
            return Guess(known, 0.95, count)
        language, margin = self._best(script, letters)
        return Guess(language, confidence(margin), count)

    def _best(self, script: str, letters: str) -> tuple[str, float]:
        table = self._tables[script]
        rows = [table.rows[gram] for gram in grams(letters) if gram in table.rows]
        if not rows:
            return "other", 0.0
        sums = table.weights[rows].sum(axis=0)
        by_language: dict[str, float] = {}
        for language, score in zip(table.languages, sums.tolist(), strict=True):
            name = language if language in OURS else "other"
            by_language[name] = max(score, by_language.get(name, -math.inf))
        ranked = sorted(by_language.items(), key=lambda pair: (-pair[1], pair[0]))
        return ranked[0][0], ranked[0][1] - ranked[1][1]


def confidence(margin: float) -> float:
    """The share of right guesses at this margin (log units), as measured: see docs."""
    return 0.5 + 0.495 / (1.0 + math.exp(-(margin - 8.0) / 3.0))


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a person's language: the one in use, and a run of clear other ones."""

    language: str | None = None
    other: str | None = None
    run: int = 0


def remember(memory: Memory, guess: Guess) -> tuple[Memory, str]:
    """The memory after one more message, and what to do: "keep", "switch" or "ask".

    Nothing known: a clear message settles it, anything else asks. Something known: a short or
    doubtful message changes nothing, two clear ones in another language ask, and only the person's
    answer switches.
    """
    if guess.language is None:
        return memory, "keep" if memory.language else "ask"
    if memory.language is None:
        if guess.language in OURS and guess.confidence >= _CLEAR_CONFIDENCE:
            return Memory(guess.language), "switch"
        return memory, "ask"
    if guess.language == memory.language:
        return Memory(memory.language), "keep"
    if not guess.clear:
        return memory, "keep"
    run = memory.run + 1 if memory.other == guess.language else 1
    if run > 1:
        return Memory(memory.language, guess.language, 0), "ask"
    return Memory(memory.language, guess.language, run), "keep"

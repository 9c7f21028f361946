"""How well people are understood: figures on questions that the models have not seen.

Everything is handed in, the clock too, so the same test data give the same figures; only the
latencies differ. `evaluate` measures, `report` writes the lines that people read.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from hotline.core.reading import DangerLevel
from hotline.understanding.data import Tree, texts
from hotline.understanding.fold import skeleton
from hotline.understanding.intents import OUT_OF_SCOPE
from hotline.understanding.read import Understanding
from hotline.understanding.typing_styles import counter, latin, slips, stripped

LANGUAGES: Final = ("ky", "ru", "tg")
STYLES: Final = ("clean", "lower", "stripped", "latin zh", "latin j", "latin 4w", "typo")


@dataclass(slots=True)
class Share:
    """Right ones among all."""

    right: int = 0
    all: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.all += 1

    def text(self) -> str:
        """For people: the percentage and how many there were."""
        return f"{100 * self.right / self.all:5.1f}% ({self.all})" if self.all else "    -"


@dataclass(slots=True)
class Figures:
    """What was counted. Keys are (measure, group), say ("top1", "ky") or ("top3", "latin zh")."""

    shares: dict[tuple[str, str], Share] = field(default_factory=dict)
    auroc: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    danger_missed: list[str] = field(default_factory=list)
    danger_false: list[str] = field(default_factory=list)

    def add(self, measure: str, group: str, right: bool) -> None:
        self.shares.setdefault((measure, group), Share()).add(right)

    def percent(self, measure: str, group: str) -> float:
        """The share as a percentage; raises `KeyError` for one that was not measured."""
        share = self.shares[measure, group]
        return 100 * share.right / share.all


def restyled(text: str, style: str, at: int) -> str:
    """The text as typed in that style; `at` makes slips differ from text to text, repeatably."""
    match style:
        case "lower":
            return text.lower().rstrip("?.!")
        case "stripped":
            return stripped(text)
        case "latin zh":
            return latin(text, 0)
        case "latin j":
            return latin(text, 1)
        case "latin 4w":
            return latin(text, 2)
        case "typo":
            return slips(text, counter(at + 1))
        case _:
            return text


def questions(tree: Tree) -> Iterator[tuple[str, str, str]]:
    """Intent, language and text of every test question."""
    for intent, by_language in tree.items():
        for language in LANGUAGES:
            for text in texts(
                by_language.get(language, ()), "questions.yaml", f"{intent}.{language}"
            ):
                yield intent, language, text


def evaluate(
    known: Understanding, asked: Tree, feared: Tree, *, clock: Callable[[], float]
) -> Figures:
    """Measure on test questions and danger messages; `clock` counts seconds."""
    figures = Figures()
    outside: list[float] = []
    inside: list[float] = []
    for at, (intent, language, text) in enumerate(questions(asked)):
        for style in STYLES:
            typed = restyled(text, style, at)
            started = clock()
            ranked, decision = known.intents(typed)
            figures.milliseconds.append(1000 * (clock() - started))
            guess = known.language(typed)
            figures.add("language", style, guess.language == language)
            if guess.confidence >= _SURE:
                figures.add("language when sure", style, guess.language == language)
            first = ranked[0].intent if ranked else OUT_OF_SCOPE
            if intent == OUT_OF_SCOPE:
                alarmed = known.danger(typed).level is DangerLevel.IMMEDIATE
                answered = decision in {"answer", "human"} and not alarmed
                figures.add("answered out of scope", style, answered)
                figures.add("alarmed out of scope", style, alarmed)
                figures.add("seen as out of scope", style, decision == "out_of_scope")
                if style == "clean":
                    outside.append(known.outside(typed))
                continue
            if style == "clean":
                inside.append(known.outside(typed))
                if first != intent:
                    figures.confused[intent, first] += 1
            certain = decision == "answer" or (
                decision == "human" and known.danger(typed).level is not DangerLevel.IMMEDIATE
            )
            for group in (style, language) if style == "clean" else (style,):
                figures.add("top1", group, first == intent)
                figures.add("top3", group, intent in {s.intent for s in ranked})
                figures.add("answered at once", group, certain)
                figures.add("sent away", group, decision == "out_of_scope")
                figures.add("wrong but certain", group, certain and first != intent)
                if certain:
                    figures.add("right when certain", group, first == intent)
    figures.auroc = _auroc(inside, outside)
    _danger(known, feared, figures)
    return figures


_SURE: Final = 0.9


def _danger(known: Understanding, feared: Tree, figures: Figures) -> None:
    for kind, missed in (
        ("immediate", figures.danger_missed),
        ("not_immediate", figures.danger_false),
    ):
        for language in LANGUAGES:
            listed = texts(feared[kind][language], "danger.yaml", f"{kind}.{language}")
            for at, text in enumerate(listed):
                for style in STYLES:
                    level = known.danger(restyled(text, style, at)).level
                    hit = level is DangerLevel.IMMEDIATE
                    measure = "danger recall" if kind == "immediate" else "danger false alarms"
                    for group in (style, language) if style == "clean" else (style,):
                        figures.add(measure, group, hit)
                    if style == "clean" and hit != (kind == "immediate"):
                        missed.append(f"{language} {text}")


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """The chance that something out of scope scores higher as such than a real question."""
    if not inside or not outside:
        return 0.0
    wins = np.greater.outer(np.array(outside), np.array(inside)).sum()
    ties = np.equal.outer(np.array(outside), np.array(inside)).sum()
    return float((wins + ties / 2) / (len(inside) * len(outside)))


def fuzzy_baseline(phrasings: Mapping[str, Tree], asked: Tree) -> Share:
    """Top-1 of the nearest phrasing by fuzzy matching of folded words: what a day's work gives."""
    learnt: dict[str, str] = {}
    for intent in sorted(phrasings):
        for language in LANGUAGES:
            for text in texts(phrasings[intent].get(language, ()), intent, language):
                learnt.setdefault(skeleton(text), intent)
    share = Share()
    for intent, _, text in questions(asked):
        if intent != OUT_OF_SCOPE:
            best = process.extractOne(skeleton(text), learnt.keys(), scorer=fuzz.token_set_ratio)
            share.add(learnt[best[0]] == intent)
    return share


def report(figures: Figures) -> Iterator[str]:
    """The lines for people."""
    measures = list(dict.fromkeys(measure for measure, _ in figures.shares))
    for measure in measures:
        yield measure
        for (name, group), share in figures.shares.items():
            if name == measure:
                yield f"  {group:10} {share.text()}"
    yield f"out of scope AUROC (clean)  {figures.auroc:.3f}"
    times = np.array(figures.milliseconds)
    yield f"question, ms: p50 {np.percentile(times, 50):.2f}  p95 {np.percentile(times, 95):.2f}"
    yield "most confused (clean): " + ", ".join(
        f"{a} as {b} {n}" for (a, b), n in figures.confused.most_common(12)
    )
    yield from (f"danger not heard: {text}" for text in figures.danger_missed)
    yield from (f"danger heard wrongly: {text}" for text in figures.danger_false)

"""A result laid open for a counsellor: every step, what is missing, and what would change it.

Values and keys only; the words come from the ruleset's texts through the catalogues.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Literal

from hotline.screening.answers import Answers, Context, Facts, codes_of, only, read
from hotline.screening.ask_next import Question, ask_next
from hotline.screening.assess import Assessment, judge, weight_used
from hotline.screening.ruleset import (
    ADULT,
    AGE_ITEM,
    DANGER_ITEM,
    DIMENSIONS,
    MINOR,
    PLACES,
    Level,
    Ruleset,
    Weight,
)
from hotline.screening.signals import signals_of

Given = tuple[tuple[str, str], ...]
Missing = tuple[tuple[Weight, ...], ...]
"""Sets of further signs, by weight; any one of the sets would make a dimension positive."""


@dataclass(frozen=True, slots=True)
class DimensionView:
    """One dimension; `clauses` that hold (text `screening.clause.a`), or what is `missing`.

    `missing` has the smallest sets only, and only signs that exist and have not fired.
    """

    id: str
    strong: int
    medium: int
    weak: int
    positive: bool
    clauses: tuple[str, ...]
    missing: Missing


@dataclass(frozen=True, slots=True)
class SignView:
    """One fired sign (text `screening.indicator.<id>`) with the answers that fired it.

    A weight of None: the sign is not in the list used and counts in no dimension. `extension`:
    not from the ILO lists but added by this project.
    """

    id: str
    dimension: str
    weight: Weight | None
    ilo11: tuple[int, ...]
    extension: bool
    answers: Given


@dataclass(frozen=True, slots=True)
class Gap:
    """A core item without a clear answer."""

    item: str
    state: Literal["not_answered", "not_sure", "skipped"]


@dataclass(frozen=True, slots=True)
class Without:
    """The level if one sign had not fired, or (`what` = A2) if no danger had been named."""

    what: str
    level: Level


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind one assessment.

    `why` of the assessment has a text each at `screening.rule.<id>`. `act`: whether somebody
    else found the job or arranged travel or housing; None if that is not known. `age_unknown`:
    treat as a child if there is reason to think so. `ask_next` starts with the open question
    that could change the level most and is empty when none can.
    """

    assessment: Assessment
    dimensions: tuple[DimensionView, ...]
    signs: tuple[SignView, ...]
    gaps: tuple[Gap, ...]
    without: tuple[Without, ...]
    ask_next: tuple[Question, ...]
    act: bool | None
    age_unknown: bool


def explain(
    ruleset: Ruleset,
    answers: Answers,
    *,
    stage: str | None,
    ctx: Context | None = None,
    routing: Mapping[str, str] | None = None,
) -> Explanation:
    """Explain the result that `assess` gives for the same arguments. Raises `InvalidAnswers`."""
    facts = read(ruleset, answers, stage=stage, ctx=ctx)
    assessment = judge(ruleset, facts)
    return Explanation(
        assessment=assessment,
        dimensions=tuple(_dimension(ruleset, facts, assessment, d) for d in DIMENSIONS),
        signs=tuple(_sign(ruleset, facts, answers, sign) for sign in assessment.fired),
        gaps=tuple(_gaps(ruleset, answers, stage)),
        without=tuple(_without(ruleset, facts)),
        ask_next=ask_next(ruleset, answers, stage=stage, ctx=ctx, routing=routing or {}),
        act=_act(ruleset, routing or {}),
        age_unknown=not any(only(answers, AGE_ITEM, age) for age in (MINOR, ADULT)),
    )


def _dimension(ruleset: Ruleset, facts: Facts, assessment: Assessment, name: str) -> DimensionView:
    count = assessment.dimensions[name]
    have = (count.strong, count.medium, count.weak)
    return DimensionView(
        id=name,
        strong=count.strong,
        medium=count.medium,
        weak=count.weak,
        positive=count.positive,
        clauses=tuple(clause.id for clause in ruleset.clauses if clause.holds(*have)),
        missing=() if count.positive else _missing(ruleset, facts, assessment, name),
    )


def _missing(ruleset: Ruleset, facts: Facts, assessment: Assessment, name: str) -> Missing:
    count = assessment.dimensions[name]
    fresh = [
        sign.weight(child=facts.child)
        for sign in ruleset.indicators.values()
        if sign.dimension == name and sign.id not in assessment.fired
    ]
    for size in range(1, len(fresh) + 1):
        found = tuple(
            more
            for more in combinations_with_replacement(PLACES, size)
            if all(more.count(weight) <= fresh.count(weight) for weight in PLACES)
            and signals_of(ruleset)
            .counts[
                count.strong + more.count("S"),
                count.medium + more.count("M"),
                count.weak + more.count("W"),
            ]
            .positive
        )
        if found:
            return found
    return ()


def _sign(ruleset: Ruleset, facts: Facts, answers: Answers, sign: str) -> SignView:
    indicator = ruleset.indicators[sign]
    return SignView(
        id=sign,
        dimension=indicator.dimension,
        weight=weight_used(ruleset, facts, sign),
        ilo11=indicator.ilo11,
        extension=indicator.extension,
        answers=tuple(
            (item.id, code)
            for item in ruleset.items.values()
            for code, fires in item.options.items()
            if sign in fires and code in codes_of(answers, item.id)
        ),
    )


def _gaps(ruleset: Ruleset, answers: Answers, stage: str | None) -> Iterator[Gap]:
    for item in ruleset.core.get(stage or "", ()):
        codes = codes_of(answers, item)
        if not codes:
            yield Gap(item, "not_answered")
        elif set(codes) <= ruleset.undetermined and not ruleset.fires(item, codes):
            yield Gap(item, "not_sure" if "u" in codes else "skipped")


def _without(ruleset: Ruleset, facts: Facts) -> Iterator[Without]:
    signals = signals_of(ruleset)
    if facts.bits & signals.danger:
        safer = replace(facts, bits=facts.bits & ~signals.danger)
        yield Without(DANGER_ITEM, judge(ruleset, safer).level)
    for sign in signals.names(facts.bits):
        fewer = replace(facts, bits=facts.bits & ~signals.mask([sign]))
        yield Without(sign, judge(ruleset, fewer).level)


def _act(ruleset: Ruleset, routing: Mapping[str, str]) -> bool | None:
    answer = routing.get(ruleset.htcds.recruitment_routing)
    if answer is None or answer in ruleset.undetermined:
        return None
    return answer != "nobody"

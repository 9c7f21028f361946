"""From coded answers to an assessment: the level and every step that led to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hotline.screening.answers import Answers, Context, Facts, read
from hotline.screening.rules import Seen, level_of
from hotline.screening.ruleset import DIMENSIONS, MEANS, PLACES, Level, Ruleset, Weight
from hotline.screening.signals import DimensionCount, signals_of

Palermo = Literal["n/a"] | bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """One record, judged. Never shown to the person: see `reasons` for what may be said.

    `palermo` and `ilo` are proposals to a counsellor. `share` is the part of the stage's core
    items with a clear answer, 0 to 1. `action` is "QUIET" when it was not safe to write.
    """

    level: Level
    why: tuple[str, ...]
    positive: tuple[str, ...]
    ilo: str
    palermo: Palermo
    dimensions: Mapping[str, DimensionCount]
    fired: tuple[str, ...]
    share: float
    action: Literal["QUIET"] | None
    child: bool
    ruleset_version: str

    def to_mapping(self) -> dict[str, object]:
        """The result in the shape of the command line, ready for JSON."""
        result: dict[str, object] = {
            "level": self.level,
            "why": list(self.why),
            "positive": list(self.positive),
            "ilo": self.ilo,
            "palermo": self.palermo,
            "dimensions": {
                name: {"S": c.strong, "M": c.medium, "W": c.weak, "positive": c.positive}
                for name, c in self.dimensions.items()
            },
            "fired": list(self.fired),
            "share": round(self.share, 2),
        }
        if self.action is not None:
            result["action"] = self.action
        return result


def assess(
    ruleset: Ruleset, answers: Answers, *, stage: str | None, ctx: Context | None = None
) -> Assessment:
    """Judge coded answers. Answers to items of every stage count, whatever the stage.

    Raises `hotline.screening.answers.InvalidAnswers` for an unknown item, code or stage.
    """
    return judge(ruleset, read(ruleset, answers, stage=stage, ctx=ctx))


def judge(ruleset: Ruleset, facts: Facts) -> Assessment:
    """Judge facts already read; `explain` and `next_item` ask it "what if"."""
    signals = signals_of(ruleset)
    fired = facts.bits & signals.all_signs
    dimensions = count(ruleset, facts)
    positive = frozenset(name for name in DIMENSIONS if dimensions[name].positive)
    determined, core = _share(ruleset, facts)
    palermo = _palermo(facts, positive)
    level, why = level_of(
        ruleset,
        Seen(
            fired=fired,
            danger=bool(facts.bits & signals.danger),
            stage=facts.stage,
            child=facts.child,
            now=facts.now,
            soon=facts.soon,
            positive=positive,
            palermo=palermo is True,
            enough_for_low=determined * 100 >= ruleset.low_percent * core,
            enough_for_none=determined * 100 >= ruleset.none_percent * core,
        ),
    )
    ilo = _ilo(facts, positive)
    if facts.unsafe:
        # Danger beats silence: the danger stays, and the case only becomes silent.
        if level == "IMMEDIATE":
            why = (*why, "Q1")
        else:
            level, why, positive = "UNCLEAR", ("Q1",), frozenset()
            ilo, palermo = "not_applicable", "n/a"
    return Assessment(
        level=level,
        why=why,
        positive=tuple(sorted(positive)),
        ilo=ilo,
        palermo=palermo,
        dimensions=dimensions,
        fired=signals.names(fired),
        share=determined / core,
        action="QUIET" if facts.unsafe else None,
        child=facts.child,
        ruleset_version=ruleset.version,
    )


def count(ruleset: Ruleset, facts: Facts) -> dict[str, DimensionCount]:
    """Fired signs by dimension and weight, in the column for adults or for children."""
    signals = signals_of(ruleset)
    bits, table = facts.bits, signals.counts
    dimensions = {
        name: table[(bits & s).bit_count(), (bits & m).bit_count(), (bits & w).bit_count()]
        for name, (s, m, w) in zip(
            DIMENSIONS, signals.child if facts.child else signals.adult, strict=True
        )
    }
    for override in signals.overrides:
        move = override.child if facts.child else override.adult
        if move is not None and bits & override.when and bits & override.sign:
            was = dimensions[override.dimension]
            weights = [was.strong, was.medium, was.weak]
            weights[move[0]] -= 1
            weights[move[1]] += 1
            dimensions[override.dimension] = table[weights[0], weights[1], weights[2]]
    return dimensions


def _share(ruleset: Ruleset, facts: Facts) -> tuple[int, int]:
    """How many core items of the stage are settled, of how many; without a stage 0 of 1."""
    if facts.stage is None:
        return 0, 1
    settled = facts.bits & signals_of(ruleset).core[facts.stage]
    return settled.bit_count(), len(ruleset.core[facts.stage])


def _palermo(facts: Facts, positive: frozenset[str]) -> Palermo:
    """The act is taken as given; under 18 no means is needed (Palermo Protocol, art. 3(c))."""
    if facts.stage != "C":
        return "n/a"
    return "EXP" in positive and (facts.child or bool(positive & MEANS))


def _ilo(facts: Facts, positive: frozenset[str]) -> str:
    if facts.stage != "C":
        return "not_applicable"
    if "EXP" not in positive:
        return "not_indicated"
    if facts.child:
        return "child_trafficking_indicated"
    recruited = bool(positive & {"DEC", "COE"})
    match recruited, "COD" in positive:
        case True, True:
            return "trafficking_forced_labour"
        case True, False:
            return "deception_or_coercion_plus_exploitation"
        case False, True:
            return "exploitation_plus_coercion_at_destination"
        case _:
            return "exploited_migrant"


def weight_used(ruleset: Ruleset, facts: Facts, sign: str) -> Weight | None:
    """What a sign weighs in this record; None: not in the list used, so not counted."""
    signals = signals_of(ruleset)
    weight = ruleset.indicators[sign].weight(child=facts.child)
    for override in signals.overrides:
        move = override.child if facts.child else override.adult
        if move is not None and override.sign == signals.mask([sign]) & facts.bits:
            weight = PLACES[move[1]] if facts.bits & override.when else weight
    return weight

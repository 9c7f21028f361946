"""The rules that give a level: danger first, then the ILO thresholds, then the share answered.

Edition 1. All I, H, M, L, N rules are this project's triage for help; H1 and the thresholds
behind it come from the ILO lists. A change of any rule is a new edition beside this one, because
stored records name a ruleset and a ruleset names its edition.
"""

from dataclasses import dataclass
from functools import lru_cache

from hotline.screening.ruleset import Level, Ruleset, Stage
from hotline.screening.signals import signals_of

EDITION = 1

RULES = (
    "I1", "I2", "I3", "I4", "I5",
    "H1", "H2", "H3", "H4", "H5", "H6", "H7",
    "M1", "M2", "M3", "M4", "M5",
    "L1", "N1", "U1", "Q1",
)  # fmt: skip

CONFINED = ("COD.isolation",)
WITH_CONFINED = ("COD.docs", "COD.violence", "COD.debt", "EXP.special")
VIOLENCE_THERE = ("COD.violence",)
WITH_VIOLENCE = ("COD.docs", "COD.debt", "EXP.special")
CHILD_NOW = ("EXP.special", "COE.violence", "COE.sold")
SPECIAL = ("EXP.special",)
VIOLENCE = ("COD.violence", "COE.violence", "COE.sold")
ONE_IS_ENOUGH = ("COD.docs", "COD.debt", "COD.isolation")
SIGNS_NEEDED = frozenset({*CONFINED, *WITH_CONFINED, *CHILD_NOW, *VIOLENCE, *ONE_IS_ENOUGH})


@dataclass(frozen=True, slots=True)
class _Masks:
    confined: int
    with_confined: int
    violence_there: int
    with_violence: int
    child_now: int
    special: int
    violence: int
    one_is_enough: int
    recruitment_coercion: int


@lru_cache(maxsize=16)
def _masks(ruleset: Ruleset) -> _Masks:
    of = signals_of(ruleset)
    return _Masks(
        confined=of.mask(CONFINED),
        with_confined=of.mask(WITH_CONFINED),
        violence_there=of.mask(VIOLENCE_THERE),
        with_violence=of.mask(WITH_VIOLENCE),
        child_now=of.mask(CHILD_NOW) | of.dimension("COD"),
        special=of.mask(SPECIAL),
        violence=of.mask(VIOLENCE),
        one_is_enough=of.mask(ONE_IS_ENOUGH),
        recruitment_coercion=of.dimension("COE"),
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules look at."""

    fired: int
    danger: bool
    stage: Stage
    child: bool
    now: bool
    soon: bool
    positive: frozenset[str]
    palermo: bool
    enough_for_low: bool
    enough_for_none: bool


def level_of(ruleset: Ruleset, seen: Seen) -> tuple[Level, tuple[str, ...]]:
    """The level, and every true rule of it in number order."""
    masks = _masks(ruleset)
    high = _high(masks, seen)
    medium = _medium(masks, seen)
    if immediate := _immediate(masks, seen, high=bool(high)):
        return "IMMEDIATE", immediate
    if high:
        return "HIGH", high
    if medium:
        # A warning on the eve of departure is not left for tomorrow.
        return ("HIGH", ("H7",)) if seen.stage == "B" and seen.soon else ("MEDIUM", medium)
    if seen.fired and seen.enough_for_low:
        return "LOW", ("L1",)
    if not seen.fired and seen.enough_for_none:
        return "NONE", ("N1",)
    return "UNCLEAR", ("U1",)


def _true(**rules: object) -> tuple[str, ...]:
    return tuple(name for name, holds in rules.items() if holds)


def _immediate(masks: _Masks, seen: Seen, *, high: bool) -> tuple[str, ...]:
    fired, now = seen.fired, seen.now
    return _true(
        I1=seen.danger,
        I2=now and fired & masks.confined and fired & masks.with_confined,
        I3=now and fired & masks.violence_there and fired & masks.with_violence,
        I4=seen.child and now and (fired & masks.child_now or "EXP" in seen.positive),
        I5=seen.stage == "B" and seen.soon and high,
    )


def _high(masks: _Masks, seen: Seen) -> tuple[str, ...]:
    fired, positive = seen.fired, seen.positive
    recruitment = len(positive & {"DEC", "COE", "RAV"})
    return _true(
        H1=seen.palermo,
        H2="COD" in positive,
        H3=fired & masks.special,
        H4=fired & masks.violence,
        H5=seen.stage == "B" and ("COE" in positive or recruitment > 1),
        H6=seen.child and fired,
    )


def _medium(masks: _Masks, seen: Seen) -> tuple[str, ...]:
    fired, positive = seen.fired, seen.positive
    return _true(
        M1=not seen.child and positive == {"EXP"},
        M2=positive & {"DEC", "RAV", "AVD"},
        M3=fired & masks.one_is_enough,
        M4=(fired & masks.recruitment_coercion).bit_count() > 1,
        M5=seen.child,
    )

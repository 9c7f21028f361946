"""What a ruleset holds: signs with weights, items with answer codes, clauses, proposals, texts.

A ruleset is read once from data (`hotline.screening.parsing.parse`) and never changes. An
assessment names its version; the same answers under the same version give the same record.
Ids and codes are plain strings, because they come from data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Weight = Literal["S", "M", "W"]
Level = Literal["IMMEDIATE", "HIGH", "MEDIUM", "LOW", "NONE", "UNCLEAR"]
Stage = Literal["B", "C"] | None

DIMENSIONS = ("DEC", "COE", "RAV", "EXP", "COD", "AVD")
MEANS = frozenset(DIMENSIONS) - {"EXP"}
PLACES: tuple[Weight, Weight, Weight] = ("S", "M", "W")
RANK: Mapping[Level, int] = {
    "IMMEDIATE": 4, "HIGH": 3, "MEDIUM": 2, "LOW": 1, "NONE": 0, "UNCLEAR": 0,
}  # fmt: skip
ILO_CLASSES = (
    "not_applicable",
    "not_indicated",
    "exploited_migrant",
    "deception_or_coercion_plus_exploitation",
    "exploitation_plus_coercion_at_destination",
    "trafficking_forced_labour",
    "child_trafficking_indicated",
)

SAFE_ITEM, DANGER_ITEM, AGE_ITEM = "A1", "A2", "A3"
UNSAFE, MINOR, ADULT = "n", "minor", "adult"


class RulesetError(ValueError):
    """The ruleset data is wrong; the text names the place."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One published sign. A weight of None means: not in that list, never counted."""

    id: str
    dimension: str
    adult: Weight | None
    child: Weight | None
    ilo11: tuple[int, ...]
    htcds: tuple[str, ...]
    extension: bool

    def weight(self, *, child: bool) -> Weight | None:
        return self.child if child else self.adult


@dataclass(frozen=True, slots=True)
class AskIf:
    """When an item is asked at all: by a routing answer, or once a sign of a dimension fired."""

    routing: str | None = None
    among: frozenset[str] = frozenset()
    fired: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recorded:
    """An item that is not asked but filled in when a routing answer settles it."""

    routing: str
    among: frozenset[str]
    code: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `options` maps each answer code, in order, to the signs it fires.

    `minor_codes`: None asks a person under 18 like anybody else, an empty tuple does not ask.
    """

    id: str
    options: Mapping[str, tuple[str, ...]]
    core: bool
    several: bool
    danger: frozenset[str]
    private: bool
    sms: bool
    ask_if: AskIf | None
    recorded: Recorded | None
    minor_codes: tuple[str, ...] | None

    @property
    def stage(self) -> str:
        return self.id[0]


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition that makes a dimension positive: at least so many signs of each weight."""

    id: str
    strong: int
    medium: int
    weak: int
    medium_or_weak: int

    def holds(self, strong: int, medium: int, weak: int) -> bool:
        return (
            strong >= self.strong
            and medium >= self.medium
            and weak >= self.weak
            and medium + weak >= self.medium_or_weak
        )


@dataclass(frozen=True, slots=True)
class WeightOverride:
    """A sign weighs otherwise while one code is among the answers to one item."""

    indicator: str
    weight: Weight
    item: str
    code: str


@dataclass(frozen=True, slots=True)
class HtcdsMapping:
    """How answers become proposals in the words of HTCDS 2.0."""

    extensions: Mapping[str, str]
    exploitation_item: str
    exploitation: Mapping[str, str]
    otherwise_adult: str
    otherwise_child: str
    recruitment_routing: str
    recruitment: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)  # one object for each version read; compared by identity
class Ruleset:
    version: str
    undetermined: frozenset[str]
    none_percent: int
    low_percent: int
    clauses: tuple[Clause, ...]
    overrides: tuple[WeightOverride, ...]
    indicators: Mapping[str, Indicator]
    items: Mapping[str, Item]
    htcds: HtcdsMapping
    texts: Mapping[str, str]
    """English for counsellors by key, such as `screening.rule.I1`; translated elsewhere."""

    @cached_property
    def core(self) -> Mapping[str, tuple[str, ...]]:
        """The core items of each stage, in order."""
        return {
            stage: tuple(i.id for i in self.items.values() if i.core and i.stage == stage)
            for stage in "BC"
        }

    def fires(self, item: str, codes: tuple[str, ...]) -> frozenset[str]:
        """The signs that these codes of an item fire."""
        options = self.items[item].options
        return frozenset(sign for code in codes for sign in options[code])

"""Agreement between the rules and counsellors, and what of it may be shown. Pure.

Small numbers are hidden as for publication (screening.md 16): no count under 11 is shown, and
nothing beside it from which it could be worked out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Final

from hotline.core.hiding import LEAST, shown

Z95: Final = 1.959963984540054
"""The 97.5 % point of the normal distribution: for intervals that hold 95 %."""
FLAGGED: Final = frozenset({"IMMEDIATE", "HIGH"})
"""Levels from which a case is called serious, by the rules and by a counsellor."""
COARSE: Final = 5

Pair = tuple[str, str]
"""The level of the rules and the counsellor's, of one case."""


def wilson(hits: int, of: int, z: float = Z95) -> tuple[float, float]:
    """The score interval of a share (Wilson, 1927). Raises `ValueError` unless 0 <= hits <= of > 0.

    Chosen over the exact interval of Clopper and Pearson because it is less wide than it must be
    with the few dozens of cases a hotline judges twice, and needs no table.
    """
    if not 0 <= hits <= of or of == 0:
        raise ValueError(f"{hits} of {of} is no share")
    share, squared = hits / of, z * z
    middle = (share + squared / (2 * of)) / (1 + squared / of)
    half = z / (1 + squared / of) * sqrt(share * (1 - share) / of + squared / (4 * of * of))
    # At the ends the formula is exact, but not in floating point.
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return low, high


def kappa(pairs: Iterable[Pair]) -> float | None:
    """Cohen's kappa of two judges over the same cases; None without cases, or where both always
    say the same one thing, so that nothing beyond chance can be told."""
    counted = Counter(pairs)
    total = counted.total()
    if total == 0:
        return None
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (one, other), count in counted.items():
        first[one] += count
        second[other] += count
    agreed = sum(count for (one, other), count in counted.items() if one == other) / total
    chance = sum(first[name] * second[name] for name in first) / (total * total)
    if chance == 1:
        return None
    return (agreed - chance) / (1 - chance)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in whole percent with its 95 % interval.

    `coarse`: rounded outwards to steps of five, so that a hidden count cannot be worked out.
    """

    percent: int
    low: int
    high: int
    coarse: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """What may be shown; None where there are too few.

    `flagged`: by (the rules, the counsellor). `sensitivity`: of the cases that the counsellor
    called serious, those the rules flagged; `specificity`: of those she did not, those the rules
    did not flag.
    """

    cases: int | None
    flagged: Mapping[tuple[bool, bool], int | None]
    sensitivity: Rate | None
    specificity: Rate | None
    kappa: float | None


def agreement(pairs: Iterable[Pair]) -> Agreement:
    """Figures for pairs of (rules' level, counsellor's level), one pair a case."""
    flags = Counter((one in FLAGGED, other in FLAGGED) for one, other in pairs)
    cells = {(a, b): flags[a, b] for a in (True, False) for b in (True, False)}
    visible = shown(cells)
    total = flags.total()
    found = kappa((str(a), str(b)) for a, b in flags.elements()) if total >= LEAST else None
    return Agreement(
        cases=total if total >= LEAST else None,
        flagged=visible,
        sensitivity=_rate(visible, cells[True, True], cells[False, True]),
        specificity=_rate(visible, cells[False, False], cells[True, False]),
        kappa=None if found is None else round(found, 1 if None in visible.values() else 2),
    )


def _rate(visible: Mapping[tuple[bool, bool], int | None], hits: int, misses: int) -> Rate | None:
    of = hits + misses
    if of < LEAST:
        return None
    low, high = wilson(hits, of)
    if None not in visible.values():
        return Rate(round(100 * hits / of), floor(100 * low), ceil(100 * high), coarse=False)
    return Rate(
        percent=round(100 * hits / of / COARSE) * COARSE,
        low=floor(100 * low / COARSE) * COARSE,
        high=ceil(100 * high / COARSE) * COARSE,
        coarse=True,
    )


WAYS: Final = ("answered", "unsure", "refused", "moved", "left")
"""How a question is left. `moved`: on without an answer; `left`: nothing came after it."""


@dataclass(frozen=True, slots=True)
class Item:
    """How one question fares on one channel in one language, by `WAYS`; None: hidden.

    `asked` is None under 11, and then everything is.
    """

    step: str
    asked: int | None
    parts: Mapping[str, int | None]

    def percent(self, way: str) -> int | None:
        """The share of those asked."""
        count = self.parts[way]
        return None if count is None or not self.asked else round(100 * count / self.asked)


def items(counts: Iterable[tuple[str, str, int]]) -> tuple[Item, ...]:
    """From `(step, outcome, count)` of one channel and language, steps in the order given.

    Channels and languages are shown one pair at a time and never summed, so that nothing follows
    from a difference.
    """
    found: dict[str, Counter[str]] = {}
    for step, outcome, count in counts:
        found.setdefault(step, Counter())[outcome] += count
    return tuple(_item(step, outcomes) for step, outcomes in found.items())


def _item(step: str, outcomes: Counter[str]) -> Item:
    asked = outcomes["asked"]
    if asked < LEAST:
        return Item(step, None, dict.fromkeys(WAYS))
    parts = {way: outcomes[way] for way in WAYS}
    parts["left"] = max(0, asked - sum(outcomes[way] for way in WAYS))
    return Item(step, asked, shown(parts))

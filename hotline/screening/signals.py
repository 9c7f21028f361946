"""The ruleset as bits of one whole number, so that many records are assessed quickly.

Every answer code sets bits: one for each sign it fires, one when it settles a core item, one for
danger, one for each weight override. A record is then the union of the bits of its codes, which
makes "each counts once" and "order changes nothing" true by construction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hotline.screening.ruleset import DIMENSIONS, PLACES, Ruleset, Weight


@dataclass(frozen=True, slots=True)
class DimensionCount:
    """Fired signs of one dimension by weight, and whether a clause holds."""

    strong: int
    medium: int
    weak: int
    positive: bool


@dataclass(frozen=True, slots=True)
class Override:
    """While `when` and `sign` are both set, one sign of a dimension moves between weights.

    `adult` and `child` say from which place of (strong, medium, weak) to which.
    """

    when: int
    sign: int
    dimension: str
    adult: tuple[int, int] | None
    child: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Signals:
    effects: Mapping[str, Mapping[str, int]]
    """Item, then code: the bits it sets."""
    signs: tuple[str, ...]
    """Indicator ids sorted by character code; bit n stands for signs[n]."""
    all_signs: int
    danger: int
    core: Mapping[str, int]
    adult: tuple[tuple[int, int, int], ...]
    child: tuple[tuple[int, int, int], ...]
    """For each dimension, in the order of DIMENSIONS: its strong, medium and weak signs."""
    overrides: tuple[Override, ...]
    counts: Mapping[tuple[int, int, int], DimensionCount]

    def mask(self, signs: Iterable[str]) -> int:
        return sum(1 << self.signs.index(sign) for sign in set(signs))

    def dimension(self, name: str) -> int:
        return self.mask(sign for sign in self.signs if sign.startswith(f"{name}."))

    def names(self, bits: int) -> tuple[str, ...]:
        return tuple(sign for place, sign in enumerate(self.signs) if bits >> place & 1)


@lru_cache(maxsize=16)
def signals_of(ruleset: Ruleset) -> Signals:
    """The bits of a ruleset; computed once for each."""
    signs = tuple(sorted(ruleset.indicators))
    bit = {sign: 1 << place for place, sign in enumerate(signs)}
    free = (1 << place for place in range(len(signs), 4096))
    danger = next(free)
    settled = {name: next(free) for stage in ruleset.core.values() for name in stage}
    when = {(o.item, o.code): next(free) for o in ruleset.overrides}
    effects: dict[str, dict[str, int]] = {}
    for name, item in ruleset.items.items():
        codes = effects[name] = {}
        for code, fires in item.options.items():
            bits = sum(bit[sign] for sign in set(fires))
            if name in settled and (fires or code not in ruleset.undetermined):
                bits |= settled[name]
            if code in item.danger:
                bits |= danger
            codes[code] = bits | when.get((name, code), 0)
    return Signals(
        effects=effects,
        signs=signs,
        all_signs=(1 << len(signs)) - 1,
        danger=danger,
        core={stage: sum(settled[name] for name in names) for stage, names in ruleset.core.items()},
        adult=_weights(ruleset, bit, child=False),
        child=_weights(ruleset, bit, child=True),
        overrides=tuple(
            Override(
                when=when[o.item, o.code],
                sign=bit[o.indicator],
                dimension=ruleset.indicators[o.indicator].dimension,
                adult=_move(ruleset.indicators[o.indicator].adult, o.weight),
                child=_move(ruleset.indicators[o.indicator].child, o.weight),
            )
            for o in ruleset.overrides
        ),
        counts=_counts(ruleset),
    )


def _weights(
    ruleset: Ruleset, bit: Mapping[str, int], *, child: bool
) -> tuple[tuple[int, int, int], ...]:
    def of(dimension: str, weight: Weight) -> int:
        return sum(
            bit[i.id]
            for i in ruleset.indicators.values()
            if i.dimension == dimension and i.weight(child=child) == weight
        )

    strong, medium, weak = PLACES
    return tuple((of(d, strong), of(d, medium), of(d, weak)) for d in DIMENSIONS)


def _move(weight: Weight | None, to: Weight) -> tuple[int, int] | None:
    if weight is None or weight == to:
        return None
    return PLACES.index(weight), PLACES.index(to)


def _counts(ruleset: Ruleset) -> dict[tuple[int, int, int], DimensionCount]:
    sizes = [sum(i.dimension == d for i in ruleset.indicators.values()) for d in DIMENSIONS]
    most = range(max(sizes) + 1)
    return {
        (s, m, w): DimensionCount(s, m, w, any(c.holds(s, m, w) for c in ruleset.clauses))
        for s in most
        for m in most
        for w in most
        if s + m + w <= max(sizes)
    }

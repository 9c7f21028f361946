"""Where boxes stand: layers from top to bottom, few crossings, no line through a box.

The usual way in four strokes: lines that lead back are left out (their rows name the target), each
box gets the layer below its lowest predecessor, long lines get a place in every layer they pass,
and the layers are sorted by the middle of their neighbours, some rounds down and up.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

GAP_X = 36.0
GAP_Y = 64.0
THREAD = 14.0
"""Width that a passing line takes."""
ROUNDS = 8

Size = tuple[float, float]
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """`at`: left upper corner of each box. `lines`: the points of each line, from the lower edge
    of one box to the upper edge of another."""

    at: Mapping[str, tuple[float, float]]
    lines: Mapping[Edge, tuple[tuple[float, float], ...]]
    width: float
    height: float


@dataclass(slots=True)
class _Sheet:
    sizes: dict[str, Size]
    layers: list[list[str]] = field(default_factory=list)
    up: dict[str, list[str]] = field(default_factory=dict)
    down: dict[str, list[str]] = field(default_factory=dict)
    x: dict[str, float] = field(default_factory=dict)  # middles


def place(sizes: Mapping[str, Size], edges: Iterable[Edge]) -> Placed:
    """`sizes` in the order in which boxes should come where nothing else decides."""
    known = [e for e in dict.fromkeys(edges) if e[0] in sizes and e[1] in sizes and e[0] != e[1]]
    forward = _forward(list(sizes), known)
    rank = _ranks(list(sizes), forward)
    sheet = _Sheet(dict(sizes))
    threads = _spread(sheet, rank, forward)
    _sort(sheet)
    _spread_out(sheet)
    return _finished(sheet, sizes, forward, threads)


def _forward(order: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """The lines that do not lead back to a box from which one came (depth first, in file order)."""
    after: dict[str, list[str]] = {key: [] for key in order}
    for source, target in edges:
        after[source].append(target)
    state: dict[str, int] = {}
    back: set[Edge] = set()
    for root in order:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(after[root]))]
        while stack:
            here, ways = stack[-1]
            for target in ways:
                if state.get(target) == 1:
                    back.add((here, target))
                elif target not in state:
                    state[target] = 1
                    stack.append((target, iter(after[target])))
                    break
            else:
                state[here] = 2
                stack.pop()
    return [edge for edge in edges if edge not in back]


def _ranks(order: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    before: dict[str, list[str]] = {key: [] for key in order}
    waits = dict.fromkeys(order, 0)
    after: dict[str, list[str]] = {key: [] for key in order}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
        waits[target] += 1
    ready = [key for key in order if not waits[key]]
    rank: dict[str, int] = {}
    while ready:
        here = ready.pop(0)
        rank[here] = max((rank[one] + 1 for one in before[here]), default=0)
        for target in after[here]:
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    return rank


def _spread(sheet: _Sheet, rank: Mapping[str, int], edges: Sequence[Edge]) -> dict[Edge, list[str]]:
    """Fills the layers; a line over several layers gets a thread in each one between."""
    sheet.layers = [[] for _ in range(max(rank.values(), default=0) + 1)]
    for key in sheet.sizes:
        sheet.layers[rank[key]].append(key)
    threads: dict[Edge, list[str]] = {}
    for source, target in edges:
        chain = [source]
        for layer in range(rank[source] + 1, rank[target]):
            thread = f"{source}>{target}>{layer}"
            sheet.sizes[thread] = (THREAD, 0)
            sheet.layers[layer].append(thread)
            chain.append(thread)
        chain.append(target)
        threads[source, target] = chain
        for one, other in itertools.pairwise(chain):
            sheet.down.setdefault(one, []).append(other)
            sheet.up.setdefault(other, []).append(one)
    return threads


def _sort(sheet: _Sheet) -> None:
    for number in range(ROUNDS):
        downwards = number % 2 == 0
        layers = sheet.layers if downwards else sheet.layers[::-1]
        neighbours = sheet.up if downwards else sheet.down
        place_of = {key: i for layer in sheet.layers for i, key in enumerate(layer)}
        for layer in layers:
            layer.sort(key=lambda key: _middle(key, neighbours, place_of))
            place_of.update({key: i for i, key in enumerate(layer)})


def _middle(key: str, neighbours: Mapping[str, list[str]], place_of: Mapping[str, float]) -> float:
    near = sorted(place_of[one] for one in neighbours.get(key, ()))
    if not near:
        return place_of[key]
    half = len(near) // 2
    return near[half] if len(near) % 2 else (near[half - 1] + near[half]) / 2


def _spread_out(sheet: _Sheet) -> None:
    """Middles: side by side at first, then towards the neighbours without overlapping."""
    for layer in sheet.layers:
        left = 0.0
        for key in layer:
            width = sheet.sizes[key][0]
            sheet.x[key] = left + width / 2
            left += width + GAP_X
        shift = (left - GAP_X) / 2
        for key in layer:
            sheet.x[key] -= shift
    for number in range(ROUNDS):
        layers = sheet.layers if number % 2 == 0 else sheet.layers[::-1]
        neighbours = sheet.up if number % 2 == 0 else sheet.down
        for layer in layers:
            _ease(sheet, layer, [_middle(key, neighbours, sheet.x) for key in layer])


def _ease(sheet: _Sheet, layer: Sequence[str], wanted: Sequence[float]) -> None:
    """As near to the wanted places as the order and the widths allow: runs that would overlap are
    pushed together and stand around their common middle."""
    runs: list[tuple[list[int], float]] = []  # indexes, middle of the run
    for index in range(len(layer)):
        run, middle = [index], wanted[index]
        while runs and _left(sheet, layer, run, middle) < _right(sheet, layer, *runs[-1]) + GAP_X:
            before, its_middle = runs.pop()
            total = len(before) + len(run)
            middle = (its_middle * len(before) + middle * len(run)) / total
            run = [*before, *run]
        runs.append((run, middle))
    for run, middle in runs:
        left = _left(sheet, layer, run, middle)
        for index in run:
            width = sheet.sizes[layer[index]][0]
            sheet.x[layer[index]] = left + width / 2
            left += width + GAP_X


def _breadth(sheet: _Sheet, layer: Sequence[str], run: Sequence[int]) -> float:
    return sum(sheet.sizes[layer[i]][0] for i in run) + GAP_X * (len(run) - 1)


def _left(sheet: _Sheet, layer: Sequence[str], run: Sequence[int], middle: float) -> float:
    return middle - _breadth(sheet, layer, run) / 2


def _right(sheet: _Sheet, layer: Sequence[str], run: Sequence[int], middle: float) -> float:
    return middle + _breadth(sheet, layer, run) / 2


def _finished(
    sheet: _Sheet,
    sizes: Mapping[str, Size],
    edges: Sequence[Edge],
    threads: Mapping[Edge, list[str]],
) -> Placed:
    left = min((sheet.x[key] - sheet.sizes[key][0] / 2 for key in sheet.x), default=0.0)
    top: dict[str, float] = {}
    bottom: dict[str, float] = {}
    y = 0.0
    for layer in sheet.layers:
        height = max((sheet.sizes[key][1] for key in layer), default=0.0)
        for key in layer:
            top[key] = y
            bottom[key] = y + (height if key not in sizes else sheet.sizes[key][1])
        y += height + GAP_Y
    lines = {}
    for edge in edges:
        points: list[tuple[float, float]] = []
        for number, key in enumerate(threads[edge]):
            x = sheet.x[key] - left
            if number:
                points.append((x, top[key]))
            if number < len(threads[edge]) - 1:
                points.append((x, bottom[key]))
        lines[edge] = tuple(points)
    at = {key: (sheet.x[key] - left - sizes[key][0] / 2, top[key]) for key in sizes}
    right = max((sheet.x[k] + sheet.sizes[k][0] / 2 for k in sheet.x), default=0.0) - left
    return Placed(at, lines, right, max(0.0, y - GAP_Y))

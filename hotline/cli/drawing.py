"""A flow as an SVG picture, without any further program.

Steps stand in rows by how many answers lead to them at the soonest; what leads to another flow ends
in a small box with its name.
"""

from collections import deque
from collections.abc import Iterator
from html import escape

from hotline.flow.definition import Flow, Step

_WIDTH, _HEIGHT = 230, 64  # of a box
_GAP_X, _GAP_Y = 36, 78
_MARGIN = 24
_MOST = 34  # characters of a line in a box
_STYLE = (
    "text{font:13px sans-serif;fill:#1b1b1b}.key{font-weight:600}.small{font-size:11px;fill:#444}"
    "rect{fill:#fff;stroke:#555;rx:8}.asks{fill:#e8f1fb}.out{fill:#f4f0e4}"
    "path{fill:none;stroke:#777}"
)

_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#777"/></marker></defs>'
)


def draw(flow: Flow) -> str:
    """The picture as a text. Boxes of questions are blue, ways into other flows are sand."""
    ways = {key: tuple(_ways(flow, step)) for key, step in flow.steps.items()}
    rows = _rows(flow, ways)
    at: dict[str, tuple[int, int]] = {}
    for depth, row in enumerate(rows):
        for column, name in enumerate(row):
            at[name] = (
                _MARGIN + column * (_WIDTH + _GAP_X),
                _MARGIN + depth * (_HEIGHT + _GAP_Y),
            )
    width = 2 * _MARGIN + max(len(row) for row in rows) * (_WIDTH + _GAP_X)
    height = 2 * _MARGIN + len(rows) * (_HEIGHT + _GAP_Y)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">'
        ),
        f"<title>{escape(flow.name)}: {escape(flow.about)}</title><style>{_STYLE}</style>",
        _TIP,
    ]
    for start, leads in ways.items():
        labels: dict[str, list[str]] = {}
        for label, target in leads:
            labels.setdefault(target, []).append(label)
        for target, names in labels.items():
            parts.append(_arrow(at[start], at[target], ", ".join(filter(None, names))))
    parts += [_box(flow, name, place) for name, place in at.items()]
    return "\n".join([*parts, "</svg>\n"])


def _ways(flow: Flow, step: Step) -> Iterator[tuple[str, str]]:
    """`(label, where)`: a step of this flow by its name, anything else as it is written."""
    for option in step.options:
        yield option.code, _local(flow, step, option.goto or step.next or "")
    for branch in step.branch:
        yield "if", _local(flow, step, branch.goto)
    if step.call:
        yield "calls", f"{step.call}.start"
    if step.next and not step.options:
        yield "", _local(flow, step, step.next)
    if step.otherwise:
        yield "otherwise", _local(flow, step, step.otherwise)
    if step.silence and step.silence.goto:
        yield "silence", _local(flow, step, step.silence.goto)
    if step.end:
        yield "", f"end: {step.end}"


def _local(flow: Flow, step: Step, target: str) -> str:
    if target in {"", "again"}:
        return step.name
    name = target.removeprefix(f"{flow.name}.")
    if name == "start" and name not in flow.steps:
        return flow.start
    return name


def _rows(flow: Flow, ways: dict[str, tuple[tuple[str, str], ...]]) -> list[list[str]]:
    depth: dict[str, int] = {flow.start: 0}
    todo = deque([flow.start])
    late = [name for name in flow.steps if name != flow.start]
    while todo or late:
        if not todo:
            # Reached from other flows only: it begins a row of its own at the bottom.
            name = late.pop(0)
            if name in depth:
                continue
            depth[name] = max(depth.values()) + 1
            todo.append(name)
        here = todo.popleft()
        for _, target in ways.get(here, ()):
            if target not in depth:
                depth[target] = depth[here] + 1
                todo.append(target)
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name, row in depth.items():
        rows[row].append(name)
    return [row for row in rows if row]


def _box(flow: Flow, name: str, place: tuple[int, int]) -> str:
    x, y = place
    step = flow.steps.get(name)
    kind = "out" if step is None else "asks" if step.asks else "tells"
    said = ""
    if step is not None:
        text = flow.texts.get(f"{step.key}.{step.part}") or flow.texts.get(step.key)
        said = _short(text.english) if text else ""
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}"/>'
        f'<text class="key" x="{x + 10}" y="{y + 24}">{escape(_short(name))}</text>'
        f'<text class="small" x="{x + 10}" y="{y + 46}">{escape(said)}</text>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int], label: str) -> str:
    x1, y1 = start[0] + _WIDTH // 2, start[1] + _HEIGHT
    x2, y2 = end[0] + _WIDTH // 2, end[1]
    if end[1] == start[1] and end != start:  # beside: underneath
        y2 = y1
        low = y1 + _GAP_Y // 2
        way = f"M{x1} {y1}C{x1} {low} {x2} {low} {x2} {y2}"
        middle = ((x1 + x2) // 2, low)
    elif end[1] <= start[1]:  # back: around the right side
        x1, y1 = start[0] + _WIDTH, start[1] + _HEIGHT // 2
        x2, y2 = end[0] + _WIDTH, end[1] + _HEIGHT // 2
        far = max(x1, x2) + _GAP_X
        way = f"M{x1} {y1}C{far} {y1} {far} {y2} {x2} {y2}"
        middle = (far - 8, (y1 + y2) // 2)
    else:
        way = f"M{x1} {y1}C{x1} {y1 + _GAP_Y // 2} {x2} {y2 - _GAP_Y // 2} {x2} {y2}"
        middle = ((x1 + x2) // 2 + 4, (y1 + y2) // 2)
    words = f'<text class="small" x="{middle[0]}" y="{middle[1]}">{escape(_short(label))}</text>'
    return f'<path d="{way}" marker-end="url(#tip)"/>{words if label else ""}'


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST else line[: _MOST - 1] + "\N{HORIZONTAL ELLIPSIS}"

"""Boxes as SVG text. Everything is inside the file: no font, script or image from elsewhere.

Colours are CSS classes. A file of its own carries `STYLE`, which follows the reader's light or dark
setting; a page that forbids styles within itself brings the same rules in its own style sheet.
"""

import html
import textwrap
from collections.abc import Callable, Iterator, Sequence

from hotline.flow.drawing.boxes import Box, Row
from hotline.flow.drawing.layout import Placed, place

WIDTH = 330.0
PAD = 12.0
LINE = 17.0
ROW = 24.0
TEXT_CHARS = 44
TEXT_LINES = 5
ROW_CHARS = 30
SIGN_CHARS = 24
MARGIN = 20.0

STYLE = """
svg { background: #fff; color: #17262d; font: 13px system-ui, "DejaVu Sans", sans-serif; }
.box { fill: #f4f7f8; stroke: #6b7f88; } .ask > .box { fill: #e8f2fb; stroke: #2b6cb0; }
.tell > .box { fill: #eef7ee; stroke: #3c7a45; } .untold > .box { stroke: #c02020; stroke-width: 2;
stroke-dasharray: 6 4; } text { fill: currentColor; } .name { font-weight: 700; }
.soft { opacity: .78; font-size: 12px; } .sign { fill: #1d5fa8; font-size: 12px; }
.untold-sign, .untold-row { fill: #c02020; } .row-line { stroke: currentColor; opacity: .15; }
.way { fill: none; stroke: #6b7f88; stroke-width: 1.4; } .tip { fill: #6b7f88; }
a { text-decoration: none; }
@media (prefers-color-scheme: dark) { svg { background: #10191d; color: #e6eef1; }
.box { fill: #1b282e; stroke: #8ba0a9; } .ask > .box { fill: #142c42; stroke: #6fb0ec; }
.tell > .box { fill: #17301b; stroke: #7cc287; } .untold > .box { stroke: #ff8a80; }
.untold-sign, .untold-row { fill: #ff8a80; } .sign { fill: #8cc4ff; } .way { stroke: #8ba0a9; }
.tip { fill: #8ba0a9; } }
""".strip()

Link = Callable[[str], str | None]
"""The address of a step of another flow, or None where it is no link."""


def draw(
    boxes: Sequence[Box],
    *,
    title: str,
    untold: str = "no story visits this",
    start: str = "begins here",
    standalone: bool = True,
    link: Link = lambda _key: None,
) -> str:
    """The picture of one flow. `standalone`: a file of its own, with its colours in it."""
    sizes = {box.key: (WIDTH, _height(box)) for box in boxes}
    edges = [(box.key, row.to) for box in boxes for row in box.rows if row.to is not None]
    placed = place(sizes, edges)
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow-picture" role="img" '
        f'aria-label="{_safe(title)}" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{-MARGIN:.0f} {-MARGIN:.0f} {width:.0f} {height:.0f}">'
    )
    style = f"<style>{STYLE}</style>" if standalone else ""
    body = [*_lines(placed), *(_box(box, placed, untold, start, link) for box in boxes)]
    return "\n".join([f"{head}<title>{_safe(title)}</title>{style}", *body, "</svg>", ""])


def _height(box: Box) -> float:
    lines = len(_wrapped(box.text)) + len(_marks(box)) + len(box.notes)
    return PAD + LINE * (1 + lines) + 6 + ROW * len(box.rows) + PAD / 2


def _box(box: Box, placed: Placed, untold: str, start: str, link: Link) -> str:
    x, y = placed.at[box.key]
    classes = f"step {box.kind}" + ("" if box.told else " untold")
    whole = _safe(f"{box.key}: {box.text}" if box.text else box.key)
    parts = [
        f'<g id="{_safe(box.key)}" class="{classes}" transform="translate({x:.1f} {y:.1f})">',
        f"<title>{whole}</title>",
        f'<rect class="box" width="{WIDTH:.0f}" height="{_height(box):.0f}" rx="10"/>',
    ]
    down = PAD + LINE - 5
    parts.append(_text(PAD, down, box.name, "name"))
    corner = start if box.is_start else ""
    if not box.told:
        parts.append(
            _text(WIDTH - PAD, down, f"\N{WARNING SIGN} {untold}", "untold-sign", end=True)
        )
    elif corner:
        parts.append(_text(WIDTH - PAD, down, corner, "soft", end=True))
    for shown, kind in (
        *((one, "said") for one in _wrapped(box.text)),
        *((one, "soft") for one in _marks(box)),
        *((one, "name") for one in box.notes),
    ):
        down += LINE
        parts.append(_text(PAD, down, shown, kind))
    down += 6
    for row in box.rows:
        parts += _row(row, down, untold, link)
        down += ROW
    return "".join([*parts, "</g>"])


def _row(row: Row, down: float, untold: str, link: Link) -> Iterator[str]:
    base = down + 16
    yield f'<path class="row-line" d="M{PAD:.0f} {down:.1f}H{WIDTH - PAD:.0f}"/>'
    mark = "" if row.told else "\N{WARNING SIGN} "
    said = f"{mark}{_cut(row.text, ROW_CHARS)}"
    if row.note:
        said = f"{said} \N{MIDDLE DOT} {row.note}"
    full = row.text if row.told else f"{row.text} ({untold})"
    yield f"<g><title>{_safe(full)}</title>"
    yield _text(PAD, base, said, "row" if row.told else "row untold-row")
    if row.sign:
        sign = _text(WIDTH - PAD, base, _cut(row.sign, SIGN_CHARS), "sign", end=True)
        address = link(row.to) if row.to is not None else None
        yield f'<a href="{_safe(address)}">{sign}</a>' if address else sign
    yield "</g>"


def _lines(placed: Placed) -> Iterator[str]:
    for points in placed.lines.values():
        (x, y), *rest = points
        way = [f"M{x:.1f} {y:.1f}"]
        for nx, ny in rest:
            bend = (ny - y) / 2
            way.append(
                f"L{nx:.1f} {ny:.1f}"
                if abs(nx - x) < 1
                else f"C{x:.1f} {y + bend:.1f} {nx:.1f} {ny - bend:.1f} {nx:.1f} {ny:.1f}"
            )
            x, y = nx, ny
        yield f'<path class="way" d="{"".join(way)}"/>'
        yield f'<path class="tip" d="M{x:.1f} {y:.1f}l-4.5 -8h9z"/>'


def _marks(box: Box) -> tuple[str, ...]:
    return tuple(line for mark in box.marks for line in textwrap.wrap(mark, TEXT_CHARS + 4)[:2])


def _wrapped(text: str) -> tuple[str, ...]:
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, TEXT_CHARS)]
    if len(lines) <= TEXT_LINES:
        return tuple(lines)
    return (*lines[: TEXT_LINES - 1], f"{lines[TEXT_LINES - 1]} \N{HORIZONTAL ELLIPSIS}")


def _cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def _text(x: float, y: float, text: str, kind: str, *, end: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{x:.0f}" y="{y:.1f}" class="{kind}"{anchor}>{_safe(text)}</text>'


def _safe(text: str) -> str:
    return html.escape(text, quote=True)

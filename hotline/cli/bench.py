"""`bench`: how fast, beside a peer, in one run.

The peers are other bot libraries, which the program itself must not import: they and the load live
with the tests, in a checkout with the development packages.
"""

import importlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer
from rich.table import Table

from hotline import logs
from hotline.bootstrap.content import ROOT
from hotline.cli import parts
from hotline.cli.console import line, out, progress, write
from hotline.config import WrongSetting

bench = typer.Typer(help="Measurements beside a peer, in one run.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(bench, name="bench")


@bench.command("turns")
def bench_turns(
    rounds: Annotated[int, typer.Option(help="Rounds; the table shows medians.", min=1)] = 9,
    stored: Annotated[int, typer.Option(help="Conversations in the full store.", min=1)] = 50_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead.")] = False,
    into: Annotated[
        Path | None, typer.Option("--write", help="Also put the figures into this document.")
    ] = None,
) -> None:
    """Durable turns a second, beside python-telegram-bot's and aiogram's own ways to keep state."""
    turns = _checkout("turns")
    logs.setup("ERROR")
    settings = parts.settings()
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=settings.data_dir))
    try:
        report = turns.measure(
            folder.resolve(),
            url=settings.database_url,
            rounds=rounds,
            stored=stored,
            tell=progress,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if into is not None:
        into.write_text(
            _put(into.read_text("utf-8"), "turns", "\n".join(_markdown(report))), "utf-8"
        )
    if as_json:
        write(json.dumps(report.to_mapping(), indent=1))
    else:
        _show(report)


def _checkout(name: str) -> ModuleType:
    """A module of `tests/bench`. Raises `WrongSetting` where there is no checkout."""
    if not (ROOT / "tests" / "bench" / f"{name}.py").exists():
        raise WrongSetting(
            ["`hotline bench` needs a checkout of the source: the peers live in tests/bench."]
        )
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module(f"tests.bench.{name}")
    except ImportError as missing:
        raise WrongSetting(
            [f"`hotline bench` needs the development packages ({missing.name}): run `make dev`."]
        ) from None


_HEAD = ("people", "turns/s", "p50 ms", "p99 ms", "CPU ms a turn", "lowest-highest")


def _cells(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a value of tests/bench
    return (
        str(row.people),
        f"{row.turns_per_second:,.0f}",
        f"{row.p50_ms:,.1f}",
        f"{row.p99_ms:,.1f}",
        f"{row.cpu_ms:,.2f}",
        f"{row.lowest:,.0f}-{row.highest:,.0f}",
    )


def _around(report: Any) -> tuple[list[str], list[str]]:  # noqa: ANN401 - a value of tests/bench
    """What stands before and after the table."""
    before = [
        f"Machine: {report.machine.sentence}.",
        f"Medians of {report.rounds} rounds, contestants shuffled in each; one process.",
    ]
    kept = dict.fromkeys((r.name.split(",")[0], r.durability) for r in report.rows)
    after = [f"Kept when the machine stops, {name}: {durability}." for name, durability in kept]
    after += report.notes
    for goal in report.goals:
        mark = "reached" if goal.reached else "MISSED"
        after.append(f"{mark}: {goal.what}: {goal.measured} (wanted: {goal.wanted}).")
    return before, after


def _show(report: Any) -> None:  # noqa: ANN401 - a value of tests/bench, which is not installed
    before, after = _around(report)
    table = Table("", *_HEAD)
    for row in report.rows:
        table.add_row(row.name, *_cells(row))
    for text in before:
        line(text)
    out.print(table)
    for text in after:
        line(text)


def _markdown(report: Any) -> Iterator[str]:  # noqa: ANN401 - a value of tests/bench
    before, after = _around(report)
    yield from (f"{text}  " for text in before)
    yield ""
    yield "| " + " | ".join(["", *_HEAD]) + " |"
    yield "|---" + "|---:" * len(_HEAD) + "|"
    for row in report.rows:
        yield "| " + " | ".join([row.name, *_cells(row)]) + " |"
    yield ""
    yield from (f"* {text}" for text in after)


def _put(document: str, name: str, text: str) -> str:
    """`document` with the block `name` replaced. Raises `WrongSetting` where there is none."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    head, found, rest = document.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise WrongSetting([f"The document has no lines `{begin.strip()}` and `{end}`."])
    return f"{head}{begin}\n{text}\n\n{end}{tail}"

"""`bench`: how fast, beside a peer, in one run.

The peers are other bot libraries, which the program itself must not import: they and the load live
with the tests, in a checkout with the development packages.
"""

import importlib
import json
import shutil
import sys
import tempfile
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
    rounds: Annotated[int, typer.Option(help="Rounds; the table shows medians.", min=1)] = 5,
    stored: Annotated[int, typer.Option(help="Conversations in the full store.", min=1)] = 50_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead.")] = False,
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


def _show(report: Any) -> None:  # noqa: ANN401 - a value of tests/bench, which is not installed
    line(f"Machine: {report.machine.sentence}")
    line(f"Medians of {report.rounds} rounds, contestants shuffled in each; one process.")
    table = Table("", "people", "turns/s", "p50 ms", "p99 ms", "lowest-highest")
    for row in report.rows:
        table.add_row(
            row.name,
            str(row.people),
            f"{row.turns_per_second:,.0f}",
            f"{row.p50_ms:,.1f}",
            f"{row.p99_ms:,.1f}",
            f"{row.lowest:,.0f}-{row.highest:,.0f}",
        )
    out.print(table)
    line("What a stop of the machine costs:")
    for name, durability in dict.fromkeys(
        (r.name.split(",")[0], r.durability) for r in report.rows
    ):
        line(f"  {name}: {durability}")
    for note in report.notes:
        line(note)
    line()
    for goal in report.goals:
        mark = "reached" if goal.reached else "MISSED"
        line(f"{mark:8} {goal.what}: {goal.measured} (wanted: {goal.wanted})")

"""`bench engine`: pure turns a second beside two bot libraries, in one run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from hotline.cli.bench import _checkout, _put, bench
from hotline.cli.console import line, out, progress, write

_HEAD = (
    "turns/s of one core",
    "turns/s on the clock",
    "lowest-highest",
    "CPU \N{MICRO SIGN}s a turn",
)


def add(app: typer.Typer) -> None:
    del app  # the family is added by `bench`; importing this module puts the command into it


@bench.command("engine")
def bench_engine(
    rounds: Annotated[int, typer.Option(help="Rounds; the table shows medians.", min=1)] = 9,
    dialogues: Annotated[int, typer.Option(help="Dialogues a round, of 5 turns.", min=1)] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead.")] = False,
    into: Annotated[
        Path | None, typer.Option("--write", help="Also put the figures into this document.")
    ] = None,
) -> None:
    """Pure turns a second: session and message read from JSON and written back, beside
    python-telegram-bot's ConversationHandler and aiogram's state machine. Exit 1 if a goal is
    missed."""
    report = _checkout("engine").measure(rounds=rounds, dialogues=dialogues, tell=progress)
    if into is not None:
        text = "\n".join(_markdown(report))
        into.write_text(_put(into.read_text("utf-8"), "engine", text), "utf-8")
    if as_json:
        write(json.dumps(report.to_mapping(), indent=1))
    else:
        table = Table("", *_HEAD)
        for row in report.rows:
            table.add_row(row.name, *_cells(row))
        for text in _before(report):
            line(text)
        out.print(table)
        for text in _after(report):
            line(text)
    if not all(reached for _, reached in report.goals):
        raise typer.Exit(1)


def _before(report: Any) -> list[str]:  # noqa: ANN401 - a value of tests/bench, not installed
    rounds = f"{report.rounds} rounds of {report.dialogues} dialogues"
    return [
        f"Machine: {report.machine.sentence}.",
        f"Medians of {rounds}, contestants shuffled in each; one process.",
    ]


def _cells(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a value of tests/bench
    return (
        f"{row.a_core_second:,.0f}",
        f"{row.turns_per_second:,.0f}",
        f"{row.lowest:,.0f}-{row.highest:,.0f}",
        f"{row.cpu_microseconds:,.0f}",
    )


def _after(report: Any) -> list[str]:  # noqa: ANN401 - a value of tests/bench
    return [f"{'reached' if reached else 'MISSED'}: {what}." for what, reached in report.goals]


def _markdown(report: Any) -> Iterator[str]:  # noqa: ANN401 - a value of tests/bench
    yield from (f"{text}  " for text in _before(report))
    yield ""
    yield "| " + " | ".join(["", *_HEAD]) + " |"
    yield "|---" + "|---:" * len(_HEAD) + "|"
    for row in report.rows:
        yield "| " + " | ".join([row.name, *_cells(row)]) + " |"
    yield ""
    yield from (f"* {text}" for text in _after(report))

"""`bench engine`: pure turns a second beside two bot libraries, in one run."""

import json
from typing import Annotated

import typer
from rich.table import Table

from hotline.cli.bench import _checkout, bench
from hotline.cli.console import line, out, progress, write


def add(app: typer.Typer) -> None:
    del app  # the family is added by `bench`; importing this module puts the command into it


@bench.command("engine")
def bench_engine(
    rounds: Annotated[int, typer.Option(help="Rounds; the table shows medians.", min=1)] = 7,
    dialogues: Annotated[int, typer.Option(help="Dialogues a round, of 5 turns.", min=1)] = 400,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead.")] = False,
) -> None:
    """Pure turns a second: session and message read from JSON and written back, beside
    python-telegram-bot's ConversationHandler and aiogram's state machine. Exit 1 if a goal is
    missed."""
    report = _checkout("engine").measure(rounds=rounds, dialogues=dialogues, tell=progress)
    if as_json:
        write(json.dumps(report.to_mapping(), indent=1))
    else:
        line(f"Machine: {report.machine.sentence}")
        line(f"Medians of {rounds} rounds of {dialogues} dialogues; one process, one core.")
        table = Table("", "turns/s", "lowest-highest", "µs a turn")
        for row in report.rows:
            table.add_row(
                row.name, f"{row.turns_per_second:,.0f}", f"{row.lowest:,.0f}-{row.highest:,.0f}",
                f"{row.microseconds:,.0f}",
            )  # fmt: skip
        out.print(table)
        for what, reached in report.goals:
            line(f"{'reached' if reached else 'MISSED':8} {what}")
    if not all(reached for _, reached in report.goals):
        raise typer.Exit(1)

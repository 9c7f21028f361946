"""`bench screen` and `screening lengths`: how fast the rules judge, how much there is to read."""

import statistics
import time
from pathlib import Path
from typing import Annotated

import typer

from hotline import library
from hotline.bootstrap import content
from hotline.cli import parts
from hotline.cli.bench import bench
from hotline.cli.console import line, write
from hotline.config import WrongSetting
from hotline.flow import lengths
from hotline.screening import lines as screening_lines
from hotline.screening.ruleset import Ruleset

WANTED = 10_000
"""Lines a second on one core that the screening must reach."""
EXAMPLES = content.ROOT / "tests" / "data" / "screening" / "examples.jsonl"

screening = typer.Typer(help="What people have to read in the screening.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(screening, name="screening")


@bench.command("screen")
def bench_screen(
    records: Annotated[int, typer.Option(help="Records a round.", min=1)] = 60_000,
    rounds: Annotated[int, typer.Option(help="Rounds; the median is shown.", min=1)] = 3,
    source: Annotated[Path, typer.Option(help="JSON lines to judge, repeated.")] = EXAMPLES,
) -> None:
    """Records that the screening judges in a second, on one core. Exit status 1 below 10,000."""
    try:
        texts = source.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise WrongSetting([f"{source} cannot be read: {error.strerror}."]) from None
    if not texts:
        raise WrongSetting([f"{source} is empty."])
    rules = content.ruleset(library.load(Path(parts.settings().flows_dir)))
    given = (texts * (records // len(texts) + 1))[:records]
    rates = [_rate(rules, given) for _ in range(rounds)]
    found = statistics.median(rates)
    line(f"{len(given):,} records a round, {rounds} rounds, one core, nothing written out.")
    line(f"{found:,.0f} records a second of processor time ({min(rates):,.0f}-{max(rates):,.0f}).")
    reached = found >= WANTED
    line(f"{'reached' if reached else 'MISSED'}: wanted {WANTED:,} or more.")
    if not reached:
        raise typer.Exit(1)


def _rate(rules: Ruleset, given: list[bytes]) -> float:
    start = time.process_time()
    screening_lines.run(rules, given, _nowhere)
    return len(given) / (time.process_time() - start)


def _nowhere(text: str) -> None:
    """Where nothing is kept."""


@screening.command("lengths")
def screening_lengths() -> None:
    """A table of all questions: characters and SMS parts in every language (docs/reading.md).

    Exit status 1 if one takes more than two parts.
    """
    found = parts.loaded(parts.settings())
    rows = list(lengths.lengths(found.bundle, found.words, found.contacts))
    write(lengths.table(rows).rstrip("\n"))
    if any(row.parts > lengths.MOST_PARTS for row in rows):
        raise typer.Exit(1)

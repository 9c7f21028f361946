"""`screen` and `understand`: JSON lines in, JSON lines out."""

import sys
from pathlib import Path

import typer

from hotline import library
from hotline.bootstrap import content
from hotline.cli import parts
from hotline.screening import lines as screening_lines
from hotline.understanding import lines as understanding_lines


def add(app: typer.Typer) -> None:
    app.command()(screen)
    app.command()(understand)


def screen() -> None:
    """Judges coded answers by the screening rules. Stores nothing, needs no network."""
    files = library.load(Path(parts.settings().flows_dir))
    # Lines come with their own line end.
    if not screening_lines.run(content.ruleset(files), sys.stdin.buffer, sys.stdout.write):
        raise typer.Exit(1)


def understand() -> None:
    """Says for each `{"id", "text"}` which language, question and danger it holds."""
    known = parts.understanding(parts.settings())
    if not understanding_lines.run(known, sys.stdin.buffer, sys.stdout.write):
        raise typer.Exit(1)

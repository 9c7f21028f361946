"""`bench`: how fast, beside a peer, in one run."""

import typer

bench = typer.Typer(help="Measurements beside a peer, in one run.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(bench, name="bench")

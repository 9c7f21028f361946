"""`doctor`: what is missing before real people may write."""

import json
from typing import Annotated

import typer

from hotline import logs
from hotline.bootstrap import clock, doctor as doctors
from hotline.bootstrap.doctor import Level
from hotline.cli import parts
from hotline.cli.console import line, write


def add(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Checks settings, keys, database, flows, facts, contacts and providers. Changes nothing.

    "!" must be put right before going live (exit 1 while there is any), "?" should be looked at.
    """
    logs.setup("ERROR")
    found = doctors.examine(parts.settings(), now=clock.now())
    missing = sum(1 for one in found if one.level is Level.MISSING)
    if as_json:
        write(json.dumps({"missing": missing, "found": [f.to_mapping() for f in found]}, indent=1))
    else:
        for area in dict.fromkeys(one.area for one in found):
            line(area)
            for one in (one for one in found if one.area == area):
                mark = {Level.MISSING: "!", Level.ADVICE: "?", Level.NOTE: " "}[one.level]
                line(f"  {mark} {one.sentence}")
        line()
        line(
            f"{missing} thing(s) are missing before going live."
            if missing
            else "Nothing is missing before going live."
        )
    if missing:
        raise typer.Exit(1)

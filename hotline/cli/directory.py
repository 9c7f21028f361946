"""`directory`: partners and their services, from a file and into the matcher."""

from pathlib import Path

import typer

from hotline import library
from hotline.bootstrap import clock
from hotline.cli import parts
from hotline.cli.console import line
from hotline.core.errors import Invalid
from hotline.referrals import service as referrals

directory = typer.Typer(help="Partners and what they offer.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(directory, name="directory")


@directory.command("import")
def directory_import(path: Path) -> None:
    """Brings in partners and services from a YAML file. Nothing is written if anything is wrong."""
    content = library.read_file(path, root=path.resolve().parent)
    if not isinstance(content, dict):
        raise Invalid(f"{path.name}: needs `partners:` at its top.")
    done = parts.in_database(lambda tx, _: referrals.import_directory(tx, content, now=clock.now()))
    line(
        f"Partners: {done.partners_added} added, {done.partners_changed} there before. "
        f"Services: {done.services_added} added, {done.services_changed} there before."
    )


@directory.command("verify")
def directory_verify() -> None:
    """Lists services that nobody verified for 90 days, a task for the coordinator each. Exit 1 if
    there are any."""
    old = parts.in_database(lambda tx, _: referrals.verify(tx, now=clock.now()))
    for entry in old:
        seen = entry.verified_at.date().isoformat() if entry.verified_at else "never"
        name = entry.name.get("ru") or entry.service_id
        line(f"{name}, {entry.kind}, {entry.oblast}: verified {seen}")
    line(f"{len(old)} service(s) to verify.")
    if old:
        raise typer.Exit(1)

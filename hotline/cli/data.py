"""`db`, `keys`, `audit`: the store and what protects it."""

from pathlib import Path

import typer

from hotline import crypto
from hotline.audit import service as audit_service
from hotline.cli import parts
from hotline.cli.console import line
from hotline.db import migrate

db = typer.Typer(help="The database.", no_args_is_help=True)
keys = typer.Typer(help="Encryption keys.", no_args_is_help=True)
audit = typer.Typer(help="The audit.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(db, name="db")
    app.add_typer(keys, name="keys")
    app.add_typer(audit, name="audit")


@db.command("upgrade")
def db_upgrade() -> None:
    """Brings the database to the newest schema."""
    migrate.upgrade(parts.settings().database)
    line("The database is up to date.")


@db.command("pending")
def db_pending() -> None:
    """Migrations not yet applied; exit 1 if there are any."""
    waiting = migrate.pending(parts.settings().database)
    for revision in waiting:
        line(revision)
    if waiting:
        raise typer.Exit(1)


@keys.command("new")
def keys_new(path: Path) -> None:
    """Writes a fresh key file with mode 600; keep a copy apart from the backups."""
    crypto.new_key_file(path)
    line(f"Wrote {path}. Without this file nothing that people wrote can ever be read again.")


@audit.command("verify")
def audit_verify() -> None:
    """Recomputes the audit's chains; names the first bad row and ends with 1 if there is one."""
    with parts.store() as (store, _):
        bad = store.read(audit_service.verify)
        heads = store.read(audit_service.heads)
    if bad is not None:
        line(f"Broken: {bad}")
        raise typer.Exit(1)
    for chain, (number, head) in sorted(heads.items()):
        line(f"{chain}: {number} rows, head {head[:16]}")
    line("Every row fits.")

"""`flows`, `locales`, `doctor`: is everything right before people see it?"""

from pathlib import Path
from typing import Annotated

import typer

from hotline.bootstrap import clock, content
from hotline.bootstrap.content import ROOT
from hotline.bootstrap.stories import STORIES, visited
from hotline.cli import inside
from hotline.cli.console import line, write
from hotline.flow.check import failed, for_machines, for_people
from hotline.flow.checks.finding import Finding
from hotline.flow.problems import FlowInvalid
from hotline.i18n import catalogues, mofile, project

flows = typer.Typer(help="Conversation flows: check, play, draw.", no_args_is_help=True)
locales = typer.Typer(help="Translations: update, check, compile.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(flows, name="flows")
    app.add_typer(locales, name="locales")


@flows.command("lint")
def flows_lint(
    form: Annotated[str, typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Checks every flow, answer and translation, and who waits where. Exit 1 if anything is wrong.

    Where there is a database, people inside a step that is gone are found too; in a checkout, steps
    that no golden story visits.
    """
    _report(project.lint(ROOT, now=clock.now(), waiting=inside.waiting(), told=_told()), form)


def _told() -> frozenset[str] | None:
    """What the stories visit; None where there are none, or where the flows cannot be played."""
    if not any(STORIES.glob("*.yaml")):
        return None
    try:
        found = content.load(ROOT / "flows", ROOT / "locales", demonstration=True)
        return visited(found.bundle, found.ruleset)[1]
    except (FlowInvalid, ValueError, *project.CannotRead):
        return None  # the linter itself says what is wrong with the files


@locales.command("check")
def locales_check(
    form: Annotated[str, typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Checks the translations alone, and that the catalogues hold today's texts."""
    _report(project.check_locales(ROOT), form)


@locales.command("update")
def locales_update() -> None:
    """Pairs the catalogues with today's texts, by key; stale translations are marked."""
    for language, made in project.update_locales(ROOT).items():
        done = ((made.added, "added"), (made.stale, "stale"), (made.removed, "removed"))
        counts = ", ".join(f"{len(keys)} {what}" for keys, what in done)
        line(f"{language}: {len(made.entries)} texts; {counts}")


@locales.command("compile")
def locales_compile() -> None:
    """Compiles the catalogues for the program."""
    for language, count in mofile.compile_all(ROOT / "locales").items():
        line(f"{language}: {count} texts")


@locales.command("confirm")
def locales_confirm(
    key: str,
    language: Annotated[list[str], typer.Option("--lang", help="ky, ru or tg; may repeat")],
) -> None:
    """Says that the old translation of a changed text still fits."""
    for done in catalogues.confirm(ROOT / "locales", key, language):
        line(f"{key}: confirmed in {done}")


@locales.command("import")
def locales_import(
    files: list[Path],
    overwrite: Annotated[bool, typer.Option(help="Also replace words that are there")] = False,
) -> None:
    """Fills the catalogues from YAML files of the form `key: {ky: ..., ru: ..., tg: ...}`."""
    for name, made in project.import_files(ROOT, files, overwrite=overwrite).items():
        filled, kept = (sum(map(len, found.values())) for found in (made.filled, made.kept))
        line(f"{name}: {filled} filled, {kept} kept as they were")
        for key in made.unknown:
            line(f"  no such key: {key}")
        for why in made.refused:
            line(f"  refused: {why}")
        if made.refused:
            raise typer.Exit(1)


def _report(findings: tuple[Finding, ...], form: str) -> None:
    if form == "json":
        write(for_machines(findings))
    else:
        write(for_people(findings))
    if failed(findings):
        raise typer.Exit(1)

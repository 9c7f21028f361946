"""`flows`, `locales`, `doctor`: is everything right before people see it?"""

import json
from pathlib import Path
from typing import Annotated

import typer

from hotline.bootstrap import clock
from hotline.bootstrap.content import ROOT
from hotline.cli.console import err, line, write
from hotline.flow.checks.finding import Finding, Severity
from hotline.i18n import catalogues, mofile, project, wordfiles

flows = typer.Typer(help="Conversation flows: check, play, draw.", no_args_is_help=True)
locales = typer.Typer(help="Translations: update, check, compile.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(flows, name="flows")
    app.add_typer(locales, name="locales")


@flows.command("lint")
def flows_lint(
    form: Annotated[str, typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Checks every flow, answer and translation. Exit 1 if anything is wrong."""
    _report(project.lint(ROOT, now=clock.now()), form)


@locales.command("check")
def locales_check(
    form: Annotated[str, typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Checks the translations alone, and that the catalogues hold today's texts."""
    _report(project.check_locales(ROOT), form)


@locales.command("update")
def locales_update() -> None:
    """Pairs the catalogues with today's texts, by key; stale translations are marked."""
    for language, merged in project.update_locales(ROOT).items():
        line(f"{language}: {merged}")


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
    for path in files:
        words = {found.key: found.value for found in wordfiles.read_lines(path)}
        line(
            f"{path.name}: {catalogues.import_words(ROOT / 'locales', words, overwrite=overwrite)}"
        )


def _report(findings: tuple[Finding, ...], form: str) -> None:
    if form == "json":
        write(json.dumps([f.to_mapping() for f in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            line(str(finding))
    errors = sum(1 for f in findings if f.severity is Severity.ERROR)
    err.print(f"{errors} error(s), {len(findings) - errors} other finding(s)", markup=False)
    if errors:
        raise typer.Exit(1)

"""`users`: accounts from the command line, for the administrator of a new installation."""

from typing import Annotated

import typer

from hotline.accounts import passwords, users as accounts
from hotline.bootstrap import clock
from hotline.cli import parts
from hotline.cli.console import line
from hotline.crypto import KeyRing
from hotline.db.transaction import Tx

users = typer.Typer(help="People who sign in.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(users, name="users")


@users.command("add")
def users_add(
    login: str,
    role: Annotated[str, typer.Option(help="OP SO CO NG CE AU AD")],
    alias: Annotated[str, typer.Option(help="The name that callers and colleagues see")],
    site: Annotated[str | None, typer.Option(help="Code of the site")] = None,
    partner: Annotated[str | None, typer.Option(help="Id of the partner (role NG)")] = None,
    language: Annotated[str, typer.Option(help="Of the pages: ru, ky, tg or en")] = "ru",
    speaks: Annotated[
        str, typer.Option(help="With callers, graded 1 to 5: ky:5,ru:4; decides who takes whom")
    ] = "",
    skills: Annotated[str, typer.Option(help="Graded 1 to 5: children:4,women:3,legal:2")] = "",
) -> None:
    """Adds somebody and prints a first password, which must be changed at the first sign-in."""
    password = accounts.first_password()
    tongues, able = _graded("speaks", speaks), _graded("skills", skills)

    def work(tx: Tx, _: KeyRing) -> None:
        site_id = next((s.id for s in accounts.sites(tx) if s.code == site), None)
        accounts.add_user(
            tx,
            login=login,
            alias=alias,
            role=role,
            password_hash=passwords.hash_password(password, passwords.STANDARD),
            site_id=site_id,
            partner_id=partner,
            language=language,
            languages=tongues,
            skills=able,
            now=clock.now(),
        )

    parts.in_database(work)
    line(f"{login}: first password {password}")


def _graded(option: str, text: str) -> dict[str, int]:
    """`ky:5,ru:4`. Raises `typer.BadParameter` naming the option."""
    found = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        code, _, grade = part.partition(":")
        if not code.isascii() or not code.isidentifier() or grade not in {"1", "2", "3", "4", "5"}:
            raise typer.BadParameter("write code:grade, such as ky:5", param_hint=f"--{option}")
        found[code] = int(grade)
    return found


@users.command("reset-totp")
def users_reset_totp(login: str) -> None:
    """Takes the second factor away; a new one is set up at the next sign-in."""
    parts.in_database(lambda tx, _: accounts.reset_totp(tx, login, now=clock.now()))
    line(f"{login}: the second factor will be set up anew")


@users.command("code")
def users_code(login: str) -> None:
    """The current second-factor code of a demonstration account."""
    code = parts.in_database(
        lambda tx, keys: accounts.current_code(tx, keys, login, now=clock.now())
    )
    line(code)


@users.command("list")
def users_list() -> None:
    """Everybody who may sign in: login, role, name shown, and what is not as it should be."""
    for user in parts.in_database(lambda tx, _: accounts.listed(tx)):
        marks = [
            mark
            for mark, holds in (
                ("switched off", user.disabled_at is not None),
                ("no second factor yet", not user.is_enrolled),
                ("first password", user.must_change),
                ("demonstration", user.is_demo),
            )
            if holds
        ]
        line(f"{user.login:<24} {user.role:<3} {user.alias:<20} {', '.join(marks)}".rstrip())

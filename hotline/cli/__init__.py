"""The command line: `hotline ...`. Each file holds one family of commands."""

import sys

import typer

from hotline.cli import (
    bench,
    checks,
    costs,
    data,
    directory,
    doctor,
    enginebench,
    graphs,
    playing,
    running,
    screening,
    tools,
    understanding,
    users,
)
from hotline.config import WrongSetting
from hotline.core.errors import HotlineError
from hotline.crypto import KeysUnusable
from hotline.db.transaction import DatabaseAway
from hotline.library import Unreadable

app = typer.Typer(
    name="hotline",
    help="A hotline on Telegram and SMS in Kyrgyz, Russian and Tajik.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
running.add(app)
checks.add(app)
playing.add(app)
graphs.add(app)
costs.add(app)
doctor.add(app)
tools.add(app)
users.add(app)
data.add(app)
directory.add(app)
bench.add(app)
enginebench.add(app)
screening.add(app)
understanding.add(app)


def main() -> None:
    """Runs the command line. What an administrator can mend is said in one sentence each."""
    try:
        app()
    except WrongSetting as wrong:
        _say(wrong.problems)
    except (KeysUnusable, Unreadable) as wrong:
        _say([str(wrong)])
    except DatabaseAway as away:
        _say([f"The database cannot be reached ({away}). Nothing was changed."])
    except HotlineError as error:
        _say([error.message or type(error).__name__])


def _say(sentences: list[str]) -> None:
    for sentence in sentences:
        print(sentence, file=sys.stderr)  # noqa: T201 - the command line speaks by printing
    raise SystemExit(1)

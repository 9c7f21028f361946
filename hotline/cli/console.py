"""How the command line speaks."""

import sys

from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def line(text: str = "") -> None:
    """One plain line on standard output, without markup."""
    out.print(text, markup=False)


def write(text: str) -> None:
    """A line of a machine-readable stream, as it is; its end is added where it has none."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def progress(text: str) -> None:
    """What a long step is doing, on standard error."""
    err.print(text, markup=False)

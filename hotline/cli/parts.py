"""Parts of the application that single commands need, opened and closed around them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from hotline import config, library
from hotline.bootstrap import app as apps, content
from hotline.bootstrap.content import Content
from hotline.cli.console import err
from hotline.config import Settings
from hotline.crypto import KeyRing
from hotline.db.transaction import Store, Tx, make_engine
from hotline.flow.problems import FlowInvalid
from hotline.understanding.read import Understanding

T = TypeVar("T")


def settings() -> Settings:
    """Raises `WrongSetting`."""
    return config.read()


@contextmanager
def store() -> Iterator[tuple[Store, Settings]]:
    """The database of the settings."""
    found = settings()
    opened = Store(make_engine(found.database))
    try:
        yield opened, found
    finally:
        opened.close()


def in_database(work: Callable[[Tx, KeyRing], T]) -> T:
    """Runs one piece of work in a transaction."""
    with store() as (opened, found):
        keys = apps.load_keys(found)
        return opened.write(lambda tx: work(tx, keys))


def loaded(found: Settings) -> Content:
    """Flows, words and rules; mistakes are printed with file and line, and end the command."""
    try:
        return content.load(
            Path(found.flows_dir),
            Path(found.locales_dir),
            demonstration=found.demo,
        )
    except FlowInvalid as invalid:
        for problem in invalid.problems:
            err.print(str(problem), markup=False)
        err.print("The flows have mistakes; `hotline flows lint` lists them.", markup=False)
        raise SystemExit(1) from None


def understanding(found: Settings) -> Understanding:
    files = library.load(Path(found.flows_dir))
    cache = Path(found.data_dir) / "understanding.npz"
    return content.understanding(files, cache=cache, tell=lambda t: err.print(t, markup=False))

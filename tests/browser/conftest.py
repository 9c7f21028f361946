"""The demonstration as `make run` starts it, in a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.serving import Served, demonstration


@pytest.fixture
def demo(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """On both databases."""
    made = demonstration(tmp_path / "demo", database_url)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shared_demo(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for a whole file, for tests that do not disturb each other."""
    url = databases.fresh("sqlite")
    made = demonstration(tmp_path_factory.mktemp("demo"), url)
    yield made
    made.stop()
    databases.drop(url)

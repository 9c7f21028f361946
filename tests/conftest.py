"""Fixtures that every suite may use: databases of both kinds, a browser, and a shut network.

`database_url` runs a test once on SQLite and once on PostgreSQL (`-k sqlite` and `-k postgresql`
choose one); `empty_database_url` is the same before any migration; `databases` makes more of them.
"""

import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from pytest_asyncio import is_async_test

from tests.support import databases as provision
from tests.support.chromium import browser, open_page, playwright_driver

__all__ = ["browser", "open_page", "playwright_driver"]

RUN_FOLDER = "HOTLINE_TEST_RUN"
SHARED = "HOTLINE_SHARED"
SCREENSHOTS = "HOTLINE_SCREENSHOTS"

# Deadlines are left to the timeout of the test: a loaded machine is not a mistake.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        if name not in {RUN_FOLDER, SHARED, SCREENSHOTS}:
            del os.environ[name]  # a developer's own settings must not reach the tests
    if hasattr(config, "workerinput"):
        return
    base = Path(tempfile.gettempdir())
    provision.clear_abandoned(base)
    folder = Path(tempfile.mkdtemp(prefix="hotline-tests-", dir=base))
    (folder / "pid").write_text(str(os.getpid()))
    os.environ[RUN_FOLDER] = str(folder)  # workers are children and read it from here


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN_FOLDER in os.environ:
        provision.clear(Path(os.environ.pop(RUN_FOLDER)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.relative_to(provision.ROOT).parts:
            item.add_marker(pytest.mark.browser)
            if is_async_test(item):
                # One browser serves the whole session, so its tests live in the session's loop.
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> provision.Databases:
    """Makes databases on demand: `databases.fresh("postgresql")`."""
    own = tmp_path_factory.mktemp("databases")
    return provision.Databases(Path(os.environ[RUN_FOLDER]), own, worker_id)


@pytest.fixture(params=provision.BACKENDS)
def database_url(databases: provision.Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the test's own, in SQLAlchemy's form of address."""
    url = databases.fresh(request.param)
    yield url
    databases.drop(url)


@pytest.fixture(params=provision.BACKENDS)
def empty_database_url(
    databases: provision.Databases, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database before its first migration."""
    url = databases.empty(request.param)
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of published descriptions and test sets beside the clone; absent on most machines.

    A test that needs it is skipped with a notice.
    """
    folder = Path(os.environ.get(SHARED) or provision.ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no folder of shared test data at {folder}; set {SHARED}")
    return folder


class NetworkShutError(AssertionError):
    """A test tried to reach another machine."""


def _is_here(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _network_shut() -> Iterator[None]:
    """Nothing in a test may leave this machine; loopback and Unix sockets stay open."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, *, _real: Any = real) -> Any:
            if not _is_here(address):
                raise NetworkShutError(f"a test tried to reach {address!r}")
            return _real(self, address)

        patch.setattr(socket.socket, name, guarded)
    yield
    patch.undo()

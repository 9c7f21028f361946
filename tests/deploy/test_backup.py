"""A backup is taken from a database in use, restored into a new one, and compared row by row."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, create_engine, insert, select
from sqlalchemy.types import Boolean, Date, DateTime, Float, Integer, LargeBinary, Numeric

from tests.support.databases import Databases

ROOT = Path(__file__).resolve().parents[2]
BACKUP = ROOT / "deploy" / "backup.py"
RESTORE = ROOT / "deploy" / "restore.py"


@pytest.fixture
def run(databases: Databases):
    """Run one of the scripts as an administrator does; PostgreSQL's programs fit the server."""

    def start(script: Path, url: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "HOTLINE_DATABASE_URL": url}
        if url.startswith("postgresql"):
            binaries = databases.cluster().binaries
            environment["PATH"] = f"{binaries}:{environment['PATH']}"
        return subprocess.run(
            [sys.executable, str(script), *map(str, arguments)],
            check=False, capture_output=True, text=True, env=environment,
        )  # fmt: skip

    return start


@pytest.fixture
def new_database(database_url: str, databases: Databases) -> Iterator[str]:
    """An empty database of the same kind as `database_url`, to restore into."""
    url = databases.empty("sqlite" if database_url.startswith("sqlite") else "postgresql")
    yield url
    databases.drop(url)


def filled(url: str) -> int:
    """Put two rows into every table that takes invented values; returns how many rows."""
    engine = create_engine(url)
    metadata = MetaData()
    metadata.reflect(engine)
    count = 0
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name == "alembic_version":
                continue
            for number in (1, 2):
                values = {column.name: example(column, number) for column in table.columns}
                try:
                    with connection.begin_nested():
                        connection.execute(insert(table).values(values))
                    count += 1
                except Exception:  # noqa: BLE001, S112  # a rule of the table's own
                    continue
    engine.dispose()
    return count


def example(column: Any, number: int) -> Any:
    kind = column.type
    match kind:
        case Boolean():
            return bool(number % 2)
        case Integer():
            return number
        case Float():
            return number / 3
        case Numeric():
            return Decimal(number)
        case DateTime():
            return datetime(
                2026, 1, number, 23, 59, 59, 123456, tzinfo=UTC if kind.timezone else None
            )
        case Date():
            return date(2026, 1, number)
        case LargeBinary():
            return b"\x00\xff\x01 sealed" + bytes([number])
        case _:
            return f"ү{number}'\\"[: getattr(kind, "length", None)]


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order of their own."""
    engine = create_engine(url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = {
            name: sorted((tuple(map(comparable, row)) for row in read(connection, table)), key=repr)
            for name, table in metadata.tables.items()
        }
    engine.dispose()
    return found


def read(connection: Any, table: Table) -> Any:
    return connection.execute(select(table)).all()


def comparable(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def test_a_backup_restores_row_by_row(database_url: str, new_database: str, run, tmp_path: Path):
    assert filled(database_url) > 0
    before = rows(database_url)
    assert all(before.values()), "every table has rows, the revision's among them"
    taken = run(BACKUP, database_url, tmp_path / "backups")
    assert taken.returncode == 0, taken.stderr
    (backup,) = (tmp_path / "backups").iterdir()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    restored = run(RESTORE, new_database, backup)
    assert restored.returncode == 0, restored.stderr
    assert rows(new_database) == before
    assert rows(database_url) == before


def test_a_database_that_holds_anything_is_left_as_it_is(database_url: str, run, tmp_path: Path):
    filled(database_url)
    before = rows(database_url)
    run(BACKUP, database_url, tmp_path)
    (backup,) = tmp_path.iterdir()
    refused = run(RESTORE, database_url, backup)
    assert refused.returncode == 1
    assert "Nothing was restored" in refused.stderr
    assert rows(database_url) == before


def test_a_cut_off_backup_is_refused_whole(
    database_url: str, new_database: str, run, tmp_path: Path
):
    filled(database_url)
    run(BACKUP, database_url, tmp_path)
    (backup,) = tmp_path.iterdir()
    content = backup.read_bytes()
    backup.write_bytes(content[: len(content) * 2 // 3])
    refused = run(RESTORE, new_database, backup)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    if new_database.startswith("sqlite"):
        assert not Path(new_database.removeprefix("sqlite:///")).exists()
    else:
        assert rows(new_database) == {}


def test_a_backup_of_the_other_kind_is_refused_by_name(
    database_url: str, databases: Databases, run, tmp_path: Path
):
    other = "postgresql" if database_url.startswith("sqlite") else "sqlite"
    run(BACKUP, database_url, tmp_path)
    (backup,) = tmp_path.iterdir()
    target = databases.empty(other)
    refused = run(RESTORE, target, backup)
    databases.drop(target)
    assert refused.returncode == 1
    assert "the settings name" in refused.stderr


def test_a_missing_database_gives_one_sentence_and_no_file(run, tmp_path: Path):
    addresses = (
        f"sqlite:///{tmp_path}/nowhere.db",
        "postgresql+psycopg://u:hunter2@127.0.0.1:9/d",
        "mysql://u:hunter2@h/d",
        "postgresql://u:hunter2@h:port/d",
        "sqlite://",
    )
    for url in addresses:
        failed = run(BACKUP, url, tmp_path / "backups")
        assert failed.returncode == 1, url
        assert failed.stderr.startswith("No backup was made."), url
        assert "Traceback" not in failed.stderr
        assert "hunter2" not in failed.stderr + failed.stdout
        assert not list((tmp_path / "backups").glob("*"))


def test_a_file_that_is_no_backup_is_refused(run, tmp_path: Path):
    (tmp_path / "x").write_text("hello")
    for name in ("x", "absent"):
        refused = run(RESTORE, f"sqlite:///{tmp_path}/new.db", tmp_path / name)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
    assert not (tmp_path / "new.db").exists()


def test_a_database_that_is_written_to_gives_a_whole_backup(run, tmp_path: Path):
    path = tmp_path / "busy.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("create table pairs (a integer, b integer)")
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path, timeout=30)) as writing:
            number = 0
            while not stop.is_set():
                number += 1
                with writing:
                    writing.execute("insert into pairs values (?, 0)", (number,))
                    writing.execute("update pairs set b = a where a = ?", (number,))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(3):
            taken = run(BACKUP, f"sqlite:///{path}", tmp_path / str(_))
            assert taken.returncode == 0, taken.stderr
            (backup,) = (tmp_path / str(_)).iterdir()
            with closing(sqlite3.connect(backup)) as copy:
                assert copy.execute("select count(*) from pairs where a <> b").fetchone() == (0,)
    finally:
        stop.set()
        thread.join()


def test_only_the_newest_are_kept_and_other_files_are_left_alone(run, tmp_path: Path):
    source = tmp_path / "d.db"
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("create table t (n)")
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 6):
        (folder / f"hotline-2026010{day}T000000Z.sqlite3").touch()
    (folder / "notes.txt").touch()
    assert run(BACKUP, f"sqlite:///{source}", folder, "--keep", "3").returncode == 0
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 4
    assert names[:2] == ["hotline-20260104T000000Z.sqlite3", "hotline-20260105T000000Z.sqlite3"]
    assert names[3] == "notes.txt"
    assert run(BACKUP, f"sqlite:///{source}", folder, "--keep", "0").returncode == 2

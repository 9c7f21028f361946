"""Fresh databases for tests, each a copy of one that the real migrations made.

Workers of one run share a folder: the first that needs a template makes it under a file lock, the
others copy it. Tests really commit, so each has a database of its own.
"""

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from tests.support import postgres

ROOT = Path(__file__).resolve().parents[2]
BACKENDS = ("sqlite", "postgresql")
TEMPLATE = "hotline_template"
# In a process of its own, so that no handle of it is left in a worker.
UPGRADE = "import sys; from hotline.db.migrate import upgrade; upgrade(sys.argv[1])"
CLUSTER_FILE = "postgres.json"


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest revision, as an administrator would."""
    done = subprocess.run(
        [sys.executable, "-c", UPGRADE, url],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise AssertionError(f"the migrations failed:\n{done.stdout}\n{done.stderr}")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the run's lock: one worker at a time makes what all share."""
    with (folder / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@dataclass(slots=True)
class Databases:
    """Makes databases. `shared` is the run's folder, `own` this worker's, `worker` its name."""

    shared: Path
    own: Path
    worker: str
    _numbers: Iterator[int] = field(default_factory=count)
    _cluster: postgres.Cluster | None = None

    def fresh(self, backend: str) -> str:
        """The address of a new database at the newest revision, empty of rows of people."""
        if backend == "sqlite":
            path = self._sqlite_path()
            shutil.copyfile(self._sqlite_template(), path)
            return f"sqlite:///{path}"
        with alone(self.shared):
            self._postgres_template()
        return self._create(f"TEMPLATE {TEMPLATE} STRATEGY file_copy")

    def empty(self, backend: str) -> str:
        """The address of a new database without a single table, for tests of the migrations."""
        if backend == "sqlite":
            return f"sqlite:///{self._sqlite_path()}"
        return self._create("TEMPLATE template0")

    def drop(self, url: str) -> None:
        """Remove a database made here; connections that a test left open are cut."""
        if url.startswith("sqlite"):
            path = Path(url.removeprefix("sqlite:///"))
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return
        name = url.split("@/", 1)[1].split("?", 1)[0]
        self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def cluster(self) -> postgres.Cluster:
        """The run's PostgreSQL, started by whoever asks first."""
        if self._cluster is None:
            with alone(self.shared):
                self._cluster = running(self.shared) or self._start()
        return self._cluster

    def _start(self) -> postgres.Cluster:
        cluster = postgres.start()
        record = {"binaries": str(cluster.binaries), "home": str(cluster.home)}
        (self.shared / CLUSTER_FILE).write_text(json.dumps(record))
        return cluster

    def _create(self, how: str) -> str:
        cluster = self.cluster()
        name = f"hotline_{self.worker}_{next(self._numbers)}"
        self._admin(f'CREATE DATABASE "{name}" {how}')
        return cluster.url(name)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.cluster().conninfo("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]  # names are made above

    def _postgres_template(self) -> None:
        made = self.shared / "postgres-template"
        if made.exists():
            return
        cluster = self._cluster or running(self.shared) or self._start()
        self._cluster = cluster
        self._admin(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
        self._admin(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        migrate(cluster.url(TEMPLATE))
        made.touch()

    def _sqlite_path(self) -> Path:
        return self.own / f"hotline-{next(self._numbers)}.db"

    def _sqlite_template(self) -> Path:
        path = self.shared / "template.db"
        with alone(self.shared):
            if not path.exists():
                draft = self.shared / "draft.db"
                draft.unlink(missing_ok=True)
                migrate(f"sqlite:///{draft}")
                connection = sqlite3.connect(draft)  # what is still in the log goes to the file
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.close()
                draft.rename(path)
        return path


def running(folder: Path) -> postgres.Cluster | None:
    """The cluster that some worker of this run has started, if any has."""
    record = folder / CLUSTER_FILE
    if not record.exists():
        return None
    found = json.loads(record.read_text())
    return postgres.Cluster(Path(found["binaries"]), Path(found["home"]))


def clear(folder: Path) -> None:
    """Stop the run's cluster and remove its folder."""
    cluster = running(folder)
    if cluster is not None:
        cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


def clear_abandoned(base: Path) -> None:
    """Clear what runs that were killed have left behind, so that no server stays up for ever."""
    for folder in base.glob("hotline-tests-*"):
        try:
            with (folder / "pid").open() as handle:
                pid = int(handle.read())
        except (OSError, ValueError):
            continue
        if folder.stat().st_uid == os.getuid() and not Path(f"/proc/{pid}").exists():
            clear(folder)

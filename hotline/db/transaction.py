"""The one place where a transaction opens and closes.

`Store.write(work)` runs `work(tx)` in a transaction of its own and returns what it returned once
the commit is durable. `work` is synchronous and touches nothing but `tx`: it may be run again.

* **SQLite**: one writer thread takes the works that are waiting, gives each a savepoint, commits
  them together and answers them after the commit (group commit: one flush for many turns). A work
  that raises undoes only itself.
* **PostgreSQL**: the calling thread does its own transaction; rows are locked by the repositories.
  A deadlock or serialisation failure is tried again.

Readers take `Store.read`, which never waits for the writer (WAL, MVCC).
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError

from hotline.db.prepared import plain

T = TypeVar("T")
Work = Callable[["Tx"], T]

_CACHE_KB = 65_536  # of a connection, taken only as it is needed
_MAPPED = 268_435_456  # bytes of the file read without copying
_GROUP = 64  # works a commit; a longer queue waits one more flush
_TRIES = 5
_PATIENCE_MS = 15_000  # how long SQLite waits for another process's lock
_PRIMARY = 0xFF  # SQLite's extended result codes carry the plain one in their lowest byte
_REFUSED_STATEMENT = {
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_RANGE,
}
_RETRY_CODES = {"40001", "40P01"}  # serialisation failure, deadlock


class DatabaseAway(Exception):
    """The database cannot be reached or written; nothing of the work was kept."""


class Tx:
    """A connection inside a transaction, and what shall happen after its commit."""

    __slots__ = ("after", "conn", "dialect")

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.dialect = conn.dialect.name
        self.after: list[Callable[[], None]] = []

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What raises inside is undone by itself; the rest of the transaction goes on."""
        plain(self.conn, "SAVEPOINT inner_work")
        waiting = len(self.after)
        try:
            yield
        except BaseException as error:
            if not self.is_broken(error):
                plain(self.conn, "ROLLBACK TO SAVEPOINT inner_work")
                plain(self.conn, "RELEASE SAVEPOINT inner_work")
            del self.after[waiting:]
            raise
        plain(self.conn, "RELEASE SAVEPOINT inner_work")

    @staticmethod
    def is_broken(error: BaseException) -> bool:
        """True when the error is the database's own trouble (gone, full, locked, deadlock): the
        whole transaction must be undone and tried again, nothing in it can be mended.

        A statement that SQLite refuses for what is in it is the trouble of its own work alone.
        """
        if not isinstance(error, DBAPIError):
            return False
        if error.connection_invalidated or _code(error) in _RETRY_CODES:
            return True
        refused = getattr(error.orig, "sqlite_errorcode", None)
        is_own = refused is not None and refused & _PRIMARY in _REFUSED_STATEMENT
        return isinstance(error, OperationalError) and not is_own

    def after_commit(self, hint: Callable[[], None]) -> None:
        """`hint` is called once the work is durable; it must be quick and must not fail."""
        self.after.append(hint)


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine with the settings that durability needs (WAL, FULL, foreign keys).

    Errors never quote the values of a statement: they would end in a log.
    """
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        _keep_to_owner(address.database)
        engine = sa.create_engine(
            address,
            connect_args={"timeout": 15, "check_same_thread": False, "isolation_level": None},
            pool_size=pool_size,
            max_overflow=20,
            hide_parameters=True,
        )
        sa.event.listen(engine, "connect", _sqlite_settings)
        return engine
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return sa.create_engine(
        address,
        connect_args=_postgres_settings(address),
        pool_size=pool_size,
        max_overflow=20,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _postgres_settings(address: sa.URL) -> dict[str, Any]:
    """A server that stopped answering is noticed in seconds, so that providers are told 503 and
    try again; what the address itself says goes first."""
    patient = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
        "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
    }
    return {name: value for name, value in patient.items() if name not in address.query}


def _keep_to_owner(name: str | None) -> None:
    """A new database file is its owner's alone; SQLite gives its log the same mode."""
    path = Path(name or ":memory:")
    if str(path) != ":memory:" and path.parent.is_dir() and not path.exists():
        path.touch(mode=0o600)


def _sqlite_settings(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_PATIENCE_MS}",
        "secure_delete=ON",
        # The pages that many turns of one group touch must fit: with the default of 2 MB they are
        # written out in the middle of a transaction and read again.
        f"cache_size=-{_CACHE_KB}",
        f"mmap_size={_MAPPED}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class Store:
    """Opens transactions on one database. Close it to let the writer finish."""

    def __init__(self, engine: Engine, *, threads: int = 4) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._pool = ThreadPoolExecutor(max_workers=max(2, threads), thread_name_prefix="db")
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._closed = False
        self.commits = 0
        self.works = 0
        if self.is_sqlite:
            self._writer = threading.Thread(target=self._write_loop, name="writer", daemon=True)
            self._writer.start()

    # ---------------------------------------------------------------- writing

    def write(self, work: Work[T]) -> T:
        """Runs `work` durably, blocking. Raises `DatabaseAway` or what `work` raised."""
        if self._closed:
            raise DatabaseAway("closed")
        if not self.is_sqlite:
            return self._write_here(work)
        future: Future[T] = Future()
        self._queue.put((work, future))
        return future.result()

    async def awrite(self, work: Work[T]) -> T:
        """`write` for the event loop."""
        if self._closed:
            raise DatabaseAway("closed")
        if self.is_sqlite:
            future: Future[T] = Future()
            self._queue.put((work, future))
            return await asyncio.wrap_future(future)
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: self._write_here(work)
        )

    def _write_here(self, work: Work[T]) -> T:
        for attempt in range(_TRIES):
            try:
                with self.engine.connect() as conn:
                    tx = Tx(conn)
                    with conn.begin():
                        result = work(tx)
                    self.commits += 1
                    self.works += 1
                _tell(tx.after)
            except OperationalError as error:
                if _code(error) in _RETRY_CODES and attempt + 1 < _TRIES:
                    continue
                raise DatabaseAway(type(error.orig).__name__) from error
            except DBAPIError as error:
                if _code(error) in _RETRY_CODES and attempt + 1 < _TRIES:
                    continue
                if error.connection_invalidated:
                    raise DatabaseAway(type(error.orig).__name__) from error
                raise
            else:
                return result
        raise DatabaseAway("too many conflicts")

    def _write_loop(self) -> None:
        stop = False
        while not stop:
            first = self._queue.get()
            batch: list[tuple[Work[Any], Future[Any]]] = []
            item = first
            while True:
                if item is None:
                    stop = True
                    break
                if item[1].set_running_or_notify_cancel():
                    batch.append(item)
                if len(batch) >= _GROUP:
                    break
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._write_group(batch)

    def _write_group(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        done: list[tuple[Future[Any], Any, list[Callable[[], None]]]] = []
        failed: list[tuple[Future[Any], BaseException]] = []
        try:
            with self.engine.connect() as conn:
                conn.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    for work, future in batch:
                        self._write_one(conn, work, future, done, failed)
                    conn.exec_driver_sql("COMMIT")
                except BaseException:
                    _undo(conn)
                    raise
        except Exception as error:  # noqa: BLE001 - every waiter must be answered
            reason = DatabaseAway(type(getattr(error, "orig", error)).__name__)
            reason.__cause__ = error
            for _, future in batch:
                future.set_exception(reason)
            return
        self.commits += 1
        self.works += len(done)
        for future, result, hints in done:
            future.set_result(result)
            _tell(hints)
        for future, problem in failed:
            future.set_exception(problem)

    @staticmethod
    def _write_one(
        conn: Connection,
        work: Work[Any],
        future: Future[Any],
        done: list[tuple[Future[Any], Any, list[Callable[[], None]]]],
        failed: list[tuple[Future[Any], BaseException]],
    ) -> None:
        plain(conn, "SAVEPOINT work")
        tx = Tx(conn)
        try:
            result = work(tx)
        except Exception as error:
            if Tx.is_broken(error):
                raise  # disk full, locked, gone: the whole group is undone and told so
            plain(conn, "ROLLBACK TO work")
            plain(conn, "RELEASE work")
            failed.append((future, error))
        else:
            plain(conn, "RELEASE work")
            done.append((future, result, tx.after))

    # ---------------------------------------------------------------- reading

    def read(self, work: Work[T]) -> T:
        """Runs `work` on a snapshot; it must not write. Raises `DatabaseAway`."""
        try:
            with self.engine.connect() as conn:
                if self.is_sqlite:
                    conn.exec_driver_sql("BEGIN")
                try:
                    return work(Tx(conn))
                finally:
                    if self.is_sqlite:
                        conn.exec_driver_sql("ROLLBACK")
        except OperationalError as error:
            raise DatabaseAway(type(error.orig).__name__) from error

    async def aread(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: self.read(work))

    # ---------------------------------------------------------------- forgetting

    def scrub(self) -> bool:
        """After keys were destroyed: empties SQLite's log, where their old pages still stand.

        False when readers were in the way; the next run does it. On PostgreSQL old row versions go
        with its own vacuum.
        """
        if not self.is_sqlite or self._closed:
            return True
        with self.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA busy_timeout=200")
            try:
                row = conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            finally:
                conn.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        return bool(row[0] == 0)

    async def ascrub(self) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.scrub)

    # ---------------------------------------------------------------- end

    def close(self) -> None:
        """Lets waiting works finish, then closes every connection."""
        if self._closed:
            return
        self._closed = True
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join(timeout=30)
        self._pool.shutdown(wait=True)
        self.engine.dispose()


def _tell(hints: list[Callable[[], None]]) -> None:
    """A hint is only a hint: one that fails must not end the writer, nor look like a lost work."""
    for hint in hints:
        with suppress(Exception):
            hint()


def _undo(conn: Connection) -> None:
    """Rolls back what is left of a group; a connection that died has nothing left."""
    try:
        conn.exec_driver_sql("ROLLBACK")
    except DBAPIError:
        conn.invalidate()


def _code(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)

"""The one place that commits: group commit, savepoints, and a database that is away."""

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hotline.db import statements
from hotline.db.models.key import DataKey
from hotline.db.models.message import Cursor, InboxRow
from hotline.db.transaction import DatabaseAway, Store, Tx, make_engine

NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def store(database_url: str):
    opened = Store(make_engine(database_url))
    yield opened
    opened.close()


@pytest.fixture
def sqlite(databases):
    url = databases.fresh("sqlite")
    opened = Store(make_engine(url))
    yield opened
    opened.close()
    databases.drop(url)


def put(tx: Tx, name: str, value: str = "1") -> None:
    statements.insert(tx, Cursor, {"name": name, "value": value})


def there(store: Store) -> dict[str, str]:
    query = sa.select(Cursor.name, Cursor.value)
    return store.read(lambda tx: {row[0]: row[1] for row in tx.conn.execute(query)})


def test_what_was_answered_is_there(store: Store) -> None:
    assert store.write(lambda tx: put(tx, "a") or 7) == 7
    assert there(store) == {"a": "1"}


def test_a_work_that_raises_undoes_itself_and_says_why(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(work)
    assert there(store) == {}


def test_hints_come_after_the_commit_and_only_then(store: Store) -> None:
    seen: list[dict[str, str]] = []
    told = threading.Event()

    def hint() -> None:
        seen.append(there(store))
        told.set()

    def work(tx: Tx) -> None:
        put(tx, "a")
        tx.after_commit(hint)
        assert seen == []

    store.write(work)
    assert told.wait(10)  # a hint may come a moment after the answer
    assert seen == [{"a": "1"}]

    def broken(tx: Tx) -> None:
        tx.after_commit(hint)
        raise LookupError

    with pytest.raises(LookupError):
        store.write(broken)
    store.write(lambda _: None)
    assert len(seen) == 1


def test_an_inner_savepoint_undoes_its_rows_and_its_hints(store: Store) -> None:
    seen: list[str] = []

    def work(tx: Tx) -> str:
        put(tx, "outer")
        tx.after_commit(lambda: seen.append("outer"))
        with suppress(KeyError), tx.savepoint():
            put(tx, "inner")
            tx.after_commit(lambda: seen.append("inner"))
            raise KeyError
        return "went on"

    assert store.write(work) == "went on"
    store.close()  # the writer has given its hints when it is gone
    assert seen == ["outer"]


def test_what_an_inner_savepoint_undid_is_not_there(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "outer")
        with suppress(KeyError), tx.savepoint():
            put(tx, "inner")
            raise KeyError

    store.write(work)
    assert there(store) == {"outer": "1"}


def test_a_savepoint_that_holds_keeps_both(store: Store) -> None:
    def work(tx: Tx) -> None:
        with tx.savepoint():
            put(tx, "inner")
        put(tx, "outer")

    store.write(work)
    assert there(store) == {"inner": "1", "outer": "1"}


def test_an_error_of_the_database_carries_no_values(store: Store) -> None:
    store.write(lambda tx: put(tx, "canary-name", "canary-value"))
    with pytest.raises(sa.exc.IntegrityError) as caught:
        store.write(lambda tx: put(tx, "canary-name", "canary-value-2"))
    assert "canary-value-2" not in str(caught.value)
    assert there(store) == {"canary-name": "canary-value"}


# ------------------------------------------------------------------ group commit (SQLite)


def test_works_that_wait_share_one_commit(sqlite: Store) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        begun.set()
        go.wait(10)
        put(tx, "slow")

    async def run() -> list[object]:
        first = asyncio.create_task(sqlite.awrite(slow))
        await asyncio.to_thread(begun.wait, 10)
        before = sqlite.commits
        others = [
            asyncio.create_task(sqlite.awrite(lambda tx, n=n: put(tx, f"n{n}"))) for n in range(10)
        ]

        def breaks(tx: Tx) -> None:
            put(tx, "broken")
            raise LookupError

        broken = asyncio.create_task(sqlite.awrite(breaks))
        await asyncio.sleep(0.05)
        go.set()
        done = await asyncio.gather(first, *others, broken, return_exceptions=True)
        assert sqlite.commits - before <= 2
        return done

    done = asyncio.run(run())
    assert isinstance(done[-1], LookupError)
    assert done[:-1] == [None] * 11
    assert set(there(sqlite)) == {"slow", *(f"n{n}" for n in range(10))}


def test_whoever_stops_waiting_takes_nothing_from_the_others(sqlite: Store) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        begun.set()
        go.wait(10)
        put(tx, "slow")

    async def run() -> None:
        first = asyncio.create_task(sqlite.awrite(slow))
        await asyncio.to_thread(begun.wait, 10)
        gone = asyncio.create_task(sqlite.awrite(lambda tx: put(tx, "gone")))
        stays = asyncio.create_task(sqlite.awrite(lambda tx: put(tx, "stays")))
        await asyncio.sleep(0.05)
        gone.cancel()
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(first, stays)

    asyncio.run(run())
    assert {"slow", "stays"} <= set(there(sqlite))


def test_a_full_disk_undoes_the_whole_group_and_tells_everybody(sqlite: Store) -> None:
    def full(tx: Tx) -> None:
        put(tx, "a")
        raise sa.exc.OperationalError("insert", None, Exception("disk full"))

    with pytest.raises(DatabaseAway):
        sqlite.write(full)
    assert there(sqlite) == {}
    sqlite.write(lambda tx: put(tx, "b"))  # the writer lives on
    assert there(sqlite) == {"b": "1"}


def test_settings_that_durability_needs_are_on(sqlite: Store) -> None:
    def pragma(name: str) -> object:
        return sqlite.read(lambda tx: tx.conn.exec_driver_sql(f"PRAGMA {name}").scalar())

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("foreign_keys") == 1
    assert pragma("secure_delete") == 1


# ------------------------------------------------------------------ away and closed


def test_after_closing_nothing_is_taken(store: Store) -> None:
    store.close()
    with pytest.raises(DatabaseAway):
        store.write(lambda tx: put(tx, "a"))
    with pytest.raises(DatabaseAway):
        asyncio.run(store.awrite(lambda tx: put(tx, "a")))
    store.close()  # twice is no mistake


def test_closing_lets_what_waits_finish(sqlite: Store) -> None:
    async def run() -> None:
        waiting = [
            asyncio.create_task(sqlite.awrite(lambda tx, n=n: put(tx, f"n{n}"))) for n in range(20)
        ]
        await asyncio.sleep(0)
        await asyncio.to_thread(sqlite.close)
        await asyncio.gather(*waiting)

    asyncio.run(run())
    assert len(there(sqlite)) == 20


def test_a_database_that_is_not_there_is_away() -> None:
    gone = Store(make_engine("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"))
    try:
        with pytest.raises(DatabaseAway) as caught:
            gone.write(lambda _: None)
        assert "127.0.0.1" not in str(caught.value)
        with pytest.raises(DatabaseAway):
            gone.read(lambda _: None)
    finally:
        gone.close()


# ------------------------------------------------------------------ prepared statements


def test_types_and_defaults_are_those_of_the_table(store: Store) -> None:
    row = {
        "id": "k" * 20, "owner_kind": "contact", "owner_id": "c" * 20, "retention": "R1",
        "created_at": NOW,
    }  # fmt: skip
    store.write(lambda tx: statements.insert(tx, DataKey, row))
    query = sa.select(DataKey.created_at, DataKey.destroyed_at, DataKey.owner_kind)
    assert store.read(lambda tx: statements.first(tx, query, {})) == (NOW, None, "contact")
    assert tuple(store.read(lambda tx: tx.conn.execute(query).one())) == (NOW, None, "contact")


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    row = {
        "id": "k" * 20, "owner_kind": "contact", "owner_id": "c" * 20, "retention": "R1",
        "created_at": NOW.replace(tzinfo=None),
    }  # fmt: skip
    with pytest.raises(ValueError, match="time zone"):
        store.write(lambda tx: statements.insert(tx, DataKey, row))


def test_a_new_row_is_told_from_a_repeat(store: Store) -> None:
    row = {
        "id": "i" * 20, "channel": "sms", "external_id": "e1", "kind": "receipt",
        "state": "handled", "received_at": NOW,
    }  # fmt: skip
    assert store.write(lambda tx: statements.insert_new(tx, InboxRow, row)) is True
    again = {**row, "id": "j" * 20}
    assert store.write(lambda tx: statements.insert_new(tx, InboxRow, again)) is False


def test_an_update_counts_its_rows(store: Store) -> None:
    store.write(lambda tx: put(tx, "a"))

    def change(name: str) -> int:
        return store.write(lambda tx: statements.update(tx, Cursor, {"name": name}, {"value": "2"}))

    assert change("a") == 1
    assert change("b") == 0
    assert there(store) == {"a": "2"}

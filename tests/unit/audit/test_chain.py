"""The chain names its first bad row, whatever was done to it."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from hotline.audit import rules, service
from hotline.audit.tags import TAGS
from hotline.core.actor import PERSON, SYSTEM, Actor
from hotline.db.transaction import Store, Tx, make_engine

NOW = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)
AIGUL = Actor("user", "u" * 20, role="OP")


MOVED = (
    "UPDATE audit SET at=(SELECT at FROM audit a WHERE a.chain='main' AND a.number=1) "
    "WHERE chain='main' AND number=4"
)


@pytest.fixture
def store(database_url: str):
    store = Store(make_engine(database_url))
    yield store
    store.close()


def note(tx: Tx, number: int, chain: str = "main") -> None:
    service.record(
        tx,
        tag="queue:lease:taken",
        actor=AIGUL if number % 2 else PERSON,
        object_kind="conversation",
        object_id=f"c{number}",
        now=NOW + timedelta(seconds=number),
        reason="next" if number % 3 else None,
        chain=chain,
    )


def fill(store: Store, count: int = 6) -> None:
    for chain in ("main", "s" * 20):
        for number in range(count):
            store.write(lambda tx, n=number, c=chain: note(tx, n, c))


def change(store: Store, sql: str) -> None:
    store.write(lambda tx: tx.conn.execute(sa.text(sql)))


def test_an_untouched_chain_verifies(store: Store) -> None:
    assert store.read(service.verify) is None
    fill(store)
    assert store.read(service.verify) is None
    assert {chain: head[0] for chain, head in store.read(service.heads).items()} == {
        "main": 6,
        "s" * 20: 6,
    }


@pytest.mark.parametrize(
    ("sql", "number", "problem"),
    [
        ("UPDATE audit SET actor='x' WHERE chain='main' AND number=3", 3, "record"),
        ("UPDATE audit SET role='AD' WHERE chain='main' AND number=2", 2, "record"),
        ("UPDATE audit SET reason='other' WHERE chain='main' AND number=5", 5, "record"),
        ("UPDATE audit SET reason='' WHERE chain='main' AND number=1", 1, "record"),
        (MOVED, 4, "record"),
        ("UPDATE audit SET hash='0' WHERE chain='main' AND number=4", 4, "hash"),
        ("UPDATE audit SET prev_hash='0' WHERE chain='main' AND number=4", 4, "link"),
        ("DELETE FROM audit WHERE chain='main' AND number=1", 2, "number"),
        ("DELETE FROM audit WHERE chain='main' AND number=4", 5, "number"),
        ("DELETE FROM audit WHERE chain='main' AND number=6", 6, "head"),
        ("DELETE FROM audit WHERE chain='main'", 1, "head"),
        ("DELETE FROM audit_heads WHERE chain='main'", 7, "head"),
    ],
)  # fmt: skip
def test_the_first_bad_row_is_named(store: Store, sql: str, number: int, problem: str) -> None:
    fill(store)
    change(store, sql)
    bad = store.read(service.verify)
    assert bad is not None
    assert (bad.chain, bad.number, bad.problem) == ("main", number, problem)


def test_a_row_made_up_anew_breaks_the_next_link(store: Store) -> None:
    """Whoever recomputes record and hash of one row still cannot make the next one fit."""
    fill(store)
    rows = store.read(lambda tx: service.latest(tx, limit=50))
    row = next(r for r in rows if r.link.chain == "main" and r.link.number == 3)
    link = rules.Link(**{**{f: getattr(row.link, f) for f in row.link.__slots__}, "actor": "x"})
    record = rules.canonical(link)
    store.write(
        lambda tx: tx.conn.execute(
            sa.text("UPDATE audit SET actor='x', record=:r, hash=:h WHERE seq=:s"),
            {"r": record, "h": rules.digest(record), "s": row.seq},
        )
    )
    bad = store.read(service.verify)
    assert bad is not None
    assert (bad.number, bad.problem) == (4, "link")


def test_many_at_once_do_not_fork_the_chain(store: Store) -> None:
    def work() -> None:
        for number in range(10):
            store.write(lambda tx, n=number: note(tx, n))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(service.verify) is None
    assert store.read(service.heads)["main"][0] == 40


def test_verifying_while_others_write_raises_no_alarm(store: Store) -> None:
    fill(store)
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.write(lambda tx, n=number: note(tx, n))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        found = [store.read(service.verify) for _ in range(30)]
    finally:
        stop.set()
        thread.join()
    assert found == [None] * 30


def test_an_undone_deed_leaves_no_row(store: Store) -> None:
    def work(tx: Tx) -> None:
        note(tx, 1)
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        store.write(work)
    store.write(lambda tx: note(tx, 2))
    assert store.read(service.verify) is None
    assert len(store.read(service.latest)) == 1


def test_only_listed_tags_and_codes_are_taken(store: Store) -> None:
    def with_(**changes: object):
        values = {
            "tag": "queue:lease:taken",
            "actor": SYSTEM,
            "object_kind": "x",
            "object_id": "y",
            "now": NOW,
            **changes,
        }
        return lambda tx: service.record(tx, **values)

    for wrong in ({"tag": "queue:lease:taked"}, {"reason": "she said: help"}, {"reason": "a" * 41}):
        with pytest.raises(ValueError, match=r"tag|reason"):
            store.write(with_(**wrong))
    assert all(tag.count(":") == 2 and meaning.endswith(".") for tag, meaning in TAGS.items())
    assert all(len(tag) <= 60 for tag in TAGS)


def test_different_rows_never_give_the_same_bytes() -> None:
    def link(**changes: object) -> rules.Link:
        values = {
            "chain": "main", "number": 1, "at": NOW, "actor": "a", "role": None, "tag": "t",
            "object_kind": "k", "object_id": "o", "reason": None, "result": "ok",
            "prev_hash": rules.START,
        }  # fmt: skip
        return rules.Link(**{**values, **changes})

    different = [
        link(), link(role=""), link(reason=""), link(actor="at", tag=""), link(actor="", tag="at"),
        link(object_kind="ko", object_id=""), link(at=NOW + timedelta(microseconds=1)),
    ]  # fmt: skip
    assert len({rules.canonical(one) for one in different}) == len(different)
    bishkek = NOW.astimezone(timezone(timedelta(hours=6)))
    assert rules.canonical(link(at=bishkek)) == rules.canonical(link())

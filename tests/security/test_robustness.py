"""One broken thing harms itself and nothing else."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hotline.channels.base import MediaRef
from hotline.conversation.flood import LIMITS, Flood
from hotline.conversation.service import desk, intake, media
from hotline.core.reading import Heard, Kind
from hotline.db.transaction import DatabaseAway, Store, Tx, make_engine
from hotline.jobs import catch_up
from tests.support.databases import Databases
from tests.support.world import START, World

LEASE = timedelta(seconds=60)


def rows(world: World, sql: str) -> list[Any]:
    return list(world.read(lambda tx: tx.conn.execute(sa.text(sql)).all()))


# ------------------------------------------------------------------------ one commit for many


def test_a_refused_statement_fails_alone_in_its_group(databases: Databases) -> None:
    """Sixty-three people must not be told to try again because of the sixty-fourth."""
    url = databases.fresh("sqlite")
    store = Store(make_engine(url))
    try:

        def good(tx: Tx) -> int:
            return int(tx.conn.exec_driver_sql("select 1").scalar_one())

        def bad(tx: Tx) -> None:
            tx.conn.exec_driver_sql("select * from there_is_no_such_table")

        def hint_fails(tx: Tx) -> int:
            tx.after_commit(lambda: 1 / 0)
            return 2

        futures: list[Any] = []
        gate = store._pool.submit(store.write, _slow)
        works = (good, bad, good, hint_fails, good)
        futures.extend(store._pool.submit(store.write, work) for work in works)
        gate.result(timeout=10)
        found: list[Any] = []
        for future in futures:
            try:
                found.append(future.result(timeout=10))
            except sa.exc.OperationalError as error:
                found.append(type(error.orig).__name__)
        assert found == [1, "OperationalError", 1, 2, 1]
        assert store.write(good) == 1, "the writer is still there"
    finally:
        store.close()
        databases.drop(url)


def _slow(tx: Tx) -> int:
    import time

    time.sleep(0.05)  # so that the others are waiting together
    return int(tx.conn.exec_driver_sql("select 3").scalar_one())


def test_a_full_disk_is_told_to_all_of_the_group(tmp_path: Path) -> None:
    path = tmp_path / "full.db"
    setup = sqlite3.connect(path)
    setup.execute("create table t (x text)")
    setup.commit()
    setup.close()
    store = Store(make_engine(f"sqlite:///{path}"))
    try:

        def fills(tx: Tx) -> None:
            tx.conn.exec_driver_sql("pragma max_page_count=3")
            for _ in range(200):
                tx.conn.exec_driver_sql("insert into t values (hex(zeroblob(4000)))")

        with pytest.raises(DatabaseAway):
            store.write(fills)
    finally:
        store.close()


# ------------------------------------------------------------------------ poison


async def test_a_file_that_cannot_be_fetched_does_not_stand_before_all_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = world.phone()
    for n in range(6):
        ref = MediaRef(f"f{n}", "photo", "image/jpeg", 10)
        await phone.deliver(phone.inbound(Heard(Kind.PHOTO), media=(ref,)))
    channel = world.app.channels["telegram"]

    async def fetch(wanted: MediaRef, *, limit: int) -> bytes:
        if wanted.ref != "f5":
            raise RuntimeError("the library is surprised")
        return b"\xff\xd8\xff" + bytes(limit and 10)

    monkeypatch.setattr(channel, "fetch", fetch)
    for _ in range(8):
        await media.fetch_wanted(
            world.app.store, world.app.mind, world.app.channels, now=world.clock()
        )
    states = [r[0] for r in rows(world, "select state from attachments order by created_at")]
    assert sorted(states) == ["failed"] * 5 + ["kept"]


async def test_a_broken_session_keeps_nobody_from_being_helped(world: World) -> None:
    """The first in the queue cannot be opened: taking, and losing the lease, must still work."""
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    await phone.says("оператор")
    world.write(lambda tx: tx.conn.execute(sa.text("update sessions set state = :x"), {"x": b"1"}))
    actor = world.operator()

    def take(tx: Tx) -> str | None:
        return desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)

    assert world.write(take) is not None
    world.clock.on(minutes=2)
    await world.tick()
    assert rows(world, "select state from conversations")[0][0] == "WAITING"


async def test_polling_goes_on_past_what_can_never_be_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_: float) -> None:
        return

    monkeypatch.setattr(catch_up.asyncio, "sleep", at_once)
    phone = world.phone()
    first = phone.inbound(Heard(Kind.TEXT, "первое"), external_id="1")
    second = phone.inbound(Heard(Kind.TEXT, "второе"), external_id="2")
    taken: list[str] = []

    class Channel:
        name = "telegram"

        async def poll(self, offset: int | None) -> Any:
            if offset is None:
                return (first, second), 3
            raise asyncio.CancelledError

    async def take(_: Any, delivery: Any) -> None:
        if delivery.external_id == "1":
            raise RuntimeError("never")
        taken.append(delivery.external_id)

    with pytest.raises(asyncio.CancelledError):
        await catch_up.poll_forever(world.app.store, Channel(), take)  # type: ignore[arg-type]
    assert taken == ["2"]


async def test_one_line_of_the_log_that_fails_does_not_hide_those_behind_it(world: World) -> None:
    phone = world.phone("+996700000001", "sms")
    messages = tuple(phone.inbound(Heard(Kind.TEXT, "x"), external_id=f"SM{n}") for n in range(3))

    class Channel:
        name = "sms"

        async def list_inbound(self, since: Any) -> Any:
            assert since
            return messages

    taken: list[str] = []

    async def take(_: Any, delivery: Any) -> None:
        if delivery.external_id == "SM0":
            raise RuntimeError("never")
        taken.append(delivery.external_id)

    await catch_up.read_log(world.app.store, Channel(), take, now=world.clock())  # type: ignore[arg-type]
    assert taken == ["SM1", "SM2"]
    assert rows(world, "select count(*) from cursors")[0][0] == 0, "the next run looks again"


@pytest.mark.parametrize(
    "text",
    ["а" * 10_000, "\u202e\u202dпривет\u2066", "x\x00y\x1b[2J", "👩‍👧‍👦" * 700, " " * 300, "/" * 4096,
     "=1+1", "<script>alert(1)</script>", "%s %d {0} {name} ${x}", "0" * 4096, "-1", "٣", "①"],
)  # fmt: skip
async def test_no_text_breaks_a_turn(world: World, text: str) -> None:
    from hotline.channels.cleaning import clean

    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says(clean(text) or "?")
    await phone.says("да")
    await phone.says(clean(text) or "?")
    assert rows(world, "select count(*) from inbox where state <> 'handled'")[0][0] == 0
    assert len(phone.heard) >= 2


# ------------------------------------------------------------------------ floods


def test_a_flood_is_answered_up_to_a_limit_and_then_again() -> None:
    flood = Flood()
    span, most = LIMITS[0]
    assert sum(flood.allows("a", now=START) for _ in range(2 * most)) == most
    assert flood.allows("b", now=START), "others do not suffer"
    assert flood.allows("a", now=START + span)


async def test_a_flood_is_kept_and_seen_and_danger_in_it_is_heard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.conversation.flood.LIMITS", ((timedelta(minutes=1), 5),))
    phone = world.phone()
    for n in range(12):
        await phone.says(f"алло {n}", wait=False)
    await phone.says("помогите, меня бьют и заперли", wait=False)
    await world.send_all()
    assert len(phone.heard) <= 5
    assert rows(world, "select count(*) from messages where author = 'person'")[0][0] == 13
    assert rows(world, "select klass from conversations")[0][0] == "P0"
    assert ("flood",) in rows(world, "select kind from tasks")


# ------------------------------------------------------------------------ hands


async def test_nobody_is_introduced_before_it_is_known_who_reads(world: World) -> None:
    """After the safe word somebody writes "who is this?": the alias must not be shown to him."""
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    await phone.deliver(phone.inbound(Heard(Kind.TEXT, "меня бьют, кто-то читает мой телефон")))
    world.clock.on(minutes=3)
    await phone.says("кто это")
    actor = world.operator(name="Айжамал")
    world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )
    await world.send_all()
    assert "Айжамал" not in phone.text


async def test_a_message_whose_body_is_gone_does_not_make_us_deaf(world: World) -> None:
    phone = world.phone()
    message = phone.inbound(Heard(Kind.TEXT, "первое"))
    world.write(lambda tx: intake.take_in(tx, world.app.mind, message, now=world.clock()))
    world.write(lambda tx: tx.conn.execute(sa.text("update inbox set body = null")))
    await phone.says("здравствуйте")
    await world.tick()
    await phone.says("да")
    assert len(phone.heard) >= 2

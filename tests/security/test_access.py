"""Whose object is it? Every service function is tried by somebody who must not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hotline.audit import service as audit
from hotline.conversation.service import board, casework, desk, history, repair
from hotline.core.actor import PERSON, SYSTEM, Actor
from hotline.core.errors import Conflict, HotlineError, Invalid, NotFound, Refused
from hotline.core.reading import Heard, Kind
from hotline.db.transaction import Tx
from tests.support.world import World

LEASE = timedelta(seconds=60)
SECRET = "меня зовут Айымжан"


def rows(world: World, sql: str) -> list[Any]:
    return list(world.read(lambda tx: tx.conn.execute(sa.text(sql)).all()))


async def held(world: World) -> tuple[str, Actor, str, str]:
    """A conversation with a case, its holder, an edited line and a file of it."""
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    await phone.deliver(phone.inbound(Heard(Kind.TEXT, SECRET), external_id="m1"))
    await phone.deliver(phone.inbound(Heard(Kind.EDIT, "ничего"), edit_of="m1"))
    await phone.says("оператор")
    actor = world.operator()
    talk = world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )
    message = rows(world, "select message_id from message_versions")[0][0]
    return talk, actor, message, rows(world, "select id from cases")[0][0]


Try = Callable[[World, Tx, Actor, str, str], Any]

TRIES: dict[str, Try] = {
    "talk": lambda w, tx, a, talk, _: history.talk(tx, w.app.mind, a, talk, now=w.clock()),
    "talk, live": lambda w, tx, a, talk, _: history.talk(
        tx, w.app.mind, a, talk, now=w.clock(), after=1
    ),
    "file": lambda w, tx, a, talk, m: history.file(tx, w.app.mind, a, talk, m, now=w.clock()),
    "versions": lambda w, tx, a, talk, m: history.versions(tx, w.app.mind, a, talk, m),
    "draft": lambda w, tx, a, talk, _: desk.draft(tx, w.app.mind, a, talk, now=w.clock()),
    "save_draft": lambda w, tx, a, talk, _: desk.save_draft(
        tx, w.app.mind, a, talk, "x", now=w.clock()
    ),
    "reply": lambda w, tx, a, talk, _: desk.reply(
        tx, w.app.mind, a, talk, "x", now=w.clock(), lease=LEASE
    ),
    "heartbeat": lambda w, tx, a, talk, _: desk.heartbeat(tx, a, talk, now=w.clock(), lease=LEASE),
    "hand_back": lambda w, tx, a, talk, _: desk.hand_back(
        tx, w.app.mind, a, talk, "", now=w.clock()
    ),
    "release": lambda w, tx, a, talk, _: desk.release(tx, w.app.mind, a, talk, now=w.clock()),
    "callback": lambda w, tx, a, talk, _: desk.schedule_callback(
        tx, w.app.mind, a, talk, w.clock() + timedelta(hours=1), now=w.clock()
    ),
    "close": lambda w, tx, a, talk, _: desk.close(
        tx, w.app.mind, a, talk, "other", now=w.clock()
    ),
    "panel": lambda w, tx, a, talk, _: casework.panel(tx, w.app.mind, a, talk),
    "note": lambda w, tx, a, talk, _: casework.note(tx, w.app.mind, a, talk, "x", now=w.clock()),
    "case_of": lambda _, tx, a, talk, __: casework.case_of(tx, a, talk),
    "level": lambda w, tx, a, talk, _: casework.override_level(
        tx, w.app.mind, a, talk, "HIGH", reason="x", now=w.clock()
    ),
    "anonymity": lambda w, tx, a, talk, _: casework.set_anonymity(
        tx, w.app.mind, a, talk, "share", now=w.clock()
    ),
    "class": lambda w, tx, a, talk, _: casework.change_class(
        tx, w.app.mind, a, talk, "P3", reason="x", expected=1, now=w.clock()
    ),
}  # fmt: skip


def strangers(world: World) -> dict[str, Actor]:
    return {
        "another operator": world.operator("other"),
        "a supervisor without a reason": world.operator("boss", "SO", site_id="s" * 20),
        "a coordinator": world.operator("coord", "CO"),
        "a partner": world.operator("ngo", "NG", partner_id="p" * 20),
        "an auditor": world.operator("audit", "AU"),
        "an administrator": world.operator("admin", "AD"),
        "an editor": world.operator("editor", "CE"),
        "the machine": SYSTEM,
        "a person": PERSON,
    }


async def test_nobody_but_the_holder_gets_anything(world: World) -> None:
    talk, _, message, _ = await held(world)
    open_doors = []
    for who, actor in strangers(world).items():
        for what, attempt in TRIES.items():
            if (what, actor.role) == ("class", "SO"):
                continue  # a supervisor may lower a class with a reason (operations.md 8.1)
            try:
                world.write(lambda tx, a=actor, t=attempt: t(world, tx, a, talk, message))
            except (Refused, Conflict, NotFound):
                continue
            open_doors.append(f"{who}: {what}")
    assert open_doors == []
    changed = rows(world, "select state, lease_until from conversations")[0]
    assert changed[0] == "HUMAN"
    assert rows(world, "select count(*) from drafts")[0][0] == 0
    assert rows(world, "select count(*) from notes")[0][0] == 0


async def test_the_holder_of_yesterday_gets_nothing_today(world: World) -> None:
    talk, actor, message, _ = await held(world)
    world.clock.on(minutes=2)
    await world.tick()
    for what, attempt in TRIES.items():
        with pytest.raises((Refused, Conflict, NotFound)):
            world.write(lambda tx, t=attempt: t(world, tx, actor, talk, message))
        assert what


async def test_a_supervisor_of_another_site_reads_nothing_even_with_a_reason(world: World) -> None:
    talk, _, _, _ = await held(world)
    world.write(
        lambda tx: tx.conn.execute(
            sa.text("update conversations set site_id = :s"), {"s": "a" * 20}
        )
    )
    boss = world.operator("boss", "SO", site_id="b" * 20)
    with pytest.raises(Refused):
        world.write(
            lambda tx: history.talk(
                tx, world.app.mind, boss, talk, now=world.clock(), reason="safety"
            )
        )
    wall = world.read(lambda tx: board.wall(tx, boss))
    assert [row for row in wall.waiting if row.conversation_id == talk] == []


@pytest.mark.parametrize("reason", ["она сказала: " + SECRET, "a b", "x" * 41, "$"])
async def test_a_reason_that_is_no_code_never_enters_the_audit(world: World, reason: str) -> None:
    talk, _, _, _ = await held(world)
    boss = world.operator("boss", "SO")
    with pytest.raises((ValueError, HotlineError)):
        world.write(
            lambda tx: history.talk(
                tx, world.app.mind, boss, talk, now=world.clock(), reason=reason
            )
        )
    assert rows(world, "select count(*) from audit where reason like '%казала%'")[0][0] == 0


async def test_tasks_of_a_higher_role_are_not_done_by_operators(world: World) -> None:
    await held(world)
    from hotline.cases.tasks import repository as tasks

    task = world.write(
        lambda tx: tasks.add(
            tx, "silent_alarm", subject=("conversation", "x"), now=world.clock(), role="SO"
        )
    )
    with pytest.raises(NotFound):
        world.write(lambda tx: repair.done(tx, world.operator(), task, now=world.clock()))


async def test_every_deed_leaves_its_row_and_no_words(world: World) -> None:
    """What is written in the same transaction is there exactly when the deed is."""
    talk, actor, _, _ = await held(world)
    mind = world.app.mind
    deeds: list[tuple[str, Callable[[Tx], Any]]] = [
        ("case:conversation:opened",
         lambda tx: history.talk(tx, mind, actor, talk, now=world.clock())),
        ("case:reply:queued",
         lambda tx: desk.reply(tx, mind, actor, talk, SECRET, now=world.clock(), lease=LEASE)),
        ("case:note:added",
         lambda tx: casework.note(tx, mind, actor, talk, SECRET, now=world.clock())),
        ("case:level:overridden",
         lambda tx: casework.override_level(
             tx, mind, actor, talk, "HIGH", reason=SECRET, now=world.clock())),
        ("case:facts:changed",
         lambda tx: casework.set_anonymity(tx, mind, actor, talk, "line_only", now=world.clock())),
        ("case:callback:set",
         lambda tx: desk.schedule_callback(
             tx, mind, actor, talk, world.clock() + timedelta(hours=1), now=world.clock())),
    ]  # fmt: skip
    for tag, deed in deeds:
        before = rows(world, f"select count(*) from audit where tag = '{tag}'")[0][0]  # noqa: S608
        world.write(deed)
        after = rows(world, f"select count(*) from audit where tag = '{tag}'")[0][0]  # noqa: S608
        assert after == before + 1, tag
    for row in rows(world, "select * from audit"):
        for value in row:
            raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            assert "Айымжан".encode() not in raw
    assert world.read(audit.verify) is None


async def test_a_call_back_at_the_end_of_time_is_a_mistype(world: World) -> None:
    talk, actor, _, _ = await held(world)
    for far in (timedelta(days=61), timedelta(days=365 * 900)):
        with pytest.raises(Invalid):
            world.write(
                lambda tx, f=far: desk.schedule_callback(
                    tx, world.app.mind, actor, talk, world.clock() + f, now=world.clock()
                )
            )

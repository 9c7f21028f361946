"""WHO HAS MY DATA and DELETE MY DATA: for her, not for whoever holds her phone."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from hotline.conversation.service import casework, desk, history, intake, turn
from hotline.core.errors import NotFound, Refused
from hotline.core.reading import Heard, Kind
from tests.support.world import Phone, World

LEASE = timedelta(seconds=60)
SECRET = "они держат меня на складе"


def rows(world: World, sql: str) -> list[Any]:
    return list(world.read(lambda tx: tx.conn.execute(sa.text(sql)).all()))


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has received something about her."""
    named = SimpleNamespace(code="one", name={"ru": "Приют Айым"}, groups=("contact",), since=None)
    monkeypatch.setattr(turn.referrals, "recipients", lambda *_, **__: (named,))


async def begun(world: World) -> Phone:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    return phone


@pytest.mark.usefixtures("helped")
async def test_she_is_told_who_has_her_data_while_she_is_alone(world: World) -> None:
    phone = await begun(world)
    await phone.says("у кого мои данные")
    assert "Приют Айым" in phone.text


@pytest.mark.usefixtures("helped")
@pytest.mark.parametrize("after", ["later", "hidden", "asked_again", "unsafe", "first"])
async def test_whoever_picks_up_the_phone_is_told_no_names(world: World, after: str) -> None:
    if after == "first":
        phone = world.phone()
    else:
        phone = await begun(world)
    if after == "later":
        world.clock.on(hours=2)
    elif after == "hidden":
        await phone.says("0")
    elif after == "asked_again":
        world.clock.on(hours=2)
        await phone.says("привет")  # safety is asked again and not answered
    elif after == "unsafe":
        world.clock.on(hours=2)
        await phone.says("привет")
        await phone.says("нет")
    await phone.says("у кого мои данные")
    await world.tick()
    assert "Приют" not in phone.text
    assert "Айым" not in phone.text


async def with_case(world: World) -> tuple[Phone, str, Any]:
    phone = await begun(world)
    await phone.says(SECRET)
    await phone.says("оператор")
    actor = world.operator()
    talk = world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )
    world.write(
        lambda tx: casework.note(
            tx, world.app.mind, actor, talk, "заметка о ней", now=world.clock()
        )
    )
    return phone, talk, actor


async def asks_for_deletion(phone: Phone) -> None:
    await phone.says("удалить мои данные")
    if phone.buttons().get("y"):
        await phone.presses("y")
    else:
        await phone.says("да")


async def test_what_she_wants_deleted_is_hidden_at_once(world: World) -> None:
    phone, talk, actor = await with_case(world)
    mind = world.app.mind

    def seen() -> history.Talk:
        return world.write(lambda tx: history.talk(tx, mind, actor, talk, now=world.clock()))

    assert any(SECRET in line.text for line in seen().lines)
    await asks_for_deletion(phone)
    assert rows(world, "select count(*) from timers where kind = 'shred' and state = 'set'")[0][0]
    now_seen = seen()
    assert now_seen.destroyed_at is not None
    assert not any(SECRET in line.text for line in now_seen.lines)
    shown = world.read(lambda tx: casework.panel(tx, mind, actor, talk))
    assert shown is not None
    assert shown.notes == ()
    assert shown.screenings == ()
    world.clock.on(minutes=1)
    await phone.says("мне нужна помощь сейчас")
    assert any("помощь сейчас" in line.text for line in seen().lines), "she may go on writing"


async def test_after_a_day_nothing_can_be_opened_by_anybody(world: World) -> None:
    phone, talk, actor = await with_case(world)
    await asks_for_deletion(phone)
    world.clock.on(hours=24, minutes=1)
    await world.tick()
    assert rows(world, "select count(*) from key_wraps")[0][0] == 0
    for table in ("messages", "message_versions", "attachments", "drafts", "sessions", "notes",
                  "judgements", "assessments", "outbox"):  # fmt: skip
        assert rows(world, f"select count(*) from {table}")[0][0] == 0, table  # noqa: S608
    assert rows(world, "select count(*) from inbox where body is not null")[0][0] == 0
    assert rows(world, "select facts from cases")[0][0] is None
    with pytest.raises((NotFound, Refused)):
        world.write(lambda tx: history.talk(tx, world.app.mind, actor, talk, now=world.clock()))
    before = len(phone.heard)
    await phone.says("здравствуйте")
    assert len(phone.heard) == before + 1
    assert rows(world, "select count(*) from contacts")[0][0] == 2, "the phone begins anew"


async def test_the_law_stops_it(world: World) -> None:
    phone, talk, actor = await with_case(world)
    world.write(lambda tx: tx.conn.execute(sa.text("update cases set legal_hold = true")))
    await asks_for_deletion(phone)
    world.clock.on(hours=24, minutes=1)
    await world.tick()
    assert rows(world, "select count(*) from key_wraps")[0][0] >= 2
    assert rows(world, "select count(*) from messages")[0][0] > 0
    await phone.says("оператор")
    mind = world.app.mind
    world.write(lambda tx: desk.take_next(tx, mind, actor, now=world.clock(), lease=LEASE))
    shown = world.write(lambda tx: history.talk(tx, mind, actor, talk, now=world.clock()))
    assert not any(SECRET in line.text for line in shown.lines), "kept, and still hidden"


async def test_a_message_that_was_not_read_yet_is_read_before_all_is_destroyed(
    world: World,
) -> None:
    phone = await begun(world)
    await asks_for_deletion(phone)
    world.clock.on(hours=24, minutes=1)
    late = phone.inbound(Heard(Kind.TEXT, "помогите, меня бьют и заперли"))
    world.write(lambda tx: intake.take_in(tx, world.app.mind, late, now=world.clock()))
    from hotline.jobs import timers

    await timers.run_due(world.app.store, world.app.mind, world.app.channels, world.clock)
    await timers.sweep(world.app.store, world.app.mind, world.clock)
    world.clock.on(seconds=11)
    await timers.sweep(world.app.store, world.app.mind, world.clock)
    assert rows(world, "select klass from conversations")[0][0] == "P0"


# ------------------------------------------------------------------------ whose line is it


async def test_an_earlier_version_is_shown_through_its_own_conversation_only(world: World) -> None:
    hers = await begun(world)
    await hers.deliver(hers.inbound(Heard(Kind.TEXT, "сколько стоит патент"), external_id="m1"))
    await hers.deliver(hers.inbound(Heard(Kind.EDIT, "ничего"), edit_of="m1"))
    message_id = rows(world, "select message_id from message_versions")[0][0]
    other = world.phone("2002")
    await other.says("здравствуйте")
    await other.says("да")
    await other.says("оператор")
    actor = world.operator()
    talk = world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )
    seen = world.read(lambda tx: history.versions(tx, world.app.mind, actor, talk, message_id))
    assert seen == ()

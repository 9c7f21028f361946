"""After STOP, HIDE, the safe word or a silent alarm nothing more arrives, by whatever path."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hotline.channels.base import Blocked, Sent, TimedOut, Unreachable
from hotline.conversation.service import desk, plainly, turn
from hotline.core.errors import Conflict
from hotline.core.reading import Heard, Kind
from hotline.flow.events import Said
from hotline.outbox import repository, rules, service as outbox
from tests.support.world import Phone, World

LEASE = timedelta(seconds=60)


def rows(world: World, sql: str) -> list[Any]:
    return world.read(lambda tx: tx.conn.execute(sa.text(sql)).all())


def conversation(world: World) -> str:
    return str(rows(world, "select id from conversations")[0][0])


async def begun(world: World) -> Phone:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    return phone


async def with_operator(world: World) -> tuple[Phone, str, Any]:
    phone = await begun(world)
    await phone.says("оператор")
    actor = world.operator()
    world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )
    await world.send_all()
    return phone, conversation(world), actor


def say(world: World, talk: str, actor: Any, text: str) -> None:
    world.write(
        lambda tx: desk.reply(tx, world.app.mind, actor, talk, text, now=world.clock(), lease=LEASE)
    )


@pytest.mark.parametrize("word", ["стоп", "0"])
async def test_a_line_claimed_before_she_asked_for_silence_does_not_leave(
    world: World, word: str
) -> None:
    """The sender claims, STOP is committed, only then the provider would be asked."""
    phone, talk, actor = await with_operator(world)
    say(world, talk, actor, "приют ждёт вас")
    sender = world.app.sender()
    claimed = world.write(
        lambda tx: repository.claim(
            tx, owner=sender.owner, now=world.clock(), lease=sender.lease, limit=20
        )
    )
    assert len(claimed) == 1
    await phone.says(word, wait=False)
    await sender._one(claimed[0])
    await world.send_all()
    assert "приют" not in phone.text
    states = rows(world, "select state from outbox where kind = 'operator'")
    assert [s[0] for s in states] == ["withdrawn"]


async def test_a_failed_send_is_not_tried_again_once_she_is_back(world: World) -> None:
    """Before, a line that was being sent at STOP came back as `new` and left when she wrote."""
    phone, talk, actor = await with_operator(world)
    say(world, talk, actor, "приют ждёт вас")
    channel = world.app.channels["telegram"]
    real = channel.send

    async def slow(*_: Any, **__: Any) -> Sent:
        channel.send = real  # type: ignore[method-assign]
        await phone.says("стоп", wait=False)
        raise TimedOut("no_answer")

    channel.send = slow  # type: ignore[method-assign,assignment]
    await world.app.sender().run_once()
    world.clock.on(minutes=1)
    await phone.says("я снова здесь")
    world.clock.on(minutes=1)
    await world.send_all()
    assert "приют" not in phone.text


async def test_the_second_part_of_a_long_line_stays_here(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, talk, actor = await with_operator(world)
    say(world, talk, actor, "один два")
    sender = world.app.sender()
    real = sender.render

    def in_two(said: Any, **more: Any) -> Any:
        made = real(said, **more)
        from dataclasses import replace

        return replace(made, parts=("часть один", "часть два")) if isinstance(said, str) else made

    object.__setattr__(sender, "render", in_two)
    channel = world.app.channels["telegram"]
    real_send = channel.send

    async def send(address: str, message: Any, *, skip: int = 0) -> Sent:
        sent = await real_send(address, message, skip=skip)
        if "часть один" in phone.text and "часть два" not in phone.text:
            await phone.says("0", wait=False)
        return sent

    monkeypatch.setattr(channel, "send", send)
    await sender.run_once()
    assert "часть один" in phone.text
    assert "часть два" not in phone.text
    await world.tick()
    taken_back = {pid for _, ids in world.deleted for pid in ids}
    kept = rows(world, "select provider_ids, parts_sent from outbox where kind = 'operator'")[0]
    assert kept[1] == 1
    assert taken_back, "the part that left is deleted with the others"
    assert any(pid in str(kept[0]) for pid in taken_back)


async def test_a_line_that_arrives_while_she_hides_is_deleted_a_little_later(world: World) -> None:
    phone, talk, actor = await with_operator(world)
    say(world, talk, actor, "приют ждёт вас")
    channel = world.app.channels["telegram"]
    real = channel.send

    async def crossing(address: str, message: Any, *, skip: int = 0) -> Sent:
        """She hides while the provider is already delivering."""
        channel.send = real  # type: ignore[method-assign]
        await phone.says("0", wait=False)
        from hotline.jobs import timers

        await timers.run_due(world.app.store, world.app.mind, world.app.channels, world.clock)
        return await real(address, message, skip=skip)

    channel.send = crossing  # type: ignore[method-assign,assignment]
    await world.app.sender().run_once()
    row = rows(world, "select state, provider_ids from outbox where kind = 'operator'")[0]
    assert row[0] == "sent", "the truth is written down"
    before = {pid for _, ids in world.deleted for pid in ids}
    assert not any(pid in str(row[1]) for pid in before)
    world.clock.on(minutes=3)
    await world.tick()
    after = {pid for _, ids in world.deleted for pid in ids}
    assert any(pid in str(row[1]) for pid in after)


async def test_deleting_after_hide_is_tried_again_while_telegram_is_out_of_reach(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await begun(world)
    channel = world.app.channels["telegram"]
    answers = [0, 0]
    real = channel.delete

    async def delete(address: str, ids: tuple[str, ...]) -> int:
        return answers.pop() if answers else await real(address, ids)

    monkeypatch.setattr(channel, "delete", delete)
    await phone.says("0")
    await world.tick()
    assert rows(world, "select count(*) from outbox where deleted_at is not null")[0][0] == 0
    for _ in range(5):
        world.clock.on(seconds=61)
        await world.tick()
    assert rows(world, "select count(*) from outbox where deleted_at is not null")[0][0] > 0
    assert world.deleted


async def test_the_neutral_line_of_a_quick_exit_comes_at_once_or_never(world: World) -> None:
    phone = await begun(world)
    heard = len(phone.heard)
    world.refusal = lambda _: Unreachable("x")
    await phone.says("0")
    world.refusal = lambda _: None
    world.clock.on(minutes=2)
    await world.tick()
    assert len(phone.heard) == heard


async def test_news_are_not_told_between_an_agreed_call_back_and_its_time(world: World) -> None:
    phone, talk, actor = await with_operator(world)
    at = world.clock() + timedelta(hours=20)
    world.write(
        lambda tx: desk.schedule_callback(tx, world.app.mind, actor, talk, at, now=world.clock())
    )
    await world.send_all()
    heard = len(phone.heard)
    for hours in (1, 8, 10):
        world.clock.on(hours=hours)
        world.write(
            lambda tx: outbox.enqueue_said(
                tx, world.app.keys, talk, Said("news.sent.tell", neutral=True),
                now=world.clock(),
            )
        )  # fmt: skip
        await world.tick()
        assert len(phone.heard) == heard, "she agreed to one hour, not to all hours before it"


async def test_a_thank_you_does_not_cancel_the_call_back_she_agreed_to(world: World) -> None:
    phone, talk, actor = await with_operator(world)
    at = world.clock() + timedelta(hours=3)
    world.write(
        lambda tx: desk.schedule_callback(tx, world.app.mind, actor, talk, at, now=world.clock())
    )
    await phone.says("спасибо")
    world.clock.on(hours=3, seconds=2)
    await world.tick()
    assert rows(world, "select state, klass from conversations")[0] == ("WAITING", "P2")


async def test_stop_cancels_the_call_back(world: World) -> None:
    phone, talk, actor = await with_operator(world)
    at = world.clock() + timedelta(hours=3)
    world.write(
        lambda tx: desk.schedule_callback(tx, world.app.mind, actor, talk, at, now=world.clock())
    )
    await phone.says("стоп")
    heard = len(phone.heard)
    world.clock.on(hours=3, seconds=2)
    await world.tick()
    assert len(phone.heard) == heard
    assert rows(world, "select state from conversations")[0][0] == "QUIET"


async def test_a_phone_that_was_taken_and_blocked_keeps_its_silent_alarm(world: World) -> None:
    """Whoever took the phone after the safe word blocks us: the alarm must not vanish."""
    phone = await begun(world)
    await phone.deliver(phone.inbound(Heard(Kind.TEXT, "меня бьют, кто-то читает мой телефон")))
    before = rows(world, "select state, klass, silent from conversations")[0]
    assert (before[0], before[1], bool(before[2])) == ("WAITING", "P0", True)
    await world.app.receive(
        world.app.channels["telegram"], Blocked("telegram", "b1", phone.address, True)
    )
    after = rows(world, "select state, klass, silent from conversations")[0]
    assert (after[0], after[1], bool(after[2])) == ("WAITING", "P0", True)
    taken = world.write(
        lambda tx: desk.take_next(
            tx, world.app.mind, world.operator(), now=world.clock(), lease=LEASE
        )
    )
    assert taken is not None


async def test_whoever_picks_up_the_phone_is_not_handed_what_waited_for_her(world: World) -> None:
    """News that name a shelter, and a counsellor's late words, wait until it is known who reads."""
    phone, talk, actor = await with_operator(world)
    world.clock.on(minutes=20)
    say(world, talk, actor, "приют ждёт вас")
    await world.send_all()
    world.write(lambda tx: desk.hand_back(tx, world.app.mind, actor, talk, "", now=world.clock()))
    said = Said("news.accepted.tell", args={"partner": "Приют Айым"})
    world.write(
        lambda tx: outbox.enqueue_said(
            tx, world.app.keys, talk, said, now=world.clock(), kind=rules.Kind.NEWS
        )
    )
    world.clock.on(hours=2)
    await phone.says("кто это")
    assert "риют" not in phone.text
    late = Said("news.accepted.tell", args={"partner": "Приют Айым"})
    world.write(
        lambda tx: outbox.enqueue_said(
            tx, world.app.keys, talk, late, now=world.clock(), kind=rules.Kind.NEWS
        )
    )
    await world.send_all()
    assert "риют" not in phone.text, "fresh or not: safety has not been answered"
    await phone.says("да")
    await world.send_all()
    assert "приют ждёт вас" in phone.text
    assert "Приют Айым" in phone.text


@pytest.mark.parametrize("word", ["0", "стоп"])
async def test_somebody_in_danger_who_hides_stays_in_the_queue(world: World, word: str) -> None:
    """To hide is what one does when the danger comes through the door."""
    phone = await begun(world)
    await phone.says("помогите, меня бьют и заперли")
    assert rows(world, "select state, klass from conversations")[0] == ("WAITING", "P0")
    await phone.says(word)
    heard = len(phone.heard)
    found = rows(world, "select state, klass, silent from conversations")[0]
    assert (found[0], found[1], bool(found[2])) == ("WAITING", "P0", True)
    actor = world.operator()
    taken = world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )
    assert taken is not None
    with pytest.raises(Conflict):
        say(world, taken, actor, "вы здесь?")
    world.clock.on(minutes=10)
    await world.tick()
    assert len(phone.heard) == heard


async def test_somebody_who_only_waits_and_hides_leaves_the_queue(world: World) -> None:
    phone = await begun(world)
    await phone.says("оператор")
    await phone.says("0")
    assert rows(world, "select state from conversations")[0][0] == "QUIET"


@pytest.mark.parametrize(
    ("text", "quiet"), [("стоп", "stop"), ("0", "hide"), ("СТОП", "stop"), ("STOP", "stop")]
)
async def test_silence_is_kept_even_when_the_turn_breaks(
    world: World, monkeypatch: pytest.MonkeyPatch, text: str, quiet: str
) -> None:
    """A mistake in a flow must not turn STOP into "sorry, please write again"."""
    phone = await begun(world)
    monkeypatch.setattr(turn, "finish", _breaks)
    heard = len(phone.heard)
    await phone.says(text)
    await world.tick()
    assert len(phone.heard) == heard
    assert rows(world, "select quiet from contacts")[0][0] == quiet
    assert rows(world, "select state from conversations")[0][0] == "QUIET"


async def test_danger_reaches_a_person_even_when_the_turn_breaks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await begun(world)
    monkeypatch.setattr(turn, "finish", _breaks)
    await phone.says("помогите, меня бьют и заперли")
    assert rows(world, "select state, klass from conversations")[0] == ("WAITING", "P0")


async def test_a_message_that_breaks_everything_does_not_stand_in_the_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When even the plain answer fails, the row steps aside and the next message is answered."""
    phone = await begun(world)

    def worse(*_: Any, **__: Any) -> None:
        raise ValueError("worse")

    monkeypatch.setattr(turn, "finish", _breaks)
    monkeypatch.setattr(plainly, "_plainly", worse)
    await phone.says("что-то")
    monkeypatch.undo()
    assert rows(world, "select state from inbox order by seq desc")[0][0] == "failed"
    assert rows(world, "select kind, role from tasks") == [("read_failed", "SO")]
    heard = len(phone.heard)
    await phone.says("меню")
    assert len(phone.heard) > heard


async def test_lines_under_a_destroyed_key_do_not_stop_everybody_elses(world: World) -> None:
    """Rows nobody can open any more were claimed for ever; twenty of them stopped all sending."""
    from hotline.conversation.repository import contacts

    for n in range(25):
        lost = world.phone(f"7{n:03}")
        await lost.says("здравствуйте", wait=False)
    for key in rows(world, "select key_id from contacts"):
        world.write(lambda tx, k=key[0]: contacts.shred_key(tx, k, now=world.clock()))
    phone = world.phone("9001")
    await phone.says("здравствуйте", wait=False)
    for _ in range(5):
        await world.send_all()
        world.clock.on(seconds=61)
    assert len(phone.heard) == 1
    assert rows(world, "select count(*) from outbox where state in ('new','sending')")[0][0] == 0


def test_the_gate_lets_nothing_pass_a_quiet_phone() -> None:
    """Every kind, neutral or not, in every state, whatever windows were agreed."""
    from tests.support.world import START

    always = tuple((day, "00:00", "23:59") for day in range(7))
    for kind in rules.Kind:
        if kind is rules.Kind.LAST:
            continue
        for state in ("BOT", "WAITING", "HUMAN", "CALLBACK_SCHEDULED", "CLOSED", "QUIET"):
            for quiet in ("stop", "hide", "silent", "blocked", "deleted"):
                verdict = rules.may_send(
                    rules.SafeContact(
                        state=state, quiet=quiet, last_heard_at=START,
                        window_until=START + timedelta(days=9), weekly=always,
                    ),
                    kind=kind, neutral=True, now=START, created_at=START,
                )  # fmt: skip
                assert isinstance(verdict, rules.Refuse), (kind, state, quiet)


def _breaks(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError("broken flow")

"""The three promises: in exactly once, out at least once and in order, no ghost messages."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.base import Blocked, Busy, Receipt, Rejected, TimedOut, Unreachable
from hotline.conversation.service import desk
from hotline.core.reading import Heard, Kind
from hotline.db.transaction import DatabaseAway
from tests.support.world import World

LEASE = timedelta(seconds=60)


def rows(world: World, sql: str) -> list:
    return world.read(lambda tx: tx.conn.execute(sa.text(sql)).all())


async def test_a_repeated_update_is_answered_once(world: World) -> None:
    phone = world.phone()
    message = phone.inbound(Heard(Kind.TEXT, "салам"), external_id="u1")
    for _ in range(5):
        await phone.deliver(message)
    assert len(phone.heard) == 1
    assert rows(world, "select count(*) from inbox")[0][0] == 1


async def test_five_at_the_same_moment_move_the_conversation_once(world: World) -> None:
    phone = world.phone()
    message = phone.inbound(Heard(Kind.TEXT, "здравствуйте"), external_id="u1")
    await asyncio.gather(*(phone.deliver(message, wait=False) for _ in range(5)))
    await world.send_all()
    assert len(phone.heard) == 1


async def test_quick_messages_are_played_in_the_order_they_came(world: World) -> None:
    phone = world.phone()
    texts = ["здравствуйте", "да", "1", "нет", "меню"]
    for text in texts:
        await phone.says(text, wait=False)
    await world.send_all()
    states = rows(world, "select state from inbox order by seq")
    assert [s[0] for s in states] == ["handled"] * len(texts)
    seqs = [
        r[0] for r in rows(world, "select seq from outbox where state='sent' order by sent_at, seq")
    ]
    assert seqs == sorted(seqs)


async def test_lines_leave_in_order_even_when_the_first_must_be_tried_again(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте", wait=False)
    failures = [Unreachable("x"), Busy("429", retry_after=7), None]
    world.refusal = lambda _: failures.pop(0) if failures else None
    await phone.says("да", wait=False)
    await world.send_all()
    assert phone.heard == []
    for _ in range(4):
        world.clock.on(seconds=8)
        await world.send_all()
    kept = rows(world, "select seq from outbox where state = 'sent' order by seq")
    assert len(phone.heard) == len(kept) >= 3
    assert "?" in phone.heard[0].parts[0]


async def test_a_turn_that_breaks_sends_nothing_but_the_plain_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    before = len(phone.heard)
    from hotline.conversation.service import turn

    real = turn.finish

    def broken(tx, scene, played):
        real(tx, scene, played)
        raise ZeroDivisionError("the words of a person: секрет")

    monkeypatch.setattr(turn, "finish", broken)
    await phone.says("мне страшно, что мне делать")
    assert len(phone.heard) == before + 1
    assert "189" in phone.last
    assert rows(world, "select state, error from inbox where state='failed'") == [
        ("failed", "ZeroDivisionError")
    ]
    tasks = rows(world, "select kind, count from tasks")
    assert tasks == [("read_failed", 1)]
    # Within ten minutes the plain line is not repeated; the task counts, an operator is called.
    await phone.says("алло")
    assert len(phone.heard) == before + 1
    assert rows(world, "select kind, count from tasks where kind='read_failed'")[0][1] == 2
    assert rows(world, "select state from conversations")[0][0] == "WAITING"
    monkeypatch.undo()
    await phone.says("меню")
    assert len(phone.heard) > before + 1


async def test_a_message_left_by_a_crash_is_played_by_the_sweep(world: World) -> None:
    from hotline.conversation.service import intake

    phone = world.phone()
    message = phone.inbound(Heard(Kind.TEXT, "салом, кор мекобам"))
    world.write(lambda tx: intake.take_in(tx, world.app.mind, message, now=world.clock()))
    world.clock.on(seconds=30)
    await world.tick()
    assert len(phone.heard) == 1


async def test_a_line_in_flight_at_a_crash_is_sent_again_and_shown_as_uncertain(
    world: World,
) -> None:
    from hotline.outbox import repository

    phone = world.phone()
    await phone.says("салам", wait=False)
    claimed = world.write(
        lambda tx: repository.claim(tx, owner="dead", now=world.clock(), lease=LEASE, limit=5)
    )
    assert len(claimed) == 1
    await world.send_all()
    assert phone.heard == []  # the lease of the dead process holds
    world.clock.on(seconds=61)
    await world.send_all()
    assert len(phone.heard) == 1
    assert rows(world, "select uncertain, state from outbox") == [(True, "sent")] or rows(
        world, "select uncertain, state from outbox"
    ) == [(1, "sent")]


async def test_a_final_refusal_is_shown_to_the_operator(world: World) -> None:
    phone = world.phone()
    world.refusal = lambda _: Rejected("400")
    await phone.says("салам")
    assert rows(world, "select state from outbox")[0][0] == "failed"
    assert rows(world, "select kind from tasks")[0][0] == "undelivered"


async def test_an_unanswered_send_is_tried_again_and_marked(world: World) -> None:
    phone = world.phone()
    refusals = [TimedOut("t")]
    world.refusal = lambda _: refusals.pop() if refusals else None
    await phone.says("салам")
    world.clock.on(seconds=5)
    await world.send_all()
    assert len(phone.heard) == 1
    assert rows(world, "select attempts from outbox")[0][0] == 2


async def test_who_blocks_us_is_left_in_peace_until_she_writes(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте", wait=False)
    channel = world.app.channels["telegram"]
    await world.app.receive(channel, Blocked("telegram", "b1", phone.address, True))
    await world.send_all()
    assert phone.heard == []
    assert rows(world, "select state from conversations")[0][0] == "QUIET"
    await phone.says("снова я")
    assert len(phone.heard) == 1


async def test_a_receipt_for_an_unknown_line_is_taken_without_harm(world: World) -> None:
    channel = world.app.channels["sms"]
    await world.app.receive(channel, Receipt("sms", "r1", "SM1", "delivered"))
    await world.app.receive(channel, Receipt("sms", "r1", "SM1", "delivered"))
    assert rows(world, "select count(*) from inbox")[0][0] == 1


async def test_delivery_reports_reach_the_line(world: World) -> None:
    phone = world.phone("+996555000001", "sms")
    await phone.says("салам")
    provider_id = rows(world, "select provider_id from provider_messages")[0][0]
    channel = world.app.channels["sms"]
    await world.app.receive(channel, Receipt("sms", "r1", provider_id, "delivered"))
    await world.app.receive(channel, Receipt("sms", "r2", provider_id, "sent"))
    assert rows(world, "select state from outbox order by seq")[0][0] == "delivered"


async def test_an_edit_becomes_a_version_and_moves_nothing(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    first = phone.inbound(Heard(Kind.TEXT, "да"), external_id="m7")
    await phone.deliver(first)
    count = len(phone.heard)
    edit = phone.inbound(Heard(Kind.EDIT, "нет"), edit_of="m7")
    await phone.deliver(edit)
    assert len(phone.heard) == count
    assert rows(world, "select count(*) from message_versions")[0][0] == 1


async def test_without_a_database_nothing_is_acknowledged(world: World) -> None:
    phone = world.phone()
    await phone.says("салам")
    world.app.store.close()
    with pytest.raises(DatabaseAway):
        await phone.says("ооба", wait=False)


async def test_stop_means_silence_and_writing_again_is_answered(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    heard = len(phone.heard)
    await phone.says("стоп")
    assert len(phone.heard) == heard
    world.clock.on(hours=1)
    await world.tick()
    assert len(phone.heard) == heard
    await phone.says("я снова здесь")
    assert len(phone.heard) == heard + 1


async def test_hide_says_at_most_one_neutral_line_and_takes_back_our_own(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    heard = len(phone.heard)
    await phone.says("0")
    await world.tick()
    assert len(phone.heard) <= heard + 1
    assert len(world.deleted[0][1]) >= heard
    assert rows(world, "select state, topic from conversations")[0][0] == "QUIET"


async def test_nothing_that_identifies_a_person_stands_in_clear(world: World) -> None:
    secret, number = "Айгүл Канарейкина", "+996700123456"
    phone = world.phone(number, "sms")
    await phone.says("салам")
    await phone.says(f"менин атым {secret}")
    names = [
        r[0] for r in world.read(lambda tx: [(t,) for t in sa.inspect(tx.conn).get_table_names()])
    ]
    for name in names:
        for row in rows(world, f'select * from "{name}"'):  # noqa: S608 - our own table names
            text = repr(tuple(row))
            assert number[1:] not in text, name
            assert "Канарейкина" not in text, name
            for value in row:
                if isinstance(value, bytes | memoryview):
                    assert "Канарейкина".encode() not in bytes(value), name
                    assert number.encode() not in bytes(value), name


async def test_two_operators_never_take_the_same_conversation(world: World) -> None:
    for n in range(6):
        phone = world.phone(f"20{n}")
        await phone.says("здравствуйте")
        await phone.says("да")
        await phone.says("оператор")
    taken: list[str | None] = []

    async def take(name: str) -> None:
        actor = world.operator(name)
        taken.append(
            await world.app.store.awrite(
                lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
            )
        )

    world.clock.on(minutes=20)
    await asyncio.gather(*(take(f"op{n}") for n in range(8)))
    real = [t for t in taken if t]
    assert len(real) == len(set(real)) == 6

"""A line that may have gone is looked for in the provider's log before it is sent a second time."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.base import Unreachable
from hotline.outbox import repository
from tests.support.world import World

LEASE = timedelta(seconds=60)


class Log:
    """What a provider knows of lines to one number."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.asked: list[tuple[str, str]] = []
        self.away = False

    async def __call__(self, address, part, _since, known):
        self.asked.append((address, part))
        if self.away:
            raise Unreachable("500")
        found = self.known.get(part)
        return None if found in set(known) else found


async def doubtful(world: World):
    """One SMS that a process claimed and then died."""
    phone = world.phone("+996555000002", "sms")
    await phone.says("салам", wait=False)
    world.write(
        lambda tx: repository.claim(tx, owner="dead", now=world.clock(), lease=LEASE, limit=5)
    )
    world.clock.on(seconds=61)
    return phone


async def send(world: World, log: Log) -> None:
    sender = replace(world.app.sender(), reconcile={"sms": log})
    while await sender.run_once():
        pass


def row(world: World):
    query = "select state, uncertain, provider_ids from outbox order by seq"
    return world.read(lambda tx: tx.conn.execute(sa.text(query)).first())


async def test_a_line_that_went_is_not_sent_again(world: World) -> None:
    phone = await doubtful(world)
    words = await shown(world)
    log = Log({words: "SM-went"})
    await send(world, log)
    assert phone.heard == []
    state, uncertain, ids = row(world)
    assert state == "sent"
    assert uncertain
    assert "SM-went" in str(ids)
    assert log.asked[0][0] == phone.address


async def test_a_line_that_did_not_go_is_sent(world: World) -> None:
    phone = await doubtful(world)
    log = Log({})
    await send(world, log)
    assert len(phone.heard) == 1
    assert len(log.asked) == 1


async def test_when_the_log_is_away_the_line_goes_out_again(world: World) -> None:
    phone = await doubtful(world)
    log = Log({})
    log.away = True
    await send(world, log)
    assert len(phone.heard) == 1


async def test_the_same_words_of_an_earlier_line_do_not_count(world: World) -> None:
    phone = await doubtful(world)
    words = await shown(world)
    log = Log({words: "SM-old"})
    world.write(lambda tx: repository.remember_provider_ids(tx, "sms", ["SM-old"], first_id(world)))
    await send(world, log)
    assert len(phone.heard) == 1


async def test_a_line_that_nobody_doubts_is_not_looked_for(world: World) -> None:
    phone = world.phone("+996555000003", "sms")
    await phone.says("салам", wait=False)
    log = Log({})
    await send(world, log)
    assert len(phone.heard) == 1
    assert log.asked == []


@pytest.mark.parametrize("went", [True, False])
async def test_silence_asked_for_meanwhile_holds(world: World, went: bool) -> None:
    """What is still to go after the search passes the gate again."""
    phone = await doubtful(world)
    words = await shown(world)

    class Slow(Log):
        async def __call__(self, address, part, since, known):
            await phone.says("стоп", wait=False)
            return await super().__call__(address, part, since, known)

    await send(world, Slow({words: "SM-went"} if went else {}))
    assert phone.heard == []


def first_id(world: World) -> str:
    return world.read(lambda tx: tx.conn.execute(sa.text("select id from outbox")).scalar())


async def shown(world: World) -> str:
    """The words of the waiting line, by a search that finds nothing and a send that fails."""
    log = Log({})
    sender = replace(world.app.sender(), reconcile={"sms": log})
    world.refusal = lambda _: Unreachable("probe")
    await sender.run_once()
    world.refusal = lambda _: None
    world.clock.on(minutes=2)
    return log.asked[0][1]

"""`kill -9` of the real server while people write to it: the story goes on as if nothing had been.

Nothing that was acknowledged is lost, nothing is answered twice. Only a line that was in flight at
the kill may arrive twice, and its row says so.
"""

import asyncio
import random
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from hotline.bootstrap import content as contents
from hotline.bootstrap.content import Content
from tests.crash.killing import FatalTelegram, Killer, plan
from tests.crash.people import Writer, tells
from tests.support.databases import Databases
from tests.support.ledger import Ledger, Row
from tests.support.serving import Served, connect
from tests.support.world import World

KILLS = 13
SEEDS = (189, 1926, 2611, 4077)
"""Four seeds of thirteen kills on each database."""

LANGUAGES = {"ky": 1001, "ru": 1002, "tg": 1003}
SEND_TIMEOUT = 0.75  # seconds; four of them are the lease that a killed server leaves behind


@lru_cache(maxsize=1)
def shipped() -> Content:
    """Words as a server in earnest says them."""
    return contents.load(contents.ROOT / "flows", contents.ROOT / "locales")


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "installation", database_url)
    made.extra["HOTLINE_SEND_TIMEOUT"] = str(SEND_TIMEOUT)
    made.extra["HOTLINE_POLL_SECONDS"] = "0.2"
    yield made
    made.kill()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_the_story_goes_on_after_every_kill(
    served: Served, seed: int, databases: Databases, tmp_path: Path
) -> None:
    killer = Killer(plan(seed, KILLS))
    async with FatalTelegram(killer) as far:
        connect(served, far)
        writers = [
            Writer(far.person(chat, language), language) for language, chat in LANGUAGES.items()
        ]
        ledger = Ledger(served.url, served.keys, shipped())
        try:
            await _live_and_die(served, killer, writers, ledger, seed)
            _nothing_acknowledged_is_lost(far, ledger)
            for writer in writers:
                expected = await _without_a_kill(writer, databases, tmp_path)
                _as_if_nothing_had_been(writer, ledger, expected)
        finally:
            ledger.close()
    assert len(killer.done) == KILLS
    assert "Traceback" not in served.log


async def _live_and_die(
    served: Served, killer: Killer, writers: list[Writer], ledger: Ledger, seed: int
) -> None:
    """Everybody tells her story; the server is killed until the plan is used up."""
    chance = random.Random(seed)  # noqa: S311 - the same pauses each time

    async def one(writer: Writer) -> None:
        await asyncio.sleep(chance.uniform(0, 0.1))
        # Half the kills fall between questions and answers, half into the check of the offer.
        await tells(writer, lambda: killer.left > KILLS // 2)

    await asyncio.to_thread(served.start)
    await live(served, killer, asyncio.gather(*(one(writer) for writer in writers)), ledger)
    await quiet(ledger)


async def live(
    served: Served, killer: Killer, story: "asyncio.Future[object]", ledger: Ledger
) -> None:
    """Kills the server, which runs, at every point of the plan, looks into the database while it is
    dead, and starts it again; then lets the story come to its end."""
    try:
        while killer.left and not story.done():
            killer.arm(served.pid)
            waiting = asyncio.create_task(killer.wait())
            dead = asyncio.create_task(asyncio.to_thread(served.wait))
            await asyncio.wait({dead, story}, return_when=asyncio.FIRST_COMPLETED)
            await waiting
            killer.kill()  # the story was over before the last point came
            await asyncio.to_thread(served.kill)
            await dead
            await asyncio.to_thread(ledger.check)
            await asyncio.to_thread(served.start)
        await story
    finally:
        story.cancel()
    assert killer.left == 0, "the story was over before the plan"
    await asyncio.to_thread(ledger.check)


async def quiet(ledger: Ledger) -> None:
    """Until nothing is left to be played or sent."""
    for _ in range(2400):
        left = ledger.one("select count(*) from outbox where state in ('new', 'sending')")
        if not left and not ledger.one("select count(*) from inbox where state = 'new'"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the server did not come to rest")


def _nothing_acknowledged_is_lost(far: FatalTelegram, ledger: Ledger) -> None:
    assert far.waiting == 0
    kept = {int(row[0]) for row in ledger.all("select external_id from inbox")}
    assert far.accepted <= kept
    assert ledger.one("select count(*) from inbox") == len(kept)


def _as_if_nothing_had_been(writer: Writer, ledger: Ledger, expected: list[str]) -> None:
    contact_id = ledger.contact("telegram", str(writer.person.chat_id))
    assert contact_id is not None
    assert ledger.heard(contact_id) == writer.acts
    rows = ledger.rows(contact_id)
    assert [row.what for row in rows] == expected
    assert {row.state for row in rows} == {"sent"}
    seen = [line.text for line in writer.person.standin.in_chat(writer.person.chat_id)]
    every_line_came_once(rows, seen)
    state = ledger.all(
        "select v.state, c.level from conversations v join cases c on c.id = v.case_id"
        " where v.contact_id = :c",
        c=contact_id,
    )
    assert [tuple(row) for row in state] == [("WAITING", "HIGH")]


def every_line_came_once(rows: list[Row], seen: list[str]) -> None:
    """In their order; an uncertain one at most as often as it was tried."""
    here = 0
    for row in rows:
        most = row.attempts if row.uncertain else 1
        for part in row.parts:
            copies = 0
            while copies < most and here < len(seen) and seen[here] == part:
                here, copies = here + 1, copies + 1
            assert copies, f"{row.what} did not come, or not in its place"
    assert here == len(seen), f"{len(seen) - here} lines more than were written down"


async def _without_a_kill(writer: Writer, databases: Databases, tmp_path: Path) -> list[str]:
    """The keys of the lines that the same acts bring about in a process that nobody kills."""
    url = databases.fresh("sqlite")
    world = World(url, tmp_path / f"quiet-{writer.language}")
    phone = world.phone("1")
    try:
        for act in writer.acts:
            how, what = act.split(" ", 1)
            if how == "says":
                await phone.says(what)
            else:
                await phone.presses(what.split("=")[1])
        ledger = Ledger(url, world.app.keys, shipped())
        try:
            contact_id = ledger.contact("telegram", "1")
            assert contact_id is not None
            return [row.what for row in ledger.rows(contact_id)]
        finally:
            ledger.close()
    finally:
        await world.close()
        databases.drop(url)

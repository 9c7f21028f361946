"""The stream behind live pages, without a browser."""

import asyncio
import json

from hotline.web.events import Hub, changes


async def test_a_fragment_is_sent_when_it_changes_and_not_otherwise() -> None:
    hub = Hub()
    shown = ["one", "one", "two\nlines", "two\nlines"]

    async def fragment() -> str | None:
        return shown.pop(0) if shown else None

    lines = [line async for line in changes(hub, fragment, every=0.001)]
    assert lines[0].startswith("retry: ")
    sent = [json.loads(x.split("data: ", 1)[1]) for x in lines if x.startswith("event: html")]
    assert sent == ["one", "two\nlines"]
    assert lines[-1].startswith("event: over")


async def test_a_wake_from_another_thread_is_quicker_than_the_clock() -> None:
    hub = Hub()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    waiting = asyncio.create_task(hub.wait(30))
    await asyncio.sleep(0.01)
    await loop.run_in_executor(None, hub.wake)
    await waiting
    assert loop.time() - begun < 5
    hub.wake()  # nobody waits: nothing happens


async def test_a_stream_ends_so_that_the_login_is_looked_at_again() -> None:
    async def fragment() -> str | None:
        return "same"

    lines = [line async for line in changes(Hub(), fragment, every=0.005, life=0.05)]
    assert sum(line.startswith("event: html") for line in lines) == 1

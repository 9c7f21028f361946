"""Live pages: one server-sent stream a page, which sends a fragment whenever it changed.

The stream asks again every few seconds, so a change made by another process is seen too; a wake of
the hub only makes it quicker. A fragment is sent whole, so a lost event does no harm.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse

RETRY_MS = 3000
HEARTBEAT_SECONDS = 15.0
LIFE_SECONDS = 600.0  # then the browser connects again, and its login is looked at again


class Hub:
    """Wakes the streams of this process. `wake` may be called from any thread."""

    def __init__(self) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def wake(self) -> None:
        for loop, event in tuple(self._waiting):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def wait(self, seconds: float) -> None:
        """Returns at the next wake, or after `seconds`."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(entry)
        try:
            await asyncio.wait_for(entry[1].wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(entry)


async def changes(
    hub: Hub,
    fragment: Callable[[], Awaitable[str | None]],
    *,
    every: float,
    life: float = LIFE_SECONDS,
) -> AsyncIterator[str]:
    """The lines of the stream. `fragment` gives HTML, or None when the reader must sign in."""
    loop = asyncio.get_running_loop()
    end = loop.time() + life
    spoke = loop.time()
    last: str | None = None
    yield f"retry: {RETRY_MS}\n\n"
    while loop.time() < end:
        html = await fragment()
        if html is None:
            yield "event: over\ndata: {}\n\n"
            return
        if html != last:
            last, spoke = html, loop.time()
            yield f"event: html\ndata: {json.dumps(html)}\n\n"
        elif loop.time() - spoke >= HEARTBEAT_SECONDS:
            spoke = loop.time()
            yield ": here\n\n"
        await hub.wait(every)


def stream(
    hub: Hub, fragment: Callable[[], Awaitable[str | None]], *, every: float = 2.0
) -> StreamingResponse:
    """The response for an EventSource; see `static/app.js` and `data-live`."""
    return StreamingResponse(
        changes(hub, fragment, every=every),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )

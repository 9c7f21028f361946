"""APScheduler only ticks. What anybody waits for is a row in the database.

Every job is one at a time, joined when late, and survives its own failures: a tick that raises is
logged by class and the next one comes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from hotline.db.transaction import DatabaseAway
from hotline.logs import event, failure

Job = Callable[[], Awaitable[object]]


class Ticker:
    """Runs jobs at intervals, and the sender also whenever it is woken."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")  # type: ignore[no-untyped-call]
        self._wakes: dict[str, asyncio.Event] = {}
        self._loops: list[asyncio.Task[None]] = []

    def every(self, seconds: float, name: str, job: Job, *, first: datetime | None = None) -> None:
        """A job each `seconds`; never two of it at once, missed ticks are joined.

        `first`: the moment of the first tick, one interval from now if not given.
        """
        more = {} if first is None else {"next_run_time": first}
        self._scheduler.add_job(  # type: ignore[no-untyped-call]
            guarded(name, job),
            "interval",
            seconds=seconds,
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            **more,
        )

    def on_wake(self, seconds: float, name: str, job: Job) -> Callable[[], None]:
        """A job at least each `seconds`, and at once when the returned function is called."""
        wake = asyncio.Event()
        loop = asyncio.get_running_loop()
        run = guarded(name, job)

        async def forever() -> None:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), seconds)
                wake.clear()
                while await run():
                    pass

        self._loops.append(loop.create_task(forever(), name=name))

        def hint() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(wake.set)

        return hint

    def start(self) -> None:
        self._scheduler.start()  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Lets running jobs finish their row, then ends."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)  # type: ignore[no-untyped-call]
        for task in self._loops:
            task.cancel()
        for task in self._loops:
            with suppress(asyncio.CancelledError):
                await task


def guarded(name: str, job: Job) -> Callable[[], Awaitable[object]]:
    """The job, with whatever it raises logged instead of ending the clock."""

    async def run() -> object:
        try:
            return await job()
        except DatabaseAway:
            event("job.database_away", level="warning", job=name)
        except Exception as error:  # noqa: BLE001 - the next tick must come
            failure("job.failed", error, job=name)
        return None

    return run

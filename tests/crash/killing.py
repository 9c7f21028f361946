"""When to kill the server: at moments that can be observed from outside, chosen by a seed.

The server knows nothing of this. What is counted happens at the far end, in the stand-in's thread,
so the kill falls between two instructions of the server, wherever it happens to be.
"""

import asyncio
import os
import random
import signal
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx
from starlette.responses import JSONResponse

from tests.standins.telegram import TelegramStandin, Webhook


class Moment(StrEnum):
    """`after` counts events since the server was up; `AFTER_A_TIME` takes seconds."""

    AFTER_A_TIME = "some time after the start, whatever is going on"
    POSTED = "some milliseconds after an update was posted, before it is answered"
    ANSWERED = "right after an update was acknowledged"
    ARRIVED = "a line reached Telegram, its answer never reaches the server"
    REFUSED = "a line was on its way and never reached Telegram"
    ASKED = "some milliseconds after somebody at a screen asked for a page or sent a form"


@dataclass(frozen=True)
class Point:
    """One kill."""

    moment: Moment
    count: int
    seconds: float


def plan(seed: int, kills: int) -> list[Point]:
    """`kills` points; every moment of the channel comes up, in an order and at counts that the seed decides."""
    chance = random.Random(seed)  # noqa: S311 - the same plan each time
    offered = [moment for moment in Moment if moment is not Moment.ASKED]
    moments = offered * (kills // len(offered) + 1)
    chance.shuffle(moments)
    found = []
    for moment in moments[:kills]:
        seconds = chance.uniform(0.0, 0.4 if moment is Moment.AFTER_A_TIME else 0.03)
        found.append(Point(moment, chance.randint(1, 4), seconds))
    return found


class Killer:
    """Holds the point that is armed; `fire` is called from the stand-in's thread."""

    def __init__(self, points: list[Point]) -> None:
        self.points = list(points)
        self.done: list[Point] = []
        self._armed: Point | None = None
        self._pid = 0
        self._left = 0

    @property
    def left(self) -> int:
        return len(self.points)

    def arm(self, pid: int) -> None:
        """The next point, for the process that has just come up."""
        point = self.points.pop(0)
        self._pid, self._left = pid, point.count
        self._armed = point

    @property
    def is_armed(self) -> bool:
        return self._armed is not None

    def kill(self) -> None:
        armed, self._armed = self._armed, None
        if armed is not None:
            self.done.append(armed)
            os.kill(self._pid, signal.SIGKILL)

    def happens(self, moment: Moment) -> Point | None:
        """Counts one event; the point when it is its turn."""
        armed = self._armed
        if armed is None or armed.moment is not moment:
            return None
        self._left -= 1
        return armed if self._left <= 0 else None

    async def wait(self) -> None:
        """For points in time: sleeps and kills."""
        armed = self._armed
        if armed is not None and armed.moment is Moment.AFTER_A_TIME:
            await asyncio.sleep(armed.seconds)
            self.kill()


class FatalTelegram(TelegramStandin):
    """Telegram whose every act may be the server's last. `accepted` holds acknowledged updates."""

    def __init__(self, killer: Killer) -> None:
        super().__init__()
        self.killer = killer
        self.accepted: set[int] = set()
        self.posted = 0

    async def _post(self, client: httpx.AsyncClient, hook: Webhook, entry: Any) -> bool:
        self.posted += 1
        point = self.killer.happens(Moment.POSTED)
        if point is not None:
            asyncio.get_running_loop().call_later(point.seconds, self.killer.kill)
        taken = await super()._post(client, hook, entry)
        if taken:
            self.accepted.add(entry.update["update_id"])
            if self.killer.happens(Moment.ANSWERED) is not None:
                self.killer.kill()
        return taken

    def _do_send_message(self, values: dict[str, Any]) -> Any:
        if self.killer.happens(Moment.REFUSED) is not None:
            self.killer.kill()
            time.sleep(0.05)  # nobody is left to read the answer
            return JSONResponse({"ok": False, "error_code": 502, "description": "gone"}, 502)
        answer = super()._do_send_message(values)
        if self.killer.happens(Moment.ARRIVED) is not None:
            self.killer.kill()
            time.sleep(0.05)
        return answer

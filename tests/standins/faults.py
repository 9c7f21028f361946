"""What a provider can do wrong, ordered by a test in advance."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response


@dataclass
class Fault:
    """Once `times` are used up the provider works again. `where` is a method or a path's end.

    `status` refuses with that status. `slow` waits so many seconds first; with `lost` the work is
    done and the answer kept back for as long, so that the caller gives up and cannot know.
    `garbage` answers 200 with what is no answer.
    """

    where: str
    times: int = 1
    status: int | None = None
    code: int | None = None
    description: str = ""
    retry_after: int | None = None
    slow: float = 0.0
    lost: bool = False
    garbage: bytes | None = None
    address: str | None = None
    skip: int = 0  # calls that go well first


@dataclass
class Faults:
    planned: list[Fault] = field(default_factory=list)

    def plan(self, where: str, **how: Any) -> Fault:
        fault = Fault(where, **how)
        self.planned.append(fault)
        return fault

    def take(self, where: str, address: str | None) -> Fault | None:
        for fault in self.planned:
            if fault.where != where or fault.times <= 0:
                continue
            if fault.address is not None and fault.address != address:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            return fault
        return None


async def play(
    fault: Fault | None,
    work: Callable[[], Awaitable[Response]],
    refuse: Callable[[Fault], Response],
) -> Response:
    """The answer of `work`, spoilt as ordered."""
    if fault is None:
        return await work()
    if fault.lost:
        answer = await work()
        await asyncio.sleep(fault.slow)
        return answer
    await asyncio.sleep(fault.slow)
    if fault.garbage is not None:
        return Response(fault.garbage)
    if fault.status is not None:
        return refuse(fault)
    return await work()

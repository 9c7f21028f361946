"""One bot at one server: every call bounded in time, every error from the closed list."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from telegram import Bot

from hotline.channels.quiet import quiet_libraries
from hotline.channels.telegram.errors import sendable
from hotline.channels.telegram.transport import Transport

_T = TypeVar("_T")
_CONNECTIONS = 32
_POLL_GRACE = 10.0  # seconds past the long poll before the line counts as dead


class Connection:
    """`timeout` in seconds bounds a call as a whole, so that a lease can be longer than it."""

    def __init__(self, token: str, *, api_url: str, timeout: float, poll_seconds: int) -> None:
        quiet_libraries()
        self.timeout = timeout
        self.poll_seconds = poll_seconds
        root = api_url.rstrip("/")
        self.polling = Transport(timeout=poll_seconds + _POLL_GRACE, connections=1, keeps=True)
        self.bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=Transport(timeout=timeout, connections=_CONNECTIONS),
            get_updates_request=self.polling,
        )

    async def call(self, work: Awaitable[_T], *, within: float | None = None) -> _T:
        """The result of a call of the bot, `within` so many seconds. Raises a `SendError`
        without a cause: causes hold the token or the chat."""
        try:
            async with asyncio.timeout(within or self.timeout):
                return await work
        except Exception as error:  # noqa: BLE001  the closed list is the only way out
            raise sendable(error) from None

    async def close(self) -> None:
        await self.bot.request.shutdown()
        await self.polling.shutdown()

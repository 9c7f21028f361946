"""HTTP under the Telegram client: what the library would lose or let slip is caught here."""

import json
from typing import Any

import httpx
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

_OK = 200
_TOO_MANY = 429
_SERVER_ERRORS = 500


class Refusal(NetworkError):
    """The server is up and says no: its status, and how many seconds it asks us to wait."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.retry_after = retry_after


class Unconnected(NetworkError):
    """No connection was made: nothing left this machine."""


class Unanswered(TimedOut):
    """The request left, or may have left, and no answer came."""


class Unreadable(TelegramError):
    """An answer that is not the Bot API's: a proxy, a login page, half a reply."""


class Transport(HTTPXRequest):
    """`last` keeps the newest answer where the caller asked for it (long polling only)."""

    __slots__ = ("_keeps", "last")

    def __init__(self, *, timeout: float, connections: int, keeps: bool = False) -> None:
        super().__init__(
            connection_pool_size=connections,
            connect_timeout=min(5.0, timeout),
            read_timeout=timeout,
            write_timeout=timeout,
            pool_timeout=timeout,
            media_write_timeout=timeout,
        )
        self._keeps = keeps
        self.last: bytes = b""

    async def do_request(  # type: ignore[explicit-override]  # typing has it from 3.12 on
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401  the library's
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401  the library's
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401  the library's
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401  the library's
    ) -> tuple[int, bytes]:
        try:
            status, payload = await super().do_request(
                url,
                method,
                request_data,
                read_timeout,
                write_timeout,
                connect_timeout,
                pool_timeout,
            )
        except httpx.InvalidURL:
            raise Unconnected("no address") from None  # a mistyped HOTLINE_TELEGRAM_API_URL
        except NetworkError as error:
            # The cause names the address with the token, so it goes no further than this line.
            raise _never_left(error.__cause__) from None
        if status == _TOO_MANY or status >= _SERVER_ERRORS:
            raise Refusal(status, _retry_after(payload))
        if self._keeps and status == _OK:
            self.last = payload
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:  # type: ignore[explicit-override]
        """As the library's own, which writes an answer it cannot read into the log."""
        try:
            parsed = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise Unreadable("not JSON") from None
        if not isinstance(parsed, dict):
            raise Unreadable("not an object")
        return parsed


def _never_left(cause: BaseException | None) -> TelegramError:
    before = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
    )
    return Unconnected("no connection") if isinstance(cause, before) else Unanswered("no answer")


def _retry_after(payload: bytes) -> float | None:
    try:
        seconds = json.loads(payload)["parameters"]["retry_after"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        return None
    return float(seconds)

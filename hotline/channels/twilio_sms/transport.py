"""HTTP under the Twilio client: another base address, bounded waiting, nothing in a log.

The library's own client keeps the last request, words and all, and knows no other address than
Twilio's; this one keeps nothing and goes where it is told.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.http import HttpClient
from twilio.http.response import Response

from hotline.channels.base import Rejected, SendError, TimedOut, Unreachable
from hotline.channels.twilio_sms.codes import error_for

_CONNECT = 5.0  # seconds
_SERVER_ERRORS = 500
_TOO_MANY = 429


class Transport(HttpClient):
    """Called from worker threads. Raises `SendError`s for everything below HTTP."""

    def __init__(self, base_url: str, *, timeout: float) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), is_async=False, timeout=timeout)
        self._base_url = base_url.rstrip("/")
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(_CONNECT, timeout)),
            follow_redirects=False,
        )

    def request(  # type: ignore[explicit-override]  # typing has it from 3.12 on
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        answer = self._ask(
            lambda: self._client.request(
                method,
                self._moved(uri),
                params=_plain(params),
                data=_plain(data),
                headers=headers,
                auth=auth,
                timeout=timeout or httpx.USE_CLIENT_DEFAULT,
                follow_redirects=allow_redirects,
            )
        )
        if answer.status_code == _TOO_MANY:
            raise _too_many(answer)  # the library would drop how long to wait
        return Response(answer.status_code, answer.text, answer.headers)

    def download(self, path: str, auth: tuple[str, str], *, limit: int) -> bytes:
        """A file of at most `limit` bytes; redirects to Twilio's store carry no password."""
        content = bytearray()
        try:
            with self._client.stream(
                "GET", self._base_url + path, auth=auth, follow_redirects=True
            ) as answer:
                if answer.status_code >= _SERVER_ERRORS:
                    raise Unreachable(str(answer.status_code))
                if not answer.is_success:
                    raise Rejected(str(answer.status_code))
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > limit:
                        raise Rejected("too_big")
        except httpx.TimeoutException:
            raise TimedOut("no_answer") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unreachable("no_connection") from None
        return bytes(content)

    def _moved(self, url: str) -> str:
        parts = urlsplit(url)
        return self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")

    @staticmethod
    def _ask(call: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return call()
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.ProxyError,
            httpx.UnsupportedProtocol,
            httpx.InvalidURL,
        ):
            raise Unreachable("no_connection") from None
        except httpx.HTTPError:
            raise TimedOut("no_answer") from None

    def close(self) -> None:
        self._client.close()


def _too_many(answer: httpx.Response) -> SendError:
    stated = answer.headers.get("retry-after", "")
    try:
        code = answer.json()["code"]
    except (ValueError, KeyError, TypeError):
        code = None
    return error_for(_TOO_MANY, code, float(stated) if re.fullmatch("[0-9]{1,5}", stated) else None)


def _plain(values: Mapping[str, object] | None) -> dict[str, Any] | None:
    """Form values as httpx takes them; the library marks what is not given with objects."""
    if not values:
        return None
    return {name: value for name, value in values.items() if value is not None}

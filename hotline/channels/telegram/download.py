"""Files that people send, streamed with a ceiling and judged by their content."""

import asyncio

import httpx

from hotline.channels.base import MediaRef, Rejected, SendError, TimedOut, Unreachable
from hotline.channels.media import sniff
from hotline.channels.telegram.connection import Connection

TOO_BIG = "too_big"
REFUSED = "refused"
_SERVER_ERRORS = 500


async def download(connection: Connection, media: MediaRef, *, limit: int) -> bytes:
    """The bytes of a file, at most `limit`.

    Raises `Rejected("too_big")`, `Rejected("refused")` for a kind of file that is not kept, and
    other `SendError`s when the server cannot be reached.
    """
    if media.size is not None and media.size > limit:
        raise Rejected(TOO_BIG)
    file = await connection.call(connection.bot.get_file(media.ref))
    if file.file_size is not None and file.file_size > limit:
        raise Rejected(TOO_BIG)
    path = file.file_path or ""
    if not path.startswith(("https://", "http://")):
        # A Bot API server in its local mode names files of its own disk.
        raise Rejected("local_file")
    try:
        async with asyncio.timeout(4 * connection.timeout):
            content = await _stream(path, limit, connection.timeout)
    except SendError:
        raise
    except (httpx.TimeoutException, TimeoutError):
        raise TimedOut("no_answer") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Unreachable("no_connection") from None
    if sniff(content) is None:
        raise Rejected(REFUSED)
    return content


async def _stream(url: str, limit: int, timeout: float) -> bytes:  # noqa: ASYNC109  httpx takes it
    content = bytearray()
    async with (
        httpx.AsyncClient(timeout=timeout) as client,
        client.stream("GET", url) as answer,
    ):
        if answer.status_code >= _SERVER_ERRORS:
            raise Unreachable(str(answer.status_code))
        if not answer.is_success:
            raise Rejected(str(answer.status_code))
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > limit:
                raise Rejected(TOO_BIG)
    return bytes(content)

"""The Telegram channel: private chats, inline buttons, protected content, no link previews."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message as TelegramMessage,
    ReplyKeyboardRemove,
)
from telegram.constants import ParseMode

from hotline.channels.base import (
    BadNumber,
    Busy,
    ChannelName,
    Delivery,
    Malformed,
    MediaRef,
    Message,
    Request,
    SendError,
    Sent,
)
from hotline.channels.telegram.connection import Connection
from hotline.channels.telegram.download import download
from hotline.channels.telegram.parse import ALLOWED_UPDATES, parse_body, parse_update, update_id

_SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  a header's name
_DELETED_AT_ONCE = 100  # most ids in one deleteMessages
_PATIENCE = 5.0  # seconds; taking back lines is urgent, so a short "slow down" is waited out
_ACKNOWLEDGED = 3.0  # seconds; the webhook that brought the press is still open
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

Sleep = Callable[[float], Awaitable[None]]


class TelegramChannel:
    """`secret` is what `setWebhook` was told; an empty one verifies nothing.

    `api_url` may be a self-hosted Bot API server or a proxy; `timeout` bounds one call, in seconds.
    """

    name: str = ChannelName.TELEGRAM.value
    carries_buttons = True

    def __init__(
        self,
        token: str,
        secret: str,
        *,
        api_url: str = "https://api.telegram.org",
        timeout: float = 15.0,
        poll_seconds: int = 25,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.connection = Connection(
            token, api_url=api_url, timeout=timeout, poll_seconds=poll_seconds
        )
        self._secret = secret.encode()
        self._sleep = sleep

    def verify(self, request: Request) -> bool:
        given = request.headers.get(_SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        # An empty secret would equal a missing header.
        return bool(self._secret) and hmac.compare_digest(given, self._secret)

    def parse(self, request: Request) -> tuple[Delivery, ...]:
        return parse_body(request.body)

    async def poll(self, offset: int | None) -> tuple[tuple[Delivery, ...], int | None]:
        """Waits for updates and gives them with the next `offset`.

        Telegram forgets what lies under an offset once it is asked for: write the deliveries down
        before polling again. Raises a `SendError`.
        """
        self.connection.polling.last = b""
        seconds = self.connection.poll_seconds
        fetched = self.connection.bot.get_updates(
            offset=offset, timeout=seconds, allowed_updates=ALLOWED_UPDATES
        )
        try:
            await self.connection.call(fetched, within=seconds + 10.0)
        except SendError:
            # One update that the library cannot read would hide the rest for ever.
            if not self.connection.polling.last:
                raise
        return _batch(self.connection.polling.last, offset)

    async def send(self, address: str, message: Message, *, skip: int = 0) -> Sent:
        chat = _chat(address)
        gone: list[str] = []
        last = len(message.parts) - 1
        for number, part in enumerate(message.parts):
            if number < skip:
                continue
            try:
                sent = await self._send_part(chat, message, part, is_last=number == last)
            except SendError as error:
                error.sent = len(gone)
                error.provider_ids = tuple(gone)
                raise
            gone.append(str(sent.message_id))
        return Sent(tuple(gone))

    async def _send_part(
        self, chat: int, message: Message, text: str, *, is_last: bool
    ) -> TelegramMessage:
        markup: InlineKeyboardMarkup | ReplyKeyboardRemove | None = None
        if is_last and message.buttons:
            markup = InlineKeyboardMarkup(
                [
                    [
                        InlineKeyboardButton(button.label, callback_data=button.data)
                        for button in row
                    ]
                    for row in message.buttons
                ]
            )
        elif message.remove_keyboard:
            markup = ReplyKeyboardRemove()
        return await self.connection.call(
            self.connection.bot.send_message(
                chat,
                text,
                parse_mode=ParseMode.HTML if message.html else None,
                reply_markup=markup,
                link_preview_options=_NO_PREVIEW,
                protect_content=True,  # not to be forwarded or saved by a hand that holds the phone
            )
        )

    async def acknowledge(self, callback_ref: str) -> None:
        try:
            await self.connection.call(
                self.connection.bot.answer_callback_query(callback_ref), within=_ACKNOWLEDGED
            )
        except SendError:
            return  # too old or unreachable: the phone stops waiting by itself

    async def delete(self, address: str, provider_ids: tuple[str, ...]) -> int:
        """Telegram lets a bot delete its own lines for 48 hours. Never raises."""
        try:
            chat = _chat(address)
        except BadNumber:
            return 0
        numbers = [int(one) for one in provider_ids if one.isascii() and one.isdigit()]
        gone = 0
        for start in range(0, len(numbers), _DELETED_AT_ONCE):
            batch = numbers[start : start + _DELETED_AT_ONCE]
            if await self._delete(lambda: self.connection.bot.delete_messages(chat, batch)):  # noqa: B023
                gone += len(batch)
                continue
            # One line that is too old spoils the batch; the others must still go.
            for number in batch:
                one = number
                gone += await self._delete(lambda: self.connection.bot.delete_message(chat, one))  # noqa: B023
        return gone

    async def _delete(self, work: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await self.connection.call(work())
        except Busy as error:
            if (error.retry_after or 0) > _PATIENCE:
                return False
            await self._sleep(error.retry_after or 1.0)
        except SendError:
            return False
        try:
            return await self.connection.call(work())
        except SendError:
            return False

    async def fetch(self, media: MediaRef, *, limit: int) -> bytes:
        return await download(self.connection, media, limit=limit)

    async def close(self) -> None:
        await self.connection.close()


def _chat(address: str) -> int:
    try:
        return int(address)
    except ValueError:
        raise BadNumber("no_chat_id") from None


def _batch(payload: bytes, offset: int | None) -> tuple[tuple[Delivery, ...], int | None]:
    try:
        updates = json.loads(payload)["result"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return (), offset
    found: list[Delivery] = []
    following = offset
    for update in updates if isinstance(updates, list) else ():
        number = update_id(update)
        if number is None:
            continue
        following = max(following or 0, number + 1)
        try:
            found.extend(parse_update(update))
        except Malformed:  # pragma: no cover  update_id was the only reason
            continue
    return tuple(found), following

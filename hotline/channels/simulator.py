"""A phone on a page: the same interface as Telegram and SMS, and no network at all.

It takes the place of a channel in demonstration mode, under that channel's own name, and is as
strict as the provider it stands for: too long a text or button is refused here too. What is sent is
handed to `on_send`; the page decides how to show it.

What comes in is a small JSON object, made by the functions of this module:
`{"id", "address", "kind", "text", "button", "source", "hint", "ref", "edit_of"}`.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hotline.channels.base import (
    BadNumber,
    Blocked,
    Blocks,
    ChannelName,
    Delivery,
    Inbound,
    Malformed,
    MediaRef,
    Message,
    Rejected,
    Request,
    SendError,
    Sent,
)
from hotline.channels.cleaning import clean, language_hint
from hotline.core.reading import Heard, Kind

SECRET_HEADER = "x-simulator-secret"  # noqa: S105  a header's name

_TELEGRAM_UNITS = 4096  # UTF-16 units in one message of the Bot API
_CALLBACK_BYTES = 64
_SMS_CHARACTERS = 1600  # in one message of Twilio
_LONGEST_ID = 80
_KINDS = frozenset(kind.value for kind in Kind)

OnSend = Callable[[str, Message, str], None]
OnDelete = Callable[[str, tuple[str, ...]], int]


def _delete_nothing(_address: str, _provider_ids: tuple[str, ...]) -> int:
    return 0


class Simulator:
    """`mode` is the channel it stands for; `secret` opens it to the page of this process only.

    `on_send(address, message, provider_id)` is called once a part, with a message of that part
    alone; buttons are under the last. `on_delete(address, provider_ids)` says how many lines went.
    `new_id` makes provider ids. All three may be called from any task and must not block long.
    """

    def __init__(
        self,
        mode: ChannelName,
        *,
        secret: str,
        on_send: OnSend,
        new_id: Callable[[], str],
        on_delete: OnDelete = _delete_nothing,
    ) -> None:
        self.name: str = mode.value
        self.carries_buttons = mode is ChannelName.TELEGRAM
        self._secret = secret.encode()
        self._on_send = on_send
        self._on_delete = on_delete
        self._new_id = new_id
        self._blocked: set[str] = set()
        self._files: dict[str, bytes] = {}

    def verify(self, request: Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        return bool(self._secret) and hmac.compare_digest(given, self._secret)

    def parse(self, request: Request) -> tuple[Delivery, ...]:
        try:
            data = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Malformed("not JSON") from None
        if not isinstance(data, dict):
            raise Malformed("not an object")
        return self._parse(data)

    def _parse(self, data: Mapping[str, Any]) -> tuple[Delivery, ...]:
        external_id, address = _word(data, "id"), _word(data, "address")
        if not external_id or not address:
            raise Malformed("no id or address")
        kind = data.get("kind", "text")
        if kind in ("blocked", "unblocked"):
            return (Blocked(self.name, external_id, address, blocked=kind == "blocked"),)
        if not isinstance(kind, str) or kind not in _KINDS:
            kind = Kind.OTHER.value
        heard = Heard(
            kind=Kind(kind),
            text=clean(_string(data, "text")),
            button=_word(data, "button"),
            source=_word(data, "source"),
            language_hint=language_hint(data.get("hint")),
        )
        return (
            Inbound(
                channel=self.name,
                external_id=external_id,
                address=address,
                heard=heard,
                message_ref=_word(data, "ref") or external_id,
                callback_ref=external_id if heard.button else None,
                media=self._media(data),
                edit_of=_word(data, "edit_of"),
                place=_place(data),
            ),
        )

    def _media(self, data: Mapping[str, Any]) -> tuple[MediaRef, ...]:
        ref = _word(data, "file")
        if ref is None or ref not in self._files:
            return ()
        kind = {"photo": "photo", "voice": "voice"}.get(str(data.get("kind")), "file")
        mimes = {"photo": "image/jpeg", "voice": "audio/ogg"}
        size = len(self._files[ref])
        return (MediaRef(ref, kind, mimes.get(kind, "application/octet-stream"), size),)

    async def send(self, address: str, message: Message, *, skip: int = 0) -> Sent:
        gone: list[str] = []
        last = len(message.parts) - 1
        for number, part in enumerate(message.parts):
            if number < skip:
                continue
            one = replace(
                message,
                parts=(part,),
                buttons=message.buttons if number == last and self.carries_buttons else (),
            )
            problem = self._refusal(address, one)
            if problem is not None:
                problem.sent = len(gone)
                problem.provider_ids = tuple(gone)
                raise problem
            provider_id = self._new_id()
            self._on_send(address, one, provider_id)
            gone.append(provider_id)
        return Sent(tuple(gone))

    def _refusal(self, address: str, message: Message) -> SendError | None:
        """What the real provider would say to this."""
        text = message.parts[0]
        if address in self._blocked:
            return Blocks("403:blocked" if self.carries_buttons else "21610")
        if not address.strip():
            return BadNumber("400:chat_not_found" if self.carries_buttons else "21211")
        if not text.strip():
            return Rejected("400:empty" if self.carries_buttons else "21602")
        if self.carries_buttons:
            if len(text.encode("utf-16-le")) // 2 > _TELEGRAM_UNITS:
                return Rejected("400:too_long")
            for row in message.buttons:
                for button in row:
                    if not 0 < len(button.data.encode()) <= _CALLBACK_BYTES:
                        return Rejected("400:button")
        elif len(text) > _SMS_CHARACTERS:
            return Rejected("21617")
        return None

    async def acknowledge(self, callback_ref: str) -> None:
        """The page does not wait."""

    async def delete(self, address: str, provider_ids: tuple[str, ...]) -> int:
        """Lines on a Telegram phone go; an SMS stays."""
        return self._on_delete(address, provider_ids) if self.carries_buttons else 0

    async def fetch(self, media: MediaRef, *, limit: int) -> bytes:
        content = self._files.get(media.ref)
        if content is None:
            raise Rejected("refused")
        if len(content) > limit:
            raise Rejected("too_big")
        return content

    async def close(self) -> None:
        self._files.clear()

    def keep_file(self, ref: str, content: bytes) -> None:
        """A picture or recording made on the page, to be named as `file` in what it posts."""
        self._files[ref] = content

    def block(self, address: str, *, blocked: bool) -> None:
        """What the phone's *block* button does to later sends; post `block_event` as well."""
        if blocked:
            self._blocked.add(address)
        else:
            self._blocked.discard(address)

    def request(self, event: Mapping[str, object]) -> Request:
        """A signed call for `verify` and `parse`, as the webhook of a provider would make it."""
        headers = {SECRET_HEADER: self._secret.decode()}
        return Request(headers=headers, body=json.dumps(event).encode())


def text_event(
    external_id: str, address: str, text: str, hint: str | None = None
) -> dict[str, Any]:
    """Somebody types. `/start poster_osh_12` is understood as on Telegram."""
    event = {"id": external_id, "address": address, "kind": "text", "text": text, "hint": hint}
    command, _, payload = text.strip().partition(" ")
    if command.lower() == "/start":
        event |= {"kind": "start", "text": "/start", "source": payload.strip() or None}
    return event


def button_event(
    external_id: str, address: str, data: str, hint: str | None = None
) -> dict[str, Any]:
    """Somebody presses the button with this callback data."""
    return {"id": external_id, "address": address, "kind": "button", "button": data, "hint": hint}


def edit_event(external_id: str, address: str, ref: str, text: str) -> dict[str, Any]:
    """Somebody changes the message `ref`."""
    return {
        "id": external_id,
        "address": address,
        "kind": "edit",
        "text": text,
        "ref": ref,
        "edit_of": ref,
    }


def place_event(
    external_id: str, address: str, latitude: float, longitude: float
) -> dict[str, Any]:
    """Somebody shares a place, in degrees."""
    return {
        "id": external_id,
        "address": address,
        "kind": "location",
        "place": [latitude, longitude],
    }


def file_event(
    external_id: str, address: str, kind: str, ref: str, text: str = ""
) -> dict[str, Any]:
    """Somebody sends a file that `keep_file` has taken. `kind` is photo, voice or file."""
    return {"id": external_id, "address": address, "kind": kind, "file": ref, "text": text}


def block_event(external_id: str, address: str, *, blocked: bool) -> dict[str, Any]:
    kind = "blocked" if blocked else "unblocked"
    return {"id": external_id, "address": address, "kind": kind}


def _string(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _word(data: Mapping[str, Any], name: str) -> str | None:
    """A short value without blanks at its ends; None when it is missing, empty or too long."""
    value = clean(_string(data, name), _LONGEST_ID + 1)
    return value if 0 < len(value) <= _LONGEST_ID else None


def _place(data: Mapping[str, Any]) -> tuple[float, float] | None:
    match data.get("place"):
        case [int() | float() as latitude, int() | float() as longitude] if (
            abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004
        ):
            return float(latitude), float(longitude)
        case _:
            return None

"""What every channel takes and gives, and the closed list of ways a send can fail.

A channel parses what a provider delivers into `Inbound` values (pure), checks that it really came
from the provider, and sends one rendered `Message` at a time. It knows no database and no flow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hotline.core.reading import Heard


class ChannelName(StrEnum):
    TELEGRAM = "telegram"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A file at the provider. `size` in bytes as the provider states it, None if it does not."""

    ref: str
    kind: str  # photo | voice | file
    mime: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a person.

    `external_id` is unique within the channel, for ever. `address` is where a reply goes (chat id
    or E.164 number): it is sealed before it is stored and never logged. `edit_of` is the
    `message_ref` of the message that an edit changes: providers name the message, not its delivery.
    """

    channel: str
    external_id: str
    address: str
    heard: Heard
    message_ref: str | None = None  # the provider's id of this message, to answer or delete it
    callback_ref: str | None = None  # Telegram: the callback query to acknowledge
    media: tuple[MediaRef, ...] = ()
    edit_of: str | None = None
    place: tuple[float, float] | None = None  # latitude, longitude of a shared location


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery report. `state` is sent | delivered | failed; `code` the provider's error code."""

    channel: str
    external_id: str
    provider_id: str
    state: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person blocked the bot, or unblocked it (`blocked=False`)."""

    channel: str
    external_id: str
    address: str
    blocked: bool


Delivery = Inbound | Receipt | Blocked


@dataclass(frozen=True, slots=True)
class Button:
    data: str  # callback data, at most 64 bytes
    label: str


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered line, one part of it per provider message.

    `parts` are plain texts already cut to what the channel carries; buttons go under the last.
    """

    parts: tuple[str, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()  # rows
    remove_keyboard: bool = False
    html: bool = False  # Telegram: parts are escaped HTML


@dataclass(frozen=True, slots=True)
class Sent:
    """`provider_ids`: one per part that left."""

    provider_ids: tuple[str, ...]


class SendError(Exception):
    """A send that did not happen, or may not have.

    `code` is for staff and logs: digits, small letters, `_` and `:`, never words of the provider.
    """

    may_retry = False
    uncertain = False

    def __init__(self, code: str = "", *, retry_after: float | None = None, sent: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.sent = sent  # parts that left in this call, before the one that failed
        self.provider_ids: tuple[str, ...] = ()  # of those parts


class Busy(SendError):
    """The provider asks us to slow down; `retry_after` in seconds is honoured."""

    may_retry = True


class Unreachable(SendError):
    """No connection: nothing left."""

    may_retry = True


class TimedOut(SendError):
    """No answer in time: the person may get the line twice."""

    may_retry = True
    uncertain = True


class Blocks(SendError):
    """Final: the person blocked us, or answered STOP at the provider."""


class BadNumber(SendError):
    """Final: no such address."""


class Rejected(SendError):
    """Final: an operator sees it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook call as the web layer hands it over: nothing of the web framework inside."""

    headers: Mapping[str, str]  # names in lower case
    body: bytes
    url: str = ""  # as the provider called it, for signatures


class Malformed(Exception):
    """The body cannot be read: refused with 400, nothing stored."""


class Channel(Protocol):
    """One way in and out."""

    name: str
    carries_buttons: bool

    def verify(self, request: Request) -> bool:
        """True when the call really came from the provider; compared in constant time."""
        ...

    def parse(self, request: Request) -> tuple[Delivery, ...]:
        """Pure. Unknown kinds give an empty tuple or `Kind.OTHER`. Raises `Malformed`."""
        ...

    async def send(self, address: str, message: Message, *, skip: int = 0) -> Sent:
        """Sends the parts after the first `skip`. Raises a `SendError`."""
        ...

    async def acknowledge(self, callback_ref: str) -> None:
        """Answers a button press so that the phone stops waiting. Never raises."""
        ...

    async def delete(self, address: str, provider_ids: tuple[str, ...]) -> int:
        """Deletes our own lines where the platform allows; the count that went. Never raises."""
        ...

    async def fetch(self, media: MediaRef, *, limit: int) -> bytes:
        """The file's bytes, at most `limit`. Raises a `SendError`."""
        ...

    async def close(self) -> None: ...

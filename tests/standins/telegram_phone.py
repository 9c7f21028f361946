"""A phone in the hands of a test: what somebody writes, presses, sends, and what they hear."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.standins.telegram import TelegramStandin


@dataclass(frozen=True)
class SeenButton:
    label: str
    data: str


@dataclass
class SeenMessage:
    """A line of the bot as it stands on somebody's phone."""

    chat_id: int
    message_id: int
    text: str
    buttons: tuple[SeenButton, ...]
    fields: dict[str, Any]
    at: float
    deleted: bool = False

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]


async def until(true: Callable[[], bool], within: float, otherwise: str) -> None:
    """Waits for something another thread does."""
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        await asyncio.sleep(0.01)


@dataclass
class Person:
    """Somebody with a phone. All actions return the number of the update."""

    standin: "TelegramStandin"
    chat_id: int
    language_code: str
    name: str
    has_written: bool = False
    has_blocked: bool = False
    is_gone: bool = False
    queries: list[str] = field(default_factory=list)
    _read: int = 0

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": self.chat_id, "type": "private", "first_name": self.name}

    @property
    def user(self) -> dict[str, Any]:
        return {
            "id": self.chat_id,
            "is_bot": False,
            "first_name": self.name,
            "language_code": self.language_code,
        }

    @property
    def screen(self) -> list[SeenMessage]:
        """The bot's lines that can be seen on the phone, oldest first."""
        return [one for one in self.standin.in_chat(self.chat_id) if not one.deleted]

    def message(self, **content: Any) -> dict[str, Any]:
        return {
            "message_id": self.standin.next_message_id(),
            "from": self.user,
            "chat": self.chat,
            "date": int(self.standin.now()),
            **content,
        }

    async def sends(self, *, wait: bool = True, **content: Any) -> int:
        """Any message: `await person.sends(sticker={...})`."""
        self.has_written = True
        return await self.standin.push("message", self.message(**content), wait=wait)

    async def says(self, text: str, *, wait: bool = True) -> int:
        content: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self.sends(wait=wait, **content)

    async def starts(self, payload: str = "") -> int:
        return await self.says(f"/start {payload}".strip())

    async def presses(self, button: str, *, wait: bool = True) -> int:
        """The newest visible button with this label or callback data."""
        for line in reversed(self.screen):
            for one in line.buttons:
                if button in (one.label, one.data):
                    return await self.presses_data(one.data, line, wait=wait)
        raise AssertionError(
            f"no button {button!r}; to be seen are {[m.labels for m in self.screen]}"
        )

    async def presses_data(self, data: str, line: SeenMessage, *, wait: bool = True) -> int:
        query_id = self.standin.next_query_id()
        self.queries.append(query_id)
        content = {
            "id": query_id,
            "from": self.user,
            "message": self.standin.as_message(line),
            "chat_instance": "-3981234567890123456",
            "data": data,
        }
        return await self.standin.push("callback_query", content, wait=wait)

    async def edits(self, message_id: int, text: str, *, wait: bool = True) -> int:
        content = self.message(text=text) | {
            "message_id": message_id,
            "edit_date": int(self.standin.now()),
        }
        return await self.standin.push("edited_message", content, wait=wait)

    async def shares_place(self, latitude: float, longitude: float) -> int:
        return await self.sends(location={"latitude": latitude, "longitude": longitude})

    async def shares_contact(
        self, phone_number: str, first_name: str, user_id: int | None = None
    ) -> int:
        contact: dict[str, Any] = {"phone_number": phone_number, "first_name": first_name}
        if user_id is not None:
            contact["user_id"] = user_id
        return await self.sends(contact=contact)

    async def sends_photo(self, content: bytes, caption: str | None = None) -> int:
        name = self.standin.keep_file(f"AgACAgIAAxk_{self.standin.next_message_id()}", content)
        sizes = [
            {
                "file_id": name[:-1] + "s",
                "file_unique_id": "small",
                "width": 90,
                "height": 51,
                "file_size": 900,
            },
            {
                "file_id": name,
                "file_unique_id": "large",
                "width": 800,
                "height": 450,
                "file_size": len(content),
            },
        ]
        return await self.sends(photo=sizes, **({"caption": caption} if caption else {}))

    async def sends_voice(self, content: bytes, seconds: int = 4) -> int:
        name = self.standin.keep_file(f"AwACAgIAAxk_{self.standin.next_message_id()}", content)
        voice = {
            "file_id": name,
            "file_unique_id": "voice",
            "duration": seconds,
            "mime_type": "audio/ogg",
            "file_size": len(content),
        }
        return await self.sends(voice=voice)

    async def blocks(self) -> int:
        self.has_blocked = True
        return await self._membership("member", "kicked")

    async def unblocks(self) -> int:
        self.has_blocked = False
        return await self._membership("kicked", "member")

    async def _membership(self, before: str, after: str) -> int:
        def member(status: str) -> dict[str, Any]:
            until_date = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.standin.bot, "status": status, **until_date}

        content = {
            "chat": self.chat,
            "from": self.user,
            "date": int(self.standin.now()),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        return await self.standin.push("my_chat_member", content)

    async def hears(self, count: int = 1, *, within: float = 15.0) -> list[SeenMessage]:
        """The next `count` lines that were not heard yet."""
        mine = lambda: self.standin.in_chat(self.chat_id)[self._read :]  # noqa: E731
        await until(
            lambda: len(mine()) >= count,
            within,
            f"waited for {count} lines, {len(mine())} came",
        )
        heard = mine()[:count]
        self._read += count
        return heard

    async def hears_nothing(self, seconds: float = 0.5) -> None:
        """No further line comes within `seconds`."""
        await asyncio.sleep(seconds)
        rest = self.standin.in_chat(self.chat_id)[self._read :]
        assert not rest, f"{len(rest)} lines came"

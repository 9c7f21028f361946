"""A whole hotline in one process: real database, real flows, a clock one can turn, phones."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from hotline import crypto
from hotline.bootstrap import app as apps, content as contents
from hotline.bootstrap.app import App
from hotline.channels.base import ChannelName, Inbound, Message, SendError
from hotline.channels.simulator import Simulator
from hotline.config import Settings
from hotline.core.actor import Actor
from hotline.core.reading import Heard, Kind
from hotline.db.transaction import Tx
from hotline.jobs import timers

START = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Bishkek."""


@lru_cache(maxsize=1)
def content() -> contents.Content:
    """Flows, words and rules as they are shipped; read once a process."""
    return contents.load(contents.ROOT / "flows", contents.ROOT / "locales", demonstration=True)


@lru_cache(maxsize=1)
def understanding() -> Any:
    cache = contents.ROOT / "var" / "test-understanding.npz"
    return contents.understanding(content().files, cache=cache)


@dataclass
class Clock:
    """Time stands still unless a test moves it."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def on(self, **amount: float) -> datetime:
        self.moment += timedelta(**amount)
        return self.moment


@dataclass
class Phone:
    """One person's phone on one channel."""

    world: "World"
    channel: str
    address: str
    heard: list[Message] = field(default_factory=list)
    sent: int = 0

    @property
    def last(self) -> str:
        return self.heard[-1].parts[-1] if self.heard else ""

    @property
    def text(self) -> str:
        """Everything that arrived, for searching."""
        return "\n".join(part for message in self.heard for part in message.parts)

    def buttons(self) -> dict[str, str]:
        """Code -> callback data of the last keyboard."""
        for message in reversed(self.heard):
            if message.buttons:
                flat = [b for row in message.buttons for b in row]
                return {b.data.split("=", 1)[1]: b.data for b in flat}
        return {}

    def inbound(self, heard: Heard, *, external_id: str | None = None, **more: Any) -> Inbound:
        self.sent += 1
        own = external_id or f"{list(self.world.phones).index(self.address)}-{self.sent}"
        return Inbound(self.channel, own, self.address, heard, message_ref=own, **more)

    async def says(self, text: str, *, wait: bool = True) -> None:
        await self.deliver(self.inbound(Heard(Kind.TEXT, text)), wait=wait)

    async def presses(self, code: str) -> None:
        data = self.buttons()[code]
        await self.deliver(self.inbound(Heard(Kind.BUTTON, "", data)))

    async def deliver(self, message: Inbound, *, wait: bool = True) -> None:
        await self.world.app.receive(self.world.app.channels[self.channel], message)
        if wait:
            await self.world.send_all()


class World:
    """Made by the fixture `world`; `close` is called for you."""

    def __init__(self, url: str, tmp_path: Path, *, keys: crypto.KeyRing | None = None) -> None:
        self.clock = Clock()
        self.phones: dict[str, Phone] = {}
        self.refusal: Callable[[str], SendError | None] = lambda _: None
        self.deleted: list[tuple[str, tuple[str, ...]]] = []
        channels = {
            mode.value: Simulator(
                mode,
                secret="test",
                new_id=crypto.new_id,
                on_send=self._on_send,
                on_delete=self._on_delete,
            )
            for mode in ChannelName
        }
        settings = Settings(demo=True, data_dir=str(tmp_path), database_url=url)
        self.app: App = apps.build(
            settings,
            clock=self.clock,
            channels=channels,
            content=content(),
            keys=keys,
            read=contents.reader(understanding(), lambda: self.clock().date()),
        )

    def _on_send(self, address: str, message: Message, _provider_id: str) -> None:
        refusal = self.refusal(address)
        if refusal is not None:
            raise refusal
        if address in self.phones:
            self.phones[address].heard.append(message)

    def _on_delete(self, address: str, ids: tuple[str, ...]) -> int:
        self.deleted.append((address, ids))
        return len(ids)

    def phone(self, address: str = "1001", channel: str = "telegram") -> Phone:
        return self.phones.setdefault(address, Phone(self, channel, address))

    async def send_all(self) -> None:
        """The other hand, until nothing is due."""
        sender = self.app.sender()
        while await sender.run_once():
            pass

    async def tick(self) -> None:
        """Timers and sweep, then sending."""
        await timers.run_due(self.app.store, self.app.mind, self.app.channels, self.clock)
        await timers.sweep(self.app.store, self.app.mind, self.clock)
        await self.send_all()

    def write(self, work: Callable[[Tx], Any]) -> Any:
        return self.app.store.write(work)

    def read(self, work: Callable[[Tx], Any]) -> Any:
        return self.app.store.read(work)

    def operator(self, name: str = "op", role: str = "OP", **more: Any) -> Actor:
        """An operator who speaks all three languages, without an account row."""
        return Actor(
            "user",
            f"{name:x<20}",
            role=role,
            alias=name,
            languages=("ky", "ru", "tg"),
            skills=("children", "women", "labour", "legal"),
            **more,
        )

    async def close(self) -> None:
        await self.app.close()
        await asyncio.sleep(0)

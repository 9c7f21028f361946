"""Our own turn, whole: body, python-telegram-bot's parser, inbox, engine, rows, outbox, commit."""

from datetime import UTC, datetime
from pathlib import Path

from hotline import crypto
from hotline.bootstrap import app as apps, content as contents
from hotline.bootstrap.app import App
from hotline.bootstrap.content import Content
from hotline.channels.base import Request
from hotline.channels.telegram import TelegramChannel
from hotline.config import Settings
from hotline.db import migrate
from hotline.understanding.read import Understanding


class Ours:
    """The hotline on one database, without web server and without network."""

    def __init__(
        self, name: str, url: str, folder: Path, content: Content, known: Understanding
    ) -> None:
        self.name = name
        self.url = url
        self._folder = folder
        self._content = content
        self._known = known
        self._channel = TelegramChannel("1:bench", "bench")
        self.app: App | None = None

    async def open(self) -> None:
        migrate.upgrade(self.url)
        settings = Settings(demo=True, data_dir=str(self._folder), database_url=self.url)
        self.app = apps.build(
            settings,
            content=self._content,
            channels={"telegram": self._channel},
            read=contents.reader(self._known, lambda: datetime.now(UTC).date()),
        )

    async def turn(self, body: bytes) -> None:
        """Returns when the turn is durable: where the webhook would answer 200."""
        assert self.app is not None
        for delivery in self._channel.parse(Request({}, body)):
            await self.app.receive(self._channel, delivery)

    def verify(self, dialogues: int) -> None:
        """Every turn of this run must have been played and must have asked the next question."""
        assert self.app is not None
        played = self.app.store.read(
            lambda tx: tx.conn.exec_driver_sql(
                "select flow, step, count(*) from sessions where updated_at > created_at"
                " and turn = 5 group by flow, step"
            ).all()
        )
        at_end = sum(row[2] for row in played)
        if at_end < dialogues or len(played) != 1:
            raise AssertionError(f"{self.name}: {dialogues} dialogues, but sessions at {played}")

    async def close(self) -> None:
        if self.app is not None:
            await self.app.close()


def shared_keys(folder: Path) -> crypto.KeyRing:
    return apps.load_keys(Settings(demo=True, data_dir=str(folder)))

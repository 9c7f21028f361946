"""A person who answers the screening on either channel, by the codes of the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from hotline.channels.base import ChannelName
from tests.support.world import Phone, World

HELLO = {"ky": "салам", "ru": "здравствуйте", "tg": "салом"}

CALM_OFFER = {
    "A2": "none", "A3": "adult", "R1": "KG", "R2": "n", "R3": "agency", "B01": "y", "B02": "n",
    "B03": "n", "B04": "y", "B05": "y", "B06": "n", "B07": "n", "B08": "n", "B09": "no", "B10": "n",
}  # fmt: skip
"""An offer without any sign."""
CALM_WORK = {
    "A2": "none", "A3": "adult", "R0": "working", "R1": "RU", "R3": "friend", "C01": "n",
    "C02": "none", "C03": "n", "C04": "ok", "C05": "none", "C06": "n", "C07": "y", "C08": "n",
    "C09": "none", "C10": "none", "rather_tell": "n",
}  # fmt: skip
"""Work without any sign."""

Codes = str | Sequence[str]


@dataclass
class Person:
    """`answers(...)` gives answers while the waiting step has one in the mapping."""

    world: World
    phone: Phone
    trail: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        return str(self._row("select s.flow || '.' || s.step from sessions s"
                             " join conversations c on c.id = s.conversation_id"))  # fmt: skip

    @property
    def language(self) -> str | None:
        found = self._row("select c.language from contacts c", on="c.id")
        return None if found is None else str(found)

    def _row(self, query: str, on: str = "c.contact_id") -> Any:
        index = self.world.app.mind.keys.blind_index(self.phone.channel, self.phone.address)
        whole = f"{query} where {on} = (select id from contacts where address_index = :index)"  # noqa: S608 - our own words
        return self.world.read(
            lambda tx: tx.conn.execute(sa.text(whole), {"index": index}).scalar()
        )

    def conversation(self, column: str) -> Any:
        return self._row(f"select c.{column} from conversations c")  # noqa: S608 - our own words

    async def begins(self, text: str) -> None:
        """Writes first, and says that it is safe (and in which language, where that is asked)."""
        await self.phone.says(text)
        if self.where == "start.language":
            raise AssertionError("the language was not understood")
        await self.gives("y")

    async def gives(self, codes: Codes) -> None:
        """One answer to the step that waits."""
        wanted = (codes,) if isinstance(codes, str) else tuple(codes)
        self.world.clock.on(seconds=5)
        here = self.where
        self.trail.append(here)
        bundle = self.world.app.mind.current
        step = bundle.steps[here]
        if self.phone.channel == ChannelName.TELEGRAM:
            for code in wanted:
                await self.phone.presses(code)
            if step.multi and self.where == here and "done" in self.phone.buttons():
                await self.phone.presses("done")
            return
        third = self._third()
        shown = [option.code for option in bundle.shown[here, "sms", third]]
        if not set(wanted) <= set(shown):  # not offered by SMS: passed over in words
            await self.phone.says(SKIP[self.language or "ru"])
            return
        await self.phone.says(",".join(str(shown.index(code) + 1) for code in wanted))

    def _third(self) -> bool:
        return "about.R0_other" in self.trail

    async def answers(self, given: Mapping[str, Codes]) -> None:
        for _ in range(60):
            name = self.where.partition(".")[2]
            if name == "C10_minor":
                name = "C10"
            if name not in given or (self.trail and self.trail[-1] == self.where):
                return
            await self.gives(given[name])
        raise AssertionError("the questions do not end")


SKIP = {"ky": "өткөрүү", "ru": "пропустить", "tg": "гузаронед"}


def rows(world: World, sql: str) -> list[Any]:
    return list(world.read(lambda tx: tx.conn.execute(sa.text(sql)).all()))


def person(world: World, channel: str = "telegram", number: int = 1) -> Person:
    address = f"10{number:02}" if channel == "telegram" else f"+9965550000{number:02}"
    return Person(world, world.phone(address, channel))

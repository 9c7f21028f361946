"""People who write to the bot while the server dies under them, each in her own language."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.standins.telegram import Person, SeenMessage

PATIENCE = 180.0
"""Seconds for one answer: a restart on a loaded machine and a lease lie in between."""

OFFER = (
    "menu.top=offer", "safety.A2=none", "safety.A3=adult", "about.R1=KG", "about.R2=n",
    "about.R3=friend", "offer.B01=n", "offer.B02=y", "offer.B03=u", "offer.B04=n", "offer.B05=u",
    "offer.B06=y", "offer.B07=n", "offer.B08=y", "offer.B09=no", "offer.B10=y", "offer.B11=close",
    "wait.window=h24",
)  # fmt: skip
"""The check of a job offer that ends in a high level, a case and a promise."""

QUESTION = {
    "ky": "россияга келгенден кийин каттоого кантип турам",
    "ru": "как встать на миграционный учёт в россии",
    "tg": "баъди расидан ба русия чӣ хел ба қайд гирифта мешавам",
}
FIRST = {"ky": "salamatsyzby", "ru": "zdravstvuyte", "tg": "salom"}


@dataclass
class Writer:
    """Presses what she sees and writes what she thinks; keeps a list of all she did."""

    person: Person
    language: str
    acts: list[str] = field(default_factory=list)
    _seen: int = 0

    @property
    def new(self) -> list[SeenMessage]:
        """What came since her last act."""
        return self.person.standin.in_chat(self.person.chat_id)[self._seen :]

    async def says(self, text: str) -> None:
        self._act(f"says {text}")
        await self.person.says(text, wait=False)

    async def presses(self, data: str) -> None:
        line = await self._line_with(data)
        self._act(f"presses {data}")
        await self.person.presses_data(data, line, wait=False)

    async def sees(self, *any_of: str) -> str:
        """Which of these buttons comes up first."""
        found: list[str] = []

        def there() -> bool:
            shown = {b.data for line in self.new for b in line.buttons}
            found[:] = [data for data in any_of if data in shown]
            return bool(found)

        await self._until(there, " or ".join(any_of))
        return found[0]

    async def _line_with(self, data: str) -> SeenMessage:
        found: list[SeenMessage] = []

        def there() -> bool:
            found[:] = [m for m in self.new if any(b.data == data for b in m.buttons)]
            return bool(found)

        await self._until(there, data)
        return found[-1]

    async def hears(self, count: int = 1) -> None:
        await self._until(lambda: len(self.new) >= count, f"{count} lines")

    def _act(self, what: str) -> None:
        self.acts.append(what)
        self._seen = len(self.person.standin.in_chat(self.person.chat_id))

    async def _until(self, true: Callable[[], bool], what: str) -> None:
        for _ in range(int(PATIENCE / 0.02)):
            if true():
                return
            await asyncio.sleep(0.02)
        shown = [[b.data for b in m.buttons] for m in self.new]
        raise AssertionError(f"waited for {what} after {self.acts[-1:]}; came: {shown}")


async def asks(writer: Writer) -> None:
    """A question in her own words from the menu, its answer, and back to the menu."""
    await writer.sees("menu.top=offer")
    await writer.says(QUESTION[writer.language])
    await writer.presses("question.helped=menu")


async def tells(writer: Writer, still: Callable[[], bool]) -> None:
    """From the first word to waiting for a person. While `still`, goes on asking questions."""
    await writer.says(FIRST[writer.language])
    if await writer.sees("start.safe=y", f"start.language={writer.language}") != "start.safe=y":
        await writer.presses(f"start.language={writer.language}")
    await writer.presses("start.safe=y")
    await asks(writer)
    while still():
        await asks(writer)
    for data in OFFER:
        await writer.presses(data)
    await writer.sees("wait.waiting=cancel")

"""Somebody with a telephone: reads what comes, answers with buttons or with numbers."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from hotline.flow.events import Said
from tests.standins.telegram import Person
from tests.standins.twilio import Caller as Number
from tests.support.ledger import Ledger, Row

PATIENCE = 60.0  # seconds
GONE = {"sent", "delivered"}


class Phone(Protocol):
    channel: str
    address: str

    def shown(self) -> list[str]: ...
    async def say(self, text: str) -> None: ...
    async def choose(self, said: Said, code: str) -> None: ...


@dataclass
class TelegramPhone:
    person: Person
    channel: str = "telegram"

    @property
    def address(self) -> str:
        return str(self.person.chat_id)

    def shown(self) -> list[str]:
        return [one.text for one in self.person.screen]

    async def say(self, text: str) -> None:
        await self.person.says(text)

    async def choose(self, said: Said, code: str) -> None:
        await self.person.presses(f"{said.step}={code}")


@dataclass
class SmsPhone:
    number: Number
    channel: str = "sms"

    @property
    def address(self) -> str:
        return self.number.number

    def shown(self) -> list[str]:
        return [one.body for one in self.number.standin.to_number(self.number.number)]

    async def say(self, text: str) -> None:
        await self.number.says(text)

    async def choose(self, said: Said, code: str) -> None:
        """The number that stands before the answer in the message."""
        number = [option.code for option in said.choices].index(code) + 1
        assert re.search(rf"(^|\s){number}\W", self.shown()[-1]), self.shown()[-1]
        await self.say(str(number))


@dataclass
class Caller:
    """`said` holds her own words, for looking whether they leaked."""

    phone: TelegramPhone | SmsPhone
    language: str
    ledger: Ledger
    said: list[str] = field(default_factory=list)
    _seen: int = 0

    @property
    def contact_id(self) -> str | None:
        return self.ledger.contact(self.phone.channel, self.phone.address)

    def rows(self) -> list[Row]:
        contact_id = self.contact_id
        return self.ledger.rows(contact_id) if contact_id else []

    @property
    def language_kept(self) -> str:
        found = self.ledger.all("select language from contacts where id = :c", c=self.contact_id)
        return str(found[0][0])

    async def says(self, text: str) -> None:
        self._seen = len(self.rows())
        self.said.append(text)
        await self.phone.say(text)

    async def picks(self, step: str, code: str) -> None:
        """Waits for the question of a step and gives an answer to it."""
        row = await self.hears(f"{step}.ask")
        self._seen = len(self.rows())
        assert row.said is not None
        await self.phone.choose(row.said, code)

    async def hears(self, *keys: str) -> Row:
        """The first line with one of these keys since her last act, once it is on her phone."""
        found: list[Row] = []

        def there() -> bool:
            rows = self.rows()[self._seen :]
            found[:] = [row for row in rows if row.what in keys and row.state in GONE]
            return bool(found)

        await self._until(there, " or ".join(keys))
        for part in found[0].parts:
            assert part in self.phone.shown(), f"{found[0].what} is not on the phone"
        return found[0]

    async def reads(self, words: str) -> None:
        await self._until(lambda: any(words in text for text in self.phone.shown()), words)

    async def _until(self, true: Callable[[], bool], what: str) -> None:
        for _ in range(int(PATIENCE / 0.04)):
            if true():
                return
            await asyncio.sleep(0.04)
        came = [(row.what, row.state) for row in self.rows()[self._seen :]]
        raise AssertionError(f"waited for {what}; came: {came}")

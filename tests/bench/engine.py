"""Pure turns a second: no database, no network, the same dialogue for everybody, in one run.

Ours reads the session and the message from JSON at each turn and writes session and events back;
the peers read Telegram's JSON and keep their state as objects in memory. The contestants take turns
in an order shuffled anew each round. Figures are medians over the rounds.
"""

import asyncio
import gc
import json
import random
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from telegram import Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ConversationHandler,
    MessageHandler,
    filters,
)

from hotline import library
from hotline.bootstrap import content as contents
from hotline.bootstrap.content import Content
from hotline.bootstrap.stories import judges_of
from hotline.channels.base import Inbound, Request
from hotline.channels.telegram import TelegramChannel
from hotline.core.reading import Expects, Heard, Kind, Reading
from hotline.flow import engine, events as ev
from hotline.flow.pen import Read
from hotline.flow.session import Session
from tests.bench import machine, peers
from tests.bench.dialogue import GREETINGS, PRESSED, TURNS, Updates

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
LAST_QUESTION = "about.R1"
WANTED_PER_SECOND = 5_000


class Contestant(Protocol):
    name: str

    async def open(self) -> None: ...
    def messages(self, person: int) -> list[bytes]: ...
    async def turn(self, person: int, body: bytes) -> None: ...
    def verify(self, dialogues: int) -> None: ...
    async def close(self) -> None: ...


class Engine:
    """Our engine. Its sessions live as JSON text; so do its messages."""

    def __init__(self, name: str, content: Content, read: Read) -> None:
        self.name = name
        self._bundle, self._read = content.bundle, read
        judges = judges_of(content.ruleset)
        self._judges: dict[str, Any] = {"assess": judges.assess}
        self._more = {"can_change": judges.can_change, "reasons": judges.reasons}
        self._kept: dict[int, str] = {}
        self._written = 0

    async def open(self) -> None:
        pass

    def messages(self, person: int) -> list[bytes]:
        said = [{"kind": "text", "text": GREETINGS[person % len(GREETINGS)]}]
        said += [{"kind": "button", "button": data} for data in PRESSED]
        return [json.dumps(one, ensure_ascii=False).encode() for one in said]

    def hear(self, body: bytes) -> Heard:
        data = json.loads(body)
        return Heard(Kind(data["kind"]), data.get("text", ""), data.get("button"))

    async def turn(self, person: int, body: bytes) -> None:
        heard, kept = self.hear(body), self._kept.get(person)
        if kept is None:
            turn = engine.begin(
                self._bundle, heard, channel="telegram", language=None, read=self._read, now=NOW,
                **self._judges, **self._more,
            )  # fmt: skip
        else:
            turn = engine.resume(
                self._bundle, Session.from_mapping(json.loads(kept)), heard, read=self._read,
                now=NOW, idle_seconds=5, **self._judges, **self._more,
            )  # fmt: skip
        self._kept[person] = json.dumps(turn.session.to_mapping())
        self._written += len(json.dumps([ev.to_mapping(e) for e in turn.events]))

    def verify(self, dialogues: int) -> None:
        ends: dict[str, int] = {}
        for kept in self._kept.values():
            step = Session.from_mapping(json.loads(kept)).step_key
            ends[step] = ends.get(step, 0) + 1
        if ends != {LAST_QUESTION: dialogues}:
            raise AssertionError(f"{self.name}: {dialogues} dialogues, but they ended at {ends}")

    async def close(self) -> None:
        self._kept.clear()


class WholeMessage(Engine):
    """The same with Telegram's own JSON, parsed by the channel, and the whole understanding."""

    def __init__(self, name: str, content: Content, read: Read) -> None:
        super().__init__(name, content, read)
        self._channel = TelegramChannel("1:bench", "bench")
        self._updates = Updates()

    def messages(self, person: int) -> list[bytes]:
        return self._updates.dialogue(person)

    def hear(self, body: bytes) -> Heard:
        (delivery,) = self._channel.parse(Request({}, body))
        assert isinstance(delivery, Inbound)
        return delivery.heard


class PtbInMemory:
    """python-telegram-bot's ConversationHandler, its state in memory."""

    name = "python-telegram-bot, ConversationHandler in memory"

    def __init__(self) -> None:
        self._updates = Updates()

    async def open(self) -> None:
        bot: Any = peers.SilentBot("1:bench")
        self._app: Any = Application.builder().bot(bot).build()
        states: Any = {
            step: [CallbackQueryHandler(peers._pressed, pattern=rf".*\.{step}=")]
            for step in peers.NEXT
        } | {"next": []}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of buttons under older messages
            self._handler: Any = ConversationHandler(
                entry_points=[MessageHandler(filters.TEXT, peers._greeted)],
                states=states,
                fallbacks=[],
            )
        self._app.add_handler(self._handler)
        await self._app.initialize()

    def messages(self, person: int) -> list[bytes]:
        return self._updates.dialogue(person)

    async def turn(self, _person: int, body: bytes) -> None:
        await self._app.process_update(Update.de_json(json.loads(body), self._app.bot))

    def verify(self, dialogues: int) -> None:
        at_end = sum(1 for state in self._handler._conversations.values() if state == "next")
        if at_end != dialogues:
            raise AssertionError(f"{self.name}: {dialogues} dialogues, {at_end} at the end")

    async def close(self) -> None:
        await self._app.shutdown()


class AiogramInMemory(peers.InMemory):
    """aiogram's finite state machine, as in the bench of durable turns."""

    name = "aiogram, finite state machine in memory"

    def __init__(self) -> None:
        super().__init__()
        self._updates = Updates()

    def messages(self, person: int) -> list[bytes]:
        return self._updates.dialogue(person)

    async def turn(self, _person: int, body: bytes) -> None:  # type: ignore[override]
        await super().turn(body)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    turns_per_second: float
    lowest: float
    highest: float
    cpu_microseconds: float  # of this process, a turn

    @property
    def a_core_second(self) -> float:
        """Turns a second of one core's work: the same on a busy machine and on an idle one."""
        return 1e6 / self.cpu_microseconds


@dataclass(frozen=True, slots=True)
class Report:
    machine: machine.Machine
    rounds: int
    dialogues: int
    rows: tuple[Row, ...]
    goals: tuple[tuple[str, bool], ...] = field(default=())

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)


def measure(*, rounds: int, dialogues: int, tell: Callable[[str], None]) -> Report:
    """Raises `AssertionError` when a contestant did not play every dialogue to its end."""
    with tempfile.TemporaryDirectory() as folder:
        found = machine.look(Path(folder))
    return asyncio.run(_measure(found, rounds, dialogues, tell))


async def _measure(
    found: machine.Machine, rounds: int, dialogues: int, tell: Callable[[str], None]
) -> Report:
    content = contents.load(contents.ROOT / "flows", contents.ROOT / "locales", demonstration=True)
    files = library.load(contents.ROOT / "flows")
    known = contents.understanding(files, cache=None, tell=tell)
    whole = contents.reader(known, NOW.date)
    contestants: list[Contestant] = [
        Engine("Hotline engine", content, simply),
        Engine("Hotline engine and understanding", content, whole),
        WholeMessage("Hotline engine, understanding and Telegram's JSON", content, whole),
        PtbInMemory(),
        AiogramInMemory(),
    ]
    rates: dict[str, list[float]] = {one.name: [] for one in contestants}
    worked: dict[str, list[float]] = {one.name: [] for one in contestants}
    people = dict.fromkeys(rates, 0)
    for one in contestants:
        await one.open()
    order = random.Random(189)  # noqa: S311 - only the order of contestants
    for number in range(rounds + 1):
        tell(f"round {number} of {rounds}" if number else "warming up")
        order.shuffle(contestants)
        for one in contestants:
            rate, cpu = await _round(one, people[one.name], dialogues)
            people[one.name] += dialogues
            if number:
                rates[one.name].append(rate)
                worked[one.name].append(cpu)
    for one in contestants:
        one.verify(people[one.name])
        await one.close()
    rows = tuple(
        Row(name, statistics.median(got), min(got), max(got), statistics.median(worked[name]) * 1e6)
        for name, got in rates.items()
    )
    ours, ptb, aiogram = rows[0], rows[-2], rows[-1]
    goals = (
        (f"at least {WANTED_PER_SECOND:,} turns a second of one core: {ours.a_core_second:,.0f}",
         ours.a_core_second >= WANTED_PER_SECOND),
        (f"{ours.a_core_second / ptb.a_core_second:.1f} times python-telegram-bot",
         ours.a_core_second > ptb.a_core_second),
        (f"{ours.a_core_second / aiogram.a_core_second:.1f} times aiogram",
         ours.a_core_second > aiogram.a_core_second),
    )  # fmt: skip
    return Report(found, rounds, dialogues, rows, goals)


async def _round(one: Contestant, before: int, dialogues: int) -> tuple[float, float]:
    """Turns a second, and seconds of processor time a turn."""
    todo = [(n, one.messages(n)) for n in range(before + 1, before + 1 + dialogues)]
    gc.collect()
    begin, worked = time.perf_counter(), time.process_time()
    for person, bodies in todo:
        for body in bodies:
            await one.turn(person, body)
    turns = dialogues * TURNS
    return turns / (time.perf_counter() - begin), (time.process_time() - worked) / turns


def simply(heard: Heard, expects: Expects) -> Reading:
    """Buttons, and the language of the three greetings: as much as the peers understand."""
    if heard.kind is Kind.BUTTON:
        step, _, code = (heard.button or "").rpartition("=")
        known = step == expects.step and any(choice.code == code for choice in expects.choices)
        return Reading(codes=(code,)) if known else Reading(stale_step=step)
    language = peers.LANGUAGES.get(heard.text)
    return Reading(language=language, language_confidence=1.0 if language else 0.0)

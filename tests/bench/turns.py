"""Durable turns a second, ours beside the usual ways, in one interleaved run.

All contestants live in one process and take turns in an order that is shuffled anew each round, so
that a busy machine slows all of them alike. Figures are medians over the rounds.
"""

import asyncio
import gc
import random
import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hotline.bootstrap import content as contents
from tests.bench import load, machine, ours, peers
from tests.bench.dialogue import TURNS, Updates
from tests.support import postgres

STORED = 50_000
PEOPLE = (1, 50)
FASTER_AT_1_000, FASTER_AT_10_000, FLAT = 10.0, 90.0, 0.10

Tell = Callable[[str], None]


class Contestant(Protocol):
    name: str

    async def open(self) -> None: ...
    async def turn(self, body: bytes) -> None: ...
    def verify(self, dialogues: int) -> None: ...
    async def close(self) -> None: ...


@dataclass
class Entry:
    """One contestant with what it is asked to do: dialogues a round, per number of people."""

    contestant: Contestant
    dialogues: dict[int, int]
    durability: str
    updates: Updates = field(default_factory=Updates)
    person: int = 0
    rates: dict[int, list[float]] = field(default_factory=dict)
    p50: dict[int, list[float]] = field(default_factory=dict)
    p99: dict[int, list[float]] = field(default_factory=dict)
    cpu: dict[int, list[float]] = field(default_factory=dict)
    every: int = 1  # plays in each round, or in every third

    async def round(self, people: int) -> None:
        """Everybody's dialogues once; each person waits for her answer before she goes on."""
        count = max(people, self.dialogues[people])
        todo = iter([self.updates.dialogue(self.person + n) for n in range(1, count + 1)])
        self.person += count
        took: list[float] = []

        async def one_person() -> None:
            for bodies in todo:
                for body in bodies:
                    begin = time.perf_counter()
                    await self.contestant.turn(body)
                    took.append(time.perf_counter() - begin)

        gc.collect()
        begin, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one_person() for _ in range(people)))
        seconds, used = time.perf_counter() - begin, time.process_time() - used
        took.sort()
        self.cpu.setdefault(people, []).append(used / (count * TURNS) * 1000)
        self.rates.setdefault(people, []).append(count * TURNS / seconds)
        self.p50.setdefault(people, []).append(took[len(took) // 2] * 1000)
        self.p99.setdefault(people, []).append(took[int(len(took) * 0.99)] * 1000)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; times in milliseconds. `cpu_ms` is the processor time of this process
    for a turn: it does not grow when others use the machine, and leaves out the database server."""

    name: str
    people: int
    turns_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    lowest: float
    highest: float
    durability: str


@dataclass(frozen=True, slots=True)
class Goal:
    """What was expected and what came out."""

    what: str
    wanted: str
    measured: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Report:
    machine: machine.Machine
    rounds: int
    stored: int
    rows: tuple[Row, ...]
    goals: tuple[Goal, ...]
    notes: tuple[str, ...]

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)


def measure(folder: Path, *, url: str, rounds: int, stored: int, tell: Tell) -> Report:
    """The whole run. `folder` is empty and on a real disk; `url` a PostgreSQL to use, or empty for
    a temporary one. Takes some minutes."""
    return asyncio.run(_measure(folder, url=url, rounds=rounds, stored=stored, tell=tell))


async def _measure(folder: Path, *, url: str, rounds: int, stored: int, tell: Tell) -> Report:
    seen = machine.look(folder)
    notes: list[str] = []
    async with AsyncExitStack() as stack:
        entries = _entries(folder, url, stored, stack, notes)
        for entry in entries:
            tell(f"Preparing: {entry.contestant.name} ...")
            await entry.contestant.open()
            stack.push_async_callback(entry.contestant.close)
            if isinstance(entry.contestant, ours.Ours) and "stored" in entry.contestant.name:
                _fill(entry.contestant, stored, tell)
        for entry in entries:  # once unmeasured: caches, first statements
            for people in PEOPLE if entry.every == 1 else PEOPLE[:1]:
                await entry.round(people)
            entry.rates, entry.p50, entry.p99, entry.cpu = {}, {}, {}, {}
        gc.collect()
        gc.freeze()  # as the server does at its start; it serves all contestants alike
        for number in range(1, rounds + 1):
            tell(f"Round {number} of {rounds} ...")
            order = [
                (entry, people)
                for entry in entries
                for people in PEOPLE
                if (number - 1) % entry.every == 0
            ]
            random.Random(number).shuffle(order)  # noqa: S311 - an order, no secret
            for entry, people in order:
                await entry.round(people)
        for entry in entries:
            entry.contestant.verify(entry.person)
    rows = tuple(row for entry in entries for row in _rows(entry))
    return Report(seen, rounds, stored, rows, _goals(rows, stored), tuple(notes))


def _entries(
    folder: Path, url: str, stored: int, stack: AsyncExitStack, notes: list[str]
) -> list[Entry]:
    content = contents.load(contents.ROOT / "flows", contents.ROOT / "locales", demonstration=True)
    known = contents.understanding(content.files, cache=contents.ROOT / "var" / "understanding.npz")
    both = {1: 20, 50: 100}
    entries: list[Entry] = []

    def add(name: str, address: str, durability: str) -> None:
        home = folder / name.replace(" ", "-").replace(",", "")
        home.mkdir()
        made = ours.Ours(name, address.format(home=home), home, content, known)
        entries.append(Entry(made, both, durability))

    flushed = "every turn: commit flushed to disk before it is answered"
    add("hotline, SQLite, empty", "sqlite:///{home}/h.sqlite3", flushed)
    add(f"hotline, SQLite, {stored:,} stored", "sqlite:///{home}/h.sqlite3", flushed)
    addresses = _postgres(url, stack, notes)
    if addresses is not None:
        add("hotline, PostgreSQL, empty", addresses[0], flushed)
        add(f"hotline, PostgreSQL, {stored:,} stored", addresses[1], flushed)
    # The slowest plays less often, or it would be most of the run.
    for kept, dialogues, every in ((1_000, {1: 10, 50: 50}, 1), (10_000, {1: 2, 50: 50}, 3)):
        pickled = peers.Pickled(folder, kept)
        entries.append(Entry(pickled, dialogues, pickled.durability, every=every))
    memory = peers.InMemory()
    entries.append(Entry(memory, both, memory.durability))
    try:
        import redis  # noqa: F401 - only whether it is there
    except ImportError:
        notes.append(
            "aiogram keeps its state in memory, MongoDB or Redis; no Redis client or server is "
            "installed here, so only the storage in memory was measured."
        )
    return entries


def _postgres(url: str, stack: AsyncExitStack, notes: list[str]) -> tuple[str, str] | None:
    """Addresses of two empty databases on one server that flushes its commits."""
    if url.startswith("postgresql"):
        notes.append("PostgreSQL: the server of HOTLINE_DATABASE_URL, with its own settings.")
        return _two_databases(url, stack)
    try:
        cluster = postgres.start(durable=True)
    except postgres.PostgresMissingError as missing:
        notes.append(f"PostgreSQL was not measured: {missing}")
        return None
    stack.callback(cluster.stop)
    notes.append("PostgreSQL: a temporary server with fsync=on on the same machine and cores.")
    return _two_databases(cluster.url("postgres"), stack)


def _two_databases(url: str, stack: AsyncExitStack) -> tuple[str, str]:
    import sqlalchemy as sa

    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    base = sa.make_url(url)
    made = []
    with admin.connect() as conn:
        for name in ("hotline_bench_empty", "hotline_bench_stored"):
            conn.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            conn.execute(sa.text(f"CREATE DATABASE {name}"))
            made.append(base.set(database=name).render_as_string(hide_password=False))

    def drop() -> None:
        with suppress(sa.exc.OperationalError), admin.connect() as conn:
            for name in ("hotline_bench_empty", "hotline_bench_stored"):
                conn.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()

    stack.callback(drop)
    return made[0], made[1]


def _fill(contestant: ours.Ours, stored: int, tell: Tell) -> None:
    assert contestant.app is not None
    load.store_conversations(contestant.app.store, contestant.app.keys, stored, tell)


def _rows(entry: Entry) -> list[Row]:
    middle = statistics.median
    return [
        Row(
            entry.contestant.name,
            people,
            middle(entry.rates[people]),
            middle(entry.p50[people]),
            middle(entry.p99[people]),
            middle(entry.cpu[people]),
            min(entry.rates[people]),
            max(entry.rates[people]),
            entry.durability,
        )
        for people in PEOPLE
    ]


def _goals(rows: tuple[Row, ...], stored: int) -> tuple[Goal, ...]:
    rate = {(row.name, row.people): row.turns_per_second for row in rows}
    cpu = {(row.name, row.people): row.cpu_ms for row in rows}
    own = "hotline, SQLite, empty", 50
    goals = []
    for kept, factor in ((1_000, FASTER_AT_1_000), (10_000, FASTER_AT_10_000)):
        peer = f"python-telegram-bot, PicklePersistence, {kept:,} stored", 50
        times = rate[own] / rate[peer]
        goals.append(
            Goal(
                f"SQLite, 50 people, against PicklePersistence with {kept:,} stored",
                f"at least {factor:.0f} times",
                f"{times:.1f} times (by processor time {cpu[peer] / cpu[own]:.1f})",
                times >= factor,
            )
        )
    for base in ("SQLite", "PostgreSQL"):
        empty = rate.get((f"hotline, {base}, empty", 50))
        full = rate.get((f"hotline, {base}, {stored:,} stored", 50))
        if empty is None or full is None:
            continue
        lost = 1 - full / empty
        goals.append(
            Goal(
                f"{base}, 50 people, {stored:,} stored against empty",
                f"within {FLAT:.0%}",
                f"{-lost:+.1%}",
                lost <= FLAT,
            )
        )
    return tuple(goals)

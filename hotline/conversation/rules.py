"""The conversation's states and the order of the queue (operations.md 1 and 2). Pure.

`TABLE` is the whole truth: what is not in it is refused by the server, whatever a page shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.core.errors import Conflict


class State(StrEnum):
    BOT = "BOT"
    WAITING = "WAITING"
    HUMAN = "HUMAN"
    CALLBACK = "CALLBACK_SCHEDULED"
    CLOSED = "CLOSED"
    QUIET = "QUIET"


class Event(StrEnum):
    HANDOVER = "handover"  # asks for a human, screening, unsure twice, danger
    TAKE = "take_next"
    HEARTBEAT = "heartbeat"
    LEASE_LOST = "lease_lost"
    HAND_BACK = "hand_back"
    CALLBACK_SET = "schedule_callback"
    CALLBACK_DUE = "callback_due"
    RELEASE = "release"  # a cold transfer: back to the queue at the same place
    CLOSE = "close"
    PROMISE_BROKEN = "promise_broken"
    CANCEL = "cancel"
    QUIET = "quiet"  # STOP, quick exit, not safe, blocked
    DURESS = "duress"
    WRITES = "writes"
    WRITES_URGENT = "writes_urgent"  # writes again while a P0/P1 case is open


class Effect(StrEnum):
    """What the shell must do beside the change of state."""

    PROMISE = "promise"
    LEASE = "lease"
    UNLEASE = "unlease"
    RANK_UP = "rank_up"
    RESUME_BOT = "resume_bot"
    WITHDRAW_LINES = "withdraw_lines"
    TELL_BROKEN = "tell_broken"
    ALARM = "alarm"
    RETENTION = "retention"
    ASK_SAFE = "ask_safe"
    TASK_REVIEW = "task_review"


S, E, F = State, Event, Effect

TABLE: dict[tuple[State, Event], tuple[State, tuple[Effect, ...]]] = {
    (S.BOT, E.HANDOVER): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.BOT, E.DURESS): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.BOT, E.QUIET): (S.QUIET, (F.WITHDRAW_LINES,)),
    (S.BOT, E.WRITES): (S.BOT, ()),
    (S.BOT, E.WRITES_URGENT): (S.BOT, ()),
    (S.WAITING, E.HANDOVER): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.WAITING, E.TAKE): (S.HUMAN, (F.LEASE,)),
    (S.WAITING, E.PROMISE_BROKEN): (S.WAITING, (F.TELL_BROKEN, F.ALARM)),
    (S.WAITING, E.CANCEL): (S.BOT, ()),
    (S.WAITING, E.QUIET): (S.QUIET, (F.WITHDRAW_LINES, F.TASK_REVIEW)),
    (S.WAITING, E.DURESS): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.WAITING, E.WRITES): (S.WAITING, ()),
    (S.WAITING, E.WRITES_URGENT): (S.WAITING, ()),
    (S.HUMAN, E.HEARTBEAT): (S.HUMAN, (F.LEASE,)),
    (S.HUMAN, E.LEASE_LOST): (S.WAITING, (F.UNLEASE, F.RANK_UP, F.ALARM)),
    (S.HUMAN, E.HAND_BACK): (S.BOT, (F.UNLEASE, F.RESUME_BOT)),
    (S.HUMAN, E.CALLBACK_SET): (S.CALLBACK, (F.UNLEASE,)),
    (S.HUMAN, E.RELEASE): (S.WAITING, (F.UNLEASE, F.ALARM)),
    (S.HUMAN, E.CLOSE): (S.CLOSED, (F.UNLEASE, F.RETENTION)),
    (S.HUMAN, E.HANDOVER): (S.HUMAN, (F.ALARM,)),
    (S.HUMAN, E.DURESS): (S.HUMAN, (F.ALARM,)),
    (S.HUMAN, E.QUIET): (S.QUIET, (F.UNLEASE, F.WITHDRAW_LINES, F.TASK_REVIEW)),
    (S.HUMAN, E.WRITES): (S.HUMAN, ()),
    (S.HUMAN, E.WRITES_URGENT): (S.HUMAN, ()),
    (S.CALLBACK, E.CALLBACK_DUE): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.CALLBACK, E.HANDOVER): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.CALLBACK, E.DURESS): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.CALLBACK, E.QUIET): (S.QUIET, (F.WITHDRAW_LINES, F.TASK_REVIEW)),
    (S.CALLBACK, E.WRITES): (S.BOT, (F.ASK_SAFE,)),
    (S.CALLBACK, E.WRITES_URGENT): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.CLOSED, E.WRITES): (S.BOT, (F.ASK_SAFE,)),
    (S.CLOSED, E.WRITES_URGENT): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.CLOSED, E.QUIET): (S.QUIET, (F.WITHDRAW_LINES,)),
    (S.CLOSED, E.DURESS): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.CLOSED, E.HANDOVER): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.QUIET, E.WRITES): (S.BOT, (F.ASK_SAFE,)),
    (S.QUIET, E.WRITES_URGENT): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.QUIET, E.DURESS): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.QUIET, E.HANDOVER): (S.WAITING, (F.PROMISE, F.ALARM)),
    (S.QUIET, E.QUIET): (S.QUIET, (F.WITHDRAW_LINES,)),
}


def move(state: str, event: Event) -> tuple[State, tuple[Effect, ...]]:
    """The next state and its effects. Raises `Conflict` for an edge that is not in the table."""
    found = TABLE.get((State(state), event))
    if found is None:
        raise Conflict(
            f"A conversation in state {state} cannot {event}.", key="error.conversation.moved"
        )
    return found


# ------------------------------------------------------------------ classes and promises

CLASSES = ("P0", "P1", "P2", "P3")
_PROMISE = {
    "P0": timedelta(minutes=5),
    "P1": timedelta(minutes=5),
    "P2": timedelta(minutes=30),
    "P3": timedelta(hours=24),
}
_START_RANK = {"P0": 8, "P1": 4, "P2": 2, "P3": 0}
_AGEING = {
    "P1": (timedelta(seconds=600), timedelta(seconds=300)),
    "P2": (timedelta(minutes=15), timedelta(minutes=15)),
    "P3": (timedelta(hours=6), timedelta(hours=6)),
}
_CEILING = 7
CALLBACK_TRIES = 3


def worse(one: str | None, other: str | None) -> str | None:
    """The more urgent of two classes; None is the least."""
    known = [c for c in (one, other) if c is not None]
    return min(known, default=None)


def promise(klass: str, *, now: datetime) -> datetime:
    """By when a person is promised (operations.md 2.2)."""
    return now + _PROMISE[klass]


def rank(klass: str, *, waited: timedelta, bonus: int = 0) -> int:
    """Effective class: start value, plus ageing, plus lost leases; P0 stays above all (2.3.3)."""
    if klass == "P0":
        return _START_RANK[klass]
    first, step = _AGEING[klass]
    aged = 0 if waited < first else 1 + (waited - first) // step
    return min(_CEILING, _START_RANK[klass] + aged + bonus)


# ------------------------------------------------------------------ who takes what

_WIDEN = {
    "P0": (timedelta(seconds=60), timedelta(seconds=120)),
    "P1": (timedelta(seconds=210), timedelta(seconds=210)),
    "P2": (timedelta(minutes=10), timedelta(minutes=15)),
    "P3": (timedelta(hours=3), timedelta(hours=6)),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One waiting conversation, as the queue sees it."""

    conversation_id: str
    klass: str
    waiting_since: datetime
    language: str | None = None
    needs: tuple[str, ...] = ()  # skills wanted: women, children, labour, legal
    bonus: int = 0
    site_id: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Taker:
    """The operator who asks for the next case, and what she already holds."""

    operator_id: str
    languages: tuple[str, ...]
    skills: tuple[str, ...] = ()
    capacity: int = 3
    holding: tuple[str, ...] = ()  # classes of the conversations she holds


def may_take(taker: Taker) -> bool:
    """Three at once; one while holding P0 (2.4.1)."""
    return len(taker.holding) < taker.capacity and "P0" not in taker.holding


def eligible(taker: Taker, item: Waiting, *, now: datetime) -> bool:
    """Skill and language first; then language; then anybody, with a translation aid (2.5.3)."""
    by_language, by_anyone = _WIDEN[item.klass]
    waited = now - item.waiting_since
    if waited >= by_anyone:
        return True
    if item.language is not None and item.language not in taker.languages:
        return False
    return waited >= by_language or all(skill in taker.skills for skill in item.needs)


def order(items: Iterable[Waiting], *, now: datetime) -> list[Waiting]:
    """Rank descending, then the longest wait first (2.3.2)."""
    return sorted(
        items,
        key=lambda i: (
            -rank(i.klass, waited=now - i.waiting_since, bonus=i.bonus),
            i.waiting_since,
            i.conversation_id,
        ),
    )


def candidates(taker: Taker, items: Sequence[Waiting], *, now: datetime) -> list[Waiting]:
    """What this operator may take, best first; empty when she is full."""
    if not may_take(taker):
        return []
    fitting = [item for item in order(items, now=now) if eligible(taker, item, now=now)]
    if taker.holding:
        # A P0 needs her whole attention, so it goes to free hands first; but after two minutes
        # anybody is better than nobody.
        anyone = _WIDEN["P0"][1]
        fitting = [i for i in fitting if i.klass != "P0" or now - i.waiting_since >= anyone]
    return fitting

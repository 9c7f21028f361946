"""The wallboard: who waits since when, who holds what, what is stuck. Counts and ids, no words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.accounts import users
from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.cases.tasks import repository as tasks
from hotline.conversation.repository import board as rows, queue
from hotline.conversation.repository.board import Lease
from hotline.conversation.repository.queue import WaitingRow
from hotline.core.actor import Actor
from hotline.db.transaction import Tx
from hotline.outbox import repository as outbox


@dataclass(frozen=True, slots=True)
class Hand:
    """An operator on shift or with something in her hands."""

    operator_id: str
    alias: str
    on_shift: bool
    capacity: int
    leases: tuple[Lease, ...]


@dataclass(frozen=True, slots=True)
class Wall:
    """`waiting` is in no order of taking: a supervisor sees positions and changes none."""

    waiting: tuple[WaitingRow, ...]
    hands: tuple[Hand, ...]
    sending: Mapping[str, int]
    beats: Mapping[str, datetime]


def wall(tx: Tx, actor: Actor) -> Wall:
    """What a supervisor sees of her site and of what has no site yet."""
    permit(actor, "queue.positions")
    held: dict[str, list[Lease]] = {}
    for lease in rows.leases(tx):
        held.setdefault(lease.operator_id, []).append(lease)
    staff = [u for u in users.listed(tx) if u.role in {"OP", "SO"} and u.disabled_at is None]
    hands = [
        Hand(u.id, u.alias, u.on_shift, u.capacity, tuple(held.get(u.id, ())))
        for u in staff
        if u.on_shift or u.id in held
    ]
    waiting = [
        row for row in queue.waiting(tx) if row.site_id is None or row.site_id == actor.site_id
    ]
    waiting.sort(key=lambda row: (row.klass, row.waiting_since))
    return Wall(tuple(waiting), tuple(hands), outbox.counts(tx), tasks.beats(tx))


def stamp(tx: Tx, conversation_id: str) -> tuple[object, ...]:
    """Equal as long as the page of a conversation would show the same."""
    return rows.stamp(tx, conversation_id)


def watched(tx: Tx, conversation_id: str, *, since: datetime) -> tuple[datetime, ...]:
    """When a supervisor looked at this conversation: its operator is shown it (1.3.5)."""
    seen = audit.latest(tx, limit=20, tag="case:conversation:watched", object_id=conversation_id)
    return tuple(row.link.at for row in seen if row.link.at >= since)

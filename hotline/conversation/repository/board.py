"""What the wallboard and a live page count: leases, and a cheap stamp of one conversation."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hotline.db.models.contact import Conversation
from hotline.db.models.message import Attachment, MessageRow, OutboxRow
from hotline.db.models.task import Task
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class Lease:
    """A conversation in somebody's hands. No name, no alias: ids and codes."""

    conversation_id: str
    operator_id: str
    klass: str | None
    lease_until: datetime | None
    site_id: str | None


def leases(tx: Tx) -> tuple[Lease, ...]:
    query = (
        sa.select(
            Conversation.id.label("conversation_id"),
            Conversation.operator_id,
            Conversation.klass,
            Conversation.lease_until,
            Conversation.site_id,
        )
        .where(Conversation.state == "HUMAN", Conversation.operator_id.is_not(None))
        .order_by(Conversation.operator_id, Conversation.id)
    )
    return tuple(Lease(**row) for row in tx.conn.execute(query).mappings())


def stamp(tx: Tx, conversation_id: str, *, newest: int = 200) -> tuple[object, ...]:
    """Changes whenever anything changes that the page of a conversation shows; opens no seal."""
    head = tx.conn.execute(
        sa.select(Conversation.version, Conversation.state, Conversation.operator_id).where(
            Conversation.id == conversation_id
        )
    ).first()
    lines = (
        sa.select(MessageRow.id, MessageRow.version, MessageRow.seq)
        .where(MessageRow.conversation_id == conversation_id)
        .order_by(MessageRow.seq.desc())
        .limit(newest)
        .subquery()
    )
    rows = tx.conn.execute(
        sa.select(lines.c.seq, lines.c.version, OutboxRow.state, OutboxRow.uncertain)
        .outerjoin(OutboxRow, OutboxRow.message_id == lines.c.id)
        .order_by(lines.c.seq)
    ).all()
    files = tx.conn.execute(
        sa.select(Attachment.state, sa.func.count())
        .join(lines, lines.c.id == Attachment.message_id)
        .group_by(Attachment.state)
        .order_by(Attachment.state)
    ).all()
    return (tuple(head or ()), tuple(map(tuple, rows)), tuple(map(tuple, files)))


@dataclass(frozen=True, slots=True)
class OpenTask:
    id: str
    kind: str
    subject_kind: str
    subject_id: str
    role: str
    details: dict[str, str] | None


def task(tx: Tx, task_id: str) -> OpenTask | None:
    """One task that nobody has done yet."""
    query = sa.select(*(getattr(Task, name) for name in OpenTask.__dataclass_fields__)).where(
        Task.id == task_id, Task.done_at.is_(None)
    )
    row = tx.conn.execute(query).mappings().first()
    return None if row is None else OpenTask(**row)


def send_again(tx: Tx, outbox_id: str, *, now: datetime) -> bool:
    """A line that was given up goes out again, through the same gate as every line."""
    done = tx.conn.execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id == outbox_id, OutboxRow.state == "failed")
        .values(state="new", attempts=0, next_at=now, error=None)
    )
    return done.rowcount == 1

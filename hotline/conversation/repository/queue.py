"""The queue: who waits, who holds what, leases that ran out, drafts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db.models.case import Case
from hotline.db.models.contact import Contact, Conversation, Draft
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class WaitingRow:
    conversation_id: str
    version: int
    klass: str
    bonus: int
    waiting_since: datetime
    language: str | None
    silent: bool
    promised_by: datetime | None
    promise_broken: bool
    site_id: str | None
    is_minor: bool | None
    reasons: list[str] | None


def waiting(tx: Tx) -> tuple[WaitingRow, ...]:
    query = (
        sa.select(
            Conversation.id.label("conversation_id"),
            Conversation.version,
            Conversation.klass,
            Conversation.rank.label("bonus"),
            Conversation.waiting_since,
            Contact.language,
            Conversation.silent,
            Conversation.promised_by,
            Conversation.promise_broken,
            Conversation.site_id,
            Case.is_minor,
            Case.reasons,
        )
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(Case, Case.id == Conversation.case_id)
        .where(Conversation.state == "WAITING")
    )
    return tuple(WaitingRow(**row) for row in tx.conn.execute(query).mappings())


def held_by(tx: Tx, operator_id: str) -> tuple[tuple[str, str, str | None], ...]:
    """`(conversation id, alias, class)` of what one operator holds, oldest first."""
    rows = tx.conn.execute(
        sa.select(Conversation.id, Conversation.alias, Conversation.klass)
        .where(Conversation.state == "HUMAN", Conversation.operator_id == operator_id)
        .order_by(Conversation.waiting_since, Conversation.id)
    ).all()
    return tuple((row[0], row[1], row[2]) for row in rows)


def lost_leases(tx: Tx, *, now: datetime) -> tuple[str, ...]:
    rows = tx.conn.execute(
        sa.select(Conversation.id).where(
            Conversation.state == "HUMAN", Conversation.lease_until < now
        )
    ).all()
    return tuple(row[0] for row in rows)


def draft(tx: Tx, conversation_id: str) -> tuple[bytes, str] | None:
    row = tx.conn.execute(
        sa.select(Draft.body, Draft.operator_id).where(Draft.conversation_id == conversation_id)
    ).first()
    return None if row is None else (row[0], row[1])


def save_draft(tx: Tx, values: Mapping[str, Any]) -> None:
    changed = tx.conn.execute(
        sa.update(Draft)
        .where(Draft.conversation_id == values["conversation_id"])
        .values({k: v for k, v in values.items() if k != "conversation_id"})
    )
    if changed.rowcount == 0:
        tx.conn.execute(sa.insert(Draft), dict(values))


def drop_draft(tx: Tx, conversation_id: str) -> None:
    tx.conn.execute(sa.delete(Draft).where(Draft.conversation_id == conversation_id))

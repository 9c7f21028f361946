"""The inbox: written once, handled in order per contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db import statements
from hotline.db.models.message import InboxRow
from hotline.db.statements import among
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class Arrived:
    seq: int
    id: str
    channel: str
    external_id: str
    body: bytes | None
    received_at: datetime


def add(tx: Tx, values: Mapping[str, Any]) -> bool:
    """False for a repeat: `(channel, external_id)` was here before."""
    return statements.insert_new(tx, InboxRow, values)


_OLDEST = (
    sa.select(
        InboxRow.seq,
        InboxRow.id,
        InboxRow.channel,
        InboxRow.external_id,
        InboxRow.body,
        InboxRow.received_at,
    )
    .where(InboxRow.contact_id == sa.bindparam("contact_id"), among(InboxRow.state, "new"))
    .order_by(InboxRow.seq)
    .limit(1)
)


def oldest(tx: Tx, contact_id: str) -> Arrived | None:
    """The contact's oldest unhandled message."""
    row = statements.first(tx, _OLDEST, {"contact_id": contact_id})
    return None if row is None else Arrived(*row)


def handled(tx: Tx, seq: int, *, now: datetime) -> None:
    """The row stays, so that a repeat is known; what it held is gone (it lives in the message)."""
    values = {"state": "handled", "handled_at": now, "body": None}
    statements.update(tx, InboxRow, {"seq": seq}, values)


def failed(tx: Tx, seq: int, error: str, *, now: datetime) -> None:
    """The row steps aside and blocks nobody; its body stays for a second try."""
    tx.conn.execute(
        sa.update(InboxRow)
        .where(InboxRow.seq == seq)
        .values(state="failed", error=error[:120], handled_at=now)
    )


def try_again(tx: Tx, inbox_id: str) -> str | None:
    """Puts a failed row back; the contact's id, or None when there is no such failed row."""
    contact_id = tx.conn.execute(
        sa.select(InboxRow.contact_id).where(InboxRow.id == inbox_id, InboxRow.state == "failed")
    ).scalar()
    if contact_id is not None:
        tx.conn.execute(
            sa.update(InboxRow).where(InboxRow.id == inbox_id).values(state="new", error=None)
        )
    return contact_id


def waiting_contacts(tx: Tx, *, before: datetime, limit: int = 50) -> tuple[str, ...]:
    """Contacts with messages that a crash left unhandled."""
    rows = tx.conn.execute(
        sa.select(InboxRow.contact_id)
        .where(
            among(InboxRow.state, "new"),
            InboxRow.received_at <= before,
            InboxRow.contact_id.is_not(None),
        )
        .distinct()
        .limit(limit)
    ).all()
    return tuple(str(row[0]) for row in rows)


@dataclass(frozen=True, slots=True)
class Failed:
    id: str
    contact_id: str | None
    error: str | None
    received_at: datetime


def failures(tx: Tx, *, limit: int = 50) -> tuple[Failed, ...]:
    rows = tx.conn.execute(
        sa.select(InboxRow.id, InboxRow.contact_id, InboxRow.error, InboxRow.received_at)
        .where(InboxRow.state == "failed")
        .order_by(InboxRow.seq.desc())
        .limit(limit)
    ).all()
    return tuple(Failed(row[0], row[1], row[2], row[3]) for row in rows)

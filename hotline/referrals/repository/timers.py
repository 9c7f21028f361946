"""Deadlines of referrals. They are rows, so a restart forgets none of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.crypto import new_id
from hotline.db.models.session import Timer
from hotline.db.transaction import Tx

REFERRAL = "referral"


def add(
    tx: Tx,
    subject: tuple[str, str],
    kind: str,
    *,
    due_at: datetime,
    data: Mapping[str, Any] | None = None,
) -> None:
    subject_kind, subject_id = subject
    tx.conn.execute(
        sa.insert(Timer),
        {
            "id": new_id(),
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "kind": kind,
            "due_at": due_at,
            "state": "set",
            "data": None if data is None else dict(data),
        },
    )


def drop(tx: Tx, referral_id: str, *, kinds: tuple[str, ...] | None = None) -> None:
    where = [
        Timer.subject_kind == REFERRAL,
        Timer.subject_id == referral_id,
        Timer.state == "set",
    ]
    if kinds is not None:
        where.append(Timer.kind.in_(kinds))
    tx.conn.execute(sa.update(Timer).where(*where).values(state="dropped"))


def pending(tx: Tx, referral_id: str) -> tuple[tuple[str, datetime], ...]:
    query = (
        sa.select(Timer.kind, Timer.due_at)
        .where(
            Timer.subject_kind == REFERRAL, Timer.subject_id == referral_id, Timer.state == "set"
        )
        .order_by(Timer.due_at)
    )
    return tuple((row[0], row[1]) for row in tx.conn.execute(query).all())


def drop_questions(tx: Tx, conversation_id: str, referral_id: str) -> None:
    """Takes back the questions to the person about one referral that were not asked yet."""
    found = tx.conn.execute(
        sa.select(Timer.id, Timer.data).where(
            Timer.subject_kind == "conversation",
            Timer.subject_id == conversation_id,
            Timer.kind == "outcome",
            Timer.state == "set",
        )
    ).all()
    ids = [row[0] for row in found if (row[1] or {}).get("referral") == referral_id]
    if ids:
        tx.conn.execute(sa.update(Timer).where(Timer.id.in_(ids)).values(state="dropped"))

"""How steps were asked and left, without any person: for drop-off and time per step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db import statements
from hotline.db.models.contact import Contact, Conversation
from hotline.db.models.session import SessionRow, StepRow
from hotline.db.transaction import Tx


def add(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """All rows of one turn."""
    for row in rows:
        statements.insert(tx, StepRow, row)


@dataclass(frozen=True, slots=True)
class StepCount:
    """How often a step ended one way, on one channel in one language, and the seconds in all."""

    step: str
    channel: str
    language: str
    outcome: str
    count: int
    seconds: int


def counts(tx: Tx, *, since: str, flow: str) -> tuple[StepCount, ...]:
    """Counts of a flow's steps from a day (ISO) on. Whoever shows them hides small numbers."""
    query = (
        sa.select(
            StepRow.step,
            StepRow.channel,
            sa.func.coalesce(StepRow.language, ""),
            StepRow.outcome,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(StepRow.seconds), 0),
        )
        .where(StepRow.day >= since, StepRow.step.startswith(f"{flow}.", autoescape=True))
        .group_by(StepRow.step, StepRow.channel, StepRow.language, StepRow.outcome)
    )
    return tuple(StepCount(r[0], r[1], r[2], r[3], r[4], int(r[5])) for r in tx.conn.execute(query))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many people stand at a step just now."""

    step: str
    channel: str
    language: str
    count: int


def waiting(tx: Tx, *, since: datetime, flow: str) -> tuple[Waiting, ...]:
    """Where people of a flow stand who were active since then, counted."""
    query = (
        sa.select(
            SessionRow.step,
            Contact.channel,
            sa.func.coalesce(SessionRow.language, ""),
            sa.func.count(),
        )
        .join(Conversation, Conversation.session_id == SessionRow.id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(
            SessionRow.flow == flow,
            SessionRow.ended.is_(None),
            SessionRow.updated_at >= since,
            Conversation.state.in_(("BOT", "WAITING")),
        )
        .group_by(SessionRow.step, Contact.channel, SessionRow.language)
    )
    return tuple(Waiting(f"{flow}.{r[0]}", r[1], r[2], r[3]) for r in tx.conn.execute(query))

"""Sessions, timers, and frozen revisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hotline.db import statements
from hotline.db.models.contact import Conversation
from hotline.db.models.session import Revision, SessionRow, Timer
from hotline.db.statements import among
from hotline.db.transaction import Tx


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    statements.insert(tx, SessionRow, values)


def change(tx: Tx, session_id: str, values: Mapping[str, Any]) -> None:
    statements.update(tx, SessionRow, {"id": session_id}, values)


def conversation_of(tx: Tx, session_id: str) -> str | None:
    """The conversation that is in this session now."""
    return tx.conn.execute(
        sa.select(Conversation.id).where(Conversation.session_id == session_id)
    ).scalar()


def inside(tx: Tx) -> tuple[tuple[str, str, str, int], ...]:
    """`(revision, flow, step, people)` of every place where somebody waits."""
    rows = tx.conn.execute(
        sa.select(SessionRow.revision, SessionRow.flow, SessionRow.step, sa.func.count())
        .where(SessionRow.ended.is_(None))
        .group_by(SessionRow.revision, SessionRow.flow, SessionRow.step)
        .order_by(SessionRow.revision, SessionRow.flow, SessionRow.step)
    ).all()
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that came due and is leased to us."""

    id: str
    subject_kind: str
    subject_id: str
    kind: str
    step: str | None
    turn: int | None
    due_at: datetime
    data: dict[str, Any] | None


def add_timer(tx: Tx, values: Mapping[str, Any]) -> None:
    statements.insert(tx, Timer, values)


def drop_timers(
    tx: Tx, subject_kind: str, subject_id: str, *, kinds: tuple[str, ...] | None = None
) -> int:
    where = [
        Timer.subject_kind == subject_kind,
        Timer.subject_id == subject_id,
        Timer.state == "set",
    ]
    if kinds is not None:
        where.append(Timer.kind.in_(kinds))
    return tx.conn.execute(sa.update(Timer).where(*where).values(state="dropped")).rowcount


def due_at(tx: Tx, subject_kind: str, subject_id: str, kind: str) -> datetime | None:
    """When the latest timer of this kind that is still set comes due."""
    return tx.conn.execute(
        sa.select(sa.func.max(Timer.due_at)).where(
            Timer.subject_kind == subject_kind,
            Timer.subject_id == subject_id,
            Timer.kind == kind,
            Timer.state == "set",
        )
    ).scalar()


def claim_timers(tx: Tx, *, now: datetime, lease: timedelta, limit: int = 20) -> tuple[Due, ...]:
    """Leases due timers; one that is not finished before the lease ends comes again."""
    query = (
        sa.select(
            Timer.id,
            Timer.subject_kind,
            Timer.subject_id,
            Timer.kind,
            Timer.step,
            Timer.turn,
            Timer.due_at,
            Timer.data,
        )
        .where(among(Timer.state, "set"), Timer.due_at <= now)
        .where(sa.or_(Timer.lease_until.is_(None), Timer.lease_until < now))
        .order_by(Timer.due_at, Timer.id)
        .limit(limit)
    )
    if tx.dialect == "postgresql":
        query = query.with_for_update(skip_locked=True)
    found = tuple(Due(**row) for row in tx.conn.execute(query).mappings())
    if found:
        tx.conn.execute(
            sa.update(Timer)
            .where(Timer.id.in_([t.id for t in found]))
            .values(lease_until=now + lease)
        )
    return found


def finish_timer(tx: Tx, timer_id: str, state: str) -> bool:
    """`fired` or `stale`. False when it was dropped meanwhile: then nothing may happen."""
    done = tx.conn.execute(
        sa.update(Timer).where(Timer.id == timer_id, Timer.state == "set").values(state=state)
    )
    return done.rowcount == 1


def publish(tx: Tx, revision: str, content: Mapping[str, Any], *, now: datetime) -> bool:
    """Freezes a revision; publishing the same content twice changes nothing."""
    return statements.insert_new(
        tx, Revision, {"id": revision, "content": dict(content), "published_at": now}
    )


def revision(tx: Tx, revision_id: str) -> dict[str, Any] | None:
    return tx.conn.execute(sa.select(Revision.content).where(Revision.id == revision_id)).scalar()

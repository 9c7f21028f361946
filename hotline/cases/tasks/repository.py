"""Things people on duty must do, and signs of life of the processes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.crypto import new_id
from hotline.db.models.task import Heartbeat, Task
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class TaskRow:
    id: str
    kind: str
    subject_kind: str
    subject_id: str
    role: str
    klass: str | None
    count: int
    details: dict[str, Any] | None
    created_at: datetime
    due_at: datetime | None


def add(
    tx: Tx,
    kind: str,
    *,
    subject: tuple[str, str],
    now: datetime,
    role: str = "OP",
    klass: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> str:
    """A new task; an open one about the same thing is counted up instead."""
    subject_kind, subject_id = subject
    open_id = tx.conn.execute(
        sa.select(Task.id).where(
            Task.kind == kind,
            Task.subject_kind == subject_kind,
            Task.subject_id == subject_id,
            Task.done_at.is_(None),
        )
    ).scalar()
    if open_id is not None:
        tx.conn.execute(sa.update(Task).where(Task.id == open_id).values(count=Task.count + 1))
        return open_id
    task_id = new_id()
    tx.conn.execute(
        sa.insert(Task),
        {
            "id": task_id,
            "kind": kind,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "role": role,
            "klass": klass,
            "details": None if details is None else dict(details),
            "created_at": now,
        },
    )
    return task_id


def open_tasks(tx: Tx, *, limit: int = 100) -> tuple[TaskRow, ...]:
    query = (
        sa.select(*(getattr(Task, name) for name in TaskRow.__dataclass_fields__))
        .where(Task.done_at.is_(None))
        .order_by(Task.created_at.desc())
        .limit(limit)
    )
    return tuple(TaskRow(**row) for row in tx.conn.execute(query).mappings())


def finish(tx: Tx, task_id: str, *, by: str, now: datetime) -> bool:
    done = tx.conn.execute(
        sa.update(Task)
        .where(Task.id == task_id, Task.done_at.is_(None))
        .values(done_at=now, done_by=by)
    )
    return done.rowcount == 1


def beat(tx: Tx, name: str, *, now: datetime) -> None:
    changed = tx.conn.execute(sa.update(Heartbeat).where(Heartbeat.name == name).values(at=now))
    if changed.rowcount == 0:
        tx.conn.execute(sa.insert(Heartbeat), {"name": name, "at": now})


def beats(tx: Tx) -> dict[str, datetime]:
    rows = tx.conn.execute(sa.select(Heartbeat.name, Heartbeat.at)).all()
    return {row[0]: row[1] for row in rows}


def finish_about(tx: Tx, kind: str, subject: tuple[str, str], *, by: str, now: datetime) -> int:
    """Ends the open tasks of one kind about one thing; how many there were."""
    subject_kind, subject_id = subject
    return tx.conn.execute(
        sa.update(Task)
        .where(
            Task.kind == kind,
            Task.subject_kind == subject_kind,
            Task.subject_id == subject_id,
            Task.done_at.is_(None),
        )
        .values(done_at=now, done_by=by)
    ).rowcount

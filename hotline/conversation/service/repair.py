"""The duty list: what went wrong is done, or tried again, by a person on duty."""

from datetime import datetime

from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.cases.tasks import repository as tasks
from hotline.cases.tasks.repository import TaskRow
from hotline.conversation.mind import Mind
from hotline.conversation.repository import board, inbox
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, NotFound
from hotline.db.transaction import Tx

SEES = {"OP": ("OP",), "SO": ("OP", "SO"), "CO": ("OP", "SO", "CO")}
"""Whose tasks a role is shown: its own and those of the roles it stands behind."""

AGAIN = frozenset({"read_failed", "undelivered"})
"""Kinds that can be tried again by pressing a button."""


def open_for(tx: Tx, actor: Actor) -> tuple[TaskRow, ...]:
    """Open tasks that this role is shown, newest first."""
    shown = SEES.get(actor.role or "", ())
    return tuple(row for row in tasks.open_tasks(tx) if row.role in shown)


def done(tx: Tx, actor: Actor, task_id: str, *, now: datetime) -> None:
    """Ticks a task off. Raises `NotFound`, and `Refused` for somebody else's kind of task."""
    _task(tx, actor, task_id)
    if not tasks.finish(tx, task_id, by=actor.id, now=now):
        raise Conflict("Somebody else was quicker.", key="error.task.gone")
    audit.record(
        tx, tag="case:task:done", actor=actor, object_kind="task", object_id=task_id, now=now
    )


def try_again(tx: Tx, mind: Mind, actor: Actor, task_id: str, *, now: datetime) -> str | None:
    """Reads the failed message, or sends the failed line, once more.

    The contact whose message must now be played, None for a line that is sent. Raises `Conflict`
    when there is nothing left to repeat.
    """
    task = _task(tx, actor, task_id)
    details = task.details or {}
    contact_id: str | None = None
    if task.kind == "read_failed":
        contact_id = inbox.try_again(tx, str(details.get("inbox", "")))
        again = contact_id is not None
    else:
        outbox_id = task.subject_id if task.subject_kind == "outbox" else details.get("outbox", "")
        again = task.kind in AGAIN and board.send_again(tx, str(outbox_id), now=now)
        tx.after_commit(mind.wake_sender)
    if not again:
        raise Conflict("There is nothing left to try again.", key="error.task.nothing")
    tasks.finish(tx, task_id, by=actor.id, now=now)
    audit.record(
        tx, tag="case:task:done", actor=actor, object_kind="task", object_id=task_id, now=now,
        reason="again",
    )  # fmt: skip
    tx.after_commit(mind.wake_console)
    return contact_id


def _task(tx: Tx, actor: Actor, task_id: str) -> board.OpenTask:
    permit(actor, "task.do")
    found = board.task(tx, task_id)
    if found is None or found.role not in SEES.get(actor.role or "", ()):
        raise NotFound("There is no such task.")
    return found

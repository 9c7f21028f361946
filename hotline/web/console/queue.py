"""The first page of a shift: how many wait, what is mine, what went wrong."""

from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import Response

from hotline.accounts import users
from hotline.accounts.doors import allows
from hotline.cases.tasks.repository import TaskRow
from hotline.conversation.service import desk, repair
from hotline.conversation.service.desk import ClassCount
from hotline.core.actor import Actor
from hotline.core.errors import NotFound
from hotline.db.transaction import Tx
from hotline.web.console import base, labels
from hotline.web.events import stream
from hotline.web.routing import Call, Pages

pages: Final = Pages()

_TASKS: Final = 30


@pages.route("/console", permit="queue.counts")
async def queue(call: Call) -> Response:
    return call.page("console/queue.html", **await _shown(call))


@pages.route("/console/live", permit="queue.counts", passive=True)
async def live(call: Call) -> Response:
    async def fragment() -> str | None:
        if await call.read(base.still_in(call)) is None:
            return None
        call.now = call.ctx.clock()
        return call.render("console/queue_live.html", **await _shown(call))

    return stream(call.ctx.hub, fragment)


@pages.route("/console/take", methods=("POST",), permit="queue.take")
async def take(call: Call) -> Response:
    """One atomic step selects and leases; the page of the conversation opens."""
    mind, lease = base.mind(call), base.lease(call)
    taken = await call.write(
        lambda tx: desk.take_next(tx, mind, call.actor, now=call.now, lease=lease)
    )
    if taken is None:
        said = call.t("console.take.none", "Nobody is waiting whom you can take at the moment.")
        return call.redirect("/console", said=said)
    return call.redirect(f"/console/talk/{taken}")


@pages.route("/console/shift", methods=("POST",), permit="shift.own")
async def shift(call: Call) -> Response:
    on = call.form.choice("on", ("yes", "no")) == "yes"
    await call.write(lambda tx: users.set_shift(tx, call.actor, on=on, now=call.now))
    said = (
        call.t("console.shift.started", "You are on shift.")
        if on
        else call.t("console.shift.ended", "Your shift has ended. Thank you.")
    )
    return call.redirect("/console", said=said)


@pages.route("/console/task/{id}/done", methods=("POST",), permit="task.do")
async def task_done(call: Call) -> Response:
    await call.write(lambda tx: repair.done(tx, call.actor, call.path("id"), now=call.now))
    return call.redirect("/console", said=call.t("console.task.is_done", "Done."))


@pages.route("/console/task/{id}/again", methods=("POST",), permit="task.do")
async def task_again(call: Call) -> Response:
    """Reads a failed message once more, or sends a failed line once more."""
    mind = base.mind(call)
    await call.write(
        lambda tx: repair.try_again(tx, mind, call.actor, call.path("id"), now=call.now)
    )
    said = call.t("console.task.is_tried", "It is tried again now.")
    return call.redirect("/console", said=said)


@dataclass(frozen=True, slots=True)
class ClassShown:
    """One class as the page shows it."""

    code: str
    name: Markup
    target: Markup
    count: int
    waited: str
    late: int
    silent: int


@dataclass(frozen=True, slots=True)
class TaskShown:
    id: str
    kind: str
    name: Markup | str
    klass: str | None
    count: int
    at: str
    may_again: bool
    look: str | None  # address of the conversation for whoever may look at it


async def _shown(call: Call) -> dict[str, Any]:
    """Everything the page holds, from one reading."""
    actor = call.actor

    def work(tx: Tx) -> tuple[Any, ...]:
        return (
            desk.counts(tx),
            desk.mine(tx, actor),
            repair.open_for(tx, actor),
            _on_shift(tx, actor),
            sum(1 for u in users.listed(tx) if u.on_shift and u.disabled_at is None),
        )

    counts, mine, tasks, on_shift, staffed = await call.read(work)
    names, targets = labels.classes(call.t), labels.targets(call.t)
    shown = [
        ClassShown(
            c.klass, names[c.klass], targets[c.klass], c.count,
            base.waited(call, c.longest_since), c.late, c.silent,
        )
        for c in counts
    ]  # fmt: skip
    return {
        "counts": shown,
        "total": sum(c.count for c in counts),
        "mine": mine,
        "class_names": names,
        "tasks": [_task(call, actor, row) for row in tasks[:_TASKS]],
        "more_tasks": max(0, len(tasks) - _TASKS),
        "on_shift": on_shift,
        "staffed": staffed,
        "alarms": _alarms(call, counts, staffed),
        "may_take": allows(actor, "queue.take"),
    }


def _on_shift(tx: Tx, actor: Actor) -> bool:
    try:
        return users.by_id(tx, actor.id).on_shift
    except NotFound:
        return False


def _task(call: Call, actor: Actor, row: TaskRow) -> TaskShown:
    names = labels.tasks(call.t)
    is_talk = row.subject_kind == "conversation"
    return TaskShown(
        row.id,
        row.kind,
        names.get(row.kind) or call.t("console.task.other", "Something needs a person"),
        row.klass,
        row.count,
        base.moment(call, row.created_at),
        row.kind in repair.AGAIN,
        f"/console/look/{row.subject_id}" if is_talk and actor.role == "SO" else None,
    )


def _alarms(call: Call, counts: tuple[ClassCount, ...], staffed: int) -> list[Markup]:
    """What must not be overlooked, most urgent first."""
    found = []
    urgent = next((c for c in counts if c.klass == "P0" and c.count), None)
    silent = sum(c.silent for c in counts)
    late = sum(c.late for c in counts)
    total = sum(c.count for c in counts)
    if urgent is not None:
        found.append(
            call.t("console.alarm.danger", "People in danger are waiting: {n}.", n=urgent.count)
        )
    if silent:
        found.append(
            call.t(
                "console.alarm.silent",
                "Silent alarms: {n}. Nothing may be written to these phones.",
                n=silent,
            )
        )
    if late:
        found.append(
            call.t(
                "console.alarm.late",
                "Promises broken: {n}. These people were told that it takes longer.",
                n=late,
            )
        )
    if total and staffed == 0:
        found.append(call.t("console.alarm.nobody", "People are waiting and nobody is on shift."))
    elif urgent is not None and urgent.count > staffed:
        found.append(
            call.t(
                "console.alarm.overload",
                "More people in danger than operators on shift: ask for help.",
            )
        )
    return found

"""The supervisor's pages: the wallboard, and a look into a conversation with a reason."""

from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import Response

from hotline.conversation.service import board, casework, history, repair
from hotline.conversation.service.board import Wall
from hotline.core.errors import Refused
from hotline.db.transaction import Tx
from hotline.referrals import service as referrals
from hotline.web.console import base, labels, panel as panels, refer, shown, talk
from hotline.web.events import stream
from hotline.web.routing import Call, Pages

pages: Final = Pages()

_LAGS: Final = 20
_STILL: Final = 120  # seconds after which a process counts as standing still


@pages.route("/console/board", permit="queue.positions")
async def wallboard(call: Call) -> Response:
    return call.page("console/board.html", **await _wall(call))


@pages.route("/console/board/live", permit="queue.positions", passive=True)
async def live(call: Call) -> Response:
    async def fragment() -> str | None:
        if await call.read(base.still_in(call)) is None:
            return None
        call.now = call.ctx.clock()
        return call.render("console/board_live.html", **await _wall(call))

    return stream(call.ctx.hub, fragment, every=5.0)


@pages.route("/console/look/{id}", permit="conversation.read")
async def ask_reason(call: Call) -> Response:
    """Nothing is shown before a reason is given."""
    base.mind(call)
    if call.actor.role == "OP":
        raise Refused("Operators read what they hold.", key="error.talk.not_yours")
    return call.page("console/look.html", reasons=list(labels.looks(call.t).items()), seen=None)


@pages.route("/console/look/{id}", methods=("POST",), permit="conversation.read")
async def look(call: Call) -> Response:
    """A silent view: audited, and shown to the operator who holds the conversation."""
    mind, talk_id = base.mind(call), call.path("id")
    words = labels.looks(call.t)
    reason = call.form.choice("reason", tuple(words))

    def work(tx: Tx) -> dict[str, Any]:
        seen = history.talk(tx, mind, call.actor, talk_id, now=call.now, reason=reason)
        panel = casework.panel(tx, mind, call.actor, talk_id, reason=reason)
        wanted = {line.operator_id for line in seen.lines if line.operator_id}
        return {"seen": seen, "panel": panel, "names": base.aliases(tx, wanted)}

    found = await call.write(work)
    seen, panel = found["seen"], found["panel"]
    return call.page(
        "console/look.html",
        reasons=list(words.items()),
        chosen=words[reason],
        seen=seen,
        talk=seen,
        lines=shown.lines(call, seen, names=found["names"], versions={}),
        bar=talk.bar(call, seen, panel),
        panel=panel,
        facts=panels.facts(call, panel) if panel else [],
        screenings=panels.screenings(call, panel) if panel else [],
    )


@dataclass(frozen=True, slots=True)
class WaitShown:
    id: str
    klass: str
    klass_name: Markup
    waited: str
    promised: str
    is_late: bool
    is_silent: bool
    language: Markup | str


@dataclass(frozen=True, slots=True)
class HandShown:
    alias: str
    on_shift: bool
    held: int
    capacity: int
    classes: tuple[tuple[str, Markup], ...]
    lease: str


@dataclass(frozen=True, slots=True)
class BeatShown:
    name: Markup | str
    ago: str
    is_still: bool


async def _wall(call: Call) -> dict[str, Any]:
    wall, tasks, sent_on = await call.read(
        lambda tx: (
            board.wall(tx, call.actor),
            repair.open_for(tx, call.actor),
            referrals.listed(tx, call.actor, now=call.ctx.clock()),
        )
    )
    rows = [refer.line(call, row) for row in sent_on]
    names, tongues = labels.classes(call.t), labels.languages(call.t)
    waiting = [
        WaitShown(
            row.conversation_id,
            row.klass,
            names[row.klass],
            base.waited(call, row.waiting_since),
            base.moment(call, row.promised_by),
            row.promise_broken,
            row.silent,
            tongues.get(row.language or "") or call.t("console.language.unknown", "not known yet"),
        )
        for row in wall.waiting
    ]
    kinds = labels.tasks(call.t)
    counted: dict[str, int] = {}
    for task in tasks:
        counted[task.kind] = counted.get(task.kind, 0) + 1
    return {
        "by_class": [(c, names[c], [w for w in waiting if w.klass == c]) for c in names],
        "waiting": waiting,
        "hands": [_hand(call, h) for h in wall.hands],
        "sending": [
            (words, wall.sending.get(state, 0), state)
            for state, words in labels.sending(call.t).items()
        ],
        "beats": _beats(call, wall),
        "task_counts": [
            (kinds.get(k) or call.t("console.task.other", "Something needs a person"), n)
            for k, n in sorted(counted.items())
        ],
        "late": sum(1 for w in waiting if w.is_late),
        "lags": [row for row in rows if row.is_late or row.is_escalated or row.is_protected][
            :_LAGS
        ],
    }


def _hand(call: Call, hand: board.Hand) -> HandShown:
    ends = [lease.lease_until for lease in hand.leases if lease.lease_until is not None]
    soonest = min(ends, default=None)
    names = labels.classes(call.t)
    seconds = 0.0 if soonest is None else (soonest - call.ctx.clock()).total_seconds()
    return HandShown(
        hand.alias,
        hand.on_shift,
        len(hand.leases),
        hand.capacity,
        tuple((lease.klass or "P3", names[lease.klass or "P3"]) for lease in hand.leases),
        "" if soonest is None else str(
            call.t("console.board.seconds", "{n} s", n=max(0, round(seconds)))
        ),
    )  # fmt: skip


def _beats(call: Call, wall: Wall) -> list[BeatShown]:
    now = call.ctx.clock()
    known = {
        "jobs": call.t("console.beat.jobs", "Timers and alarms"),
        "web": call.t("console.beat.web", "Pages"),
        "worker": call.t("console.beat.worker", "Sending"),
    }
    found = []
    for name, at in sorted(wall.beats.items()):
        seconds = (now - at).total_seconds()
        found.append(
            BeatShown(
                known.get(name.partition(":")[0]) or name,
                base.span(call, seconds),
                is_still=seconds > _STILL,
            )
        )
    return found

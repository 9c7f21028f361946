"""The page of a conversation that an operator holds: lines, reply, case; live, or by reload."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import Response

from hotline.cases import rules as case_rules
from hotline.cases.service import CasePanel
from hotline.conversation.service import board, casework, desk, history
from hotline.conversation.service.history import Talk
from hotline.core.errors import Conflict, HotlineError, Invalid, NotFound, Refused
from hotline.db.transaction import Tx
from hotline.web.console import base, judging, labels, panel as panels, refer, replies, shown
from hotline.web.events import stream
from hotline.web.routing import Call, Pages

pages: Final = Pages()

_RECENT: Final = 24 * 3600  # seconds for which a supervisor's look is shown


@pages.route("/console/talk/{id}", permit="conversation.reply")
async def talk(call: Call) -> Response:
    """Opening the page renews the lease, so that it also works without the script."""
    mind, talk_id, lease = base.mind(call), call.path("id"), base.lease(call)

    def opened(tx: Tx) -> dict[str, Any]:
        seen = history.talk(tx, mind, call.actor, talk_id, now=call.now)
        if not seen.is_mine:
            raise Refused("Another operator holds this conversation.", key="error.talk.not_yours")
        desk.heartbeat(tx, call.actor, talk_id, now=call.now, lease=lease)
        return {
            **_read(call, tx, seen),
            "draft": desk.draft(tx, mind, call.actor, talk_id, now=call.now),
        }

    found = await _mine_or_lost(call, opened)
    return call.page("console/talk.html", **_page(call, found))


@pages.route("/console/talk/{id}/live", permit="conversation.reply", passive=True)
async def live(call: Call) -> Response:
    """New lines and new states. Nothing is unsealed while nothing changed."""
    mind, talk_id = base.mind(call), call.path("id")
    kept: dict[str, Any] = {"stamp": None, "html": ""}

    async def fragment() -> str | None:
        actor = await call.read(base.still_in(call))
        if actor is None:
            return None
        stamp = await call.read(lambda tx: board.stamp(tx, talk_id))
        minute = int(call.ctx.clock().timestamp() // 60)
        if kept["stamp"] == (stamp, minute):
            return str(kept["html"])
        call.now = call.ctx.clock()

        def again(tx: Tx) -> dict[str, Any]:
            seen = history.talk(tx, mind, actor, talk_id, now=call.now, after=-1)
            return _read(call, tx, seen)

        try:
            found = await call.read(again)
        except (NotFound, Refused):
            html = call.render("console/talk_lost.html")
        else:
            html = call.render("console/talk_live.html", **_page(call, found))
        kept.update(stamp=(stamp, minute), html=html)
        return html

    return stream(call.ctx.hub, fragment)


@pages.route(
    "/console/talk/{id}/beat", methods=("POST",), permit="conversation.reply", passive=True
)
async def beat(call: Call) -> Response:
    """Every twenty seconds from an open page. 204, or the reason why the lease is gone."""
    lease = base.lease(call)
    await call.ctx.store.awrite(
        lambda tx: desk.heartbeat(tx, call.actor, call.path("id"), now=call.now, lease=lease)
    )
    return Response(status_code=204)


@pages.route(
    "/console/talk/{id}/draft", methods=("POST",), permit="conversation.reply", keep=("text",)
)
async def draft(call: Call) -> Response:
    """What is typed but not sent. The script wants no page back."""
    mind, talk_id, text, lease = base.mind(call), call.path("id"), _raw(call), base.lease(call)

    def keep(tx: Tx) -> None:
        desk.save_draft(tx, mind, call.actor, talk_id, text, now=call.now)
        desk.heartbeat(tx, call.actor, talk_id, now=call.now, lease=lease)

    await call.ctx.store.awrite(keep)
    if call.wants_fragment:
        return Response(status_code=204)
    return _back(call, call.t("console.draft.saved", "The draft is saved."))


@pages.route(
    "/console/talk/{id}/reply", methods=("POST",), permit="conversation.reply", keep=("text",)
)
async def reply(call: Call) -> Response:
    mind, talk_id, lease, text = base.mind(call), call.path("id"), base.lease(call), _raw(call)

    def work(tx: Tx) -> None:
        seen = history.talk(tx, mind, call.actor, talk_id, now=call.now, after=2**62)
        if seen.silent:
            raise Conflict("Nothing may be written to this phone.", key="error.reply.silent")
        replies.refuse_expired(call, text, seen.language)
        desk.reply(tx, mind, call.actor, talk_id, text, now=call.now, lease=lease)

    try:
        await call.write(work)
    except (Conflict, Invalid):
        await _keep_typed(call, text)
        raise
    return _back(call)


@pages.route(
    "/console/talk/{id}/insert", methods=("POST",), permit="conversation.reply", keep=("text",)
)
async def insert(call: Call) -> Response:
    """Puts a prepared reply, in the person's language, behind what is typed."""
    mind, talk_id = base.mind(call), call.path("id")

    def work(tx: Tx) -> None:
        seen = history.talk(tx, mind, call.actor, talk_id, now=call.now, after=2**62)
        chosen = replies.one(call, call.form.required("reply", longest=60), seen.language)
        typed = _raw(call) or desk.draft(tx, mind, call.actor, talk_id, now=call.now)
        joined = f"{typed.rstrip()}\n\n{chosen.text}" if typed.strip() else chosen.text
        desk.save_draft(tx, mind, call.actor, talk_id, joined, now=call.now)

    await call.write(work)
    return _back(call)


@pages.route("/console/talk/{id}/file/{file}", permit="conversation.reply")
async def file(call: Call) -> Response:
    """A photo or voice note, through the conversation's own door; only images open in the page."""
    mind = base.mind(call)
    content, mime = await call.write(
        lambda tx: history.file(
            tx, mind, call.actor, call.path("id"), call.path("file"), now=call.now
        )
    )
    opens = mime in {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "audio/ogg",
        "audio/mpeg",
    }
    headers = {"Content-Disposition": "inline" if opens else 'attachment; filename="file"'}
    return Response(
        content, media_type=mime if opens else "application/octet-stream", headers=headers
    )


# ------------------------------------------------------------------ what the page shows


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of a conversation and its case."""

    talk: Talk
    panel: CasePanel | None
    names: Any
    versions: Any
    looks: tuple[Any, ...]
    referrals: list[refer.LineShown]


def _read(call: Call, tx: Tx, seen: Talk) -> dict[str, Any]:
    mind = base.mind(call)
    panel = casework.panel(tx, mind, call.actor, seen.id) if seen.is_mine else None
    wanted = {line.operator_id for line in seen.lines if line.operator_id}
    if panel is not None:
        wanted |= {n.operator_id for n in panel.notes} | {j.operator_id for j in panel.judgements}
    since = call.now - timedelta(seconds=_RECENT)
    return {
        "found": Found(
            seen,
            panel,
            base.aliases(tx, {w for w in wanted if w}),
            shown.older_versions(tx, mind, call.actor, seen),
            board.watched(tx, seen.id, since=since),
            refer.of_case(call, tx, seen.case_id) if panel is not None else [],
        )
    }


def _page(call: Call, read: dict[str, Any]) -> dict[str, Any]:
    found: Found = read["found"]
    seen, panel = found.talk, found.panel
    names = labels.classes(call.t)
    return {
        "talk": seen,
        "lines": shown.lines(call, seen, names=found.names, versions=found.versions),
        "bar": bar(call, seen, panel),
        "looks": [base.moment(call, at) for at in found.looks],
        "panel": panel,
        "facts": panels.facts(call, panel) if panel else [],
        "screenings": panels.screenings(call, panel) if panel else [],
        "values": judging.values(call, panel),
        "referrals": found.referrals,
        "notes": _notes(call, found),
        "judgements": _judgements(call, found),
        "class_names": names,
        "level_names": labels.levels(call.t),
        "class_reasons": _class_reasons(call, panel),
        "closings": [(c, labels.closings(call.t)[c]) for c in case_rules.CLOSE_REASONS],
        "wishes": labels.anonymity(call.t),
        "topics": replies.topics(call, seen.language),
        "draft": read.get("draft", ""),
        "limit": desk.REPLY_LIMIT,
        "today": call.now.astimezone(base.zone(call)).strftime("%Y-%m-%d"),
    }


@dataclass(frozen=True, slots=True)
class Bar:
    """The state of the conversation in a few words. `warnings` are colour and text."""

    klass: str
    klass_name: Markup | str
    waited: str
    language: Markup | str
    channel: Markup | str
    window: str
    lease_until: str
    language_differs: bool
    warnings: tuple[tuple[str, Markup], ...]


def bar(call: Call, seen: Talk, panel: CasePanel | None) -> Bar:
    """For the operator's page and for a supervisor's look."""
    t = call.t
    tongues = labels.languages(t)
    klass = seen.klass or (panel.klass if panel else "") or ""
    if panel is not None and panel.withheld:
        klass = ""  # it would give the level away before the counsellor has judged
    known = seen.language or ""
    return Bar(
        klass,
        labels.classes(t).get(klass, ""),
        base.waited(call, seen.waiting_since, call.now),
        tongues.get(known) or t("console.language.unknown", "not known yet"),
        labels.channels(t).get(seen.channel, ""),
        base.moment(call, seen.window_until)
        if seen.window_until and seen.window_until > call.now
        else "",
        base.moment(call, seen.lease_until),
        bool(known) and known != call.language,
        tuple(_warnings(call, seen, panel)),
    )


def _warnings(call: Call, seen: Talk, panel: CasePanel | None) -> list[tuple[str, Markup]]:
    t, found = call.t, []
    if seen.silent:
        found.append(
            (
                "bad",
                t(
                    "console.warn.silent",
                    "Silent alarm. Nothing may be written to this phone until the person writes.",
                ),
            )
        )
    if seen.quiet:
        found.append(
            (
                "bad",
                t(
                    "console.warn.quiet",
                    "The person asked for silence. Nothing is sent until the person writes again.",
                ),
            )
        )
    if seen.promised_by and seen.promised_by < call.now and seen.state == "WAITING":
        found.append(
            ("warn", t("console.warn.late", "The promised time has passed. Begin with an apology."))
        )
    if panel is not None and panel.is_minor:
        found.append(
            (
                "warn",
                t(
                    "console.warn.minor",
                    "Under 18: simple words, no questions about violence.",
                ),
            )
        )
    if panel is not None and panel.third_party:
        found.append(
            (
                "",
                t(
                    "console.warn.third",
                    "Writes about somebody else. Help the one who writes.",
                ),
            )
        )
    return found


def _notes(call: Call, found: Found) -> list[tuple[str, str, str]]:
    notes = found.panel.notes if found.panel else ()
    return [(_who(call, found, n.operator_id), base.moment(call, n.at), n.text) for n in notes]


def _judgements(call: Call, found: Found) -> list[tuple[str, str, Markup | str, str]]:
    made = found.panel.judgements if found.panel else ()
    words = {**labels.levels(call.t), **labels.classes(call.t)}
    return [
        (
            _who(call, found, j.operator_id),
            base.moment(call, j.at),
            words.get(j.level, ""),
            j.reason,
        )
        for j in made
    ]


def _who(call: Call, found: Found, operator_id: str) -> str:
    if operator_id == call.actor.id:
        return str(call.t("console.author.me", "You"))
    return found.names.get(operator_id) or str(call.t("console.author.operator", "An operator"))


def _class_reasons(call: Call, panel: CasePanel | None) -> list[Markup]:
    words = labels.reasons(call.t)
    return [words[r] for r in (panel.reasons if panel else ()) if r in words]


# ------------------------------------------------------------------ inside


def _raw(call: Call) -> str:
    """The text with its line ends; over-long text is refused by the service, not cut here."""
    found = call.form.all("text")
    return found[0] if found else ""


def _back(call: Call, said: Markup | str = "") -> Response:
    return call.redirect(f"/console/talk/{call.path('id')}", said=str(said))


async def _keep_typed(call: Call, text: str) -> None:
    """A refused reply stays as the draft, where the lease still allows it."""
    mind = base.mind(call)
    try:
        await call.ctx.store.awrite(
            lambda tx: desk.save_draft(tx, mind, call.actor, call.path("id"), text, now=call.now)
        )
    except HotlineError:
        return


async def _mine_or_lost(call: Call, work: Any) -> dict[str, Any]:  # noqa: ANN401 - a closure
    """A lease that ran out is said in plain words."""
    try:
        found: dict[str, Any] = await call.ctx.store.awrite(work)
    except Refused as refused:
        raise Refused(
            "You do not hold this conversation (any more).", key="error.talk.not_yours"
        ) from refused
    return found

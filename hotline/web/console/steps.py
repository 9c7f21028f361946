"""What changes or ends the work on a conversation: note, class, callback, hand back, close."""

from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from hotline.cases import rules as case_rules
from hotline.conversation.service import casework, desk
from hotline.core.errors import Invalid
from hotline.screening.ruleset import RANK
from hotline.web.console import base, labels
from hotline.web.routing import Call, Pages

pages: Final = Pages()


@pages.route("/console/talk/{id}/note", methods=("POST",), permit="case.note", keep=("note",))
async def note(call: Call) -> Response:
    mind = base.mind(call)
    text = call.form.get("note")
    await call.write(
        lambda tx: casework.note(tx, mind, call.actor, call.path("id"), text, now=call.now)
    )
    return _stay(call, call.t("console.note.saved", "The note is saved. Only colleagues see it."))


@pages.route("/console/talk/{id}/class", methods=("POST",), permit="case.raise", keep=("reason",))
async def klass(call: Call) -> Response:
    """Raising at once, lowering with a written reason."""
    mind = base.mind(call)
    chosen = call.form.choice("class", labels.CLASSES)
    expected = call.form.number("version", lowest=0, highest=10**9)
    await call.write(
        lambda tx: casework.change_class(
            tx, mind, call.actor, call.path("id"), chosen,
            reason=call.form.get("reason"), expected=expected, now=call.now,
        )
    )  # fmt: skip
    return _stay(call, call.t("console.class.changed", "The class is changed."))


@pages.route("/console/talk/{id}/level", methods=("POST",), permit="case.judge", keep=("reason",))
async def level(call: Call) -> Response:
    mind = base.mind(call)
    chosen = call.form.choice("level", tuple(RANK))
    await call.write(
        lambda tx: casework.override_level(
            tx, mind, call.actor, call.path("id"), chosen,
            reason=call.form.get("reason"), now=call.now,
        )
    )  # fmt: skip
    return _stay(call, call.t("console.level.changed", "Your level is kept beside the bot's."))


@pages.route("/console/talk/{id}/anonymity", methods=("POST",), permit="case.judge")
async def anonymity(call: Call) -> Response:
    mind = base.mind(call)
    chosen = call.form.choice("choice", case_rules.ANONYMITY)
    await call.write(
        lambda tx: casework.set_anonymity(
            tx, mind, call.actor, call.path("id"), chosen, now=call.now
        )
    )
    return _stay(call, call.t("console.anonymity.saved", "The wish is kept."))


@pages.route("/console/talk/{id}/callback", methods=("POST",), permit="conversation.return")
async def callback(call: Call) -> Response:
    """An agreed hour, typed on the hotline's clock."""
    mind = base.mind(call)
    at = base.local_moment(call, call.form.get("day"), call.form.get("time"))
    if at is None:
        raise Invalid("Give a date and a time.", key="error.callback.unclear")
    await call.write(
        lambda tx: desk.schedule_callback(tx, mind, call.actor, call.path("id"), at, now=call.now)
    )
    return _leave(
        call, call.t("console.callback.set", "Agreed. The conversation comes back at that time.")
    )


@pages.route(
    "/console/talk/{id}/back", methods=("POST",), permit="conversation.return", keep=("note",)
)
async def back(call: Call) -> Response:
    mind = base.mind(call)
    await call.write(
        lambda tx: desk.hand_back(
            tx, mind, call.actor, call.path("id"), call.form.get("note"), now=call.now
        )
    )
    return _leave(call, call.t("console.back.done", "The bot goes on where it stopped."))


@pages.route(
    "/console/talk/{id}/release", methods=("POST",), permit="conversation.return", keep=("text",)
)
async def release(call: Call) -> Response:
    """Back to the queue at the same place; what is typed travels along."""
    mind = base.mind(call)
    typed = call.form.get("text")
    await call.write(
        lambda tx: desk.release(
            tx, mind, call.actor, call.path("id"), now=call.now, draft_text=typed
        )
    )
    return _leave(
        call, call.t("console.release.done", "It waits again, at the same place in the queue.")
    )


@pages.route("/console/talk/{id}/close", methods=("POST",), permit="case.close")
async def close(call: Call) -> Response:
    mind = base.mind(call)
    reason = call.form.choice("reason", case_rules.CLOSE_REASONS)
    await call.write(
        lambda tx: desk.close(tx, mind, call.actor, call.path("id"), reason, now=call.now)
    )
    return _leave(call, call.t("console.close.done", "Closed."))


def _stay(call: Call, said: Markup) -> Response:
    return call.redirect(f"/console/talk/{call.path('id')}", said=str(said))


def _leave(call: Call, said: Markup) -> Response:
    return call.redirect("/console", said=str(said))

"""How a conversation is built and how people get through it: a picture, and counts of nobody."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import Response

from hotline.accounts.doors import permit
from hotline.conversation.service import passage
from hotline.conversation.service.passage import StepFigures
from hotline.core.errors import NotFound
from hotline.core.hiding import LEAST
from hotline.flow.bundle import Bundle
from hotline.flow.drawing.boxes import boxes
from hotline.flow.drawing.svg import draw
from hotline.flow.drawing.wording import Wording
from hotline.web.console import base, labels
from hotline.web.routing import Call, Pages

pages: Final = Pages()


@dataclass(frozen=True, slots=True)
class StepShown:
    """One row of the table; empty where a number is hidden."""

    name: str
    text: str
    asked: str
    answered: str
    moved: str
    silent: str
    drop_off: str
    not_understood: str
    time: str
    waiting: str


@pages.route("/console/flows", permit="flow.read")
async def flows(call: Call) -> Response:
    permit(call.actor, "flow.read")
    rows = [
        (flow.name, flow.about, len(flow.steps))
        for flow in _bundle(call).flows.values()
        if flow.steps
    ]
    return call.page("console/flows.html", rows=rows)


@pages.route("/console/flows/{flow}", permit="flow.read")
async def one_flow(call: Call) -> Response:
    bundle, name = _bundle(call), call.path("flow")
    flow = bundle.flows.get(name)
    if flow is None or not flow.steps:
        raise NotFound
    view = call.query("view") if call.query("view") in passage.VIEWS else "all"
    found = await call.read(
        lambda tx: passage.of_flow(tx, call.actor, name, view=view, now=call.now)
    )
    told = await asyncio.to_thread(call.ctx.told)
    asking = [step for step in flow.steps.values() if step.asks]
    rows = [_row(call, step.key, step.name, found.get(step.key)) for step in asking]
    drawn = boxes(
        bundle,
        name,
        lambda key: str(call.ctx.words.text(key, call.language)),
        told=told,
        wording=_wording(call),
        notes={step.key: _notes(call, found.get(step.key)) for step in asking},
    )
    picture = draw(
        drawn,
        title=name,
        untold=str(call.t("console.flow.untold", "no story visits this")),
        start=str(call.t("console.flow.start", "begins here")),
        standalone=False,
        link=lambda key: f"/console/flows/{key.partition('.')[0]}" if _away(key, name) else None,
    )
    missing = [
        step.key for step in flow.steps.values() if told is not None and step.key not in told
    ]
    return call.page(
        "console/flow.html",
        name=name,
        about=flow.about,
        picture=Markup(picture),  # noqa: S704 - every text in it was escaped where it was drawn
        rows=rows,
        view=view,
        views=_views(call),
        days=passage.DAYS,
        least=LEAST,
        missing=missing,
        knows_stories=told is not None,
        revision=bundle.revision,
    )


def _bundle(call: Call) -> Bundle:
    if not isinstance(call.ctx.bundle, Bundle):
        raise NotFound
    return call.ctx.bundle


def _away(key: str, flow: str) -> bool:
    return key.partition(".")[0] != flow


def _row(call: Call, key: str, name: str, found: StepFigures | None) -> StepShown:
    text = str(call.ctx.words.text(f"{key}.ask", call.language))
    if found is None:
        return StepShown(name, text, *[""] * 8)
    return StepShown(
        name,
        text,
        _number(found.asked),
        _number(found.answered),
        _number(found.moved),
        _number(found.silent),
        "" if found.drop_off is None else f"{found.drop_off:.0%}",
        _number(found.not_understood),
        _time(call, found.seconds),
        _number(found.waiting),
    )


def _number(count: int | None) -> str:
    return "" if count is None else str(count)


def _time(call: Call, seconds: float | None) -> str:
    if seconds is None:
        return ""
    minute = 60
    if seconds < minute:
        return str(call.t("console.board.seconds", "{n} s", n=round(seconds)))
    return base.span(call, seconds)


def _notes(call: Call, found: StepFigures | None) -> tuple[str, ...]:
    """The line under a question in the picture; nothing where everything is hidden."""
    if found is None:
        return ()
    said: list[Any] = []
    if found.asked is not None:
        said.append(call.t("console.flow.note.asked", "asked {n}", n=found.asked))
    if found.drop_off is not None:
        share = f"{found.drop_off:.0%}"
        said.append(call.t("console.flow.note.silent", "silent {share}", share=share))
    if found.seconds is not None:
        said.append(_time(call, found.seconds))
    if found.waiting is not None:
        said.append(call.t("console.flow.note.waiting", "here now {n}", n=found.waiting))
    return (" \N{MIDDLE DOT} ".join(map(str, said)),) if said else ()


def _views(call: Call) -> list[tuple[str, str]]:
    names = {**labels.channels(call.t), **labels.languages(call.t)}
    everybody = call.t("console.flow.view.all", "Everybody")
    return [(v, str(everybody if v == "all" else names.get(v, v))) for v in passage.VIEWS]


def _wording(call: Call) -> Wording:
    t = call.t
    return Wording(
        start=str(t("console.flow.start", "begins here")),
        typed=str(t("console.flow.typed", "typed answer")),
        multi=str(t("console.flow.multi", "several answers")),
        only_if=str(t("console.flow.only_if", "only if")),
        otherwise=str(t("console.flow.otherwise", "otherwise")),
        then=str(t("console.flow.then", "then")),
        skip=str(t("console.flow.skip", "skip")),
        calls=str(t("console.flow.calls", "first goes through")),
        silence=str(
            t(
                "console.flow.silence",
                "after {minutes} min without an answer",
                minutes="{minutes}",  # filled for each step by the picture
            )
        ),
        ends=str(t("console.flow.ends", "the conversation ends")),
        again=str(t("console.flow.again", "asks again")),
        back=str(t("console.flow.back", "back to where it came from")),
    )

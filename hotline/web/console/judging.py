"""A counsellor's own judgement: blind level, values for the record; and how far all agree."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from hotline.cases.agreement.rules import WAYS, Item, Rate
from hotline.cases.service import CasePanel
from hotline.cases.standard.rules import CONFIRMED, PROPOSED, Kept
from hotline.conversation.service import agreement, casework
from hotline.core.languages import LANGUAGES
from hotline.screening.ruleset import RANK
from hotline.web.console import base, labels, panel as panels
from hotline.web.routing import Call, Pages

pages: Final = Pages()

CHANNELS: Final = ("telegram", "sms")
CONFIRM: Final = "confirm"


@pages.route("/console/talk/{id}/judgement", methods=("POST",), permit="case.judge")
async def judge(call: Call) -> Response:
    """Her own level; from now on she is shown the rules' level."""
    mind = base.mind(call)
    level = call.form.choice("level", tuple(RANK))
    await call.write(
        lambda tx: casework.judge_blind(tx, mind, call.actor, call.path("id"), level, now=call.now)
    )
    return _stay(call, call.t("console.blind.kept", "Your level is kept. Here is the screening."))


@pages.route("/console/talk/{id}/value", methods=("POST",), permit="case.judge")
async def value(call: Call) -> Response:
    """One value of the case data standard, confirmed or rejected."""
    mind = base.mind(call)
    key = call.form.required("key", longest=200)
    confirm = call.form.choice("decision", (CONFIRM, "reject")) == CONFIRM
    chosen = call.form.all("chosen")
    await call.write(
        lambda tx: casework.decide_value(
            tx, mind, call.actor, call.path("id"), key,
            confirm=confirm, chosen=chosen, now=call.now,
        )
    )  # fmt: skip
    return _stay(call, call.t("console.value.kept", "Your decision is kept."))


def _stay(call: Call, said: Markup) -> Response:
    return call.redirect(f"/console/talk/{call.path('id')}", said=str(said))


# ------------------------------------------------------------------ values of the record


@dataclass(frozen=True, slots=True)
class ValueShown:
    """One value that the case carries. `choices` where the counsellor names one or more."""

    key: str
    field: str
    name: str
    code: str
    choices: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]
    because: tuple[tuple[str, str], ...]
    state: str
    state_name: Markup
    colour: str
    is_open: bool
    leaves_as: str  # another name for receivers who take the standard's list only


def values(call: Call, panel: CasePanel | None) -> list[ValueShown]:
    """What the case carries, undecided values first."""
    found = [] if panel is None else [_value(call, kept) for kept in panel.htcds]
    return sorted(found, key=lambda one: not one.is_open)


def _value(call: Call, kept: Kept) -> ValueShown:
    fields, words = labels.htcds(call.t), labels.htcds_values(call.t)
    states = {
        "proposed": (call.t("console.value.proposed", "proposed by the bot"), "amber"),
        "confirmed": (call.t("console.value.confirmed", "confirmed"), "green"),
        "rejected": (call.t("console.value.rejected", "rejected"), ""),
    }
    shown = kept.chosen if kept.state == CONFIRMED else kept.choices or (kept.value or "",)
    name, colour = states[kept.state]
    return ValueShown(
        key=kept.key,
        field=str(fields.get(kept.field) or kept.field),
        name=", ".join(str(words.get(v) or v) for v in shown),
        code=", ".join(shown),
        choices=tuple((c, str(words.get(c) or c)) for c in kept.choices),
        chosen=kept.chosen,
        because=tuple(
            (panels.question(call, item), panels.answer(call, item, code))
            for item, code in kept.because
            if item[:1] in "ABC"
        ),
        state=kept.state,
        state_name=name,
        colour=colour,
        is_open=kept.state == PROPOSED,
        leaves_as=kept.strict if kept.strict not in (None, kept.value) else "",
    )


# ------------------------------------------------------------------ agreement


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One question; empty where a number is hidden."""

    step: str
    text: str
    asked: str
    ways: tuple[str, ...]


@pages.route("/console/agreement", permit="figures.read")
async def figures(call: Call) -> Response:
    """Figures for supervisors and coordinators. Reading them is audited."""
    mind = base.mind(call)
    channel = call.query("channel") if call.query("channel") in CHANNELS else CHANNELS[0]
    language = call.query("language") if call.query("language") in LANGUAGES else LANGUAGES[0]
    found = await call.write(
        lambda tx: agreement.read(
            tx, mind, call.actor, channel=channel, language=language, now=call.now
        )
    )
    hidden = str(call.t("console.agreement.few", "under 11"))
    both = found.agreement
    ways = {
        "answered": call.t("console.agreement.answered", "Answered"),
        "unsure": call.t("console.agreement.unsure", "Not sure"),
        "refused": call.t("console.agreement.refused", "Preferred not to answer"),
        "moved": call.t("console.agreement.moved", "Skipped, or went elsewhere"),
        "left": call.t("console.agreement.left", "Nothing came any more"),
    }
    return call.page(
        "console/agreement.html",
        is_on=mind.blind,
        days=agreement.DAYS,
        cases=hidden if both.cases is None else str(both.cases),
        cells={
            (tool, person): hidden if (n := both.flagged[tool, person]) is None else str(n)
            for tool in (True, False)
            for person in (True, False)
        },
        sensitivity=_rate(call, both.sensitivity),
        specificity=_rate(call, both.specificity),
        kappa="" if both.kappa is None else f"{both.kappa:.2f}".rstrip("0").rstrip("."),
        items=[_item(call, item, hidden) for item in found.items],
        ways=[ways[way] for way in WAYS],
        channel=channel,
        language=language,
        channels=list(labels.channels(call.t).items()),
        languages=[(code, labels.languages(call.t).get(code, code)) for code in LANGUAGES],
    )


def _rate(call: Call, rate: Rate | None) -> str:
    if rate is None:
        return ""
    return str(
        call.t(
            "console.agreement.rate",
            "{percent} % (95 % interval {low}-{high} %)",
            percent=rate.percent, low=rate.low, high=rate.high,
        )
    )  # fmt: skip


def _item(call: Call, item: Item, hidden: str) -> ItemShown:
    return ItemShown(
        item.step,
        base.said(call, f"{item.step}.ask"),
        hidden if item.asked is None else str(item.asked),
        tuple(hidden if (share := item.percent(way)) is None else f"{share} %" for way in WAYS),
    )

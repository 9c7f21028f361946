"""Passing a case on: service, needs, organisations in order, what would be shared, the question."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import Response

from hotline.accounts.doors import allows
from hotline.audit import service as audit
from hotline.conversation.service import casework, desk
from hotline.core.errors import Invalid
from hotline.db.transaction import Tx
from hotline.referrals import service as referrals
from hotline.referrals.rules import codes
from hotline.referrals.rules.matching import Candidate, Matches, Needs
from hotline.referrals.rules.preview import Preview
from hotline.referrals.service import DraftForm, ReferralDetail, ReferralLine
from hotline.referrals.service.desk import ConsentLine, OfferLine
from hotline.web.console import base, labels
from hotline.web.routing import Call, Pages

pages: Final = Pages()

MOST_PARTNERS: Final = 5
FIELD_LIMIT: Final = 600


@pages.route("/console/talk/{id}/refer", permit="referral.draft")
async def form(call: Call) -> Response:
    """First the service; then needs and organisations that fit, best first."""
    base.mind(call)
    service = call.query("service")
    if service not in codes.SERVICES:
        await call.read(lambda tx: casework.case_of(tx, call.actor, call.path("id")))
        return call.page(
            "console/refer.html",
            talk_id=call.path("id"),
            services=_options(call, "service", codes.SERVICES),
            service="",
        )
    found = await call.read(lambda tx: _prepared(call, tx, service))
    return call.page("console/refer.html", **_shown(call, service, *found))


@pages.route("/console/talk/{id}/refer", methods=("POST",), permit="referral.draft")
async def draft(call: Call) -> Response:
    """Makes the draft; nothing leaves before the person was asked."""
    mind, talk_id = base.mind(call), call.path("id")
    service = call.form.choice("service", codes.SERVICES)
    needs = _needs(Needs(service), call.form.get, call.form.all("languages"), given=True)
    partners = _chosen(call)
    if not partners:
        raise Invalid("Choose at least one organisation.", key="error.refer.nobody")
    fields = {
        name.removeprefix("field."): call.form.get(name)[:FIELD_LIMIT]
        for name in call.form.values
        if name.startswith("field.") and call.form.get(name)
    }
    reason = call.form.get("reason")[:200] or None

    def work(tx: Tx) -> str:
        case_id = casework.case_of(tx, call.actor, talk_id)
        made: str = referrals.draft(
            tx, mind.keys, call.actor, case_id, needs=needs, partners=partners, fields=fields,
            reason=reason, now=call.now,
        )  # fmt: skip
        return made

    referral_id = await call.write(work)
    said = call.t("console.refer.drafted", "The request is prepared. Nothing was sent yet.")
    return call.redirect(f"/console/referral/{referral_id}", said=str(said))


@pages.route("/console/referrals", permit="referral.list")
async def listed(call: Call) -> Response:
    def work(tx: Tx) -> tuple[ReferralLine, ...]:
        found = referrals.listed(tx, call.actor, now=call.now)
        audit.record(
            tx, tag="case:record:listed", actor=call.actor, object_kind="referral",
            object_id="list", now=call.now,
        )  # fmt: skip
        return found

    rows = await call.ctx.store.awrite(work)
    return call.page("console/referrals.html", rows=[line(call, row) for row in rows])


@pages.route("/console/referral/{id}", permit="referral.list")
async def detail(call: Call) -> Response:
    """State, deadlines, who was asked, what is shared. A reason opens what is not one's own."""
    mind, reason = base.mind(call), call.query("reason") or None
    if reason is not None and reason not in _REASONS:
        reason = None
    found = await call.write(
        lambda tx: referrals.read(
            tx, mind.keys, call.actor, call.path("id"), now=call.now, reason=reason
        )
    )
    return call.page("console/referral.html", **_detail(call, found))


@pages.route("/console/referral/{id}/ask", methods=("POST",), permit="referral.draft")
async def ask(call: Call) -> Response:
    """The bot puts the question to the person, in her language, naming one organisation."""
    mind = base.mind(call)
    await call.write(
        lambda tx: desk.ask_consent(tx, mind, call.actor, call.path("id"), now=call.now)
    )
    said = call.t("console.refer.asked", "The bot asks the person now. Silence is never consent.")
    return call.redirect(f"/console/referral/{call.path('id')}", said=str(said))


@pages.route("/console/referral/{id}/recall", methods=("POST",), permit="referral.recall")
async def recall(call: Call) -> Response:
    mind = base.mind(call)
    reason = call.form.choice("reason", codes.RECALL)
    expected = call.form.number("version", lowest=0, highest=10**9)
    await call.write(
        lambda tx: referrals.recall(
            tx, mind.keys, call.actor, call.path("id"), reason=reason, expected=expected,
            now=call.now,
        )
    )  # fmt: skip
    said = call.t("console.refer.recalled", "Called back. The organisation is told without detail.")
    return call.redirect(f"/console/referral/{call.path('id')}", said=str(said))


# ------------------------------------------------------------------ what the pages show

_REASONS: Final = ("support", "alarm", "complaint", "safety", "quality")


@dataclass(frozen=True, slots=True)
class Offered:
    """A candidate with its place in the order that was chosen."""

    partner_id: str
    name: str
    oblast: str
    places: int | None
    reasons: tuple[str, ...]
    place: int


@dataclass(frozen=True, slots=True)
class LineShown:
    """A referral in a list. `code` is its state as the rules name it."""

    id: str
    code: str
    service: str
    priority: str
    state: str
    colour: str
    partner: str
    due: str
    is_late: bool
    is_escalated: bool
    is_protected: bool
    created: str


_COLOURS: Final = {
    "CONFIRMED": "green",
    "COMPLETED": "green",
    "IN_SERVICE": "green",
    "CONTACT_MADE": "green",
    "DECLINED": "amber",
    "EXPIRED": "amber",
    "REFUSED": "amber",
    "CONSENT_WITHDRAWN": "red",
    "RECALLED": "amber",
}


def line(call: Call, row: ReferralLine) -> LineShown:
    """One referral in the reader's words."""
    due = row.due_at
    return LineShown(
        row.id,
        row.state,
        base.said(call, f"referral.service.{row.service}"),
        base.said(call, f"referral.priority.{row.priority}"),
        base.said(call, f"referral.state.{str(row.state).lower()}"),
        _COLOURS.get(str(row.state), "blue"),
        named(call, row.partner),
        base.moment(call, due),
        due is not None and due < call.now,
        row.escalated,
        row.safeguarding,
        base.moment(call, row.created_at),
    )


def named(call: Call, name: Mapping[str, str] | None) -> str:
    """An organisation's name in the reader's language, else in Russian, else any."""
    if not name:
        return ""
    return name.get(call.language) or name.get("ru") or next(iter(name.values()), "")


def _prepared(call: Call, tx: Tx, service: str) -> tuple[DraftForm, Matches]:
    """The form as the case fills it, and who could help with the needs as they stand now."""
    mind = base.mind(call)
    case_id = casework.case_of(tx, call.actor, call.path("id"))
    made = referrals.draft_form(tx, mind.keys, call.actor, case_id, service=service, now=call.now)
    params = call.request.query_params
    if call.query("oblast"):
        needs = _needs(
            made.needs, call.query, tuple(params.getlist("languages")),
            given=True,
        )  # fmt: skip
        made = replace(made, needs=needs)
    found = referrals.candidates(tx, mind.keys, call.actor, case_id, made.needs, now=call.now)
    return made, found


def _needs(needs: Needs, get: Any, languages: tuple[str, ...], *, given: bool) -> Needs:  # noqa: ANN401
    """Only offered codes; anything else keeps what the case says."""

    def pick(name: str, offered: tuple[str, ...]) -> str:
        value = str(get(name))
        return value if value in offered else str(getattr(needs, name))

    spoken = tuple(code for code in languages if code in codes.LANGUAGES)
    return replace(
        needs,
        priority=pick("priority", codes.PRIORITIES),
        age_band=pick("age_band", codes.AGE_BANDS),
        sex=pick("sex", codes.SEXES),
        oblast=pick("oblast", codes.OBLASTS),
        safety=pick("safety", codes.SAFETY),
        languages=spoken or needs.languages,
        with_child=bool(get("with_child")) if given else needs.with_child,
        disability=bool(get("disability")) if given else needs.disability,
        medical=bool(get("medical")) if given else needs.medical,
    )


def _chosen(call: Call) -> tuple[str, ...]:
    """Partners by the numbers they were given."""
    found = []
    for name in call.form.values:
        if name.startswith("partner.") and call.form.get(name).isascii():
            place = call.form.get(name)
            if place.isdigit() and len(place) == 1 and 1 <= int(place) <= MOST_PARTNERS:
                found.append((int(place), name.removeprefix("partner.")))
    return tuple(partner for _, partner in sorted(found))


def _shown(call: Call, service: str, made: DraftForm, found: Matches) -> dict[str, Any]:
    needs = made.needs
    t = call.t
    return {
        "talk_id": call.path("id"),
        "services": _options(call, "service", codes.SERVICES),
        "service": service,
        "service_name": base.said(call, f"referral.service.{service}"),
        "needs": needs,
        "priorities": _options(call, "priority", codes.PRIORITIES),
        "ages": _options(call, "age", codes.AGE_BANDS),
        "sexes": _options(call, "sex", codes.SEXES),
        "safeties": _options(call, "safety", codes.SAFETY),
        "oblasts": _options(call, "oblast", codes.OBLASTS),
        "tongues": [
            ("ky", t("console.language.ky", "Kyrgyz"), ""),
            ("ru", t("console.language.ru", "Russian"), ""),
            ("tg", t("console.language.tg", "Tajik"), ""),
            ("en", t("console.language.en", "English"), ""),
        ],
        "groups": _groups(call, made),
        "may_share": made.may_share,
        "offers": [_offered(call, c, n) for n, c in enumerate(found.offers, 1)],
        "partial": [_offered(call, c, 0) for c in found.partial],
        "gaps": [base.said(call, f"referral.gap.{gap}") for gap in found.gaps],
        "places": [str(n) for n in range(1, MOST_PARTNERS + 1)],
        "field_limit": FIELD_LIMIT,
    }


def _groups(call: Call, made: DraftForm) -> list[tuple[str, list[dict[str, str]]]]:
    """The fields of the service's template by group, in the template's own order."""
    found: dict[str, list[dict[str, str]]] = {}
    for field in made.fields if made.may_share else ():
        found.setdefault(field.group, []).append(
            {
                "id": f"x-{field.name}",
                "name": f"field.{field.name}",
                "label": base.said(call, f"referral.field.{field.name}"),
            }
        )
    return [(base.said(call, f"referral.group.{group}"), inside) for group, inside in found.items()]


def _offered(call: Call, candidate: Candidate, place: int) -> Offered:
    return Offered(
        candidate.partner_id,
        named(call, candidate.name),
        base.said(call, f"referral.oblast.{candidate.oblast}"),
        candidate.places,
        tuple(base.said(call, f"referral.match.{code}") for code in candidate.reasons),
        place if place == 1 else 0,
    )


def _options(call: Call, kind: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, base.said(call, f"referral.{kind}.{value}")) for value in values]


def _detail(call: Call, found: ReferralDetail) -> dict[str, Any]:
    asked = [c for c in found.consents if c.group != "preview"] or found.consents
    return {
        "line": line(call, found.line),
        "alias": found.line.alias,
        "version": found.version,
        "talk_id": found.conversation_id,
        "is_mine": allows(call.actor, "queue.take"),
        "preview": _preview(call, found.preview),
        "offers": [_offer(call, row) for row in found.offers],
        "consents": [_consent(call, row) for row in asked],
        "fields": [
            (
                base.said(call, f"referral.field.{row.name}"),
                base.said(call, f"referral.group.{row.group}"),
                row.text,
            )
            for row in found.fields
        ],
        "confirmation": base.said(call, f"referral.confirm.{found.confirmation}")
        if found.confirmation
        else "",
        "can_ask": found.can_ask,
        "can_recall": found.can_recall,
        "recalls": _options(call, "recall", tuple(found.recall_codes)),
        "arrival_code": found.arrival_code,
    }


def _preview(call: Call, preview: Preview) -> list[tuple[Markup, str]]:
    """What an organisation sees before it accepts: no name, no story."""
    t = call.t
    yes = str(t("console.yes", "yes"))
    rows = [
        (t("console.refer.age", "Age"), base.said(call, f"referral.age.{preview.age_band}")),
        (t("console.refer.safety", "Safety"), base.said(call, f"referral.safety.{preview.safety}")),
        (t("console.refer.oblast", "Where"), base.said(call, f"referral.oblast.{preview.oblast}")),
    ]
    tongues = labels.languages(t)
    spoken = ", ".join(str(tongues.get(code, code)) for code in preview.languages)
    if spoken:
        rows.append((t("console.bar.language", "Language"), spoken))
    if preview.sex:
        rows.append((t("console.refer.sex", "Sex"), base.said(call, f"referral.sex.{preview.sex}")))
    if preview.with_child:
        rows.append((t("console.refer.with_child", "Comes with a child"), yes))
    if preview.disability:
        rows.append((t("console.refer.disability", "Needs access with a disability"), yes))
    if preview.medical:
        rows.append((t("console.refer.medical", "Needs medical help"), yes))
    return rows


def _offer(call: Call, row: OfferLine) -> dict[str, Any]:
    """One organisation in the order of asking, and how far it came."""
    declined = row.reason if row.state == "DECLINED" else None
    return {
        "partner": named(call, row.name),
        "state": base.said(call, f"referral.state.{row.state.lower()}"),
        "colour": _COLOURS.get(row.state, "blue"),
        "due": base.moment(call, row.decide_by) if row.state == "OFFERED" else "",
        "why": base.said(call, f"referral.decline.{declined}") if declined else "",
        "tries": row.contact_attempts,
        "outcome": base.said(call, f"referral.outcome.{row.outcome}") if row.outcome else "",
    }


def _consent(call: Call, row: ConsentLine) -> dict[str, Any]:
    t = call.t
    words = {
        "asked": (t("console.consent.asked", "asked, no answer yet"), "blue"),
        "given": (t("console.consent.given", "agreed"), "green"),
        "refused": (t("console.consent.refused", "did not agree"), "amber"),
        "withdrawn": (t("console.consent.withdrawn", "taken back"), "red"),
        "expired": (t("console.consent.expired", "ended by date"), "amber"),
    }
    decision, colour = words.get(row.decision, words["asked"])
    return {
        "partner": named(call, row.name),
        "group": base.said(call, f"referral.group.{row.group}"),
        "decision": decision,
        "colour": colour,
        "until": base.moment(call, row.expires_at) if row.decision == "given" else "",
    }


def of_case(call: Call, tx: Tx, case_id: str | None) -> list[LineShown]:
    """For the page of a conversation."""
    if case_id is None:
        return []
    return [line(call, row) for row in referrals.of_case(tx, call.actor, case_id, now=call.now)]

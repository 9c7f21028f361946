"""Preparing a referral: who could help, in which order, and what would be passed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.cases import service as cases
from hotline.cases.service import CaseFacts
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, Invalid, Refused
from hotline.crypto import KeyRing, new_id
from hotline.db.transaction import Tx
from hotline.referrals.repository import consents, directory, referrals as rows
from hotline.referrals.rules import codes, matching
from hotline.referrals.rules.matching import Matches, Needs
from hotline.referrals.rules.packet import FIELDS, MAX_TEXT, FieldSpec, template
from hotline.referrals.rules.preview import check, preview_of, to_stored
from hotline.referrals.rules.states import LIVE, PLANNED, State
from hotline.referrals.service import packets
from hotline.referrals.service.motion import OBJECT

MOST_PARTNERS: Final = 8
_SLOW_SINCE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class DraftForm:
    """What the form begins with. `may_share` is False for somebody who stays anonymous."""

    needs: Needs
    fields: tuple[FieldSpec, ...]
    may_share: bool


def draft_form(
    tx: Tx, keys: KeyRing, actor: Actor, case_id: str, *, service: str, now: datetime
) -> DraftForm:
    """Prefilled from what is known, so that nobody is asked twice."""
    _ = now
    case = _case(tx, keys, actor, case_id)
    known = service if service in codes.SERVICES else codes.SERVICES[0]
    language = rows.language_of(tx, case.conversation_id)
    needs = Needs(
        service=known,
        priority=codes.PRIORITY_OF_CLASS.get(case.klass, "normal"),
        age_band="child" if _is_child(case) else "unknown",
        languages=(language,) if language in codes.LANGUAGES else (),
        safety=codes.SAFETY_OF_CLASS.get(case.klass, "no_known_danger"),
    )
    may_share = case.anonymity != "anonymous"
    return DraftForm(needs, template(known) if may_share else (), may_share)


def candidates(
    tx: Tx, keys: KeyRing, actor: Actor, case_id: str, needs: Needs, *, now: datetime
) -> Matches:
    """The matcher's list with its reasons; the operator decides."""
    case = _case(tx, keys, actor, case_id)
    check(needs)
    return _matches(tx, case, needs, now=now)


def draft(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    case_id: str,
    *,
    needs: Needs,
    partners: Sequence[str],
    fields: Mapping[str, str],
    now: datetime,
    reason: str | None = None,
) -> str:
    """A new referral in DRAFT; its id. Nobody outside knows of it yet.

    `partners` are ids in the order in which they are named to her, `fields` the texts of T1 and T2
    (`draft_form`). Raises `Invalid` for a partner who cannot help or a field that the service does
    not get, `Conflict` when one of them already has the same request of this case.
    """
    rows.lock_case(tx, case_id)  # two drafts at once must see each other
    case = _case(tx, keys, actor, case_id, reason=reason)
    if not case.is_open:
        raise Conflict("The case is closed.", key="error.referral.case_closed")
    if case.is_minor and needs.age_band != "child":
        raise Invalid("She is a child: choose this age.", key="error.referral.child")
    texts = _texts(needs.service, fields)
    if texts and case.anonymity == "anonymous":
        raise Invalid(
            "She stays anonymous: only the preview may be passed on.",
            key="error.referral.anonymous",
        )
    chosen = _chosen(tx, case, needs, partners, now=now)
    referral_id = new_id()
    alias = cases.unused_name(tx)
    rows.add(
        tx,
        {
            "id": referral_id,
            "case_id": case_id,
            "conversation_id": case.conversation_id,
            "alias": alias,
            "service": needs.service,
            "priority": needs.priority,
            "state": State.DRAFT.value,
            "created_by": actor.id,
            "site_id": case.site_id or actor.site_id,
            "preview": to_stored(preview_of(alias, needs)),
            "safeguarding": case.is_minor,
            "created_at": now,
            "is_demo": case.is_demo,
        },
    )
    for position, (partner_id, service_id, match) in enumerate(chosen):
        rows.add_offer(
            tx,
            {
                "id": new_id(),
                "referral_id": referral_id,
                "partner_id": partner_id,
                "service_id": service_id,
                "position": position,
                "state": PLANNED,
                "match": match,
            },
        )
    packets.fill(tx, keys, referral_id, texts, now=now)
    audit.record(
        tx, tag="case:referral:drafted", actor=actor, object_kind=OBJECT, object_id=referral_id,
        now=now, reason=needs.service,
    )  # fmt: skip
    return referral_id


def _case(
    tx: Tx, keys: KeyRing, actor: Actor, case_id: str, *, reason: str | None = None
) -> CaseFacts:
    """The case, after the door."""
    if actor.role not in {"OP", "SO", "CO"}:
        raise Refused("Your role does not allow this. Nothing was changed.")
    case = cases.facts_of(tx, keys, case_id)
    holder = rows.lease_holder(tx, case.conversation_id)
    permit(
        actor, "referral.draft", lease_holder_id=holder, site_id=case.site_id, reason=reason,
        owner_id=holder,
    )  # fmt: skip
    return case


def _is_child(case: CaseFacts) -> bool:
    return case.is_minor or case.age_band == "minor"


def _matches(tx: Tx, case: CaseFacts, needs: Needs, *, now: datetime) -> Matches:
    barred = consents.refused(tx, case.id) | directory.complained_about(tx, case.conversation_id)
    listings = directory.listings(tx, needs.service, since=now - _SLOW_SINCE)
    return matching.match(needs, listings, barred=barred, now=now)


def _texts(service: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The filled fields, each of which the template must know."""
    if service not in codes.SERVICES:
        raise Invalid("Choose the service from the list.", key="error.choice")
    known = {spec.name for spec in template(service)}
    texts: dict[str, str] = {}
    for name, text in fields.items():
        words = text.strip()
        if not words:
            continue
        if name not in known or name not in FIELDS:
            raise Invalid("This service does not need that.", key="error.referral.field")
        if len(words) > MAX_TEXT:
            raise Invalid("A field is too long.", key="error.field_long", limit=str(MAX_TEXT))
        texts[name] = words
    return texts


def _chosen(
    tx: Tx, case: CaseFacts, needs: Needs, partners: Sequence[str], *, now: datetime
) -> list[tuple[str, str, dict[str, object]]]:
    """Partner, service and why, in the operator's order."""
    wanted = list(dict.fromkeys(partners))
    if not wanted or len(wanted) > MOST_PARTNERS:
        raise Invalid("Choose at least one organisation.", key="error.referral.nobody")
    check(needs)
    matches = _matches(tx, case, needs, now=now)
    by_id: dict[str, tuple[str, dict[str, object]]] = {}
    for place, found in enumerate((*matches.offers, *matches.partial)):
        match: dict[str, object] = {"place": place, "reasons": list(found.reasons)}
        if matches.gaps:
            match["gaps"] = list(matches.gaps)
        by_id.setdefault(found.partner_id, (found.service_id, match))
    if any(partner_id not in by_id for partner_id in wanted):
        raise Invalid("One of them cannot take this request.", key="error.referral.not_a_match")
    states = (PLANNED, *(state.value for state in LIVE))
    if rows.live_elsewhere(
        tx, case_id=case.id, service=needs.service, partner_ids=tuple(wanted), states=states
    ):
        raise Conflict("One of them already has this request.", key="error.referral.twice")
    return [(partner_id, *by_id[partner_id]) for partner_id in wanted]

"""The hotline's side: lists, one referral in full, recall."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hotline.accounts.doors import allows, permit
from hotline.audit import service as audit
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, Invalid, NotFound, Refused
from hotline.crypto import KeyRing
from hotline.db.transaction import Tx
from hotline.referrals.repository import consents, referrals as rows, timers
from hotline.referrals.repository.referrals import OfferRow, ReferralRow, StepRow
from hotline.referrals.rules import codes
from hotline.referrals.rules.preview import Preview, from_stored
from hotline.referrals.rules.states import ENDED, LIVE, Event, Role, State, furthest
from hotline.referrals.service import motion, packets
from hotline.referrals.service.consent import next_to_ask
from hotline.referrals.service.motion import Hand
from hotline.referrals.service.packets import FieldLine

STAFF: Final = frozenset({"OP", "SO", "CO"})


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """`partner` is the one that is concerned now, `due_at` the next deadline."""

    id: str
    alias: str
    service: str
    priority: str
    state: str
    escalated: bool
    safeguarding: bool
    partner: Mapping[str, str] | None
    due_at: datetime | None
    created_at: datetime
    consented: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class OfferLine:
    id: str
    partner_id: str
    name: Mapping[str, str]
    position: int
    state: str
    reasons: tuple[str, ...]
    offered_at: datetime | None
    decide_by: datetime | None
    seen_at: datetime | None
    held_at: datetime | None
    opened_at: datetime | None
    contact_attempts: int
    contacted_at: datetime | None
    completed_at: datetime | None
    reason: str | None
    outcome: str | None
    arrival_code: str | None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    name: Mapping[str, str]
    group: str
    decision: str
    channel: str
    asked_at: datetime
    answered_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReferralDetail:
    """`fields` are empty for somebody who may see the referral but not the packet."""

    line: ReferralLine
    version: int
    case_id: str
    conversation_id: str
    preview: Preview
    offers: tuple[OfferLine, ...]
    consents: tuple[ConsentLine, ...]
    fields: tuple[FieldLine, ...]
    steps: tuple[StepRow, ...]
    confirmation: str | None
    outcome: str | None
    can_ask: bool
    can_recall: bool
    recall_codes: tuple[str, ...]
    arrival_code: str | None


def of_case(tx: Tx, actor: Actor, case_id: str, *, now: datetime) -> tuple[ReferralLine, ...]:
    """Every referral of one case that the actor may know of, the newest first."""
    _ = now
    _staff(actor)
    found = rows.of_case(tx, case_id)
    return tuple(_line(tx, row) for row in found if _may_see(tx, actor, row))


def listed(tx: Tx, actor: Actor, *, now: datetime) -> tuple[ReferralLine, ...]:
    """An operator's own, a supervisor's site, all for a coordinator; alarms come first."""
    _ = now
    _staff(actor)
    if actor.role == "CO":
        found = rows.listed(tx)
    elif actor.role == "SO":
        found = rows.listed(tx, site_id=actor.site_id)
    else:
        found = rows.listed(tx, created_by=actor.id)
    return tuple(_line(tx, row) for row in found)


def detail(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    referral_id: str,
    *,
    now: datetime,
    reason: str | None = None,
) -> ReferralDetail:
    """One referral in full. What is not hers to see is `NotFound`.

    The packet's texts are opened only where `packet.read` lets her: own, or with a reason.
    """
    _staff(actor)
    row = rows.load(tx, referral_id)
    if row is None or not _may_see(tx, actor, row):
        raise NotFound("There is no such referral.")
    offers = rows.offers(tx, referral_id)
    names = {o.partner_id: o.partner_name for o in offers}
    holder = rows.lease_holder(tx, row.conversation_id)
    facts = {"lease_holder_id": holder, "owner_id": row.created_by, "site_id": row.site_id}
    may_read = allows(actor, "packet.read", reason=reason, **facts)
    asked = tuple(
        ConsentLine(
            names[c.partner_id],
            c.field_group,
            c.decision,
            c.channel,
            c.asked_at,
            c.answered_at,
            c.expires_at,
        )
        for c in consents.of_referral(tx, referral_id)
        if c.partner_id in names and c.decision != "replaced"
    )
    is_open = State(row.state) not in ENDED
    return ReferralDetail(
        line=_line(tx, row),
        version=row.version,
        case_id=row.case_id,
        conversation_id=row.conversation_id,
        preview=from_stored(row.preview),
        offers=tuple(_offer(o) for o in offers),
        consents=asked,
        fields=packets.in_order(packets.for_hotline(tx, keys, referral_id)) if may_read else (),
        steps=rows.steps(tx, referral_id),
        confirmation=row.confirmation,
        outcome=row.outcome,
        can_ask=holder == actor.id and next_to_ask(tx, row, now=now) is not None,
        can_recall=is_open and allows(actor, "referral.recall", reason="given", **facts),
        recall_codes=codes.RECALL,
        arrival_code=next((o.arrival_code for o in offers if o.state == State.HELD), None),
    )


def recall(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    referral_id: str,
    *,
    reason: str,
    now: datetime,
    expected: int | None = None,
) -> None:
    """Takes the referral back from everybody, from any open state, with a reason code.

    Raises `Invalid` without a reason, `Conflict` when it has ended or changed since it was read.
    """
    _staff(actor)
    if reason not in codes.RECALL:
        raise Invalid("Choose a reason.", key="error.referral.reason")
    row = motion.locked(tx, referral_id)
    if not _may_see(tx, actor, row):
        raise NotFound("There is no such referral.")
    holder = rows.lease_holder(tx, row.conversation_id)
    permit(
        actor, "referral.recall", owner_id=row.created_by, lease_holder_id=holder,
        site_id=row.site_id, reason=reason,
    )  # fmt: skip
    if expected is not None and expected != row.version:
        raise Conflict("This changed meanwhile.", key="error.referral.changed")
    hand = Hand(tx, keys, actor, Role.STAFF, now)
    live = [o for o in rows.offers(tx, referral_id) if o.state in LIVE]
    for offer in live:
        motion.take(hand, referral_id, Event.RECALL, offer_id=offer.id, reason=reason)
    if not live:
        motion.take(hand, referral_id, Event.RECALL, reason=reason)


def read(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    referral_id: str,
    *,
    now: datetime,
    reason: str | None = None,
) -> ReferralDetail:
    """`detail` with its audit row, for a page that is really shown to somebody."""
    found = detail(tx, keys, actor, referral_id, now=now, reason=reason)
    audit.record(
        tx, tag="case:record:opened", actor=actor, object_kind="packet", object_id=referral_id,
        now=now, reason=reason,
    )  # fmt: skip
    return found


def _staff(actor: Actor) -> None:
    if actor.kind != "user" or actor.role not in STAFF:
        raise Refused("Your role does not allow this. Nothing was changed.")


def _may_see(tx: Tx, actor: Actor, row: ReferralRow) -> bool:
    if actor.role == "CO" or row.created_by == actor.id:
        return True
    if actor.role == "SO" and row.site_id in {None, actor.site_id}:
        return True
    return rows.lease_holder(tx, row.conversation_id) == actor.id


def _line(tx: Tx, row: ReferralRow) -> ReferralLine:
    offers = rows.offers(tx, row.id)
    lead = furthest([o.state for o in offers])
    current = next((o for o in offers if lead is not None and o.state == lead), None)
    pending = [
        due for kind, due in timers.pending(tx, row.id) if kind not in {"outcome", "unconfirmed"}
    ]
    return ReferralLine(
        id=row.id,
        alias=row.alias,
        service=row.service,
        priority=row.priority,
        state=row.state,
        escalated=row.escalated,
        safeguarding=row.safeguarding,
        partner=current.partner_name if current else None,
        due_at=pending[0] if pending else None,
        created_at=row.created_at,
        consented=row.consented_at is not None,
        is_open=row.ended_at is None,
    )


def _offer(o: OfferRow) -> OfferLine:
    return OfferLine(
        o.id, o.partner_id, o.partner_name, o.position, o.state,
        tuple((o.match or {}).get("reasons", ())), o.offered_at, o.decide_by, o.seen_at,
        o.held_at, o.opened_at, o.contact_attempts, o.contacted_at, o.completed_at, o.reason,
        o.outcome, o.arrival_code,
    )  # fmt: skip

"""Rows of referrals, their offers and their history."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db.models.case import Case
from hotline.db.models.contact import Contact, Conversation
from hotline.db.models.partner import Partner
from hotline.db.models.referral import Offer, Referral, ReferralStep
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """A referral with what its case says about urgency; no words of anybody."""

    id: str
    case_id: str
    conversation_id: str
    alias: str
    service: str
    priority: str
    state: str
    version: int
    created_by: str
    site_id: str | None
    preview: dict[str, Any]
    escalated: bool
    safeguarding: bool
    consented_at: datetime | None
    contact_by: datetime | None
    created_at: datetime
    ended_at: datetime | None
    outcome: str | None
    confirmation: str | None
    end_reason: str | None
    klass: str
    is_minor: bool
    anonymity: str


@dataclass(frozen=True, slots=True)
class OfferRow:
    id: str
    referral_id: str
    partner_id: str
    service_id: str | None
    position: int
    state: str
    version: int
    match: dict[str, Any] | None
    offered_at: datetime | None
    decide_by: datetime | None
    seen_at: datetime | None
    held_at: datetime | None
    held_place: bool
    opened_at: datetime | None
    acknowledge_by: datetime | None
    contact_attempts: int
    contacted_at: datetime | None
    completed_at: datetime | None
    reason: str | None
    accepted_by: str | None
    arrival_code: str | None
    outcome: str | None
    deletion_asked_at: datetime | None
    deletion_stated_at: datetime | None
    partner_name: dict[str, str]


@dataclass(frozen=True, slots=True)
class StepRow:
    event: str
    from_state: str
    to_state: str
    actor: str
    reason: str | None
    at: datetime
    offer_id: str | None


_OF_CASE = {"klass", "is_minor", "anonymity"}
_REFERRAL = tuple(
    getattr(Case if f.name in _OF_CASE else Referral, f.name) for f in fields(ReferralRow)
)
_OFFER = tuple(
    Partner.name.label("partner_name") if f.name == "partner_name" else getattr(Offer, f.name)
    for f in fields(OfferRow)
)


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Referral), dict(values))


def add_offer(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Offer), dict(values))


def load(tx: Tx, referral_id: str, *, lock: bool = False) -> ReferralRow | None:
    """With `lock` nobody else moves this referral before the end of the transaction."""
    query = (
        sa.select(*_REFERRAL)
        .join(Case, Case.id == Referral.case_id)
        .where(Referral.id == referral_id)
    )
    if lock and tx.dialect == "postgresql":
        query = query.with_for_update(of=Referral)
    row = tx.conn.execute(query).mappings().first()
    return None if row is None else ReferralRow(**row)


def of_case(tx: Tx, case_id: str) -> tuple[ReferralRow, ...]:
    query = (
        sa.select(*_REFERRAL)
        .join(Case, Case.id == Referral.case_id)
        .where(Referral.case_id == case_id)
        .order_by(Referral.created_at.desc(), Referral.id)
    )
    return tuple(ReferralRow(**row) for row in tx.conn.execute(query).mappings())


def of_conversation(tx: Tx, conversation_id: str) -> tuple[str, ...]:
    query = (
        sa.select(Referral.id)
        .where(Referral.conversation_id == conversation_id)
        .order_by(Referral.created_at, Referral.id)
    )
    return tuple(tx.conn.execute(query).scalars())


def listed(
    tx: Tx, *, created_by: str | None = None, site_id: str | None = None, limit: int = 100
) -> tuple[ReferralRow, ...]:
    """What needs attention first, then the newest."""
    query = sa.select(*_REFERRAL).join(Case, Case.id == Referral.case_id)
    if created_by is not None:
        query = query.where(Referral.created_by == created_by)
    if site_id is not None:
        query = query.where(sa.or_(Referral.site_id == site_id, Referral.site_id.is_(None)))
    urgent = sa.case((sa.and_(Referral.escalated, Referral.ended_at.is_(None)), 0), else_=1)
    query = query.order_by(
        urgent, sa.case((Referral.ended_at.is_(None), 0), else_=1), Referral.created_at.desc()
    ).limit(limit)
    return tuple(ReferralRow(**row) for row in tx.conn.execute(query).mappings())


def change(tx: Tx, referral_id: str, expected: int, values: Mapping[str, Any]) -> bool:
    """False when somebody else moved it meanwhile."""
    done = tx.conn.execute(
        sa.update(Referral)
        .where(Referral.id == referral_id, Referral.version == expected)
        .values(version=expected + 1, **values)
    )
    return done.rowcount == 1


def offers(tx: Tx, referral_id: str) -> tuple[OfferRow, ...]:
    query = (
        sa.select(*_OFFER)
        .join(Partner, Partner.id == Offer.partner_id)
        .where(Offer.referral_id == referral_id)
        .order_by(Offer.position)
    )
    return tuple(OfferRow(**row) for row in tx.conn.execute(query).mappings())


def change_offer(tx: Tx, offer_id: str, expected: int, values: Mapping[str, Any]) -> bool:
    done = tx.conn.execute(
        sa.update(Offer)
        .where(Offer.id == offer_id, Offer.version == expected)
        .values(version=expected + 1, **values)
    )
    return done.rowcount == 1


def live_elsewhere(
    tx: Tx, *, case_id: str, service: str, partner_ids: tuple[str, ...], states: tuple[str, ...]
) -> tuple[str, ...]:
    """Partners that already have a live offer for the same need of the same case."""
    query = (
        sa.select(Offer.partner_id)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(
            Referral.case_id == case_id,
            Referral.service == service,
            Referral.ended_at.is_(None),
            Offer.partner_id.in_(partner_ids),
            Offer.state.in_(states),
        )
    )
    return tuple(tx.conn.execute(query).scalars())


def of_partner(
    tx: Tx,
    partner_id: str,
    states: tuple[str, ...],
    *,
    limit: int = 60,
    deletion_due: bool = False,
) -> tuple[tuple[ReferralRow, OfferRow], ...]:
    """Offers addressed to one partner in some states, with their referrals; with `deletion_due`
    only those whose copies it has not yet said to have destroyed."""
    query = (
        sa.select(Offer.id, Offer.referral_id)
        .where(Offer.partner_id == partner_id, Offer.state.in_(states))
        .order_by(Offer.offered_at.desc(), Offer.id)
        .limit(limit)
    )
    if deletion_due:
        query = query.where(
            Offer.deletion_asked_at.is_not(None), Offer.deletion_stated_at.is_(None)
        )
    found = []
    for offer_id, referral_id in tx.conn.execute(query).all():
        row = load(tx, referral_id)
        own = next(o for o in offers(tx, referral_id) if o.id == offer_id)
        if row is not None:
            found.append((row, own))
    return tuple(found)


def addressed(tx: Tx, offer_id: str, partner_id: str) -> str | None:
    """The referral of an offer, only if the offer was made to this partner."""
    return tx.conn.execute(
        sa.select(Offer.referral_id).where(
            Offer.id == offer_id, Offer.partner_id == partner_id, Offer.offered_at.is_not(None)
        )
    ).scalar()


def add_step(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(ReferralStep), dict(values))


def steps(tx: Tx, referral_id: str) -> tuple[StepRow, ...]:
    query = (
        sa.select(*(getattr(ReferralStep, f.name) for f in fields(StepRow)))
        .where(ReferralStep.referral_id == referral_id)
        .order_by(ReferralStep.at, ReferralStep.number)
    )
    return tuple(StepRow(**row) for row in tx.conn.execute(query).mappings())


def count_steps(tx: Tx, referral_id: str) -> int:
    return tx.conn.execute(
        sa.select(sa.func.count()).where(ReferralStep.referral_id == referral_id)
    ).scalar_one()


def language_of(tx: Tx, conversation_id: str) -> str | None:
    return tx.conn.execute(
        sa.select(Contact.language)
        .join(Conversation, Conversation.contact_id == Contact.id)
        .where(Conversation.id == conversation_id)
    ).scalar()


def lease_holder(tx: Tx, conversation_id: str) -> str | None:
    """The operator who is talking with her now."""
    return tx.conn.execute(
        sa.select(Conversation.operator_id).where(
            Conversation.id == conversation_id, Conversation.state == "HUMAN"
        )
    ).scalar()


def lock_case(tx: Tx, case_id: str) -> None:
    if tx.dialect == "postgresql":
        tx.conn.execute(sa.select(Case.id).where(Case.id == case_id).with_for_update())


def mark_seen(tx: Tx, offer_id: str, *, now: datetime) -> None:
    """Reading moves nothing, so the version stays."""
    tx.conn.execute(
        sa.update(Offer).where(Offer.id == offer_id, Offer.seen_at.is_(None)).values(seen_at=now)
    )

"""Consent rows: one for each recipient and group of facts (operations.md 4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db.models.case import Consent
from hotline.db.models.partner import Partner
from hotline.db.models.referral import Referral
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class ConsentRow:
    id: str
    referral_id: str | None
    partner_id: str
    field_group: str
    tier: str
    purpose: str
    decision: str
    level: str
    language: str | None
    channel: str
    asked_at: datetime
    answered_at: datetime | None
    expires_at: datetime | None
    withdrawn_at: datetime | None


_COLUMNS = tuple(getattr(Consent, f.name) for f in fields(ConsentRow))


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Consent), dict(values))


def of_referral(tx: Tx, referral_id: str) -> tuple[ConsentRow, ...]:
    query = (
        sa.select(*_COLUMNS)
        .where(Consent.referral_id == referral_id)
        .order_by(Consent.asked_at, Consent.id)
    )
    return tuple(ConsentRow(**row) for row in tx.conn.execute(query).mappings())


def answer(
    tx: Tx,
    referral_id: str,
    *,
    before: str,
    values: Mapping[str, Any],
    partner_id: str | None = None,
) -> int:
    """Changes the rows of a referral that stand at `before`; how many there were."""
    query = sa.update(Consent).where(Consent.referral_id == referral_id, Consent.decision == before)
    if partner_id is not None:
        query = query.where(Consent.partner_id == partner_id)
    return tx.conn.execute(query.values(**values)).rowcount


def live(tx: Tx, referral_id: str, partner_id: str, *, now: datetime) -> frozenset[str]:
    """Groups under consent to this partner that holds now."""
    query = sa.select(Consent.field_group).where(
        Consent.referral_id == referral_id,
        Consent.partner_id == partner_id,
        Consent.decision == "given",
        Consent.withdrawn_at.is_(None),
        Consent.expires_at > now,
    )
    return frozenset(tx.conn.execute(query).scalars())


def refused(tx: Tx, case_id: str) -> frozenset[str]:
    """Partners that the person does not want, or does not want any more."""
    query = sa.select(Consent.partner_id).where(
        Consent.case_id == case_id, Consent.decision.in_(("refused", "withdrawn"))
    )
    return frozenset(tx.conn.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class HeldRow:
    referral_id: str
    partner_id: str
    code: str
    name: dict[str, str]
    field_group: str


def given(tx: Tx, conversation_id: str) -> tuple[HeldRow, ...]:
    """Every consent that was given and not taken back, with its partner."""
    query = (
        sa.select(
            Consent.referral_id, Consent.partner_id, Partner.code, Partner.name, Consent.field_group
        )
        .join(Referral, Referral.id == Consent.referral_id)
        .join(Partner, Partner.id == Consent.partner_id)
        .where(
            Referral.conversation_id == conversation_id,
            Consent.decision == "given",
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.asked_at, Consent.id)
    )
    return tuple(HeldRow(**row) for row in tx.conn.execute(query).mappings())

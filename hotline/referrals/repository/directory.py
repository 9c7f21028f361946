"""Partners and their services."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db.models.partner import Partner, Service
from hotline.db.models.referral import Offer, Referral
from hotline.db.transaction import Tx
from hotline.referrals.rules.matching import Listing


@dataclass(frozen=True, slots=True)
class ServiceRow:
    id: str
    partner_id: str
    kind: str
    oblast: str
    district: str | None
    languages: list[str]
    eligibility: dict[str, Any]
    hours: dict[str, Any] | None
    emergency: bool
    places_total: int | None
    places_free: int | None
    places_at: datetime | None
    cost: str
    verified_at: datetime | None
    valid_until: datetime | None


_SERVICE = tuple(getattr(Service, f.name) for f in fields(ServiceRow))


def partner(tx: Tx, partner_id: str) -> tuple[str, dict[str, str]] | None:
    """Code and names."""
    row = tx.conn.execute(
        sa.select(Partner.code, Partner.name).where(Partner.id == partner_id)
    ).first()
    return None if row is None else (row[0], row[1])


def disabled(tx: Tx) -> frozenset[str]:
    """Partners that no longer work with us."""
    return frozenset(
        tx.conn.execute(sa.select(Partner.id).where(Partner.disabled_at.is_not(None))).scalars()
    )


def partner_by_code(tx: Tx, code: str) -> str | None:
    return tx.conn.execute(sa.select(Partner.id).where(Partner.code == code)).scalar()


def partners(tx: Tx) -> tuple[tuple[str, str, dict[str, str]], ...]:
    """`(id, code, names)` of partners that still work with us."""
    query = (
        sa.select(Partner.id, Partner.code, Partner.name)
        .where(Partner.disabled_at.is_(None))
        .order_by(Partner.code)
    )
    return tuple((row[0], row[1], row[2]) for row in tx.conn.execute(query).all())


def add_partner(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Partner), dict(values))


def change_partner(tx: Tx, partner_id: str, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.update(Partner).where(Partner.id == partner_id).values(**values))


def add_service(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Service), dict(values))


def change_service(tx: Tx, service_id: str, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.update(Service).where(Service.id == service_id).values(**values))


def service_at(tx: Tx, partner_id: str, kind: str, oblast: str) -> ServiceRow | None:
    query = sa.select(*_SERVICE).where(
        Service.partner_id == partner_id, Service.kind == kind, Service.oblast == oblast
    )
    row = tx.conn.execute(query).mappings().first()
    return None if row is None else ServiceRow(**row)


def services(tx: Tx, *, partner_id: str | None = None) -> tuple[ServiceRow, ...]:
    query = (
        sa.select(*_SERVICE)
        .join(Partner, Partner.id == Service.partner_id)
        .where(Partner.disabled_at.is_(None))
        .order_by(Partner.code, Service.kind, Service.oblast)
    )
    if partner_id is not None:
        query = query.where(Service.partner_id == partner_id)
    return tuple(ServiceRow(**row) for row in tx.conn.execute(query).mappings())


def take_place(tx: Tx, service_id: str) -> bool:
    """One free place less, never below zero; whether there was one to take."""
    done = tx.conn.execute(
        sa.update(Service)
        .where(Service.id == service_id, Service.places_free > 0)
        .values(places_free=Service.places_free - 1)
    )
    return done.rowcount == 1


def free_place(tx: Tx, service_id: str) -> None:
    """One more, never above the total."""
    tx.conn.execute(
        sa.update(Service)
        .where(
            Service.id == service_id,
            Service.places_free.is_not(None),
            sa.or_(Service.places_total.is_(None), Service.places_free < Service.places_total),
        )
        .values(places_free=Service.places_free + 1)
    )


def forget_places(tx: Tx, service_id: str, states: tuple[str, ...]) -> None:
    """A new count from the partner already knows of people who have moved in."""
    tx.conn.execute(
        sa.update(Offer)
        .where(Offer.service_id == service_id, Offer.state.in_(states))
        .values(held_place=False)
    )


def listings(tx: Tx, kind: str, *, since: datetime) -> tuple[Listing, ...]:
    """What the matcher chooses from. `since`: from when on slowness counts."""
    late = tx.conn.execute(
        sa.select(Offer.partner_id, sa.func.count())
        .where(Offer.state == "EXPIRED", Offer.reason.is_(None), Offer.offered_at >= since)
        .group_by(Offer.partner_id)
    ).all()
    slow = {row[0]: row[1] for row in late}
    query = (
        sa.select(*_SERVICE, Partner.name.label("name"))
        .join(Partner, Partner.id == Service.partner_id)
        .where(Service.kind == kind, Partner.disabled_at.is_(None))
    )
    return tuple(
        Listing(
            partner_id=row["partner_id"],
            service_id=row["id"],
            name=row["name"],
            kind=row["kind"],
            eligibility=row["eligibility"],
            languages=tuple(row["languages"]),
            oblast=row["oblast"],
            hours=row["hours"],
            emergency=row["emergency"],
            places_free=row["places_free"],
            places_at=row["places_at"],
            verified_at=row["verified_at"],
            valid_until=row["valid_until"],
            slow_lately=slow.get(row["partner_id"], 0),
        )
        for row in tx.conn.execute(query).mappings()
    )


def complained_about(tx: Tx, conversation_id: str) -> frozenset[str]:
    """Partners that had this person's referral when she said that she was not safe with them."""
    query = (
        sa.select(Offer.partner_id)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(
            Referral.conversation_id == conversation_id,
            Referral.confirmation == "unsafe",
            Offer.held_at.is_not(None),
        )
    )
    return frozenset(tx.conn.execute(query).scalars())

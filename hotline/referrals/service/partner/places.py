"""The partner's own count of free places."""

from datetime import datetime
from typing import Final

from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.core.actor import Actor
from hotline.core.errors import Invalid, NotFound
from hotline.db.transaction import Tx
from hotline.referrals.repository import directory
from hotline.referrals.repository.directory import ServiceRow
from hotline.referrals.rules.states import State
from hotline.referrals.service.partner.scope import partner_of

_INSIDE: Final = (State.CONTACT_MADE.value, State.IN_SERVICE.value)
MOST_PLACES: Final = 999


def capacity(tx: Tx, actor: Actor) -> tuple[ServiceRow, ...]:
    """The partner's own services with their places."""
    return directory.services(tx, partner_id=partner_of(actor, "offer.list"))


def set_places(tx: Tx, actor: Actor, service_id: str, free: int, *, now: datetime) -> None:
    """The partner's own count. Raises `NotFound` for somebody else's service."""
    partner_id = partner_of(actor, "offer.list")
    own = next(
        (s for s in directory.services(tx, partner_id=partner_id) if s.id == service_id), None
    )
    if own is None:
        raise NotFound("There is no such service.")
    permit(actor, "capacity.edit", partner_id=own.partner_id)
    most = MOST_PLACES if own.places_total is None else own.places_total
    if not 0 <= free <= most:
        raise Invalid(
            "There cannot be more free places than places.", key="error.referral.places",
            most=str(most),
        )  # fmt: skip
    directory.change_service(tx, service_id, {"places_free": free, "places_at": now})
    directory.forget_places(tx, service_id, _INSIDE)
    audit.record(
        tx, tag="partner:capacity:changed", actor=actor, object_kind="service",
        object_id=service_id, now=now,
    )  # fmt: skip

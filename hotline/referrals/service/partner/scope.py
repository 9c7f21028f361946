"""Reaching rows through the actor's own partner id, and through nothing else."""

from datetime import datetime

from hotline.accounts.doors import permit
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, NotFound, Refused
from hotline.crypto import KeyRing
from hotline.db.transaction import Tx
from hotline.referrals.repository import referrals as rows
from hotline.referrals.repository.referrals import OfferRow, ReferralRow
from hotline.referrals.rules.states import Role
from hotline.referrals.service.motion import Hand


def partner_of(actor: Actor, action: str) -> str:
    """The actor's partner. Raises `Refused` for everybody who has none."""
    if actor.partner_id is None:
        raise Refused("Your role does not allow this. Nothing was changed.")
    permit(actor, action, partner_id=actor.partner_id)
    return actor.partner_id


def own_offer(
    tx: Tx, actor: Actor, offer_id: str, action: str, *, lock: bool = False
) -> tuple[ReferralRow, OfferRow]:
    """The offer and its referral, through a query that knows only the actor's partner."""
    partner_id = partner_of(actor, action)
    referral_id = rows.addressed(tx, offer_id, partner_id)
    row = None if referral_id is None else rows.load(tx, referral_id, lock=lock)
    if row is None:
        raise NotFound("There is no such request.")
    own = next(
        (o for o in rows.offers(tx, row.id) if o.id == offer_id and o.partner_id == partner_id),
        None,
    )
    if own is None:
        raise NotFound("There is no such request.")
    return row, own


def locked_offer(tx: Tx, actor: Actor, offer_id: str, version: int) -> tuple[ReferralRow, OfferRow]:
    row, own = own_offer(tx, actor, offer_id, "referral.answer", lock=True)
    if own.version != version:
        raise Conflict(
            "This changed meanwhile. Nothing of yours was saved; look at it anew.",
            key="error.referral.changed",
        )
    return row, own


def hand_of(tx: Tx, keys: KeyRing, actor: Actor, now: datetime) -> Hand:
    return Hand(tx, keys, actor, Role.PARTNER, now)

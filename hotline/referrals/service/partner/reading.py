"""Lists and pages of a partner. Reading moves nothing, and is audited."""

from datetime import datetime
from typing import Final

from hotline.audit import service as audit
from hotline.core.actor import Actor
from hotline.crypto import KeyRing
from hotline.db.transaction import Tx
from hotline.referrals.repository import referrals as rows
from hotline.referrals.rules.states import LIVE, State
from hotline.referrals.service.partner.cards import (
    Board,
    OfferCard,
    OfferPage,
    card_of,
    page_of,
    sorted_cards,
)
from hotline.referrals.service.partner.scope import own_offer, partner_of

CURRENT: Final = tuple(state.value for state in LIVE[1:7])
PAST: Final = (
    State.DECLINED.value,
    State.EXPIRED.value,
    State.COMPLETED.value,
    State.CONFIRMED.value,
    State.UNCONFIRMED.value,
    State.RECALLED.value,
    State.CONSENT_WITHDRAWN.value,
)


def board(tx: Tx, actor: Actor, *, now: datetime) -> Board:
    """What is to be decided, by urgency and time left, and what is under way."""
    partner_id = partner_of(actor, "offer.list")
    open_offers = rows.of_partner(tx, partner_id, (State.OFFERED.value,))
    current = rows.of_partner(tx, partner_id, CURRENT)
    due = rows.of_partner(tx, partner_id, PAST, deletion_due=True)
    return Board(
        sorted_cards([card_of(row, own, now) for row, own in open_offers]),
        sorted_cards([card_of(row, own, now) for row, own in current]),
        tuple(card_of(row, own, now) for row, own in due),
    )


def history(tx: Tx, actor: Actor, *, now: datetime) -> tuple[OfferCard, ...]:
    """What is over, the newest first; no content is left in it."""
    partner_id = partner_of(actor, "offer.list")
    return tuple(card_of(row, own, now) for row, own in rows.of_partner(tx, partner_id, PAST))


def page(tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, now: datetime) -> OfferPage:
    """Raises `NotFound` for an offer to somebody else, or to nobody yet."""
    row, own = own_offer(tx, actor, offer_id, "preview.read")
    return page_of(tx, keys, row, own, now=now)


def opened(tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, now: datetime) -> OfferPage:
    """`page` when it is really shown: reads are audited like writes (operations.md 8.5)."""
    row, own = own_offer(tx, actor, offer_id, "preview.read")
    found = page_of(tx, keys, row, own, now=now)
    if own.seen_at is None:
        rows.mark_seen(tx, own.id, now=now)
    if found.fields or found.preview is not None:
        tag = "partner:packet:opened" if found.fields else "partner:preview:opened"
        audit.record(tx, tag=tag, actor=actor, object_kind="offer", object_id=offer_id, now=now)
    return found

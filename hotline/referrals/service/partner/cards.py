"""What a partner sees of an offer: a line in a list, or the whole page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hotline.crypto import KeyRing
from hotline.db.transaction import Tx
from hotline.referrals.repository.referrals import OfferRow, ReferralRow
from hotline.referrals.rules import clocks, codes
from hotline.referrals.rules.packet import TEMPLATES
from hotline.referrals.rules.preview import Preview, from_stored
from hotline.referrals.rules.states import LIVE, T1_SHOWN, State
from hotline.referrals.service import packets
from hotline.referrals.service.packets import FieldLine

_ORDER: Final = {priority: place for place, priority in enumerate(codes.PRIORITIES)}


@dataclass(frozen=True, slots=True)
class OfferCard:
    """One line of a list. `deadline` is the next moment at which something is expected."""

    id: str
    service: str
    priority: str
    state: str
    alias: str
    deadline: datetime | None
    seconds_left: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    offers: tuple[OfferCard, ...]  # to decide
    current: tuple[OfferCard, ...]  # accepted
    to_state: tuple[OfferCard, ...]  # a statement that copies were deleted is due


@dataclass(frozen=True, slots=True)
class OfferPage:
    """Everything a partner may see of one offer at this moment.

    `preview` is None once the offer is over: then state and dates are all that is left. `waits` is
    True while T2 stands behind the receipt.
    """

    card: OfferCard
    version: int
    preview: Preview | None
    fields: tuple[FieldLine, ...]
    waits: bool
    attempts: int
    contact_by: datetime | None
    actions: tuple[str, ...]
    outcome: str | None
    deletion_due: bool
    reason: str | None


def page_of(tx: Tx, keys: KeyRing, row: ReferralRow, own: OfferRow, *, now: datetime) -> OfferPage:
    is_live = own.state in LIVE[:7]
    readable = packets.for_partner(tx, keys, row, own, now=now) if own.state in T1_SHOWN else ()
    card = card_of(row, own, now)
    return OfferPage(
        card=card,
        version=own.version,
        preview=from_stored(row.preview) if is_live else None,
        fields=readable,
        waits=own.state == State.DISCLOSED and bool(TEMPLATES.get(row.service)),
        attempts=own.contact_attempts,
        contact_by=row.contact_by if own.held_at is not None else None,
        actions=_actions(own, is_late=card.seconds_left == 0),
        outcome=own.outcome,
        deletion_due=deletion_due(own),
        reason=own.reason if own.state == State.DECLINED else None,
    )


_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    State.OFFERED: ("accept", "decline"),
    State.HELD: ("arrived", "decline"),
    State.DISCLOSED: ("receipt", "decline"),
    State.ACKNOWLEDGED: ("contact", "attempt", "decline"),
    State.CONTACT_ATTEMPTED: ("contact", "attempt", "complete", "decline"),
    State.CONTACT_MADE: ("start", "complete"),
    State.IN_SERVICE: ("complete",),
}


def _actions(own: OfferRow, *, is_late: bool) -> tuple[str, ...]:
    if own.state == State.OFFERED and is_late:
        return ()
    return _ACTIONS.get(own.state, ())


def deletion_due(own: OfferRow) -> bool:
    return own.deletion_asked_at is not None and own.deletion_stated_at is None


def card_of(row: ReferralRow, own: OfferRow, now: datetime) -> OfferCard:
    deadline: datetime | None = None
    if own.state == State.OFFERED:
        deadline = own.decide_by
    elif own.state == State.DISCLOSED:
        deadline = own.acknowledge_by
    elif own.state in {State.HELD, State.ACKNOWLEDGED, State.CONTACT_ATTEMPTED}:
        deadline = row.contact_by
    return OfferCard(
        id=own.id,
        service=row.service,
        priority=row.priority,
        state=own.state,
        alias=row.alias,
        deadline=deadline,
        seconds_left=clocks.seconds_left(deadline, now=now),
        at=own.completed_at or own.held_at or own.offered_at,
    )


def sorted_cards(cards: list[OfferCard]) -> tuple[OfferCard, ...]:
    """By urgency, then by the time that is left."""
    last = 10**9
    return tuple(
        sorted(
            cards,
            key=lambda c: (
                _ORDER.get(c.priority, 9),
                last if c.seconds_left is None else c.seconds_left,
                c.id,
            ),
        )
    )

"""The partner's side. Every row is reached through the actor's own partner id: what was addressed
to somebody else does not exist here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.cases.tasks import repository as tasks
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, Invalid, NotFound, Refused
from hotline.crypto import KeyRing, same
from hotline.db.transaction import Tx
from hotline.referrals.repository import directory, referrals as rows
from hotline.referrals.repository.directory import ServiceRow
from hotline.referrals.repository.referrals import OfferRow, ReferralRow
from hotline.referrals.rules import clocks, codes
from hotline.referrals.rules.packet import TEMPLATES
from hotline.referrals.rules.preview import Preview, from_stored
from hotline.referrals.rules.states import (
    LIVE,
    T1_SHOWN,
    Event,
    Role,
    State,
)
from hotline.referrals.service import motion, packets
from hotline.referrals.service.motion import Hand
from hotline.referrals.service.packets import FieldLine

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
_ORDER: Final = {priority: place for place, priority in enumerate(codes.PRIORITIES)}
_INSIDE: Final = (State.CONTACT_MADE.value, State.IN_SERVICE.value)
MOST_PLACES: Final = 999


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
    expects_arrival: bool
    attempts: int
    contact_by: datetime | None
    actions: tuple[str, ...]
    outcome: str | None
    deletion_due: bool
    reason: str | None


def board(tx: Tx, actor: Actor, *, now: datetime) -> Board:
    """What is to be decided, by urgency and time left, and what is under way."""
    partner_id = _partner(actor, "offer.list")
    open_offers = rows.of_partner(tx, partner_id, (State.OFFERED.value,))
    current = rows.of_partner(tx, partner_id, CURRENT)
    due = rows.of_partner(tx, partner_id, PAST, deletion_due=True)
    return Board(
        _sorted([_card(row, own, now) for row, own in open_offers]),
        _sorted([_card(row, own, now) for row, own in current]),
        tuple(_card(row, own, now) for row, own in due),
    )


def history(tx: Tx, actor: Actor, *, now: datetime) -> tuple[OfferCard, ...]:
    """What is over, the newest first; no content is left in it."""
    partner_id = _partner(actor, "offer.list")
    return tuple(_card(row, own, now) for row, own in rows.of_partner(tx, partner_id, PAST))


def page(tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, now: datetime) -> OfferPage:
    """Raises `NotFound` for an offer to somebody else, or to nobody yet."""
    row, own = _own(tx, actor, offer_id, "preview.read")
    return _page(tx, keys, row, own, now=now)


def opened(tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, now: datetime) -> OfferPage:
    """`page` when it is really shown: reads are audited like writes (operations.md 8.5)."""
    row, own = _own(tx, actor, offer_id, "preview.read")
    found = _page(tx, keys, row, own, now=now)
    if own.seen_at is None:
        rows.mark_seen(tx, own.id, now=now)
    if found.fields or found.preview is not None:
        tag = "partner:packet:opened" if found.fields else "partner:preview:opened"
        audit.record(tx, tag=tag, actor=actor, object_kind="offer", object_id=offer_id, now=now)
    return found


def accept(
    tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, version: int, now: datetime
) -> None:
    """On the preview alone. The first of several wins under the lock of the referral's row.

    Raises `Conflict` when it was given to somebody else, taken back, or the time is over.
    """
    row, own = _locked(tx, actor, offer_id, version)
    if own.state != State.OFFERED:
        raise Conflict("This request is no longer open.", key="error.referral.gone")
    if own.decide_by is not None and now > own.decide_by:
        raise Conflict("The time to decide is over.", key="error.referral.late")
    if not motion.is_agreed(tx, row, own, now):
        raise Conflict("This request is no longer open.", key="error.referral.gone")
    motion.take(_hand(tx, keys, actor, now), row.id, Event.HOLD, offer_id=own.id)


def decline(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    offer_id: str,
    *,
    reason: str,
    version: int,
    now: datetime,
) -> None:
    """Before or after accepting; afterwards keys rotate and the next partner is asked (3.1.3)."""
    if reason not in codes.DECLINE:
        raise Invalid("Choose a reason.", key="error.referral.reason")
    row, own = _locked(tx, actor, offer_id, version)
    event = Event.DECLINE if own.state == State.OFFERED else Event.RETURN
    motion.take(_hand(tx, keys, actor, now), row.id, event, offer_id=own.id, reason=reason)


def receipt(
    tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, version: int, now: datetime
) -> None:
    """The partner has read how to make contact: stored, and the rest is released."""
    _step(tx, keys, actor, offer_id, Event.OPEN, version=version, now=now)


def attempt(
    tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, version: int, now: datetime
) -> None:
    _step(tx, keys, actor, offer_id, Event.ATTEMPT, version=version, now=now)


def contact(
    tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, version: int, now: datetime
) -> None:
    _step(tx, keys, actor, offer_id, Event.CONTACT, version=version, now=now)


def arrived(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    offer_id: str,
    *,
    code: str,
    version: int,
    now: datetime,
) -> None:
    """She came by herself with the code she was given (operations.md 3.1.5)."""
    row, own = _locked(tx, actor, offer_id, version)
    if own.arrival_code is None or not same(own.arrival_code, code.strip()):
        raise Invalid(
            "This is not the code of this request. Nothing was changed.",
            key="error.referral.code",
        )
    motion.take(_hand(tx, keys, actor, now), row.id, Event.ARRIVE, offer_id=own.id)


def start(
    tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, version: int, now: datetime
) -> None:
    _step(tx, keys, actor, offer_id, Event.START, version=version, now=now)


def complete(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    offer_id: str,
    *,
    outcome: str,
    version: int,
    now: datetime,
) -> None:
    """The end of the partner's work, with an outcome code; nothing can be read afterwards."""
    if outcome not in codes.OUTCOME:
        raise Invalid("Choose an outcome.", key="error.referral.reason")
    row, own = _locked(tx, actor, offer_id, version)
    early = own.state == State.CONTACT_ATTEMPTED
    if early and outcome not in codes.WITHOUT_CONTACT:
        raise Invalid("This outcome needs contact first.", key="error.referral.no_contact")
    motion.take(
        _hand(tx, keys, actor, now), row.id, Event.GIVE_UP if early else Event.COMPLETE,
        offer_id=own.id, reason=outcome, outcome=outcome,
    )  # fmt: skip
    if outcome == "stopped_unsafe":
        motion.escalate(motion.system(tx, keys, now), motion.locked(tx, row.id), "stopped_unsafe")


def state_deletion(tx: Tx, actor: Actor, offer_id: str, *, now: datetime) -> None:
    """The partner states that it kept no copy of what was taken back."""
    row, own = _own(tx, actor, offer_id, "referral.answer", lock=True)
    if not _deletion_due(own):
        raise Conflict("Nothing is to be stated here.", key="error.referral.step")
    rows.change_offer(tx, own.id, own.version, {"deletion_stated_at": now})
    audit.record(
        tx, tag="partner:packet:revoked", actor=actor, object_kind="offer", object_id=own.id,
        now=now, reason="copies_deleted",
    )  # fmt: skip
    if not any(_deletion_due(o) for o in rows.offers(tx, row.id)):
        tasks.finish_about(tx, "deletion_statement", (motion.OBJECT, row.id), by=actor.id, now=now)


def capacity(tx: Tx, actor: Actor) -> tuple[ServiceRow, ...]:
    """The partner's own services with their places."""
    return directory.services(tx, partner_id=_partner(actor, "offer.list"))


def set_places(tx: Tx, actor: Actor, service_id: str, free: int, *, now: datetime) -> None:
    """The partner's own count. Raises `NotFound` for somebody else's service."""
    partner_id = _partner(actor, "offer.list")
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


# ------------------------------------------------------------------------ inside


def _partner(actor: Actor, action: str) -> str:
    """The actor's partner. Raises `Refused` for everybody who has none."""
    if actor.partner_id is None:
        raise Refused("Your role does not allow this. Nothing was changed.")
    permit(actor, action, partner_id=actor.partner_id)
    return actor.partner_id


def _own(
    tx: Tx, actor: Actor, offer_id: str, action: str, *, lock: bool = False
) -> tuple[ReferralRow, OfferRow]:
    """The offer and its referral, through a query that knows only the actor's partner."""
    partner_id = _partner(actor, action)
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


def _locked(tx: Tx, actor: Actor, offer_id: str, version: int) -> tuple[ReferralRow, OfferRow]:
    row, own = _own(tx, actor, offer_id, "referral.answer", lock=True)
    if own.version != version:
        raise Conflict(
            "This changed meanwhile. Nothing of yours was saved; look at it anew.",
            key="error.referral.changed",
        )
    return row, own


def _hand(tx: Tx, keys: KeyRing, actor: Actor, now: datetime) -> Hand:
    return Hand(tx, keys, actor, Role.PARTNER, now)


def _step(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    offer_id: str,
    event: Event,
    *,
    version: int,
    now: datetime,
) -> None:
    row, own = _locked(tx, actor, offer_id, version)
    motion.take(_hand(tx, keys, actor, now), row.id, event, offer_id=own.id)


def _page(tx: Tx, keys: KeyRing, row: ReferralRow, own: OfferRow, *, now: datetime) -> OfferPage:
    is_live = own.state in LIVE[:7]
    readable = packets.for_partner(tx, keys, row, own, now=now) if own.state in T1_SHOWN else ()
    card = _card(row, own, now)
    return OfferPage(
        card=card,
        version=own.version,
        preview=from_stored(row.preview) if is_live else None,
        fields=readable,
        waits=own.state == State.DISCLOSED and bool(TEMPLATES.get(row.service)),
        expects_arrival=own.state == State.HELD,
        attempts=own.contact_attempts,
        contact_by=row.contact_by if own.held_at is not None else None,
        actions=_actions(own, is_late=card.seconds_left == 0),
        outcome=own.outcome,
        deletion_due=_deletion_due(own),
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


def _deletion_due(own: OfferRow) -> bool:
    return own.deletion_asked_at is not None and own.deletion_stated_at is None


def _card(row: ReferralRow, own: OfferRow, now: datetime) -> OfferCard:
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


def _sorted(cards: list[OfferCard]) -> tuple[OfferCard, ...]:
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

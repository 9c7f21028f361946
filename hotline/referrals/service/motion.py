"""Moving a referral along its table: one edge, its effects, its audit row, in one transaction.

Every edge is taken under the lock of the referral's row and with the version that was read under
it. An effect may cause the next edge (a decline offers to the next partner); each of them writes
its own step and its own audit row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, assert_never

from hotline.audit import service as audit
from hotline.cases.tasks import repository as tasks
from hotline.core.actor import PERSON, SYSTEM, Actor
from hotline.core.errors import Conflict, NotFound
from hotline.crypto import KeyRing, new_id, new_pin
from hotline.db.transaction import Tx
from hotline.referrals.repository import consents, directory, referrals as rows, timers
from hotline.referrals.repository.referrals import OfferRow, ReferralRow
from hotline.referrals.rules import clocks
from hotline.referrals.rules.packet import PREVIEW_GROUP
from hotline.referrals.rules.states import (
    ACCEPTED,
    ENDED,
    LIVE,
    PLANNED,
    RESTING,
    Effect,
    Event,
    Role,
    State,
    furthest,
    move,
)
from hotline.referrals.service import news, packets

TAGS: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.ASK: "case:consent:asked",
        Event.GIVE: "case:consent:given",
        Event.REFUSE: "case:consent:refused",
        Event.REFUSE_ONE: "case:consent:refused",
        Event.SILENCE: "case:referral:lapsed",
        Event.OVERRIDE: "case:override:approved",
        Event.OFFER: "case:referral:offered",
        Event.HOLD: "partner:referral:accepted",
        Event.DECLINE: "partner:referral:declined",
        Event.RETURN: "partner:referral:declined",
        Event.EXPIRE: "case:referral:lapsed",
        Event.DISCLOSE: "case:referral:state",
        Event.ARRIVE: "partner:contact:made",
        Event.CONTACT: "partner:contact:made",
        Event.OPEN: "partner:packet:opened",
        Event.ATTEMPT: "partner:contact:attempted",
        Event.START: "partner:service:started",
        Event.COMPLETE: "partner:outcome:reported",
        Event.GIVE_UP: "partner:outcome:reported",
        Event.CONFIRM: "person:referral:confirmed",
        Event.UNCONFIRM: "case:referral:closed",
        Event.RECALL: "case:referral:recalled",
        Event.WITHDRAW: "case:consent:withdrawn",
    }
)

OBJECT: Final = "referral"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who moves, and with what. `keys` is missing only where nothing is opened or said."""

    tx: Tx
    keys: KeyRing | None
    actor: Actor
    role: Role
    now: datetime

    def system(self) -> "Hand":
        return replace(self, actor=SYSTEM, role=Role.SYSTEM)


def person(tx: Tx, keys: KeyRing | None, now: datetime) -> Hand:
    return Hand(tx, keys, PERSON, Role.PERSON, now)


def system(tx: Tx, keys: KeyRing | None, now: datetime) -> Hand:
    return Hand(tx, keys, SYSTEM, Role.SYSTEM, now)


def locked(tx: Tx, referral_id: str) -> ReferralRow:
    """Raises `NotFound`. Nobody else moves this referral until the transaction ends."""
    row = rows.load(tx, referral_id, lock=True)
    if row is None:
        raise NotFound("There is no such referral.")
    return row


def take(
    hand: Hand,
    referral_id: str,
    event: Event,
    *,
    offer_id: str | None = None,
    reason: str | None = None,
    **values: Any,  # noqa: ANN401 - columns of the offer
) -> None:
    """One edge of the referral, or of one of its offers, with everything that follows from it.

    Raises `Conflict` when the table does not know the edge or the row changed meanwhile.
    """
    row = locked(hand.tx, referral_id)
    offers = rows.offers(hand.tx, referral_id)
    own = next((o for o in offers if o.id == offer_id), None)
    before = _before(row, own, event)
    edge = move(before, event, hand.role)
    if own is not None:
        values |= _of_offer(hand, row, own, edge.effects, event)
        values |= {"state": edge.to.value, "reason": reason or own.reason}
        _changed(rows.change_offer(hand.tx, own.id, own.version, values))
    after = _after(row, offers, own, edge.to)
    of_referral = _of_referral(hand, row, after, edge.effects, reason)
    _changed(rows.change(hand.tx, row.id, row.version, of_referral))
    _note(hand, row.id, event, own, (own.state if own else row.state, edge.to), reason)
    for effect in edge.effects:
        _follow(hand, row.id, offer_id, effect, after)


def _before(row: ReferralRow, own: OfferRow | None, event: Event) -> State:
    """The state on which the table is asked."""
    if own is not None and own.state != PLANNED:
        return State(own.state)
    state = State(row.state)
    if event is Event.OFFER and state is State.OFFERED:
        return State.CONSENTED  # an emergency goes to several at once, each of them consented to
    return state


def _after(
    row: ReferralRow, offers: tuple[OfferRow, ...], own: OfferRow | None, to: State
) -> State:
    """The referral shows its most advanced live offer (operations.md 3.1.2)."""
    if own is None:
        return to
    others = [o.state for o in offers if o.id != own.id]
    if own.state == PLANNED and to is State.CONSENT_WITHDRAWN:
        rest = [s for s in others if s == PLANNED or s in LIVE]
        return State(row.state) if rest else to
    return furthest([*others, to]) or to


def _of_offer(
    hand: Hand, row: ReferralRow, own: OfferRow, effects: tuple[Effect, ...], event: Event
) -> dict[str, Any]:
    """Columns of the offer that the edge sets."""
    values: dict[str, Any] = {}
    now = hand.now
    if Effect.CLOCK_DECIDE in effects:
        values |= {"offered_at": now, "decide_by": now + clocks.DECIDE[row.priority]}
    if Effect.TAKE_PLACE in effects:
        took = own.service_id is not None and directory.take_place(hand.tx, own.service_id)
        values |= {"held_at": now, "accepted_by": hand.actor.id, "held_place": took}
    if Effect.FREE_PLACE in effects and own.held_place and own.service_id is not None:
        directory.free_place(hand.tx, own.service_id)
        values["held_place"] = False
    if Effect.CLOCK_OPEN in effects:
        values["acknowledge_by"] = now + clocks.ACKNOWLEDGE[row.priority]
    if Effect.CLOCK_OUTCOME in effects:
        values["contacted_at"] = now
    if event is Event.OPEN:
        values["opened_at"] = now
    if event is Event.ATTEMPT:
        values["contact_attempts"] = own.contact_attempts + 1
    if Effect.CLOCK_CONFIRM in effects:
        values["completed_at"] = now
    if Effect.ASK_FOR_DELETION in effects and own.held_at is not None:
        values["deletion_asked_at"] = now
    return values


def _of_referral(
    hand: Hand,
    row: ReferralRow,
    after: State,
    effects: tuple[Effect, ...],
    reason: str | None,
) -> dict[str, Any]:
    values: dict[str, Any] = {"state": after.value}
    if Effect.CLOCK_CONTACT in effects and row.consented_at is None:
        values |= {
            "consented_at": hand.now,
            "contact_by": hand.now + clocks.CONTACT[row.priority],
        }
    if after in ENDED:
        values |= {"ended_at": hand.now, "end_reason": reason, "escalated": False}
    if Effect.TAKE_PLACE in effects and row.contact_by is not None and row.contact_by > hand.now:
        values["escalated"] = False
    if Effect.CLOCK_CONFIRM in effects:
        values["outcome"] = reason
    return values


def _changed(done: bool) -> None:
    if not done:
        raise Conflict(
            "This changed meanwhile. Nothing of yours was saved; look at it anew.",
            key="error.referral.changed",
        )


def _note(
    hand: Hand,
    referral_id: str,
    event: Event,
    own: OfferRow | None,
    path: tuple[str, State],
    reason: str | None,
) -> None:
    """The step and the audit row: exactly one of each for an edge."""
    tx = hand.tx
    rows.add_step(
        tx,
        {
            "id": new_id(),
            "referral_id": referral_id,
            "offer_id": own.id if own else None,
            "event": event.value,
            "from_state": path[0],
            "to_state": path[1].value,
            "actor": hand.actor.name,
            "reason": reason,
            "at": hand.now,
            "number": rows.count_steps(tx, referral_id),
        },
    )
    audit.record(
        tx, tag=TAGS[event], actor=hand.actor, object_kind=OBJECT, object_id=referral_id,
        now=hand.now, reason=reason, result=path[1].value.lower(),
    )  # fmt: skip


# ------------------------------------------------------------------------ what follows


def _follow(
    hand: Hand, referral_id: str, offer_id: str | None, effect: Effect, after: State
) -> None:
    tx, now = hand.tx, hand.now
    row = locked(tx, referral_id)
    offers = rows.offers(tx, referral_id)
    own = next((o for o in offers if o.id == offer_id), None)
    subject = (timers.REFERRAL, row.id)
    match effect:
        case Effect.CLOCK_CONSENT:
            timers.drop(tx, row.id, kinds=("consent",))
            timers.add(tx, subject, "consent", due_at=now + clocks.CONSENT_ANSWER)
        case Effect.CLOCK_CONTACT:
            timers.drop(tx, row.id, kinds=("consent",))
            if row.consented_at == now:
                _start_clocks(tx, row, now)
        case Effect.CLOCK_DECIDE if own is not None and own.decide_by is not None:
            timers.add(tx, subject, "decide", due_at=own.decide_by, data={"offer": own.id})
        case Effect.CLOCK_OPEN if own is not None and own.acknowledge_by is not None:
            due = own.acknowledge_by
            timers.add(tx, subject, "acknowledge", due_at=due, data={"offer": own.id})
        case Effect.CLOCK_OUTCOME:
            timers.drop(tx, row.id, kinds=("contact", "acknowledge", "alarm"))
            timers.add(tx, subject, "outcome", due_at=now + clocks.OUTCOME)
            for wait in clocks.ASK_PERSON:
                _ask_person(tx, row, now + wait)
        case Effect.CLOCK_CONFIRM:
            timers.drop(tx, row.id)
            timers.add(tx, subject, "unconfirmed", due_at=now + clocks.UNCONFIRMED)
            packets.revoke(tx, row.id)
            timers.drop_questions(tx, row.conversation_id, row.id)
            _ask_person(tx, row, now)
        case Effect.CLOSE_OTHERS:
            timers.drop(tx, row.id, kinds=("decide", "alarm"))
            for other in offers:
                if other.id != offer_id and other.state == State.OFFERED:
                    take(
                        hand.system(), row.id, Event.EXPIRE,
                        offer_id=other.id, reason="already_placed",
                    )  # fmt: skip
        case Effect.OFFER_NEXT:
            offer_next(hand.system(), row.id)
        case Effect.DISCLOSE_OR_DIRECT if own is not None:
            _disclose_or_direct(hand, row, own)
        case Effect.WRAP_T1 if own is not None:
            packets.grant(tx, hand.keys, row.id, own.partner_id, "T1")
        case Effect.WRAP_T2 if own is not None:
            timers.drop(tx, row.id, kinds=("acknowledge",))
            packets.grant(tx, hand.keys, row.id, own.partner_id, "T2")
        case Effect.ROTATE_KEYS:
            packets.rotate(tx, hand.keys, row.id, now=now)
        case Effect.SHRED_KEYS:
            if after in ENDED:
                packets.shred(tx, row.id, now=now)
            elif own is not None:
                packets.revoke(tx, row.id, partner_id=own.partner_id)
        case Effect.ASK_FOR_DELETION:
            if own is not None and own.deletion_asked_at is not None:
                task(tx, row, "deletion_statement", now=now)
        case Effect.TELL_SENT:
            if sum(o.offered_at is not None for o in offers) == 1:
                news.tell(tx, hand.keys, row, "sent", now=now)
            elif not any(o.state == State.OFFERED for o in offers if o.id != offer_id):
                news.tell(tx, hand.keys, row, "looking", now=now)
        case Effect.TELL_ACCEPTED if own is not None:
            news.tell(tx, hand.keys, row, "accepted", partner=own.partner_name, now=now)
        case Effect.TELL_CONTACTED if own is not None:
            news.tell(tx, hand.keys, row, "contacted", partner=own.partner_name, now=now)
        case Effect.TELL_COMPLETED if own is not None:
            news.tell(tx, hand.keys, row, "completed", partner=own.partner_name, now=now)
        case Effect.TELL_RECALLED:
            if after in ENDED and any(o.offered_at is not None for o in offers):
                news.tell(tx, hand.keys, row, "recalled", now=now)
        case Effect.END:
            if after in ENDED:
                timers.drop(tx, row.id)
                timers.drop_questions(tx, row.conversation_id, row.id)
                tasks.finish_about(tx, "escalated", (OBJECT, row.id), by=hand.actor.id, now=now)
        case Effect.TAKE_PLACE:
            if not row.escalated:  # accepted in time: what the coordinator was called for is done
                tasks.finish_about(tx, "escalated", (OBJECT, row.id), by=hand.actor.id, now=now)
        case Effect.FREE_PLACE:
            pass  # columns and places were changed with the edge itself
        case (
            Effect.CLOCK_DECIDE
            | Effect.CLOCK_OPEN
            | Effect.DISCLOSE_OR_DIRECT
            | Effect.WRAP_T1
            | Effect.WRAP_T2
            | Effect.TELL_ACCEPTED
            | Effect.TELL_CONTACTED
            | Effect.TELL_COMPLETED
        ):
            raise AssertionError(f"{effect} belongs to an offer")
        case _:
            assert_never(effect)


def _start_clocks(tx: Tx, row: ReferralRow, now: datetime) -> None:
    """From consent on; a cascade does not start them anew (operations.md 3.2.1)."""
    subject = (timers.REFERRAL, row.id)
    timers.add(tx, subject, "contact", due_at=now + clocks.CONTACT[row.priority])
    for wait in clocks.ALARMS[row.priority]:
        timers.add(tx, subject, "alarm", due_at=now + wait)


def _ask_person(tx: Tx, row: ReferralRow, due_at: datetime) -> None:
    """The question itself is a flow; the conversation begins it when it is safe."""
    timers.add(
        tx, ("conversation", row.conversation_id), "outcome", due_at=due_at,
        data={"referral": row.id},
    )  # fmt: skip


def offer_next(hand: Hand, referral_id: str) -> None:
    """Offers to the next consented name; with nobody left a coordinator is called (3.3)."""
    tx = hand.tx
    barred = directory.disabled(tx)
    for _ in range(clocks.AT_ONCE["emergency"] + 1):
        row = locked(tx, referral_id)
        barred |= directory.complained_about(tx, row.conversation_id)
        offers = rows.offers(tx, referral_id)
        live = [o for o in offers if o.state in LIVE]
        if State(row.state) in ENDED or any(o.state in ACCEPTED for o in live):
            return
        if State(row.state) not in RESTING and row.state != State.OFFERED:
            return
        ready = [
            o
            for o in offers
            if o.state == PLANNED and o.partner_id not in barred and is_agreed(tx, row, o, hand.now)
        ]
        if not ready or len(live) >= clocks.AT_ONCE[row.priority]:
            break
        take(hand, referral_id, Event.OFFER, offer_id=ready[0].id)
    row = locked(tx, referral_id)
    if row.state in {State.DECLINED, State.EXPIRED}:
        escalate(hand, row, "list_exhausted")
        news.tell(tx, hand.keys, row, "ask_again", now=hand.now)


def is_agreed(tx: Tx, row: ReferralRow, offer: OfferRow, now: datetime) -> bool:
    """Whether she agreed to this very partner, and still does."""
    return PREVIEW_GROUP in consents.live(tx, row.id, offer.partner_id, now=now)


def _disclose_or_direct(hand: Hand, row: ReferralRow, own: OfferRow) -> None:
    """T1 is released where she agreed to it; without that she goes there herself (3.1.5)."""
    agreed = consents.live(hand.tx, row.id, own.partner_id, now=hand.now)
    if row.anonymity == "share" and "contact" in agreed and packets.has(hand.tx, row.id, "T1"):
        take(hand.system(), row.id, Event.DISCLOSE, offer_id=own.id)
        return
    values = {"arrival_code": new_pin(6)}
    _changed(rows.change_offer(hand.tx, own.id, own.version, values))
    task(hand.tx, row, "tell_place", now=hand.now)


def escalate(hand: Hand, row: ReferralRow, why: str) -> None:
    """Puts the referral before a coordinator; an alarm that is open already is counted up."""
    if not row.escalated:
        _changed(rows.change(hand.tx, row.id, row.version, {"escalated": True}))
    audit.record(
        hand.tx, tag="case:referral:escalated", actor=hand.actor, object_kind=OBJECT,
        object_id=row.id, now=hand.now, reason=why,
    )  # fmt: skip
    task(hand.tx, row, "escalated", now=hand.now, role="CO", why=why)


def task(
    tx: Tx,
    row: ReferralRow,
    kind: str,
    *,
    now: datetime,
    role: str = "OP",
    why: str | None = None,
) -> None:
    tasks.add(
        tx, kind, subject=(OBJECT, row.id), now=now, role=role, klass=row.klass,
        details={"why": why} if why else None,
    )  # fmt: skip

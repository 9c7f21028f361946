"""What a partner does with an offer. Each step is one edge of the table."""

from datetime import datetime

from hotline.audit import service as audit
from hotline.cases.tasks import repository as tasks
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, Invalid
from hotline.crypto import KeyRing, same
from hotline.db.transaction import Tx
from hotline.referrals.repository import referrals as rows
from hotline.referrals.rules import codes
from hotline.referrals.rules.states import Event, State
from hotline.referrals.service import motion
from hotline.referrals.service.partner.cards import deletion_due
from hotline.referrals.service.partner.scope import hand_of, locked_offer, own_offer


def accept(
    tx: Tx, keys: KeyRing, actor: Actor, offer_id: str, *, version: int, now: datetime
) -> None:
    """On the preview alone. The first of several wins under the lock of the referral's row.

    Raises `Conflict` when it was given to somebody else, taken back, or the time is over.
    """
    row, own = locked_offer(tx, actor, offer_id, version)
    if own.state != State.OFFERED:
        raise Conflict("This request is no longer open.", key="error.referral.gone")
    if own.decide_by is not None and now > own.decide_by:
        raise Conflict("The time to decide is over.", key="error.referral.late")
    if not motion.is_agreed(tx, row, own, now):
        raise Conflict("This request is no longer open.", key="error.referral.gone")
    motion.take(hand_of(tx, keys, actor, now), row.id, Event.HOLD, offer_id=own.id)


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
    row, own = locked_offer(tx, actor, offer_id, version)
    event = Event.DECLINE if own.state == State.OFFERED else Event.RETURN
    motion.take(hand_of(tx, keys, actor, now), row.id, event, offer_id=own.id, reason=reason)


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
    row, own = locked_offer(tx, actor, offer_id, version)
    if own.arrival_code is None or not same(own.arrival_code, code.strip()):
        raise Invalid(
            "This is not the code of this request. Nothing was changed.",
            key="error.referral.code",
        )
    motion.take(hand_of(tx, keys, actor, now), row.id, Event.ARRIVE, offer_id=own.id)


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
    row, own = locked_offer(tx, actor, offer_id, version)
    early = own.state == State.CONTACT_ATTEMPTED
    if early and outcome not in codes.WITHOUT_CONTACT:
        raise Invalid("This outcome needs contact first.", key="error.referral.no_contact")
    motion.take(
        hand_of(tx, keys, actor, now), row.id, Event.GIVE_UP if early else Event.COMPLETE,
        offer_id=own.id, reason=outcome, outcome=outcome,
    )  # fmt: skip
    if outcome == "stopped_unsafe":
        motion.escalate(motion.system(tx, keys, now), motion.locked(tx, row.id), "stopped_unsafe")


def state_deletion(tx: Tx, actor: Actor, offer_id: str, *, now: datetime) -> None:
    """The partner states that it kept no copy of what was taken back."""
    row, own = own_offer(tx, actor, offer_id, "referral.answer", lock=True)
    if not deletion_due(own):
        raise Conflict("Nothing is to be stated here.", key="error.referral.step")
    rows.change_offer(tx, own.id, own.version, {"deletion_stated_at": now})
    audit.record(
        tx, tag="partner:packet:revoked", actor=actor, object_kind="offer", object_id=own.id,
        now=now, reason="copies_deleted",
    )  # fmt: skip
    if not any(deletion_due(o) for o in rows.offers(tx, row.id)):
        tasks.finish_about(tx, "deletion_statement", (motion.OBJECT, row.id), by=actor.id, now=now)


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
    row, own = locked_offer(tx, actor, offer_id, version)
    motion.take(hand_of(tx, keys, actor, now), row.id, event, offer_id=own.id)

"""What happens to a referral because nobody did anything in time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hotline.crypto import KeyRing
from hotline.db.transaction import Tx
from hotline.referrals.repository import referrals as rows, timers
from hotline.referrals.repository.referrals import ReferralRow
from hotline.referrals.rules import clocks
from hotline.referrals.rules.states import ACCEPTED, ENDED, Event, State
from hotline.referrals.service import motion
from hotline.referrals.service.motion import Hand

_CONTACTED = {State.CONTACT_MADE, State.IN_SERVICE, State.COMPLETED}


def lapse(
    tx: Tx,
    keys: KeyRing,
    *,
    referral_id: str,
    kind: str,
    data: Mapping[str, Any],
    now: datetime,
) -> None:
    """One timer of a referral. A deadline that was met meanwhile does nothing."""
    row = rows.load(tx, referral_id, lock=True)
    if row is None or State(row.state) in ENDED:
        return
    hand = motion.system(tx, keys, now)
    match kind:
        case "consent":
            _consent(hand, row)
        case "decide":
            _decide(hand, row, str(data.get("offer", "")))
        case "alarm":
            if State(row.state) not in ACCEPTED:
                motion.escalate(hand, row, "not_accepted")
        case "acknowledge":
            offer = next((o for o in rows.offers(tx, row.id) if o.id == data.get("offer")), None)
            if offer is not None and offer.state == State.DISCLOSED:
                motion.escalate(hand, row, "not_opened")
        case "contact":
            if State(row.state) not in _CONTACTED:
                motion.escalate(hand, row, "contact_deadline")
        case "outcome":
            _outcome(hand, row)
        case "unconfirmed":
            _unconfirmed(hand, row)
        case _:
            return


def _consent(hand: Hand, row: ReferralRow) -> None:
    if row.state != State.CONSENT_ASKED:
        return
    motion.take(hand, row.id, Event.SILENCE)
    motion.task(hand.tx, row, "consent_unanswered", now=hand.now)
    if is_grave(row):
        motion.escalate(hand, motion.locked(hand.tx, row.id), "consent_unanswered")


def _decide(hand: Hand, row: ReferralRow, offer_id: str) -> None:
    offer = next((o for o in rows.offers(hand.tx, row.id) if o.id == offer_id), None)
    if offer is None or offer.state != State.OFFERED:
        return
    motion.take(hand, row.id, Event.EXPIRE, offer_id=offer.id)
    if is_grave(row):
        motion.escalate(hand, motion.locked(hand.tx, row.id), "not_accepted")


def _outcome(hand: Hand, row: ReferralRow) -> None:
    if row.state not in {State.CONTACT_MADE, State.IN_SERVICE}:
        return
    motion.task(hand.tx, row, "outcome_due", now=hand.now, role="CO")
    if is_grave(row):
        motion.escalate(hand, row, "outcome_due")
    due = hand.now + clocks.OUTCOME
    timers.add(hand.tx, (timers.REFERRAL, row.id), "outcome", due_at=due)


def _unconfirmed(hand: Hand, row: ReferralRow) -> None:
    own = next((o for o in rows.offers(hand.tx, row.id) if o.state == State.COMPLETED), None)
    if own is not None:
        motion.take(hand, row.id, Event.UNCONFIRM, offer_id=own.id)


def is_grave(row: ReferralRow) -> bool:
    """A child, or danger now: such a referral never rests without an open alarm (3.4, 9)."""
    return row.is_minor or row.klass == "P0"

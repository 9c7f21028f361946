"""Taking in what a provider delivers, and playing the turns it causes.

A message is written down first (`take_in`) and acknowledged only when that is durable. Everything
it causes is one transaction more (`play`). Whatever raises there is undone and answered by the
plain line of `poison`, so that a message neither loops at the provider nor leaves a person in
silence.
"""

from datetime import datetime

from hotline.channels.base import Delivery
from hotline.conversation.mind import Mind
from hotline.conversation.service.intake import Taken, take_in
from hotline.conversation.service.plainly import poison, set_aside
from hotline.conversation.service.turn import play
from hotline.db.transaction import DatabaseAway, Store, Tx
from hotline.logs import failure

MOST_AT_ONCE = 20
"""Turns of one contact played after one delivery; the sweep does the rest."""


async def receive(
    store: Store, mind: Mind, delivery: Delivery, *, now: datetime, one_commit: bool
) -> None:
    """Writes a delivery down and plays what it causes. Raises `DatabaseAway` if nothing was kept.

    `one_commit`: both steps share a commit where the provider is known to try again (Telegram);
    otherwise the message is made safe before anything clever happens to it.
    """
    played: str | None = None
    if one_commit:
        taken, played = await store.awrite(lambda tx: _both(tx, mind, delivery, now))
    else:
        taken = await store.awrite(lambda tx: take_in(tx, mind, delivery, now=now))
    if taken.contact_id is None or (played is not None and played == taken.inbox_id):
        return
    try:
        await play_waiting(store, mind, taken.contact_id, now=now, until=taken.inbox_id)
    except DatabaseAway as away:
        # The message is safe; the sweep will play it.
        failure("turn.postponed", away, contact=taken.contact_id)


def _both(tx: Tx, mind: Mind, delivery: Delivery, now: datetime) -> tuple[Taken, str | None]:
    taken = take_in(tx, mind, delivery, now=now)
    if taken.contact_id is None or taken.inbox_id is None:
        return taken, None
    return taken, play_safely(tx, mind, taken.contact_id, now=now)


async def play_waiting(
    store: Store, mind: Mind, contact_id: str, *, now: datetime, until: str | None = None
) -> int:
    """Plays a contact's unhandled messages in order, up to `until` or all; how many."""
    for count in range(MOST_AT_ONCE):
        played = await store.awrite(lambda tx: play_safely(tx, mind, contact_id, now=now))
        if played is None:
            return count
        if played == until:
            return count + 1
    return MOST_AT_ONCE


def play_safely(tx: Tx, mind: Mind, contact_id: str, *, now: datetime) -> str | None:
    """One turn; if it raises, it is undone and answered plainly in the same transaction.

    The inbox row that was handled, None when there was none.
    """
    try:
        with tx.savepoint():
            return play(tx, mind, contact_id, now=now)
    except DatabaseAway:
        raise
    except Exception as error:
        if tx.is_broken(error):
            raise
        failure("turn.failed", error, contact=contact_id)
        cause = type(error).__name__
    try:
        with tx.savepoint():
            return poison(tx, mind, contact_id, cause, now=now)
    except DatabaseAway:
        raise
    except Exception as error:
        if tx.is_broken(error):
            raise
        # Even the plain answer broke: the message must still not stand in the way of the next one.
        failure("turn.lost", error, contact=contact_id)
        return set_aside(tx, contact_id, cause, now=now)

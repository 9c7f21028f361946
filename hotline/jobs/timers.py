"""Due timers, lost leases and messages that a crash left unread, each in its own transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from hotline.accounts import logins
from hotline.channels.base import Channel
from hotline.conversation.mind import Mind
from hotline.conversation.service import erase, lapse, receive, retention
from hotline.db.transaction import DatabaseAway, Store
from hotline.logs import failure

_LEASE = timedelta(seconds=60)


async def run_due(
    store: Store, mind: Mind, channels: Mapping[str, Channel], clock: Callable[[], datetime]
) -> int:
    """Runs what is due; how many timers there were."""
    now = clock()
    due = await store.awrite(lambda tx: lapse.due_timers(tx, now=now, lease=_LEASE))
    for timer in due:
        try:
            if timer.subject_kind == "contact":
                await erase.run(store, mind, channels, timer, now=clock())
            else:
                run = partial(lapse.run_timer, mind=mind, timer=timer, now=clock())
                await store.awrite(run)
        except Exception as error:  # noqa: BLE001 - one broken timer must not stop the others
            # Its lease runs out and it comes again; meanwhile the others go on.
            failure("timer.failed", error, timer=timer.id, kind=timer.kind)
    if any(timer.kind == "shred" for timer in due):
        await store.ascrub()
    return len(due)


async def sweep(store: Store, mind: Mind, clock: Callable[[], datetime]) -> int:
    """Conversations whose operator is gone wait again; unread messages are played."""
    now = clock()
    await store.awrite(lambda tx: lapse.lost_leases(tx, mind, now=now))
    contacts = await store.aread(lambda tx: lapse.unread(tx, now=now))
    for contact_id in contacts:
        try:
            await receive.play_waiting(store, mind, contact_id, now=clock())
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 - one person's trouble must not stop the others
            failure("sweep.failed", error, contact=contact_id)
    return len(contacts)


async def retain(store: Store, clock: Callable[[], datetime]) -> int:
    """Destroys what has been kept long enough; how many things."""
    total = 0
    while done := await store.awrite(partial(retention.run, now=clock())):
        total += done
    await store.awrite(partial(logins.forget_old, now=clock()))
    return total

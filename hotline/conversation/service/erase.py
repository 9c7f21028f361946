"""After a quick exit: our own Telegram lines of the last 48 hours are deleted on her phone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from hotline.channels.base import Channel
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, sessions
from hotline.crypto import Place, unseal
from hotline.db.transaction import Store, Tx
from hotline.logs import event
from hotline.outbox import repository as outbox_rows

REACH = timedelta(hours=48)
"""Telegram lets a bot delete its own messages for this long."""

PATIENCE = timedelta(minutes=30)
"""How long deleting is tried again; some lines never go, because they are too old."""


async def run(
    store: Store,
    mind: Mind,
    channels: Mapping[str, Channel],
    timer: sessions.Due,
    *,
    now: datetime,
) -> None:
    """Deletes by the channel, then notes what is gone. No connection is held meanwhile."""
    contact_id = timer.subject_id
    found = await store.aread(lambda tx: contacts.by_contact(tx, contact_id))
    channel = channels.get(found.channel) if found is not None else None
    if found is None or channel is None:
        await store.awrite(lambda tx: sessions.finish_timer(tx, timer.id, "stale"))
        return
    own = await store.aread(lambda tx: outbox_rows.recent_own(tx, contact_id, since=now - REACH))
    data_key = mind.keys.unwrap(found.wrapped, found.key_id, found.reader)
    address = unseal(data_key, found.address, Place("contacts", "address", contact_id))
    provider_ids = tuple(pid for _, ids in own for pid in ids)
    gone = await channel.delete(address, provider_ids) if provider_ids else 0
    event("conversation.erased", contact=contact_id, lines=gone, of=len(provider_ids))
    if gone < len(provider_ids) and now - timer.due_at < PATIENCE:
        return  # the platform was out of reach: the timer's lease ends, and it is tried again

    def done(tx: Tx) -> None:
        outbox_rows.mark_deleted(tx, [outbox_id for outbox_id, _ in own], now=now)
        sessions.finish_timer(tx, timer.id, "fired")

    await store.awrite(done)

"""Reading what a provider could not deliver: Telegram by long polling, Twilio from its own log.

The inbox drops repeats, so catching up may run at every start and every hour without harm.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from hotline.channels.base import Channel, Delivery, Inbound, SendError
from hotline.conversation.service import cursors
from hotline.db.transaction import DatabaseAway, Store
from hotline.logs import event, failure

LOOK_BACK = timedelta(hours=24)
OVERLAP = timedelta(minutes=10)
_PAUSE = 3.0

Take = Callable[[Channel, Delivery], Awaitable[None]]


class Polls(Channel, Protocol):
    async def poll(self, offset: int | None) -> tuple[tuple[Delivery, ...], int | None]: ...


class HasLog(Channel, Protocol):
    async def list_inbound(self, since: datetime) -> tuple[Inbound, ...]: ...


async def poll_forever(store: Store, channel: Polls, take: Take) -> None:
    """Long polling for places without a public address; the same path as a webhook.

    The offset moves only after everything before it is safe.
    """
    name = f"{channel.name}.offset"
    stored = await store.aread(lambda tx: cursors.value(tx, name))
    offset = int(stored) if stored else None
    while True:
        try:
            deliveries, next_offset = await channel.poll(offset)
            await _take_all(channel, deliveries, take)
            if next_offset is not None and next_offset != offset:
                offset = next_offset
                await store.awrite(partial(cursors.advance, name=name, new=str(offset)))
        except (SendError, DatabaseAway) as away:
            failure("poll.postponed", away)
            await asyncio.sleep(getattr(away, "retry_after", None) or _PAUSE)


async def _take_all(channel: Channel, deliveries: Sequence[Delivery], take: Take) -> None:
    for delivery in deliveries:
        await take(channel, delivery)
        if isinstance(delivery, Inbound) and delivery.callback_ref:
            await channel.acknowledge(delivery.callback_ref)


async def read_log(store: Store, channel: HasLog, take: Take, *, now: datetime) -> int:
    """Feeds what the provider's log has and we have not; how many lines it held."""
    name = f"{channel.name}.log"
    stored = await store.aread(lambda tx: cursors.value(tx, name))
    since = datetime.fromisoformat(stored) - OVERLAP if stored else now - LOOK_BACK
    found = await channel.list_inbound(since)
    for message in found:
        await take(channel, message)
    await store.awrite(lambda tx: cursors.advance(tx, name, now.isoformat()))
    event("catch_up.read", channel=channel.name, lines=len(found))
    return len(found)

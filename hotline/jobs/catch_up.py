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
_TRIES = 5

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
    failures = 0
    while True:
        try:
            deliveries, next_offset = await channel.poll(offset)
            failures += 1
            try:
                await _take_all(channel, deliveries, take)
            except (SendError, DatabaseAway):
                failures = 0
                raise
            except Exception as error:  # noqa: BLE001 - see below
                # Polling must go on, or nobody is heard; what fails every time is stepped over.
                failure("poll.failed", error, tries=failures)
                if failures < _TRIES:
                    await asyncio.sleep(_PAUSE)
                    continue
                await _take_each(channel, deliveries, take)
            failures = 0
            if next_offset is not None and next_offset != offset:
                offset = next_offset
                await store.awrite(partial(cursors.advance, name=name, new=str(offset)))
        except (SendError, DatabaseAway) as away:
            failure("poll.postponed", away)
            await asyncio.sleep(getattr(away, "retry_after", None) or _PAUSE)


async def _take_each(channel: Channel, deliveries: Sequence[Delivery], take: Take) -> None:
    """All that can be taken in; repeats are dropped by the inbox."""
    for delivery in deliveries:
        try:
            await _take_all(channel, (delivery,), take)
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 - the one that is stepped over
            failure("poll.gave_up", error)


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
    failed = 0
    for message in found:
        try:
            await take(channel, message)
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 - the lines behind it must be read as well
            failed += 1
            failure("catch_up.failed", error)
    if not failed:
        await store.awrite(lambda tx: cursors.advance(tx, name, now.isoformat()))
    event("catch_up.read", channel=channel.name, lines=len(found), failed=failed)
    return len(found)

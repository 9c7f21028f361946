"""Photos and voice notes kept for the operator: fetched after the turn, typed, limited, sealed."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from hotline.cases.tasks import repository as tasks
from hotline.channels.base import Channel, MediaRef, SendError
from hotline.channels.media import sniff
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, lines
from hotline.conversation.repository.lines import Wanted
from hotline.crypto import Place, seal, unseal
from hotline.db.transaction import DatabaseAway, Store, Tx
from hotline.logs import failure

MOST_TRIES = 5


async def fetch_wanted(
    store: Store, mind: Mind, channels: Mapping[str, Channel], *, now: datetime
) -> int:
    """Fetches some wanted files; how many were looked at."""
    wanted = await store.aread(lines.wanted_attachments)
    for item in wanted:
        try:
            await _one(store, mind, channels, item, now=now)
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 - one file must not stand before all others
            failure("media.failed", error, attachment=item.id)
            await store.awrite(partial(_put_back, item=item))
    return len(wanted)


def _put_back(tx: Tx, item: Wanted) -> None:
    """Behind the others; after too many tries it is given up."""
    final = item.attempts + 1 >= MOST_TRIES
    values = {"attempts": item.attempts + 1, "state": "failed" if final else "wanted"}
    lines.change_attachment(tx, item.id, values)


async def _one(
    store: Store, mind: Mind, channels: Mapping[str, Channel], item: Wanted, *, now: datetime
) -> None:
    found = await store.aread(lambda tx: contacts.by_contact(tx, item.contact_id))
    channel = channels.get(found.channel) if found is not None else None
    if found is None or channel is None:
        await store.awrite(partial(_put_back, item=item))
        return
    data_key = mind.keys.unwrap(found.wrapped, found.key_id, found.reader)
    ref = unseal(data_key, item.ref, Place("attachments", "ref", item.id))
    try:
        content = await channel.fetch(
            MediaRef(ref, item.kind, item.mime, item.size), limit=mind.media_limit
        )
    except SendError as error:
        final = not error.may_retry or item.attempts + 1 >= MOST_TRIES
        state = _FINAL.get(error.code, "failed") if final else "wanted"
        await _note(store, item, found.conversation_id, {"state": state}, now=now)
        return
    mime = sniff(content)
    if mime is None:
        # What it is said to be is the sender's claim; what it is we do not keep.
        await _note(store, item, found.conversation_id, {"state": "refused"}, now=now)
        return
    sealed = seal(data_key, content, Place("attachments", "content", item.id))
    kept = {"state": "kept", "content": sealed, "size": len(content), "mime": mime}
    await store.awrite(lambda tx: lines.change_attachment(tx, item.id, kept))


_FINAL = {"too_big": "too_big", "refused": "refused"}
"""Codes with which a channel says why it will never have the file."""


async def _note(
    store: Store, item: Wanted, conversation_id: str, values: dict[str, Any], *, now: datetime
) -> None:
    """One try more; when there is none left, an operator hears that a file is missing."""

    def work(tx: Tx) -> None:
        lines.change_attachment(tx, item.id, {"attempts": item.attempts + 1, **values})
        if values["state"] != "wanted":
            tasks.add(tx, "media_failed", subject=("conversation", conversation_id), now=now)

    await store.awrite(work)

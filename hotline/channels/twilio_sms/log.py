"""Twilio's own log of messages: what we missed while we were away, and what really went out.

Twilio gives up on a webhook within seconds and may not try again; and no request carries a key that
would make sending twice harmless. Both are mended by reading the log.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from twilio.rest import Client

from hotline.channels.base import Inbound, MediaRef
from hotline.channels.twilio_sms.numbers import e164
from hotline.channels.twilio_sms.parse import media_ref, message_in

_PAGE = 100
_NEWEST = 100  # lines to one number that are looked through for an uncertain send
_SKEW = timedelta(minutes=2)  # Twilio's clock and ours


def body_hash(text: str) -> str:
    """What is compared instead of words. Blanks at either end are not kept on the way."""
    return hashlib.sha256(text.strip().encode()).hexdigest()


def inbound_since(client: Client, since: datetime) -> tuple[Inbound, ...]:
    """All messages from people after `since` (aware), oldest first. Blocking."""
    found = [
        inbound
        for record in client.messages.stream(date_sent_after=since, page_size=_PAGE)
        if str(record.direction) == "inbound" and (inbound := _inbound(record)) is not None
    ]
    found.reverse()
    return tuple(found)


def _inbound(record: Any) -> Inbound | None:  # noqa: ANN401  the library has no types
    address = e164(record.from_ or "")
    if address is None:
        return None
    media: tuple[MediaRef, ...] = ()
    if record.num_media not in {None, "0"}:
        found = (media_ref(one.uri, one.content_type) for one in record.media.list())
        media = tuple(one for one in found if one is not None)
    return message_in(record.sid, address, record.body or "", media)


def sent_since(
    client: Client, to: str, hashed: str, since: datetime, known: Iterable[str]
) -> str | None:
    """The id of a line to `to` with these words, made after `since`, that is not `known`. Blocking.

    The log is not filtered by time: a message that still waits has no time of sending and would be
    left out, which is just the one that is looked for.
    """
    ours = set(known)
    oldest = since - _SKEW
    for record in client.messages.stream(to=to, limit=_NEWEST, page_size=_PAGE):
        made = record.date_created
        if made is not None and _aware(made) < oldest:
            continue
        is_ours = str(record.direction or "").startswith("outbound")
        if is_ours and record.sid not in ours and body_hash(record.body or "") == hashed:
            return str(record.sid)
    return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

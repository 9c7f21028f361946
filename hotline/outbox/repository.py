"""Rows of the outbox and of the lines they belong to. The only SQL about sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from hotline.db import statements
from hotline.db.models.contact import Contact, Conversation
from hotline.db.models.key import KeyWrap
from hotline.db.models.message import MessageRow, OutboxRow, ProviderMessage
from hotline.db.models.session import SessionRow
from hotline.db.statements import among
from hotline.db.transaction import Tx

OPEN = ("new", "sending")
UNFINISHED = ("new", "sending", "held")
"""The words of the partial indexes of the outbox."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Who a conversation's lines go to, with what opens her data key."""

    contact_id: str
    conversation_id: str
    channel: str
    language: str | None
    key_id: str
    wrapped: bytes
    reader: str


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed line with all that the gate, the renderer and the channel need."""

    id: str
    contact_id: str
    conversation_id: str
    message_id: str
    kind: str
    neutral: bool
    payload: bytes
    revision: str | None
    language: str | None
    attempts: int
    parts_sent: int
    uncertain: bool
    created_at: datetime
    channel: str
    address: bytes
    latin: bool
    state: str
    quiet: str | None
    unasked_off: bool
    neutral_only: bool
    last_heard_at: datetime | None
    window_until: datetime | None
    profile: dict[str, Any] | None
    key_id: str
    wrapped: bytes
    reader: str
    provider_ids: list[str] | None
    place: str | None = None  # the step that waits for her answer, `flow.step`


def destination(tx: Tx, conversation_id: str) -> Destination | None:
    query = (
        sa.select(
            Contact.id.label("contact_id"),
            Conversation.id.label("conversation_id"),
            Contact.channel,
            Contact.language,
            Contact.key_id,
            KeyWrap.wrapped,
            KeyWrap.reader,
        )
        .join(Conversation, Conversation.contact_id == Contact.id)
        .join(KeyWrap, KeyWrap.key_id == Contact.key_id)
        .where(Conversation.id == conversation_id, KeyWrap.reader.like("server:%"))
    )
    row = tx.conn.execute(query).mappings().first()
    return None if row is None else Destination(**row)


def add(tx: Tx, message: dict[str, Any], outbox: dict[str, Any] | None) -> None:
    """A line and, unless it is only kept, the row that sends it."""
    statements.insert(tx, MessageRow, message)
    if outbox is not None:
        statements.insert(tx, OutboxRow, outbox)


def claim(tx: Tx, *, owner: str, now: datetime, lease: timedelta, limit: int) -> tuple[Due, ...]:
    """Leases the oldest due line of each contact; nobody else gets it before the lease ends.

    A line that was leased before and never acknowledged comes back marked uncertain.
    """
    older = aliased(OutboxRow)
    blocked = (
        sa.exists()
        .where(older.contact_id == OutboxRow.contact_id)
        .where(older.seq < OutboxRow.seq)
        .where(among(older.state, *UNFINISHED), among(older.state, *OPEN))
    )
    query = (
        sa.select(OutboxRow.seq, OutboxRow.state)
        .where(among(OutboxRow.state, *OPEN), OutboxRow.next_at <= now, ~blocked)
        .where(sa.or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until < now))
        .order_by(OutboxRow.next_at, OutboxRow.seq)
        .limit(limit)
    )
    if tx.dialect == "postgresql":
        query = query.with_for_update(of=OutboxRow, skip_locked=True)
    found = tx.conn.execute(query).all()
    if not found:
        return ()
    seqs = [row.seq for row in found]
    again = [row.seq for row in found if row.state == "sending"]
    tx.conn.execute(
        sa.update(OutboxRow)
        .where(OutboxRow.seq.in_(seqs))
        .values(
            state="sending",
            lease_owner=owner,
            lease_until=now + lease,
            attempts=OutboxRow.attempts + 1,
        )
    )
    if again:
        tx.conn.execute(sa.update(OutboxRow).where(OutboxRow.seq.in_(again)).values(uncertain=True))
    ready = _due(tx, OutboxRow.seq.in_(seqs))
    if len(ready) < len(seqs):
        # The key that opens them is destroyed: they would be claimed again for ever, and enough of
        # them would keep everybody else's lines from ever being looked at.
        alive = [line.id for line in ready]
        tx.conn.execute(
            sa.update(OutboxRow)
            .where(OutboxRow.seq.in_(seqs), OutboxRow.id.not_in(alive))
            .values(state="withdrawn", lease_owner=None, lease_until=None, error="no_key")
        )
    return ready


def renew(tx: Tx, outbox_id: str, *, owner: str, now: datetime, lease: timedelta) -> Due | None:
    """The line as it stands now, leased for another while; None when it may not leave any more.

    Asked right before each part leaves: between the claim and the send she may have said STOP.
    """
    kept = tx.conn.execute(
        sa.update(OutboxRow)
        .where(
            OutboxRow.id == outbox_id,
            OutboxRow.lease_owner == owner,
            OutboxRow.state == "sending",
        )
        .values(lease_until=now + lease)
    )
    if kept.rowcount != 1:
        return None
    return next(iter(_due(tx, OutboxRow.id == outbox_id)), None)


def _due(tx: Tx, which: sa.ColumnElement[bool]) -> tuple[Due, ...]:
    query = (
        sa.select(
            OutboxRow.id,
            OutboxRow.contact_id,
            OutboxRow.conversation_id,
            OutboxRow.message_id,
            OutboxRow.kind,
            OutboxRow.neutral,
            OutboxRow.payload,
            OutboxRow.revision,
            OutboxRow.language,
            OutboxRow.attempts,
            OutboxRow.parts_sent,
            OutboxRow.uncertain,
            OutboxRow.created_at,
            Contact.channel,
            Contact.address,
            Contact.latin,
            Conversation.state,
            Contact.quiet,
            Contact.unasked_off,
            Contact.neutral_only,
            Contact.last_heard_at,
            Contact.window_until,
            Contact.profile,
            Contact.key_id,
            KeyWrap.wrapped,
            KeyWrap.reader,
            OutboxRow.provider_ids,
            (SessionRow.flow + "." + SessionRow.step).label("place"),
        )
        .join(Contact, Contact.id == OutboxRow.contact_id)
        .join(Conversation, Conversation.id == OutboxRow.conversation_id)
        .join(KeyWrap, KeyWrap.key_id == Contact.key_id)
        .outerjoin(SessionRow, SessionRow.id == Conversation.session_id)
        .where(which, KeyWrap.reader.like("server:%"))
        .order_by(OutboxRow.seq)
    )
    # While root keys are rotated a data key has two wraps: the line is still one line.
    found = {row["id"]: Due(**row) for row in tx.conn.execute(query).mappings()}
    return tuple(found.values())


def settle(
    tx: Tx, outbox_id: str, *, owner: str, values: dict[str, Any], only_sending: bool = False
) -> bool:
    """Writes the result of a send, unless the lease went to somebody else meanwhile.

    `only_sending`: nor if the line was withdrawn meanwhile, so that no later try brings it back.
    """
    where = [OutboxRow.id == outbox_id, OutboxRow.lease_owner == owner]
    if only_sending:
        where.append(OutboxRow.state == "sending")
    done = tx.conn.execute(
        sa.update(OutboxRow).where(*where).values(lease_owner=None, lease_until=None, **values)
    )
    return done.rowcount == 1


def note_parts(
    tx: Tx, outbox_id: str, channel: str, *, owner: str, parts: int, provider_ids: Sequence[str]
) -> None:
    """Parts of a line that left before the rest was refused, unless somebody else has it now."""
    tx.conn.execute(
        sa.update(OutboxRow)
        .where(
            OutboxRow.id == outbox_id,
            sa.or_(OutboxRow.lease_owner.is_(None), OutboxRow.lease_owner == owner),
        )
        .values(
            parts_sent=parts, provider_ids=list(provider_ids), lease_owner=None, lease_until=None
        )
    )
    remember_provider_ids(tx, channel, provider_ids, outbox_id)


def remember_provider_ids(tx: Tx, channel: str, ids: Sequence[str], outbox_id: str) -> None:
    for provider_id in ids:
        exists = tx.conn.execute(
            sa.select(ProviderMessage.outbox_id).where(
                ProviderMessage.channel == channel, ProviderMessage.provider_id == provider_id
            )
        ).first()
        if exists is None:
            tx.conn.execute(
                sa.insert(ProviderMessage),
                {"channel": channel, "provider_id": provider_id, "outbox_id": outbox_id},
            )


def known_ids(tx: Tx, conversation_id: str) -> tuple[str, ...]:
    """The provider's ids of everything that is known to have gone out in a conversation."""
    rows = tx.conn.execute(
        sa.select(ProviderMessage.provider_id)
        .join(OutboxRow, OutboxRow.id == ProviderMessage.outbox_id)
        .join(MessageRow, MessageRow.id == OutboxRow.message_id)
        .where(MessageRow.conversation_id == conversation_id)
    ).all()
    return tuple(row[0] for row in rows)


def receipt(tx: Tx, channel: str, provider_id: str, *, state: str, code: str | None) -> str | None:
    """Notes a delivery report; the outbox id, or None when the line is not (yet) known.

    A late "sent" never takes back a "delivered" or "failed".
    """
    outbox_id = tx.conn.execute(
        sa.select(ProviderMessage.outbox_id).where(
            ProviderMessage.channel == channel, ProviderMessage.provider_id == provider_id
        )
    ).scalar()
    if outbox_id is None:
        return None
    final = OutboxRow.state.in_(("sent", "sending")) if state != "sent" else sa.false()
    tx.conn.execute(
        sa.update(OutboxRow).where(OutboxRow.id == outbox_id, final).values(state=state, error=code)
    )
    return outbox_id


def withdraw(tx: Tx, contact_id: str, *, kinds: Sequence[str] | None = None) -> int:
    """Takes back every line that waits, and every later try of one that is just leaving.

    What a provider is being asked to send this very moment cannot be stopped; it keeps its lease so
    that the truth about it is still written down.
    """
    where = [OutboxRow.contact_id == contact_id, among(OutboxRow.state, *UNFINISHED)]
    if kinds is not None:
        where.append(OutboxRow.kind.in_(kinds))
    done = tx.conn.execute(sa.update(OutboxRow).where(*where).values(state="withdrawn"))
    return done.rowcount


def release_held(tx: Tx, contact_id: str, *, now: datetime) -> tuple[int, int]:
    """She wrote again: an operator's held lines and news of what she agreed to may go, stale
    lines of the bot are withdrawn."""
    held = [
        OutboxRow.contact_id == contact_id,
        among(OutboxRow.state, *UNFINISHED),
        OutboxRow.state == "held",
    ]
    kept = tx.conn.execute(
        sa.update(OutboxRow)
        .where(*held, OutboxRow.kind.in_(("operator", "asked", "news")))
        .values(state="new", next_at=now)
    ).rowcount
    dropped = tx.conn.execute(sa.update(OutboxRow).where(*held).values(state="withdrawn")).rowcount
    return kept, dropped


def recent_own(
    tx: Tx, contact_id: str, *, since: datetime
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`(outbox id, provider ids)` of our own lines since a moment, not yet deleted.

    Parts of a line that never got whole stand on the phone as well. The neutral line of the quick
    exit itself stays: it is the cover.
    """
    rows = tx.conn.execute(
        sa.select(OutboxRow.id, OutboxRow.provider_ids).where(
            OutboxRow.contact_id == contact_id,
            sa.or_(
                OutboxRow.sent_at >= since,
                sa.and_(OutboxRow.parts_sent > 0, OutboxRow.created_at >= since),
            ),
            OutboxRow.kind != "last",
            OutboxRow.deleted_at.is_(None),
        )
    ).all()
    return tuple((row[0], tuple(row[1] or ())) for row in rows)


def mark_deleted(tx: Tx, outbox_ids: Sequence[str], *, now: datetime) -> None:
    tx.conn.execute(sa.update(OutboxRow).where(OutboxRow.id.in_(outbox_ids)).values(deleted_at=now))


def next_due(tx: Tx) -> datetime | None:
    """When the next line is due, None when nothing waits."""
    return tx.conn.execute(
        sa.select(sa.func.min(OutboxRow.next_at)).where(among(OutboxRow.state, *OPEN))
    ).scalar()


def counts(tx: Tx) -> dict[str, int]:
    """How many lines are in each unfinished or failed state."""
    rows = tx.conn.execute(
        sa.select(OutboxRow.state, sa.func.count())
        .where(OutboxRow.state.in_(("new", "sending", "held", "failed")))
        .group_by(OutboxRow.state)
    ).all()
    return {row[0]: row[1] for row in rows}

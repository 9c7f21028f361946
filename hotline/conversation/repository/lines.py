"""Lines of a conversation, their earlier versions, attachments, and how their sending went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db import statements
from hotline.db.models.message import Attachment, MessageRow, MessageVersion, OutboxRow
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `sending` and `uncertain` come from the outbox where it is one of ours."""

    seq: int
    id: str
    author: str
    operator_id: str | None
    kind: str
    body: bytes | None
    said: bytes | None
    version: int
    created_at: datetime
    sending: str | None
    uncertain: bool | None
    error: str | None
    attempts: int | None


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    statements.insert(tx, MessageRow, values)


def of_conversation(
    tx: Tx, conversation_id: str, *, after: int = 0, limit: int = 200
) -> tuple[Line, ...]:
    """The newest `limit` lines with a number above `after`, oldest first."""
    query = (
        sa.select(
            MessageRow.seq,
            MessageRow.id,
            MessageRow.author,
            MessageRow.operator_id,
            MessageRow.kind,
            MessageRow.body,
            MessageRow.said,
            MessageRow.version,
            MessageRow.created_at,
            OutboxRow.state.label("sending"),
            OutboxRow.uncertain,
            OutboxRow.error,
            OutboxRow.attempts,
        )
        .outerjoin(OutboxRow, OutboxRow.message_id == MessageRow.id)
        .where(MessageRow.conversation_id == conversation_id, MessageRow.seq > after)
        .order_by(MessageRow.seq.desc())
        .limit(limit)
    )
    rows = [Line(**row) for row in tx.conn.execute(query).mappings()]
    return tuple(reversed(rows))


def by_external(tx: Tx, conversation_id: str, external_ref: str) -> tuple[str, int, bytes] | None:
    """`(message id, version, body)` of a person's line by the provider's id."""
    row = tx.conn.execute(
        sa.select(MessageRow.id, MessageRow.version, MessageRow.body).where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.external_ref == external_ref,
            MessageRow.author == "person",
        )
    ).first()
    return None if row is None or row[2] is None else (row[0], row[1], row[2])


def replace_body(tx: Tx, message_id: str, body: bytes, version: int) -> None:
    tx.conn.execute(
        sa.update(MessageRow).where(MessageRow.id == message_id).values(body=body, version=version)
    )


def add_version(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(MessageVersion), dict(values))


def versions(
    tx: Tx, conversation_id: str, message_id: str
) -> tuple[tuple[str, int, bytes, datetime], ...]:
    """Earlier versions of a line, only if it belongs to that conversation."""
    rows = tx.conn.execute(
        sa.select(
            MessageVersion.id,
            MessageVersion.version,
            MessageVersion.body,
            MessageVersion.replaced_at,
        )
        .join(MessageRow, MessageRow.id == MessageVersion.message_id)
        .where(
            MessageVersion.message_id == message_id,
            MessageRow.conversation_id == conversation_id,
        )
        .order_by(MessageVersion.version)
    ).all()
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


def add_attachment(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Attachment), dict(values))


@dataclass(frozen=True, slots=True)
class Kept:
    """An attachment without its bytes."""

    id: str
    message_id: str
    kind: str
    mime: str
    size: int | None
    state: str


def attachments(tx: Tx, message_ids: list[str]) -> tuple[Kept, ...]:
    query = sa.select(
        Attachment.id,
        Attachment.message_id,
        Attachment.kind,
        Attachment.mime,
        Attachment.size,
        Attachment.state,
    ).where(Attachment.message_id.in_(message_ids))
    return tuple(Kept(**row) for row in tx.conn.execute(query).mappings())


@dataclass(frozen=True, slots=True)
class Wanted:
    id: str
    contact_id: str
    ref: bytes
    kind: str
    mime: str
    size: int | None
    attempts: int
    state: str
    content: bytes | None


_WANTED = (
    Attachment.id,
    Attachment.contact_id,
    Attachment.ref,
    Attachment.kind,
    Attachment.mime,
    Attachment.size,
    Attachment.attempts,
    Attachment.state,
    Attachment.content,
)


def wanted_attachments(tx: Tx, *, limit: int = 5) -> tuple[Wanted, ...]:
    query = (
        sa.select(*_WANTED)
        .where(Attachment.state == "wanted")
        .order_by(Attachment.attempts, Attachment.created_at)
        .limit(limit)
    )
    return tuple(Wanted(**row) for row in tx.conn.execute(query).mappings())


def attachment(tx: Tx, attachment_id: str, conversation_id: str) -> Wanted | None:
    """One attachment, only if it belongs to that conversation."""
    query = (
        sa.select(*_WANTED)
        .join(MessageRow, MessageRow.id == Attachment.message_id)
        .where(Attachment.id == attachment_id, MessageRow.conversation_id == conversation_id)
    )
    row = tx.conn.execute(query).mappings().first()
    return None if row is None else Wanted(**row)


def change_attachment(tx: Tx, attachment_id: str, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.update(Attachment).where(Attachment.id == attachment_id).values(**values))

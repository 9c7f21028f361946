"""What came in, what was said, and what must go out."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Json, Sealed, Seq, UtcDateTime


class InboxRow(Base):
    """One delivery of a provider, written before anything clever happens to it.

    `kind` is message | receipt | blocked. `(channel, external_id)` is unique for ever: a webhook
    that arrives five times moves a conversation once.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index(
            "ix_inbox_waiting",
            "contact_id",
            "seq",
            sqlite_where=text("state = 'new'"),
            postgresql_where=text("state = 'new'"),
        ),
    )

    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(80))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contacts.id"))
    kind: Mapped[str] = mapped_column(String(12))
    body: Mapped[bytes | None] = mapped_column(Sealed)  # under the contact's key; gone once handled
    state: Mapped[str] = mapped_column(String(8))  # new | handled | failed
    error: Mapped[str | None] = mapped_column(String(120))  # class of the error, no words
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MessageRow(Base):
    """One line of the conversation.

    A line of the bot holds a key and its arguments, never text; a person's or an operator's words
    are sealed. `author` is person | bot | operator | note (an internal note never leaves).
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_conversation_seq", "conversation_id", "seq"),)

    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    author: Mapped[str] = mapped_column(String(10))
    operator_id: Mapped[str | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(12))  # text | button | photo | voice | said ...
    body: Mapped[bytes | None] = mapped_column(Sealed)
    said: Mapped[bytes | None] = mapped_column(Sealed)  # JSON of the Said event
    external_ref: Mapped[str | None] = mapped_column(String(80))  # provider's id, for edits
    version: Mapped[int] = mapped_column(default=1)  # grows with each edit
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MessageVersion(Base):
    """What a line said before it was edited."""

    __tablename__ = "message_versions"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    version: Mapped[int]
    body: Mapped[bytes] = mapped_column(Sealed)
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attachment(Base):
    """A photo or voice note kept for the operator. Fetched after the turn, sealed, size-limited."""

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id"))
    ref: Mapped[bytes] = mapped_column(Sealed)  # where the provider keeps it
    kind: Mapped[str] = mapped_column(String(12))
    mime: Mapped[str] = mapped_column(String(80))
    size: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))  # wanted | kept | too_big | refused | failed
    attempts: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed bytes
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutboxRow(Base):
    """One line that must go out. Sent by another hand, in order per contact, with a lease.

    `state`: new | sending | sent | delivered | failed | withdrawn | held.
    `kind`: see `outbox.rules.Kind`.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_due",
            "next_at",
            "seq",
            sqlite_where=text("state IN ('new', 'sending')"),
            postgresql_where=text("state IN ('new', 'sending')"),
        ),
        Index(
            "ix_outbox_contact",
            "contact_id",
            "seq",
            sqlite_where=text("state IN ('new', 'sending', 'held')"),
            postgresql_where=text("state IN ('new', 'sending', 'held')"),
        ),
    )

    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[str] = mapped_column(Id, index=True)
    revision: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(12))
    neutral: Mapped[bool] = mapped_column(default=False)
    payload: Mapped[bytes] = mapped_column(Sealed)  # JSON: a Said event, or an operator's words
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(default=0)
    parts_sent: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider_ids: Mapped[list[str] | None] = mapped_column(Json)
    uncertain: Mapped[bool] = mapped_column(default=False)  # may have left before a crash
    error: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # taken back on HIDE


class ProviderMessage(Base):
    """Which provider message carried which line: for receipts and for deleting after HIDE."""

    __tablename__ = "provider_messages"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    outbox_id: Mapped[str] = mapped_column(Id, index=True)


class Cursor(Base):
    """How far a provider's own log has been read (long polling, catching up)."""

    __tablename__ = "cursors"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(120))

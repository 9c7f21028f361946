"""A person at an address, and all that was said with her: state, lease, place in the queue."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Json, JsonValue, Sealed, UtcDateTime


class Contact(Base):
    """Found by keyed hash; the address itself is sealed under the contact's own data key."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("channel", "address_index"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    address_index: Mapped[str] = mapped_column(String(64))
    address: Mapped[bytes] = mapped_column(Sealed)
    key_id: Mapped[str] = mapped_column(ForeignKey("data_keys.id"))
    language: Mapped[str | None] = mapped_column(String(8))
    latin: Mapped[bool] = mapped_column(default=False)  # wants SMS in Latin letters
    source: Mapped[str | None] = mapped_column(String(64))  # deep link she came by
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Safe-contact profile (operations.md 7.1), read by outbox.rules.may_send.
    quiet: Mapped[str | None] = mapped_column(String(16))  # stop | hide | blocked | unsafe
    unasked_off: Mapped[bool] = mapped_column(default=False)  # no reminders until START
    window_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # "you may write until"
    profile: Mapped[JsonValue | None] = mapped_column(Json)  # weekly windows, coded values only
    neutral_only: Mapped[bool] = mapped_column(default=False)  # duress: neutral lines only
    is_demo: Mapped[bool] = mapped_column(default=False)


class Conversation(Base):
    """All that was said with one contact. One row a contact; `state` as operations.md 1.1."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_queue", "state", "rank", "waiting_since"),
        Index("ix_conversations_lease", "state", "lease_until"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id"), unique=True)
    alias: Mapped[str] = mapped_column(String(40), unique=True)  # random name shown to staff
    state: Mapped[str] = mapped_column(String(24))  # BOT WAITING HUMAN CALLBACK_SCHEDULED ...
    version: Mapped[int] = mapped_column(default=0)
    case_id: Mapped[str | None] = mapped_column(Id)  # the open case, if any
    session_id: Mapped[str | None] = mapped_column(Id)
    klass: Mapped[str | None] = mapped_column(String(2))  # P0..P3 while a human is promised
    rank: Mapped[int] = mapped_column(default=0)  # effective class, operations.md 2.3.3
    silent: Mapped[bool] = mapped_column(default=False)  # alert operators, write nothing
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    promised_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    promise_broken: Mapped[bool] = mapped_column(default=False)
    operator_id: Mapped[str | None] = mapped_column(Id)  # who holds the lease
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    callback_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    callback_tries: Mapped[int] = mapped_column(default=0)
    site_id: Mapped[str | None] = mapped_column(Id)
    topic: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_fallback_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # plain line sent
    failed_step: Mapped[str | None] = mapped_column(String(120))  # where a turn last broke


class Draft(Base):
    """An operator's unsent reply, kept for the next holder of the lease."""

    __tablename__ = "drafts"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    body: Mapped[bytes] = mapped_column(Sealed)
    operator_id: Mapped[str] = mapped_column(Id)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

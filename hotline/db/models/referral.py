"""A case, or part of it, offered to a partner: states, offers, packets."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Json, JsonValue, Sealed, UtcDateTime


class Referral(Base):
    """`state` is one of the 19 of operations.md 3.1; the server's table moves it."""

    __tablename__ = "referrals"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    alias: Mapped[str] = mapped_column(String(40))  # random; not the case's own alias
    service: Mapped[str] = mapped_column(String(24))
    priority: Mapped[str] = mapped_column(String(10))  # emergency | urgent | normal
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(Id)
    site_id: Mapped[str | None] = mapped_column(Id)
    preview: Mapped[JsonValue] = mapped_column(Json)  # T0 allow-list, coded values only
    escalated: Mapped[bool] = mapped_column(default=False)
    safeguarding: Mapped[bool] = mapped_column(default=False)
    consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contact_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(40))
    confirmation: Mapped[str | None] = mapped_column(String(8))  # yes | partly | no | unsafe
    end_reason: Mapped[str | None] = mapped_column(String(40))
    is_demo: Mapped[bool] = mapped_column(default=False)


class Offer(Base):
    """The referral as addressed to one partner. The cascade works down `position`."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("referral_id", "partner_id"),
        Index("ix_offers_partner", "partner_id", "state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referrals.id"), index=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partners.id"))
    service_id: Mapped[str | None] = mapped_column(ForeignKey("services.id"))
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))  # PLANNED or a referral state
    version: Mapped[int] = mapped_column(default=0)
    match: Mapped[JsonValue | None] = mapped_column(Json)  # why it was ranked so
    offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decide_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_place: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledge_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contact_attempts: Mapped[int] = mapped_column(default=0)
    contacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(40))
    accepted_by: Mapped[str | None] = mapped_column(Id)
    arrival_code: Mapped[str | None] = mapped_column(String(8))  # she brings it herself (3.1.5)
    outcome: Mapped[str | None] = mapped_column(String(40))
    deletion_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deletion_stated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PacketField(Base):
    """One field of a packet tier, sealed under the packet's own key (never the case's)."""

    __tablename__ = "packet_fields"
    __table_args__ = (UniqueConstraint("referral_id", "tier", "name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referrals.id"), index=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("data_keys.id"))
    tier: Mapped[str] = mapped_column(String(2))  # T1 T2
    field_group: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(40))
    value: Mapped[bytes] = mapped_column(Sealed)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReferralStep(Base):
    """Every edge a referral took, for its history page. One a row, as in the audit."""

    __tablename__ = "referral_steps"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referrals.id"), index=True)
    offer_id: Mapped[str | None] = mapped_column(Id)
    event: Mapped[str] = mapped_column(String(30))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    number: Mapped[int] = mapped_column(default=0)  # order of steps at the same moment

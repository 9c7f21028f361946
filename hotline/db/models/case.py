"""The work of helping one person: coded facts, assessments, notes, consents."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Json, JsonValue, Sealed, UtcDateTime


class Case(Base):
    """Coded values in clear are what queue and statistics need; all else is sealed or elsewhere."""

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    alias: Mapped[str] = mapped_column(String(40), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("data_keys.id"))
    status: Mapped[str] = mapped_column(String(20))  # cas_Status of HTCDS
    level: Mapped[str | None] = mapped_column(String(12))
    klass: Mapped[str] = mapped_column(String(2))  # P0..P3
    reasons: Mapped[list[str]] = mapped_column(Json)  # reason codes of the class
    anonymity: Mapped[str] = mapped_column(String(12), default="line_only")
    age_band: Mapped[str | None] = mapped_column(String(12))
    is_minor: Mapped[bool] = mapped_column(default=False)
    third_party: Mapped[bool] = mapped_column(default=False)
    country: Mapped[str | None] = mapped_column(String(2))
    recruiter: Mapped[str | None] = mapped_column(String(12))
    facts: Mapped[bytes | None] = mapped_column(Sealed)  # JSON of the other coded facts
    htcds: Mapped[bytes | None] = mapped_column(Sealed)  # JSON: field -> proposed values, decision
    site_id: Mapped[str | None] = mapped_column(Id)
    version: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    close_reason: Mapped[str | None] = mapped_column(String(40))
    legal_hold: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)


class AssessmentRow(Base):
    """A level with its reasons: reproducible from `answers` under `ruleset`."""

    __tablename__ = "assessments"
    __table_args__ = (Index("ix_assessments_conversation", "conversation_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    case_id: Mapped[str | None] = mapped_column(Id)
    ruleset: Mapped[str] = mapped_column(String(40))
    revision: Mapped[str | None] = mapped_column(String(64))
    stage: Mapped[str | None] = mapped_column(String(1))
    level: Mapped[str] = mapped_column(String(12))
    answers: Mapped[bytes] = mapped_column(Sealed)  # JSON: item -> codes, and ctx
    result: Mapped[bytes] = mapped_column(Sealed)  # JSON of screening.md section 9
    by: Mapped[str] = mapped_column(String(40))  # "bot" or the operator's id
    final: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Judgement(Base):
    """A counsellor's own level beside the tool's, or an override with its reason."""

    __tablename__ = "judgements"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    assessment_id: Mapped[str | None] = mapped_column(Id)
    operator_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(12))  # blind | override
    level: Mapped[str] = mapped_column(String(12))
    reason: Mapped[bytes | None] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Note(Base):
    """An internal note. It has its own box on the page and its own table here."""

    __tablename__ = "notes"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    operator_id: Mapped[str] = mapped_column(Id)
    body: Mapped[bytes] = mapped_column(Sealed)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Consent(Base):
    """One row per recipient and field group (operations.md 4.3)."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_case", "case_id", "partner_id", "field_group"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    referral_id: Mapped[str | None] = mapped_column(Id, index=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partners.id"))
    field_group: Mapped[str] = mapped_column(String(24))  # preview | contact | needs | ...
    tier: Mapped[str] = mapped_column(String(2))  # T0 T1 T2
    purpose: Mapped[str] = mapped_column(String(24))  # the service
    decision: Mapped[str] = mapped_column(String(10))  # asked | given | refused | withdrawn
    level: Mapped[str] = mapped_column(String(12))  # share | line_only | anonymous
    language: Mapped[str | None] = mapped_column(String(8))
    wording: Mapped[str | None] = mapped_column(String(120))  # key of the script shown
    revision: Mapped[str | None] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))  # where it was asked; "voice" if read out
    read_by: Mapped[str | None] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(12))  # person | operator | voice
    details: Mapped[JsonValue | None] = mapped_column(Json)  # police, statistics, child rule: codes

"""Things people on duty must do, alarms, and signs of life of the processes."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Json, JsonValue, UtcDateTime


class Task(Base):
    """`kind`: read_failed | undelivered | review_referral | promise_broken | verify | fact_expired
    | consent_unanswered | escalated | media_failed | silent_alarm ... `count` adds up repeats."""

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_open", "done_at", "kind"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(Id, index=True)
    site_id: Mapped[str | None] = mapped_column(Id)
    role: Mapped[str] = mapped_column(String(2), default="OP")  # who should do it
    klass: Mapped[str | None] = mapped_column(String(2))
    count: Mapped[int] = mapped_column(default=1)
    details: Mapped[JsonValue | None] = mapped_column(Json)  # codes and ids only
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[str | None] = mapped_column(Id)


class Heartbeat(Base):
    """When each process last worked, so that `doctor` and the health page can tell."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    data: Mapped[JsonValue | None] = mapped_column(Json)

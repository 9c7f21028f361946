"""One contact's place in one revision, its timers, and the frozen revisions themselves."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Json, JsonValue, Sealed, Seq, UtcDateTime


class SessionRow(Base):
    """The engine's session. `flow`, `step`, `language` are repeated in clear to count who waits
    where; the answers are sealed."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_place", "revision", "flow", "step"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    revision: Mapped[str] = mapped_column(String(64))
    flow: Mapped[str] = mapped_column(String(40))
    step: Mapped[str] = mapped_column(String(60))
    turn: Mapped[int]
    language: Mapped[str | None] = mapped_column(String(8))
    state: Mapped[bytes] = mapped_column(Sealed)  # JSON of Session.to_mapping()
    ended: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Timer(Base):
    """Whatever somebody waits for is a row. `kind`: silence | reminder | expiry | promise | lease |
    callback | offer | acknowledge | contact | outcome | confirm | ...

    A session timer carries step and turn; a stale one does nothing.
    """

    __tablename__ = "timers"
    __table_args__ = (
        Index(
            "ix_timers_due",
            "due_at",
            sqlite_where=text("state = 'set'"),
            postgresql_where=text("state = 'set'"),
        ),
        Index("ix_timers_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(16))  # session | conversation | referral
    subject_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(24))
    step: Mapped[str | None] = mapped_column(String(120))
    turn: Mapped[int | None]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(8))  # set | fired | stale | dropped
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    data: Mapped[JsonValue | None] = mapped_column(Json)


class Revision(Base):
    """A flow bundle, whole and frozen: kept while somebody is inside."""

    __tablename__ = "revisions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # content hash
    content: Mapped[JsonValue] = mapped_column(Json)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moves: Mapped[JsonValue | None] = mapped_column(Json)


class StepRow(Base):
    """That a step was asked, or how it was left. No person in it: drop-off and time per step.

    `outcome`: asked | asked_again (the same open question once more) | answered | unsure | refused
    | not_understood | moved (a command, a question, danger: the person went on elsewhere) | lapsed.
    `seconds` is how long the answer took, 0 for "asked".
    """

    __tablename__ = "steps"
    __table_args__ = (Index("ix_steps_step_day", "step", "day"),)

    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    day: Mapped[str] = mapped_column(String(10))
    step: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(8))
    outcome: Mapped[str] = mapped_column(String(16))
    seconds: Mapped[int]

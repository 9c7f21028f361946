"""Who did what, in the same transaction as the deed. No content, ever."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Seq, UtcDateTime


class AuditRow(Base):
    """One link of a site's chain: `hash` covers exactly `record`, which holds `prev_hash`."""

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("chain", "number"),
        Index("ix_audit_object", "object_kind", "object_id"),
    )

    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    chain: Mapped[str] = mapped_column(String(20))  # one chain a site; "main" without one
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(40))  # user id, "person", "system", "partner:<id>"
    role: Mapped[str | None] = mapped_column(String(2))
    tag: Mapped[str] = mapped_column(String(60))  # source:subject:action, a closed list
    object_kind: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[str] = mapped_column(Id)
    reason: Mapped[str | None] = mapped_column(String(40))  # a code, no free text
    result: Mapped[str] = mapped_column(String(20))
    record: Mapped[bytes] = mapped_column(LargeBinary)  # canonical bytes that were hashed
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last link of each chain: locked while appending, so that a chain cannot fork."""

    __tablename__ = "audit_heads"

    chain: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))

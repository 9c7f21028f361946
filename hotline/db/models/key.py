"""Data keys and their wraps. A key is shredded by deleting every wrap of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Sealed, UtcDateTime


class DataKey(Base):
    """One random key of one owner (a contact's conversation, a case, a packet tier)."""

    __tablename__ = "data_keys"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_kind: Mapped[str] = mapped_column(String(16))  # contact | case | packet
    owner_id: Mapped[str] = mapped_column(Id, index=True)
    retention: Mapped[str] = mapped_column(String(4))  # R1..R7, operations.md 8.7
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeyWrap(Base):
    """The data key as one reader can open it. Today's only reader is the server's key ring."""

    __tablename__ = "key_wraps"

    key_id: Mapped[str] = mapped_column(ForeignKey("data_keys.id"), primary_key=True)
    reader: Mapped[str] = mapped_column(String(64), primary_key=True)  # server:<root> | user:<id>
    wrapped: Mapped[bytes] = mapped_column(Sealed)

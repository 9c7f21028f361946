"""Staff and partner users, their second factor, their logins, and sites."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Json, JsonValue, Sealed, UtcDateTime


class Site(Base):
    """One of the hotline's offices. Hours are data (weekly windows in the hotline's time zone)."""

    __tablename__ = "sites"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)  # bishkek, osh ...
    name: Mapped[JsonValue] = mapped_column(Json)  # language -> name
    hours: Mapped[JsonValue | None] = mapped_column(Json)
    fallback_site_id: Mapped[str | None] = mapped_column(Id)
    is_demo: Mapped[bool] = mapped_column(default=False)


class User(Base):
    """Somebody who signs in. `role`: OP SO CO NG CE AU AD (operations.md 8.1)."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    alias: Mapped[str] = mapped_column(String(60))  # the name callers and colleagues see
    role: Mapped[str] = mapped_column(String(2))
    site_id: Mapped[str | None] = mapped_column(ForeignKey("sites.id"))
    partner_id: Mapped[str | None] = mapped_column(ForeignKey("partners.id"))  # NG only
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[bytes | None] = mapped_column(Sealed)
    totp_last_step: Mapped[int | None]  # a used code is refused
    recovery: Mapped[list[str] | None] = mapped_column(Json)  # hashes of unused recovery codes
    language: Mapped[str] = mapped_column(String(8), default="ru")
    languages: Mapped[JsonValue | None] = mapped_column(Json)  # ky/ru/tg -> grade 0..5
    skills: Mapped[JsonValue | None] = mapped_column(Json)  # women, children ... -> grade 0..5
    capacity: Mapped[int] = mapped_column(default=3)
    on_shift: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(default=False)


class Login(Base):
    """A signed-in browser. Only the keyed hash of its token is stored; one a user."""

    __tablename__ = "logins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    second_factor: Mapped[bool] = mapped_column(default=False)  # False until the code is given
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginFailure(Base):
    """Failures by account and by address (keyed hashes), for growing delays."""

    __tablename__ = "login_failures"
    __table_args__ = (
        UniqueConstraint("subject"),
        Index("ix_login_failures_until", "blocked_until"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

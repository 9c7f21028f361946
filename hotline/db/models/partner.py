"""Partner organisations and what they offer: the services directory."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db.models.base import Base
from hotline.db.types import Id, Json, JsonValue, Sealed, UtcDateTime


class Partner(Base):
    """An organisation that receives referrals. `org_type` uses the HTCDS value names."""

    __tablename__ = "partners"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[JsonValue] = mapped_column(Json)  # language -> name
    org_type: Mapped[str] = mapped_column(String(40))
    has_account: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(default=False)


class Service(Base):
    """One service of a partner, with whom it is for and how many places are free."""

    __tablename__ = "services"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partners.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))  # shelter legal health psychosocial ...
    eligibility: Mapped[JsonValue] = mapped_column(Json)  # sex, age bands, children, disability
    languages: Mapped[list[str]] = mapped_column(Json)
    oblast: Mapped[str] = mapped_column(String(24))
    district: Mapped[str | None] = mapped_column(String(40))
    hours: Mapped[JsonValue | None] = mapped_column(Json)
    emergency: Mapped[bool] = mapped_column(default=False)  # takes people outside hours
    places_total: Mapped[int | None]
    places_free: Mapped[int | None]
    places_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cost: Mapped[str] = mapped_column(String(16), default="free")
    address: Mapped[bytes | None] = mapped_column(Sealed)  # shelters: never in a text of the bot
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_by: Mapped[str | None] = mapped_column(Id)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

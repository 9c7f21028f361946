"""Every table, one file a noun. Importing this package fills `Base.metadata`."""

from hotline.db.models import (
    account,
    audit,
    case,
    contact,
    key,
    message,
    partner,
    referral,
    session,
    task,
)
from hotline.db.models.base import Base

__all__ = [
    "Base",
    "account",
    "audit",
    "case",
    "contact",
    "key",
    "message",
    "partner",
    "referral",
    "session",
    "task",
]

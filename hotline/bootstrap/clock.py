"""The clock. Everywhere else time is a value that is passed in."""

from datetime import UTC, datetime


def now() -> datetime:
    """The moment, aware and in UTC."""
    return datetime.now(UTC)

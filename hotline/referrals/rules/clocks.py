"""Deadlines by priority (operations.md 3.2)."""

from datetime import datetime, timedelta
from typing import Final

_MIN, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

DECIDE: Final = {"emergency": 30 * _MIN, "urgent": 12 * _HOUR, "normal": 3 * _DAY}
ALARMS: Final = {
    "emergency": (30 * _MIN, 60 * _MIN),
    "urgent": (12 * _HOUR,),
    "normal": (3 * _DAY,),
}
"""A coordinator is told when nobody has accepted by then, counted from consent."""
ACKNOWLEDGE: Final = {"emergency": 30 * _MIN, "urgent": 4 * _HOUR, "normal": 24 * _HOUR}
CONTACT: Final = {"emergency": 24 * _HOUR, "urgent": 72 * _HOUR, "normal": 14 * _DAY}

OUTCOME: Final = 7 * _DAY
"""After contact, then weekly."""
ASK_PERSON: Final = (3 * _DAY, 14 * _DAY)
"""When the person is asked whether help came, counted from contact; once more at the end."""
UNCONFIRMED: Final = 14 * _DAY
CONSENT_ANSWER: Final = 24 * _HOUR
CONSENT_HOLDS: Final = 30 * _DAY

AT_ONCE: Final = {"emergency": 3, "urgent": 1, "normal": 1}
"""How many partners may have the offer at the same time (3.3.2)."""

WINDOW: Final = {"emergency": "within_24h", "urgent": "within_72h", "normal": "within_14d"}
"""What a preview says about time."""


def seconds_left(deadline: datetime | None, *, now: datetime) -> int | None:
    """Never negative; None without a deadline."""
    return None if deadline is None else max(0, int((deadline - now).total_seconds()))

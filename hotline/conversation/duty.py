"""Is anybody there? Asked before a person is promised (operations.md 2.3.5, 2.2.3)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hotline.accounts import repository as accounts
from hotline.conversation import rules
from hotline.db.transaction import Tx
from hotline.flow.events import Said
from hotline.outbox.rules import next_opening

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ANSWERING = ("OP", "SO")


def promise_line(tx: Tx, klass: str, *, now: datetime, zone: str) -> Said | None:
    """What may honestly be said about when a person answers; None when nothing may.

    With somebody on shift: the class's own time. Without: the next opening of any site, if hours
    are known. The bot never promises what the roster cannot keep.
    """
    if klass != "P3" and somebody_on_shift(tx):
        minutes = int((rules.promise(klass, now=now) - now).total_seconds() // 60)
        return Said("wait.promised.now", args={"minutes": str(minutes)})
    weekly = tuple(w for site in accounts.sites(tx) for w in weekly_hours(site.hours))
    opens = next_opening(weekly, zone=zone, now=now) if weekly else None
    if opens is None or opens <= now:
        return None
    local, today = opens.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    pattern = "%H:%M" if local.date() == today else "%d.%m %H:%M"
    return Said("wait.promised.later", args={"time": local.strftime(pattern)})


def somebody_on_shift(tx: Tx) -> bool:
    """An operator who said that she is on shift."""
    return any(
        user.on_shift and user.role in _ANSWERING and user.disabled_at is None
        for user in accounts.users(tx)
    )


def weekly_hours(hours: Mapping[str, Any] | None) -> Iterable[tuple[int, str, str]]:
    """`{"mon": ["08:00-20:00"], ...}` as windows `(weekday, begin, end)`."""
    for name, windows in (hours or {}).items():
        if name in _DAYS:
            for window in windows:
                begin, _, end = str(window).partition("-")
                yield _DAYS.index(name), begin, end

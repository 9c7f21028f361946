"""When a line may leave, and when to try again. Pure.

`may_send` is the one gate before any send API (operations.md 7.2): flows, timers, operators and
partners alike. Quiet is quiet, safe windows hold, a muted bot stays mute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

REPLY_WINDOW = timedelta(minutes=10)
"""Without an agreed window, only this long after her last message (operations.md 7.2.2)."""

LAST_WITHIN = timedelta(minutes=1)
"""The one neutral line of a quick exit: later it would only light up a phone that must be dark."""

STALE_AFTER = timedelta(hours=24)
"""A waiting line older than this is dropped with a task, not sent out of the blue (7.3)."""

_FIRST_DELAY = 2.0
_LONGEST_DELAY = 900.0
MAX_ATTEMPTS = 12
"""With doubling from two seconds to a quarter of an hour this is about two hours of trying."""

_WEEK = 7


class Kind(StrEnum):
    """Why a line leaves."""

    REPLY = "reply"  # answers what she just wrote
    LAST = "last"  # the one neutral line before a silence she asked for
    OPERATOR = "operator"  # a counsellor's words
    ASKED = "asked"  # a question an operator put through the bot (consent)
    NEWS = "news"  # of what she agreed to: said beside an operator too, kept until it is safe
    UNASKED = "unasked"  # we begin: reminders, checks
    FALLBACK = "fallback"  # the plain line after a turn that broke


_BOT = {Kind.REPLY, Kind.UNASKED, Kind.FALLBACK}
_OURS = {Kind.NEWS, Kind.UNASKED}


@dataclass(frozen=True, slots=True)
class SafeContact:
    """What the gate needs to know of a person (operations.md 7.1).

    `weekly` lists windows `(weekday 0..6, "HH:MM", "HH:MM")` in `zone`; one may cross midnight.
    """

    state: str
    quiet: str | None = None
    unasked_off: bool = False
    neutral_only: bool = False
    last_heard_at: datetime | None = None
    window_until: datetime | None = None
    weekly: tuple[tuple[int, str, str], ...] = ()
    zone: str = "Asia/Bishkek"
    is_asked: bool = False  # whether it is safe to write is being asked, and not answered yet


@dataclass(frozen=True, slots=True)
class Allow:
    pass


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Not now; look again at `moment`."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """Kept until she writes again; an operator sees it waiting."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never to be sent. `reason` is a code."""

    reason: str


Verdict = Allow | WaitUntil | Hold | Refuse


def may_send(
    profile: SafeContact, *, kind: str, neutral: bool, now: datetime, created_at: datetime
) -> Verdict:
    """May this line leave now? The order of the checks is that of operations.md 7.2.2."""
    if kind == Kind.LAST:
        # Written by the very turn that ended in silence: neutral, at most one, never later.
        late = now - created_at > LAST_WITHIN
        return Refuse("late") if late or not neutral else Allow()
    if profile.quiet is not None or profile.state == "QUIET":
        return Refuse("quiet")
    if profile.state == "HUMAN" and kind in _BOT:
        return Refuse("human")
    if profile.neutral_only and not neutral:
        return Hold()
    if profile.is_asked and kind in _OURS and not neutral:
        return Hold()  # it is not known who reads: nothing that names a partner or a topic
    if kind in _OURS and profile.unasked_off:
        return Refuse("unasked_off")
    if kind in _OURS and profile.state == "CALLBACK_SCHEDULED":
        # Nobody writes before the agreed time (operations.md 1.1); what matters is kept for it.
        return Hold() if kind == Kind.NEWS else Refuse("callback")
    if now - created_at > STALE_AFTER and kind != Kind.OPERATOR:
        return Refuse("stale")
    return _window(profile, kind=kind, now=now)


def _window(profile: SafeContact, *, kind: str, now: datetime) -> Verdict:
    heard = profile.last_heard_at
    fresh = heard is not None and now - heard <= REPLY_WINDOW
    if kind != Kind.UNASKED and fresh:
        return Allow()  # she is writing right now: a reply does not wait for morning
    if profile.window_until is not None and now < profile.window_until:
        return Allow()
    if profile.weekly:
        opens = next_opening(profile.weekly, zone=profile.zone, now=now)
        if opens is not None:
            return Allow() if opens <= now else WaitUntil(opens)
    return Refuse("no_window") if kind == Kind.UNASKED else Hold()


def next_opening(
    weekly: Sequence[tuple[int, str, str]], *, zone: str, now: datetime
) -> datetime | None:
    """The moment from which sending is allowed: `now` itself inside a window, else the next start.

    None without any window. A window whose end is not after its start crosses midnight; it is open
    from its start up to, but not at, its end.
    """
    local = now.astimezone(ZoneInfo(zone))
    starts: list[datetime] = []
    for weekday, begin, end in weekly:
        first, last = time.fromisoformat(begin), time.fromisoformat(end)
        for shift in range(-1, _WEEK + 1):
            day = (local + timedelta(days=shift)).date()
            if day.weekday() != weekday:
                continue
            opens = datetime.combine(day, first, local.tzinfo)
            closes = datetime.combine(day, last, local.tzinfo)
            if closes <= opens:
                closes += timedelta(days=1)
            if opens <= local < closes:
                return now
            if opens > local:
                starts.append(opens)
    return min(starts).astimezone(UTC) if starts else None


def read_weekly(profile: Mapping[str, Any] | None) -> tuple[tuple[int, str, str], ...]:
    """The weekly windows of a stored profile."""
    rows = (profile or {}).get("weekly", ())
    return tuple((int(day), str(begin), str(end)) for day, begin, end in rows)


def backoff(attempts: int, *, jitter: float, retry_after: float | None = None) -> timedelta:
    """How long to wait before the next try: doubling with jitter (0 to 1), never under what the
    provider asked for."""
    delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** max(0, attempts - 1))
    seconds = delay * (0.5 + jitter / 2)
    return timedelta(seconds=max(seconds, retry_after or 0.0))

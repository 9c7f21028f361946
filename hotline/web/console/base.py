"""What every page of the console needs: the mind, the lease, the clock on the wall, the words."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from hotline.accounts import logins, users
from hotline.conversation.mind import Mind
from hotline.core.actor import Actor
from hotline.core.errors import NotFound
from hotline.db.transaction import Tx
from hotline.i18n import dates
from hotline.web.routing import Call


def mind(call: Call) -> Mind:
    """What operators' actions think with; a process without it has no console."""
    if call.ctx.mind is None:
        raise NotFound
    return call.ctx.mind


def lease(call: Call) -> timedelta:
    return timedelta(seconds=call.ctx.settings.lease_seconds)


def zone(call: Call) -> tzinfo:
    return ZoneInfo(call.ctx.settings.timezone)


def said(call: Call, key: str, *, english: str | None = None) -> str:
    """Words for a key made at run time (rules, signs, replies); the English given, else the key's
    last part, where the catalogue knows nothing."""
    own = english or call.ctx.words.english(key)
    if own is None:
        return key.rpartition(".")[2].replace("_", " ")
    return call.ctx.words.text(key, call.language, english=own)


def waited(call: Call, since: datetime | None, now: datetime | None = None) -> str:
    """How long ago, in words; empty without a start."""
    if since is None:
        return ""
    return span(call, ((now or call.ctx.clock()) - since).total_seconds())


def span(call: Call, seconds: float) -> str:
    """A duration; under a minute it says so."""
    if seconds < dates.MINUTE:
        return str(call.t("console.under_a_minute", "under a minute"))
    if call.ctx.words.english("duration.minutes") is None:
        return f"{int(seconds // dates.MINUTE)} min"
    return dates.duration(call.ctx.words, seconds, call.language)


def moment(call: Call, at: datetime | None) -> str:
    """`14:05` today, else `20.11.2026, 14:05`, on the clock of the hotline."""
    if at is None:
        return ""
    here = zone(call)
    if at.astimezone(here).date() == call.ctx.clock().astimezone(here).date():
        return dates.clock(at, here)
    return f"{dates.short_date(at.astimezone(here).date())}, {dates.clock(at, here)}"


def country(call: Call, code: str | None) -> str:
    return dates.country(call.ctx.words, code, call.language) if code else ""


def aliases(tx: Tx, ids: set[str]) -> Mapping[str, str]:
    """Names that colleagues know each other by; gone users are left out."""
    found = {}
    for user_id in ids:
        try:
            found[user_id] = users.by_id(tx, user_id).alias
        except NotFound:
            continue
    return found


def still_in(call: Call) -> Callable[[Tx], Actor | None]:
    """Asks again, inside a stream, whether the reader is still signed in."""
    return lambda tx: logins.actor_for(tx, call.ctx.keys, call.session, now=call.ctx.clock())


def local_moment(call: Call, day: str, time: str) -> datetime | None:
    """A date and a time as typed (`2026-11-22`, `14:30`) on our clock; None if unclear."""
    try:
        typed = datetime.strptime(f"{day} {time[:5]}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - next line
        return typed.replace(tzinfo=zone(call)).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or one at the end of time
        return None


def tables(call: Call, *makers: Callable[[Any], Any]) -> dict[str, Any]:
    """Tables of labels in the reader's language, by the makers' names."""
    return {maker.__name__: maker(call.t) for maker in makers}

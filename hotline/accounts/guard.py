"""Counts tries at passwords and codes in the database, by the rules of `throttle`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hotline.accounts import repository
from hotline.accounts.throttle import KNOWN_FOR, counted, delay
from hotline.crypto import KeyRing, new_id
from hotline.db.transaction import Tx

_KNOWN: Final = "known"


def subjects(keys: KeyRing, what: str, name: str, address: str) -> dict[str, str]:
    """The counters of one try. Only keyed hashes are stored: no login, no address.

    `what` is "password" or "code"; `name` the login as typed, so that an account that does not
    exist is counted like any other.
    """
    return {
        _KNOWN: keys.token_hash(f"known\x00{name}\x00{address}"),
        "pair": keys.token_hash(f"{what}\x00pair\x00{name}\x00{address}"),
        "account": keys.token_hash(f"{what}\x00account\x00{name}"),
        "address": keys.token_hash(f"{what}\x00address\x00{address}"),
    }


def count_try(tx: Tx, subjects: Mapping[str, str], *, now: datetime) -> datetime | None:
    """Counts a try before it is judged, so that many at once gain nothing.

    Returns the moment until which tries are refused; such a try is not counted.
    """
    known = repository.failure(tx, subjects[_KNOWN])
    is_known = known is not None and now - known[1] <= KNOWN_FOR
    kinds = ("pair",) if is_known else ("pair", "account", "address")
    for kind in kinds:
        repository.begin_failure(tx, subjects[kind], new_id=new_id(), now=now)
    found = {kind: repository.failure(tx, subjects[kind]) for kind in kinds}
    waits = [row[2] for row in found.values() if row and row[2] is not None and row[2] > now]
    if waits:
        return max(waits)
    for kind, row in found.items():
        count = 1 + (counted(kind, row[0], row[1], now) if row else 0)
        wait = delay(kind, count)
        until = now + wait if wait else None
        repository.keep_failure(tx, subjects[kind], count=count, now=now, until=until)
    return None


def forgive(tx: Tx, subjects: Mapping[str, str], *, now: datetime, known: bool) -> None:
    """After a right answer. The address keeps its count but for this try, so that signing in to
    one's own account does not make the address look clean. `known`: remember the address."""
    repository.clear_failure(tx, subjects["pair"])
    repository.clear_failure(tx, subjects["account"])
    row = repository.failure(tx, subjects["address"])
    if row is not None:
        left = max(0, row[0] - 1)
        repository.keep_failure(tx, subjects["address"], count=left, now=row[1], until=None)
    if known:
        repository.begin_failure(tx, subjects[_KNOWN], new_id=new_id(), now=now)
        repository.keep_failure(tx, subjects[_KNOWN], count=0, now=now, until=None)

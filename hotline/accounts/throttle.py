"""How long one must wait after failures. Pure.

Three counters: the account from one address, the account from everywhere, the address for every
account. Only the first slows somebody who has signed in from that address before, so neither an
attacker elsewhere nor a clumsy colleague in the same office can shut a counsellor out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LONGEST: Final = timedelta(minutes=15)
KNOWN_FOR: Final = timedelta(days=30)
"""How long an address counts as an account's own after a sign-in from it."""


@dataclass(frozen=True, slots=True)
class Rule:
    free: int  # tries before the first delay
    first: timedelta
    forget: timedelta  # a counter that rested so long begins anew


RULES: Final = {
    "pair": Rule(4, timedelta(seconds=30), timedelta(hours=24)),
    "account": Rule(9, timedelta(seconds=30), timedelta(hours=24)),
    "address": Rule(29, timedelta(seconds=30), timedelta(hours=1)),
}


def delay(kind: str, count: int) -> timedelta:
    """How long to refuse tries after the `count`-th failure: doubles up to a quarter of an hour."""
    rule = RULES[kind]
    over = count - rule.free
    if over < 1:
        return timedelta(0)
    return min(LONGEST, rule.first * (1 << min(over - 1, 10)))


def counted(kind: str, count: int, last_at: datetime, now: datetime) -> int:
    """The count that a further failure adds to."""
    return 0 if now - last_at > RULES[kind].forget else count

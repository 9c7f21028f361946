"""Passwords: Argon2id, and a plain check that a new one is not easily guessed."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 200
_FEW_DIFFERENT = 5
_RUN = 6

# Common beginnings of passwords. What is left without them, and without the words of this
# service, must still be eight characters long.
_COMMON = (
    "password", "passwort", "parol", "qwerty", "qwertz", "asdfgh", "zxcvbn", "letmein", "welcome",
    "iloveyou", "admin", "administrator", "operator", "secret", "changeme", "default", "kyrgyzstan",
    "bishkek", "osh", "hotline", "stoptraffic", "traffic", "telegram", "doverie", "master",
    "dragon", "monkey", "football", "superman", "login", "user", "test",
)  # fmt: skip
_LEFT_OVER = 6


@dataclass(frozen=True, slots=True)
class Cost:
    """Argon2id parameters. Memory in KiB."""

    time: int
    memory: int
    lanes: int


STANDARD: Final = Cost(time=3, memory=65_536, lanes=1)
"""Above the OWASP minimum (19 MiB, two passes)."""

LIGHT: Final = Cost(time=1, memory=8_192, lanes=1)
"""For demonstration accounts and tests, whose passwords are public anyway."""


@lru_cache(maxsize=8)
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.time, memory_cost=cost.memory, parallelism=cost.lanes)


def hash_password(password: str, cost: Cost = STANDARD) -> str:
    """Slow by design: call it outside the writer's thread."""
    return _hasher(cost).hash(_bytes(password))


def verify(stored: str, password: str) -> bool:
    """Whether `password` is the stored one. Slow by design, with the cost it was made at."""
    try:
        return _hasher(STANDARD).verify(stored, _bytes(password[:MAX_LENGTH]))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=8)
def nobody(cost: Cost = STANDARD) -> str:
    """A hash to check against when the account does not exist: the same work is done."""
    return hash_password("there is no such account", cost)


def weakness(password: str, *, login: str = "") -> str | None:
    """Why a new password is refused, or None: short | long | repeats | sequence | common | name."""
    if len(password) < MIN_LENGTH:
        return "short"
    if len(password) > MAX_LENGTH:
        return "long"
    folded = password.casefold()
    if len(set(folded)) < _FEW_DIFFERENT or _is_repeated(folded):
        return "repeats"
    if _longest_run(folded) >= _RUN:
        return "sequence"
    if login and len(login) > 2 and login.casefold() in folded:  # noqa: PLR2004 - "al" is in many words
        return "name"
    rest = folded
    for word in sorted(_COMMON, key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(re.sub(r"[\d\W_]+", "", rest)) < 1 and rest != folded:
        return "common"  # a common word with digits and signs around it
    if len(rest) < _LEFT_OVER:
        return "common"
    return None


def _is_repeated(text: str) -> bool:
    """The whole is one short piece again and again: `abc1abc1abc1`."""
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, len(text) // 2 + 1)
    )


def _longest_run(text: str) -> int:
    """The longest stretch of neighbours: `abcdef`, `654321`, or one sign repeated."""
    best = 1
    for step in (-1, 0, 1):
        length = 1
        for before, after in pairwise(text):
            length = length + 1 if ord(after) - ord(before) == step else 1
            best = max(best, length)
    return best


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")

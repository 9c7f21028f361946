"""What a link of the chain is made of: canonical bytes and their hash. Pure.

The record is length-prefixed, so that no two different rows give the same bytes, and it holds the
moment as it is stored and the hash of the link before (operations.md 8.6).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

START: Final = "0" * 64
"""The hash before the first link."""

_FORMAT = b"hotline-audit-1"
_ABSENT = b"\xff\xff\xff\xff"


@dataclass(frozen=True, slots=True)
class Link:
    """One audited deed in its chain. `number` counts from 1."""

    chain: str
    number: int
    at: datetime
    actor: str
    role: str | None
    tag: str
    object_kind: str
    object_id: str
    reason: str | None
    result: str
    prev_hash: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A link as the database gives it back, with the bytes that were hashed."""

    link: Link
    seq: int
    record: bytes
    hash: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first row that does not verify. `problem`: number | link | record | hash | head."""

    chain: str
    number: int
    seq: int | None
    problem: str


def canonical(link: Link) -> bytes:
    """The bytes that are hashed. `link.at` must be aware."""
    parts = (
        link.chain,
        str(link.number),
        link.at.astimezone(UTC).isoformat(timespec="microseconds"),
        link.actor,
        link.role,
        link.tag,
        link.object_kind,
        link.object_id,
        link.reason,
        link.result,
        link.prev_hash,
    )
    return _FORMAT + b"".join(_prefixed(part) for part in parts)


def digest(record: bytes) -> str:
    return hashlib.sha256(record).hexdigest()


def fault(row: Stored, number: int, prev_hash: str) -> str | None:
    """What is wrong with a row that should be link `number` after `prev_hash`; None if nothing."""
    if row.link.number != number:
        return "number"
    if row.link.prev_hash != prev_hash:
        return "link"
    if row.record != canonical(row.link):
        return "record"
    if row.hash != digest(row.record):
        return "hash"
    return None


def _prefixed(part: str | None) -> bytes:
    if part is None:
        return _ABSENT
    encoded = part.encode()
    return len(encoded).to_bytes(4, "big") + encoded

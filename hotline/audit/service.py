"""Recording a deed and verifying the chains."""

import re
from datetime import datetime

from hotline.audit import repository, rules
from hotline.audit.rules import BadRow, Link, Stored
from hotline.audit.tags import TAGS
from hotline.core.actor import Actor
from hotline.db.transaction import Tx

MAIN = "main"
"""The chain of what belongs to no site."""

_CODE = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}", re.IGNORECASE)


def record(
    tx: Tx,
    *,
    tag: str,
    actor: Actor,
    object_kind: str,
    object_id: str,
    now: datetime,
    reason: str | None = None,
    result: str = "ok",
    chain: str = MAIN,
) -> None:
    """Appends one link. Nothing here may be a person's words: `reason` and `result` are codes.

    Raises ValueError for a tag outside the closed list and for a reason that is no code.
    """
    if tag not in TAGS:
        raise ValueError(f"unknown audit tag {tag}")
    if reason is not None and not _CODE.fullmatch(reason):
        raise ValueError(f"{tag}: the reason must be a code of at most 40 characters")
    number, prev_hash = repository.locked_head(tx, chain)
    link = Link(
        chain=chain,
        number=number + 1,
        at=now,
        actor=actor.name[:40],
        role=actor.role,
        tag=tag,
        object_kind=object_kind,
        object_id=object_id,
        reason=reason,
        result=result,
        prev_hash=prev_hash,
    )
    content = rules.canonical(link)
    repository.append(tx, link, content, rules.digest(content))


def verify(tx: Tx) -> BadRow | None:
    """Recomputes every chain from its stored bytes; the first row that does not fit, or None.

    A chain whose end was cut off is found by its head; cutting head and rows alike is found only
    against a head that was published elsewhere.
    """
    for chain in sorted({*repository.heads(tx), *repository.chains(tx)}):
        bad = _verify_chain(tx, chain)
        if bad is not None:
            return bad
    return None


def _verify_chain(tx: Tx, chain: str) -> BadRow | None:
    """Work goes on meanwhile: what was appended between reading rows and head is read as well."""
    number, prev_hash = 0, rules.START
    is_stuck = False
    while True:
        begun_at = number
        for row in repository.links(tx, chain, after=number):
            problem = rules.fault(row, number + 1, prev_hash)
            if problem is not None:
                return BadRow(chain, row.link.number, row.seq, problem)
            number, prev_hash = row.link.number, row.hash
        head = repository.head(tx, chain)
        if head == (number, prev_hash):
            return None
        if head is None or head[0] <= number or (is_stuck and number == begun_at):
            return BadRow(chain, number + 1, None, "head")
        is_stuck = number == begun_at


def heads(tx: Tx) -> dict[str, tuple[int, str]]:
    """chain -> number and hash of the last link, for publishing."""
    return repository.heads(tx)


def latest(
    tx: Tx,
    *,
    limit: int = 100,
    before: int | None = None,
    tag: str | None = None,
    object_id: str | None = None,
) -> list[Stored]:
    """The newest links first; `before` is the `seq` to page on from."""
    return repository.latest(tx, limit=limit, before=before, tag=tag, object_id=object_id)

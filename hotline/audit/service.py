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
    heads = repository.heads(tx)
    for chain in sorted({*heads, *repository.chains(tx)}):
        number, prev_hash = 0, rules.START
        for row in repository.links(tx, chain):
            problem = rules.fault(row, number + 1, prev_hash)
            if problem is not None:
                return BadRow(chain, row.link.number, row.seq, problem)
            number, prev_hash = row.link.number, row.hash
        if heads.get(chain) != (number, prev_hash):
            return BadRow(chain, number + 1, None, "head")
    return None


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

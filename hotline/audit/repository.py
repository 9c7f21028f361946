"""The audit tables. Appending locks the chain's head, so that a chain cannot fork."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hotline.audit.rules import START, Link, Stored
from hotline.db import statements
from hotline.db.models import Base
from hotline.db.transaction import Tx

_rows = Base.metadata.tables["audit"]
_heads = Base.metadata.tables["audit_heads"]

_PORTION = 500

_HEAD = sa.select(_heads.c.number, _heads.c.hash).where(_heads.c.chain == sa.bindparam("of"))
_LOCKED_HEAD = _HEAD.with_for_update()
_MOVE_HEAD = (
    sa.update(_heads)
    .where(_heads.c.chain == sa.bindparam("of"))
    .values(number=sa.bindparam("to_number"), hash=sa.bindparam("to_hash"))
)
_ADD = (
    sa.insert(_rows)
    .inline()
    .values(
        {
            name: sa.bindparam(name, type_=_rows.c[name].type)
            for name in (
                "chain", "number", "at", "actor", "role", "tag", "object_kind", "object_id",
                "reason", "result", "record", "prev_hash", "hash",
            )
        }
    )
)  # fmt: skip


def locked_head(tx: Tx, chain: str) -> tuple[int, str]:
    """Number and hash of the last link; held by this transaction until it ends.

    SQLite needs no lock of its own: writing transactions begin IMMEDIATE, one at a time.
    """
    found = statements.first(tx, _LOCKED_HEAD, {"of": chain})
    if found is None:
        insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
        row = {"chain": chain, "number": 0, "hash": START}
        tx.conn.execute(insert(_heads).values(row).on_conflict_do_nothing())
        found = tx.conn.execute(_LOCKED_HEAD, {"of": chain}).one()
    return found[0], found[1]


def head(tx: Tx, chain: str) -> tuple[int, str] | None:
    """Number and hash of the last link as of now, without a lock."""
    found = tx.conn.execute(_HEAD, {"of": chain}).first()
    return None if found is None else (found.number, found.hash)


def append(tx: Tx, link: Link, record: bytes, digest: str) -> None:
    statements.run(
        tx,
        _ADD,
        {
            "chain": link.chain,
            "number": link.number,
            "at": link.at,
            "actor": link.actor,
            "role": link.role,
            "tag": link.tag,
            "object_kind": link.object_kind,
            "object_id": link.object_id,
            "reason": link.reason,
            "result": link.result,
            "record": record,
            "prev_hash": link.prev_hash,
            "hash": digest,
        },
    )
    moved = {"of": link.chain, "to_number": link.number, "to_hash": digest}
    statements.run(tx, _MOVE_HEAD, moved)


def heads(tx: Tx) -> dict[str, tuple[int, str]]:
    """chain -> number and hash of its last link."""
    query = sa.select(_heads.c.chain, _heads.c.number, _heads.c.hash).order_by(_heads.c.chain)
    return {row.chain: (row.number, row.hash) for row in tx.conn.execute(query)}


def chains(tx: Tx) -> list[str]:
    """Every chain that has links, whether or not a head remembers it."""
    query = sa.select(_rows.c.chain).distinct().order_by(_rows.c.chain)
    return list(tx.conn.execute(query).scalars())


def links(tx: Tx, chain: str, *, after: int) -> Iterator[Stored]:
    """The links of a chain behind number `after`, in order, read in portions."""
    while True:
        query = (
            sa.select(_rows)
            .where(_rows.c.chain == chain, _rows.c.number > after)
            .order_by(_rows.c.number)
            .limit(_PORTION)
        )
        portion = [_stored(row) for row in tx.conn.execute(query)]
        yield from portion
        if len(portion) < _PORTION:
            return
        after = portion[-1].link.number


def latest(
    tx: Tx, *, limit: int, before: int | None, tag: str | None, object_id: str | None
) -> list[Stored]:
    """The newest links first, for the auditor's page."""
    query = sa.select(_rows).order_by(_rows.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(_rows.c.seq < before)
    if tag is not None:
        query = query.where(_rows.c.tag == tag)
    if object_id is not None:
        query = query.where(_rows.c.object_id == object_id)
    return [_stored(row) for row in tx.conn.execute(query)]


def _stored(row: sa.Row[tuple[object, ...]]) -> Stored:
    link = Link(
        chain=row.chain,
        number=row.number,
        at=row.at,
        actor=row.actor,
        role=row.role,
        tag=row.tag,
        object_kind=row.object_kind,
        object_id=row.object_id,
        reason=row.reason,
        result=row.result,
        prev_hash=row.prev_hash,
    )
    return Stored(link, row.seq, bytes(row.record), row.hash)

"""Rows that remember how far a provider's log has been read."""

import sqlalchemy as sa

from hotline.db.models.message import Cursor
from hotline.db.transaction import Tx


def value(tx: Tx, name: str) -> str | None:
    return tx.conn.execute(sa.select(Cursor.value).where(Cursor.name == name)).scalar()


def store(tx: Tx, name: str, new: str) -> None:
    changed = tx.conn.execute(sa.update(Cursor).where(Cursor.name == name).values(value=new))
    if changed.rowcount == 0:
        tx.conn.execute(sa.insert(Cursor), {"name": name, "value": new})

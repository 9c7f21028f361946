"""INSERT ... ON CONFLICT DO NOTHING, which both databases know under their own dialect."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite

from hotline.db.models.base import Base
from hotline.db.transaction import Tx


def insert_new(tx: Tx, model: type[Base], values: Mapping[str, Any]) -> bool:
    """True when the row is new; False when an equal key was there before."""
    insert = postgresql.insert(model) if tx.dialect == "postgresql" else sqlite.insert(model)
    query = insert.on_conflict_do_nothing().returning(literal(1))
    return tx.conn.execute(query, dict(values)).first() is not None

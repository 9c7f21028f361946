"""INSERT ... ON CONFLICT DO NOTHING, which both databases know under their own dialect."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from hotline.db.models.base import Base
from hotline.db.transaction import Tx


def insert_new(tx: Tx, model: type[Base], values: Mapping[str, Any]) -> bool:
    """True when the row is new; False when an equal key was there before."""
    if tx.dialect == "postgresql":
        done = tx.conn.execute(postgresql.insert(model).on_conflict_do_nothing(), dict(values))
    else:
        done = tx.conn.execute(sqlite.insert(model).on_conflict_do_nothing(), dict(values))
    return done.rowcount == 1

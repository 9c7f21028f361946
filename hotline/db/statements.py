"""Statements of the path of a turn, built once.

Building a statement and finding its compiled form costs more than running it. What every message
passes through is therefore a constant with bound parameters; the rest is written where it is used.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlalchemy.dialects import postgresql, sqlite

from hotline.db.models.base import Base
from hotline.db.transaction import Tx

KEY = "where__"
NEW = "set__"


def table(model: type[Base]) -> sa.Table:
    """The table behind a row class, for Core statements."""
    return cast("sa.Table", model.__table__)


def among(column: SQLColumnExpression[str], *values: str) -> ColumnElement[bool]:
    """`column` is one of these words, written out in the statement.

    A partial index is used only where its own condition stands literally in the query: a bound
    parameter would hide it. The words are constants of ours, never anything typed.
    """
    words = [sa.literal_column(f"'{value}'", sa.String) for value in values]
    return column == words[0] if len(words) == 1 else column.in_(words)


@lru_cache(maxsize=64)
def _insert(model: type[Base]) -> sa.Insert:
    return sa.insert(table(model))


def insert(tx: Tx, model: type[Base], values: Mapping[str, Any]) -> None:
    """One row. Columns with a Python-side default may be left out."""
    tx.conn.execute(_insert(model), values)


@lru_cache(maxsize=64)
def _insert_new(model: type[Base], dialect: str) -> Any:  # noqa: ANN401 - one of two dialects'
    own = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return own(table(model)).on_conflict_do_nothing().returning(sa.literal(1))


def insert_new(tx: Tx, model: type[Base], values: Mapping[str, Any]) -> bool:
    """True when the row is new; False when an equal key was there before."""
    return tx.conn.execute(_insert_new(model, tx.dialect), values).first() is not None


@lru_cache(maxsize=512)
def _update(
    model: type[Base], keys: tuple[str, ...], columns: tuple[str, ...], bump: str | None
) -> sa.Update:
    own = table(model)
    new: dict[str, Any] = {
        name: sa.bindparam(NEW + name, type_=own.c[name].type) for name in columns
    }
    if bump is not None:
        new[bump] = own.c[bump] + 1
    where = (own.c[k] == sa.bindparam(KEY + k, type_=own.c[k].type) for k in keys)
    return sa.update(own).where(*where).values(new)


def update(
    tx: Tx,
    model: type[Base],
    keys: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    bump: str | None = None,
) -> int:
    """Sets `values` where every column of `keys` is equal; the number of rows. `bump` names a
    version column that grows by one."""
    statement = _update(model, tuple(keys), tuple(values), bump)
    given = {KEY + k: v for k, v in keys.items()} | {NEW + k: v for k, v in values.items()}
    return tx.conn.execute(statement, given).rowcount

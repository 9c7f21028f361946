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
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Executable

from hotline.db.models.base import Base
from hotline.db.prepared import Prepared, Row, prepared, scalar_defaults
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


@lru_cache(maxsize=256)
def _insert(
    model: type[Base], names: tuple[str, ...], dialect: Dialect, *, new_only: bool = False
) -> tuple[Prepared, Mapping[str, Any]]:
    """The statement for these columns, and the values of the columns left out."""
    own = table(model)
    missing = {k: v for k, v in scalar_defaults(own).items() if k not in names}
    columns = (*names, *missing)
    statement: Any
    if new_only:
        insert_of = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        statement = insert_of(own).on_conflict_do_nothing().returning(sa.literal(1))
    else:
        statement = sa.insert(own).inline()
    return Prepared(statement, dialect, columns), missing


def insert(tx: Tx, model: type[Base], values: Mapping[str, Any]) -> None:
    """One row. Columns with a Python-side default may be left out."""
    statement, missing = _insert(model, tuple(values), tx.conn.dialect)
    statement.run(tx.conn, {**missing, **values})


def insert_new(tx: Tx, model: type[Base], values: Mapping[str, Any]) -> bool:
    """True when the row is new; False when an equal key was there before."""
    statement, missing = _insert(model, tuple(values), tx.conn.dialect, new_only=True)
    return statement.first(tx.conn, {**missing, **values}) is not None


@lru_cache(maxsize=512)
def _update(
    model: type[Base],
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    bump: str | None,
    dialect: Dialect,
) -> Prepared:
    own = table(model)
    new: dict[str, Any] = {
        name: sa.bindparam(NEW + name, type_=own.c[name].type) for name in columns
    }
    if bump is not None:
        new[bump] = own.c[bump] + 1
    where = (own.c[k] == sa.bindparam(KEY + k, type_=own.c[k].type) for k in keys)
    return Prepared(sa.update(own).where(*where).values(new), dialect)


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
    statement = _update(model, tuple(keys), tuple(values), bump, tx.conn.dialect)
    given = {KEY + k: v for k, v in keys.items()} | {NEW + k: v for k, v in values.items()}
    return statement.run(tx.conn, given)


def first(tx: Tx, statement: Executable, values: Mapping[str, Any]) -> Row | None:
    """The first row of a query that is a constant of its module, with bound parameters."""
    return prepared(statement, tx.conn.dialect).first(tx.conn, values)


def run(tx: Tx, statement: Executable, values: Mapping[str, Any]) -> int:
    """A change that is a constant of its module, with bound parameters; the number of rows."""
    return prepared(statement, tx.conn.dialect).run(tx.conn, values)

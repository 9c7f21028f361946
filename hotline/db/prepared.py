"""Statements of the path of a turn, compiled once and handed straight to the driver.

The library's own execution finds the compiled form, builds a context and wraps the result anew at
every call; on this path that costs more than the database does. Here a statement is compiled once
for a dialect, and a call only converts its values, runs it and converts what comes back, with the
same types. Errors are raised as the library would raise them, never with the values in them.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Executable
from sqlalchemy.sql.type_api import TypeEngine

Convert = Callable[[Any], Any]
Row = tuple[Any, ...]


class Prepared:
    """One statement for one dialect. Runs inside whatever transaction the connection has."""

    __slots__ = ("_binds", "_columns", "_error", "_fixed", "_positions", "_sql")

    def __init__(
        self, statement: Executable, dialect: Dialect, names: tuple[str, ...] | None = None
    ) -> None:
        compiled: Any = statement.compile(  # type: ignore[attr-defined]
            dialect=dialect, column_keys=None if names is None else list(names)
        )
        self._sql = str(compiled)
        self._positions: tuple[str, ...] | None = (
            tuple(compiled.positiontup) if compiled.positional else None
        )
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._binds: dict[str, Convert] = {}
        for name, bind in compiled.binds.items():
            convert = _impl(bind.type, dialect).bind_processor(dialect)
            if convert is not None:
                self._binds[name] = convert
        returned = getattr(statement, "exported_columns", ())
        self._columns = tuple(
            _impl(column.type, dialect).result_processor(dialect, None) for column in returned
        )
        self._error = dialect.loaded_dbapi.Error

    def run(self, conn: Connection, values: Mapping[str, Any]) -> int:
        """The number of rows that changed."""
        cursor = self._execute(conn, values)
        try:
            count: int = cursor.rowcount
        finally:
            cursor.close()
        return count

    def first(self, conn: Connection, values: Mapping[str, Any]) -> Row | None:
        """The first row, converted; None without one."""
        cursor = self._execute(conn, values)
        try:
            row = cursor.fetchone()
        except self._error as error:
            raise self._translated(error) from error
        finally:
            cursor.close()
        if row is None:
            return None
        return tuple(
            value if convert is None else convert(value)
            for value, convert in zip(row, self._columns, strict=True)
        )

    def _execute(self, conn: Connection, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - DB-API
        given = {**self._fixed, **values} if self._fixed else values
        binds = self._binds
        cursor = conn.connection.cursor()
        try:
            if self._positions is not None:
                cursor.execute(
                    self._sql,
                    [
                        binds[name](given[name]) if name in binds else given[name]
                        for name in self._positions
                    ],
                )
            else:
                cursor.execute(
                    self._sql,
                    {
                        name: binds[name](value) if name in binds else value
                        for name, value in given.items()
                    },
                )
        except self._error as error:
            cursor.close()
            raise self._translated(error) from error
        return cursor

    def _translated(self, error: Exception) -> BaseException:
        return DBAPIError.instance(
            self._sql, None, error, self._error, hide_parameters=True, ismulti=False
        )


def plain(conn: Connection, sql: str) -> None:
    """A statement without values, such as a savepoint."""
    cursor = conn.connection.cursor()
    try:
        cursor.execute(sql)
    except conn.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            sql, None, error, conn.dialect.loaded_dbapi.Error, hide_parameters=True
        ) from error
    finally:
        cursor.close()


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)


@lru_cache(maxsize=256)
def prepared(
    statement: Executable, dialect: Dialect, names: tuple[str, ...] | None = None
) -> Prepared:
    """The compiled form of a statement that is a constant of its module. `names` are the columns
    given where the statement itself does not say."""
    return Prepared(statement, dialect, names)


def scalar_defaults(table: sa.Table) -> dict[str, Any]:
    """What a new row of `table` has where nothing is given.

    Raises `TypeError` for a default that is computed: such a table must be written by the library.
    """
    found: dict[str, Any] = {}
    for column in table.columns:
        default = column.default
        if default is None:
            continue
        if not isinstance(default, sa.ColumnDefault) or not default.is_scalar:
            raise TypeError(f"{table.name}.{column.name} has a computed default")
        found[column.key] = default.arg
    return found

"""The address of the database, as the settings give it, for the backup scripts.

Only the standard library is used: a restore must work on a machine where nothing else does yet.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class AddressError(Exception):
    """The address cannot be used; one sentence says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """Either `file`, for SQLite, or `libpq`: variables that PostgreSQL's own programs read.

    Variables and not arguments, because arguments can be read by everybody on the machine.
    """

    file: Path | None
    libpq: dict[str, str]


def from_environment() -> Address:
    """The database of `HOTLINE_DATABASE_URL`, else SQLite under `HOTLINE_DATA_DIR`."""
    url = os.environ.get("HOTLINE_DATABASE_URL", "").strip()
    if not url:
        return Address(Path(os.environ.get("HOTLINE_DATA_DIR") or "var") / "hotline.sqlite3", {})
    return read(url)


def read(url: str) -> Address:
    """Take an SQLAlchemy address apart. Raises `AddressError`, without the password in it."""
    parts = urlsplit(url)
    kind = parts.scheme.split("+")[0]
    if kind == "sqlite":
        path = url.split("://", 1)[1].split("?", 1)[0].removeprefix("/")
        if not path or path == ":memory:":
            raise AddressError("A database in memory cannot be backed up.")
        return Address(Path(path), {})
    if kind not in {"postgresql", "postgres"}:
        raise AddressError(f"HOTLINE_DATABASE_URL names {kind or 'no'} database that is known.")
    try:
        port = parts.port
    except ValueError:
        raise AddressError("HOTLINE_DATABASE_URL has a port that is not a number.") from None
    known = {
        "PGHOST": parts.hostname,
        "PGPORT": str(port) if port else None,
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.removeprefix("/")),
    }
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
             "dbname": "PGDATABASE", "passfile": "PGPASSFILE", "sslmode": "PGSSLMODE",
             "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip
    for key, value in parse_qsl(parts.query):
        if key in names:
            known[names[key]] = value
    return Address(None, {name: value for name, value in known.items() if value})

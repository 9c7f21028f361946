"""Put a backup into a new, empty database.

    python3 deploy/restore.py FILE

The target is the database of the settings (`HOTLINE_DATABASE_URL`). A database that holds anything
is left as it is: restore into a new one, look at it, then point the settings at it. Stop the
server and the worker first. Either everything is restored or nothing.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from database_address import Address, AddressError, from_environment


class RestoreError(Exception):
    """Nothing was restored; the message says why."""


def restore(backup: Path, address: Address) -> None:
    """Restore `backup` into the empty database at `address`."""
    if not backup.is_file():
        raise RestoreError(f"There is no file {backup}.")
    with backup.open("rb") as handle:
        start = handle.read(16)
    if start == b"SQLite format 3\x00":
        if address.file is None:
            raise RestoreError("This is a backup of SQLite, but the settings name PostgreSQL.")
        _restore_sqlite(backup, address.file)
    elif start.startswith(b"PGDMP"):
        if address.file is not None:
            raise RestoreError("This is a backup of PostgreSQL, but the settings name SQLite.")
        _restore_postgresql(backup, address.libpq)
    else:
        raise RestoreError(f"{backup} is not a backup of this program.")


def _restore_sqlite(backup: Path, target: Path) -> None:
    beside = [target.with_name(target.name + end) for end in ("", "-wal", "-shm", "-journal")]
    if any(path.exists() for path in beside):
        raise RestoreError(f"{target} exists already; move it and what lies beside it away first.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(backup, draft)
        draft.chmod(0o600)
        with closing(sqlite3.connect(draft)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise RestoreError(f"{backup} is damaged: {found}")
        with draft.open("rb") as handle:
            os.fsync(handle.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


def _restore_postgresql(backup: Path, libpq: dict[str, str]) -> None:
    environment = {**os.environ, **libpq}
    tables = "select count(*) from pg_tables where schemaname = 'public'"
    found = _run(["psql", "-X", "-At", "-c", tables], environment).strip()
    if found != "0":
        raise RestoreError(f"The database holds {found} tables already; restore into a new one.")
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    database = libpq.get("PGDATABASE", "")
    _run(["pg_restore", *options, f"--dbname={database}", str(backup)], environment)


def _run(command: list[str], environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    except FileNotFoundError:
        raise RestoreError(
            f"{command[0]} was not found: install PostgreSQL's client programs."
        ) from None
    if done.returncode:
        raise RestoreError(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description="Put a backup into a new, empty database.")
    parser.add_argument("file", type=Path, help="the backup")
    os.umask(0o077)
    try:
        restore(parser.parse_args().file, from_environment())
    except (AddressError, RestoreError, OSError, sqlite3.Error) as error:
        print(f"Nothing was restored. {error}", file=sys.stderr)
        return 1
    print("Restored. Now: hotline db upgrade, then hotline doctor, then start the services.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

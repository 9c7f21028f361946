"""Take a backup of the hotline's database while it runs.

    python3 deploy/backup.py FOLDER [--keep 14]

Writes `hotline-<UTC time>.sqlite3` or `hotline-<UTC time>.pgdump`, readable by its owner alone, and
removes the oldest beyond `--keep`. It is written beside, checked, and only then given its name: a
file with the name of a backup is one that can be restored.

Texts, names and numbers are sealed in the database and stay sealed in the backup; the key file is
not in it and must be kept elsewhere. What people have had erased is gone for good only when the
last backup from before that day is gone: keep no more of them than you need.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from database_address import Address, AddressError, from_environment

PREFIX = "hotline-"
SUFFIXES = (".sqlite3", ".pgdump")


class BackupError(Exception):
    """No backup was made; the message says why."""


def take(address: Address, folder: Path, now: datetime) -> Path:
    """Write one backup into `folder` and return its path."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    suffix = SUFFIXES[0] if address.file else SUFFIXES[1]
    target = folder / f"{PREFIX}{now:%Y%m%dT%H%M%SZ}{suffix}"
    if target.exists():
        raise BackupError(f"{target} exists already.")
    draft = target.with_suffix(".part")
    draft.unlink(missing_ok=True)
    try:
        draft.touch(mode=0o600)
        if address.file:
            _copy_sqlite(address.file, draft)
        else:
            _dump_postgresql(address.libpq, draft)
        with draft.open("rb") as handle:
            os.fsync(handle.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _copy_sqlite(source: Path, draft: Path) -> None:
    if not source.exists():
        raise BackupError(f"There is no database at {source}.")
    # Through SQLite itself: copying the file of a running database gives a broken one.
    reading = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
    with closing(reading), closing(sqlite3.connect(draft)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        found = writing.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise BackupError(f"The copy of {source} is damaged: {found}")


def _dump_postgresql(libpq: dict[str, str], draft: Path) -> None:
    environment = {**os.environ, **libpq}
    dump = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}"]
    listing = ["pg_restore", "--list", str(draft)]
    for command in (dump, listing):
        try:
            done = subprocess.run(
                command, check=False, env=environment, capture_output=True, text=True
            )
        except FileNotFoundError:
            raise BackupError(
                f"{command[0]} was not found: install PostgreSQL's client programs."
            ) from None
        if done.returncode:
            raise BackupError(f"{command[0]} failed: {done.stderr.strip()}")


def forget_oldest(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups; returns what was removed."""
    found = sorted(path for suffix in SUFFIXES for path in folder.glob(f"{PREFIX}*{suffix}"))
    old = sorted(found, key=lambda path: path.name)[:-keep]
    for path in old:
        path.unlink()
    return old


def main() -> int:
    parser = argparse.ArgumentParser(description="Take a backup of the hotline's database.")
    parser.add_argument("folder", type=Path, help="where backups are kept")
    parser.add_argument("--keep", type=int, default=14, help="how many to keep (default 14)")
    arguments = parser.parse_args()
    if arguments.keep < 1:
        parser.error("--keep must be at least 1")
    os.umask(0o077)
    try:
        path = take(from_environment(), arguments.folder, datetime.now(UTC))
    except (AddressError, BackupError, OSError, sqlite3.Error) as error:
        print(f"No backup was made. {error}", file=sys.stderr)
        return 1
    removed = forget_oldest(arguments.folder, arguments.keep)
    print(f"{path} ({path.stat().st_size} bytes); {len(removed)} old ones removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())

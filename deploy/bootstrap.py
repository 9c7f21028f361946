"""Make `.venv` on a bare machine: Python 3.11 and a package index are all it needs.

    python3 deploy/bootstrap.py [--dev]

Debian's Python comes without pip and without `ensurepip`. Then pip is fetched as a wheel: from the
package index that pip's settings name, held against its hash in `bootstrap.lock`; else from
Debian's own archive, which needs no root to download and unpack. pip installs uv, uv installs the
locked packages (pip does it where uv cannot), and the project itself is linked into place.

Every step may be interrupted and is taken up again; when nothing has changed since the last run
nothing is done. Only the standard library is used here.
"""

# An older Python must get as far as the sentence that says it is too old.
from __future__ import annotations

import argparse
import configparser
import fcntl
import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
KEPT = VENV / "bootstrap"
STAMP = VENV / "installed.json"
TOOLS = ROOT / "deploy" / "bootstrap.lock"
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
OLDEST = (3, 11)
PIECE = 1 << 16
TIMEOUT_SECONDS = 60


class BootstrapError(Exception):
    """Something an administrator has to put right; the message says what."""


def say(text: str) -> None:
    print(text, flush=True)


# ------------------------------------------------------------------------------ what is wanted


def wanted(kind: str) -> dict[str, str]:
    """What the environment must have been made from, to be left as it is."""
    digest = hashlib.sha256()
    # What the project is called and which commands it has; the settings of tools do not matter.
    project = (ROOT / "pyproject.toml").read_text("utf-8").split("\n[tool.", 1)[0]
    digest.update(project.encode())
    for path in (LOCKS[kind], TOOLS):
        digest.update(path.read_bytes())
    return {
        "kind": kind,
        "contents": digest.hexdigest(),
        "python": ".".join(map(str, sys.version_info[:2])),
        "place": str(ROOT),  # scripts name their interpreter by its whole path
    }


def recorded() -> dict[str, str]:
    try:
        found = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_current(kind: str) -> bool:
    """Whether nothing is left to do. Development packages include all that running needs."""
    if not PYTHON.exists():
        return False
    return recorded() in ([wanted("dev")] if kind == "dev" else [wanted(kind), wanted("dev")])


# ------------------------------------------------------------------------------ the package index


def configured(name: str) -> str | None:
    """pip's setting `name` (such as "index-url"): from the environment, else from its files."""
    if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
        return value
    config_home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    files = ["/etc/pip.conf", "~/.pip/pip.conf", f"{config_home}/pip/pip.conf"]
    if chosen := os.environ.get("PIP_CONFIG_FILE"):
        files.append(chosen)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read([Path(file).expanduser() for file in files], encoding="utf-8")
    for section in ("install", "global"):
        if value := parser.get(section, name, fallback=""):
            return value.strip()
    return None


def certificates() -> str | None:
    """A file of trusted certificates that the administrator has named, if any."""
    return configured("cert") or os.environ.get("SSL_CERT_FILE")


def pinned(name: str) -> tuple[str, set[str]]:
    """The version of `name` in bootstrap.lock and the hashes of its files."""
    text = TOOLS.read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if found := re.match(rf"{re.escape(name)}==([^\s;]+)", line):
            return found[1], set(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
    raise BootstrapError(f"{TOOLS.name} does not lock {name}; run `make lock` where it does.")


class Links(HTMLParser):
    """The addresses on a page of a package index."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def fetch(url: str) -> bytes:
    """Read `url` whole. Retried, because the networks this runs on drop connections."""
    if urlsplit(url).scheme not in {"https", "http", "file"}:
        raise BootstrapError(f"The package index has an address that cannot be read: {url}")
    context = ssl.create_default_context(cafile=certificates())
    for attempt in range(1, 4):
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS, context=context) as answer:  # noqa: S310
                pieces = []
                while piece := answer.read(PIECE):
                    pieces.append(piece)
                return b"".join(pieces)
        except urllib.error.HTTPError as error:
            raise BootstrapError(f"The package index answered {error.code} for {url}") from error
        except OSError as error:
            if isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
                raise BootstrapError(
                    "The package index's certificate is not trusted here: install the package "
                    "'ca-certificates', or name your own file in PIP_CERT."
                ) from error
            if attempt == 3:  # noqa: PLR2004
                raise BootstrapError(
                    f"The package index cannot be reached ({error}). Run this again when the "
                    "network is there; what was done so far is kept."
                ) from error
            say(f"      no answer ({error}); trying again")
            time.sleep(2 * attempt)
    raise AssertionError


def pip_from_index(index: str) -> Path:
    """pip's wheel from a package index, checked against its hash."""
    version, hashes = pinned("pip")
    wheel = KEPT / f"pip-{version}-py3-none-any.whl"
    page_url = index.rstrip("/") + "/pip/"
    page = Links()
    page.feed(fetch(page_url).decode("utf-8"))
    for link in page.found:
        address = urldefrag(urljoin(page_url, link)).url
        if address.rsplit("/", 1)[-1] != wheel.name:
            continue
        content = fetch(address)
        if hashlib.sha256(content).hexdigest() not in hashes:
            raise BootstrapError(f"{wheel.name} from the package index is not the locked file.")
        wheel.parent.mkdir(parents=True, exist_ok=True)
        draft = wheel.with_suffix(".part")
        draft.write_bytes(content)
        draft.rename(wheel)
        return wheel
    raise BootstrapError(f"The package index has no {wheel.name}.")


def pip_from_debian() -> Path:
    """pip's wheel from Debian's archive, checked by apt's signatures, without installing it."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise BootstrapError(
            "This Python has neither pip nor ensurepip. Install your system's package for them "
            "(Debian: python3-venv), or name a package index in PIP_INDEX_URL."
        )
    folder = KEPT / "apt"
    for part in ("state/lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    own = ["-o", f"Dir::State={folder}/state", "-o", f"Dir::Cache={folder}/cache"]
    own += ["-o", "Dir::State::status=/var/lib/dpkg/status"]
    plain = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root"]  # no warning when root runs this
    package = "python3-pip-whl"
    # The system's own lists may be missing or old, and only root may renew those.
    got = run([*plain, "download", package], folder) or (
        run([*plain, *own, "update"], folder) and run([*plain, *own, "download", package], folder)
    )
    archives = sorted(folder.glob(f"{package}_*.deb"))
    if not (got and archives and run(["dpkg-deb", "-x", archives[-1], folder / "tree"])):
        raise BootstrapError(
            "pip could not be fetched from Debian's archive; the lines above say why. With root, "
            "`apt-get install python3-venv` does the same; or name a package index in "
            "PIP_INDEX_URL."
        )
    wheel = next((folder / "tree").glob("usr/share/python-wheels/pip-*.whl"))
    return Path(shutil.copy(wheel, KEPT))


def pip_wheel() -> Path:
    """pip as a wheel, which Python can run as it is."""
    places = (KEPT, Path("/usr/share/python-wheels"))
    for wheel in (found for place in places for found in place.glob("pip-*.whl")):
        return wheel
    say("      this Python has no pip of its own; fetching it")
    index = configured("index-url")
    return pip_from_index(index) if index else pip_from_debian()


# ------------------------------------------------------------------------------ the steps


def clean_environment() -> dict[str, str]:
    """The environment for installers, without settings that would lead them elsewhere."""
    astray = {
        "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV",
        "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX",
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if name not in astray}
    kept["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    kept["PYTHONWARNINGS"] = "ignore"  # the installers' own, of no use to whoever reads along
    kept["UV_SYSTEM_CERTS"] = "1"
    if trusted := certificates():
        kept["SSL_CERT_FILE"] = trusted
    if chosen := configured("index-url"):
        kept.setdefault("UV_DEFAULT_INDEX", chosen)  # uv does not read pip's settings
    return kept


def run(command: Sequence[str | Path], folder: Path = ROOT) -> bool:
    """Whether `command` succeeded; it speaks for itself."""
    done = subprocess.run(
        list(map(str, command)), check=False, cwd=folder, env=clean_environment(),
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode == 0


def make_environment() -> None:
    """A virtual environment that works here; one from elsewhere or for another Python is redone."""
    mark = recorded()
    here = wanted("runtime")
    usable = PYTHON.exists() and run([PYTHON, "-c", "pass"])
    moved = any(mark.get(key, here[key]) != here[key] for key in ("python", "place"))
    if usable and not moved:
        return
    asked = [sys.executable, "-m", "ensurepip", "--version"]
    has_pip = subprocess.run(asked, check=False, capture_output=True).returncode == 0
    say("[1/4] Making the environment .venv")
    STAMP.unlink(missing_ok=True)
    # `--clear` only for what cannot be used: an interrupted run goes on where it was.
    builder = venv.EnvBuilder(clear=VENV.exists(), symlinks=True, with_pip=has_pip)
    builder.create(VENV)


def pip_command() -> list[str | Path]:
    """How to run pip in the environment: its own, or the wheel."""
    asked = [PYTHON, "-m", "pip", "--version"]
    if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
        return [PYTHON, "-m", "pip"]
    return [PYTHON, pip_wheel() / "pip"]


def install_tools(pip: list[str | Path]) -> None:
    """uv for speed and setuptools to link the project in; both locked."""
    say("[2/4] Installing the installers")
    quiet = [*pip, "install", "--quiet", "--no-input", "--require-hashes", "--requirement"]
    if run([*quiet, TOOLS]):
        return
    say("      trying without uv, which not every machine can run")
    if not run([*quiet, tools_without_uv()]):
        raise BootstrapError("The installers could not be installed; the lines above say why.")


def tools_without_uv() -> Path:
    """A copy of bootstrap.lock that leaves uv out."""
    text = re.sub(r"(?m)^uv==.*\n(?:[ \t].*\n?)*", "", TOOLS.read_text("utf-8"))
    KEPT.mkdir(parents=True, exist_ok=True)
    copy = KEPT / TOOLS.name
    copy.write_text(text, "utf-8")
    return copy


def install_packages(kind: str, pip: list[str | Path], *, again: bool) -> None:
    """The locked packages of `kind`; with `again` also those that seem to be there."""
    lock = LOCKS[kind]
    count = sum("==" in line for line in lock.read_text("utf-8").splitlines())
    say(f"[3/4] Installing about {count} locked packages (half a minute; minutes on a slow line)")
    uv = VENV / "bin" / "uv"
    common = ["--require-hashes", "--requirement", lock]
    where = ["--python", PYTHON, "--compile-bytecode", *(["--reinstall"] if again else [])]
    force = ["--force-reinstall"] if again else []
    if uv.exists() and run([uv, "pip", "install", *where, *common]):
        return
    say("      trying once more with pip, which is slower and knows more kinds of index")
    if not run([*pip, "install", "--no-input", "--progress-bar", "off", *force, *common]):
        raise BootstrapError(
            "The packages could not be installed; the lines above say why. Run this again: what "
            "was fetched is kept."
        )


def link_project(pip: list[str | Path]) -> None:
    say("[4/4] Linking the project in")
    local = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if not run([*pip, "install", "--quiet", "--no-input", "--no-index", *local]):
        raise BootstrapError("The project could not be linked in; the lines above say why.")


def compile_catalogues() -> None:
    """Make the translations that the program reads, where their sources are newer."""
    sources = list(ROOT.glob("locales/*/LC_MESSAGES/*.po"))
    made = [source.with_suffix(".mo") for source in sources]
    pairs = zip(sources, made, strict=True)
    if all(mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime for po, mo in pairs):
        return
    say("Compiling the translations")
    if not run([PYTHON, "-m", "hotline", "locales", "compile"]):
        raise BootstrapError("The translations could not be compiled; the lines above say why.")


def bootstrap(kind: str) -> None:
    if not is_current(kind):
        make_environment()
        # Without a stamp the last run may have been cut off in the middle of a package.
        whole = bool(recorded())
        STAMP.unlink(missing_ok=True)
        pip = pip_command()
        install_tools(pip)
        install_packages(kind, pip, again=not whole)
        link_project(pip)
        STAMP.write_text(json.dumps(wanted(kind), indent=1) + "\n", "utf-8")
    compile_catalogues()


def main() -> int:
    parser = argparse.ArgumentParser(description="Make .venv with the locked packages.")
    parser.add_argument("--dev", action="store_true", help="with the packages for tests and checks")
    kind = "dev" if parser.parse_args().dev else "runtime"
    if sys.version_info < OLDEST:
        print("Python 3.11 or newer is needed.", file=sys.stderr)
        return 1
    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # two commands started at once take turns
    try:
        bootstrap(kind)
    except BootstrapError as error:
        print(f"Stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again to go on.", file=sys.stderr)
        return 130
    finally:
        os.close(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

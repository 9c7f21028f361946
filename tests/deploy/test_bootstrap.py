"""The first command on a bare machine: what it does without pip, without a network, twice."""

import functools
import hashlib
import http.server
import importlib.util
import json
import re
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module that works on a project in a folder of its own."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "deploy" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')
    for name in ("a.lock", "dev.lock"):
        (tmp_path / name).write_text("x==1\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "KEPT", tmp_path / ".venv" / "bootstrap")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "installed.json")
    monkeypatch.setattr(module, "TOOLS", tmp_path / "tools.lock")
    locks = {"runtime": tmp_path / "a.lock", "dev": tmp_path / "dev.lock"}
    monkeypatch.setattr(module, "LOCKS", locks)
    (tmp_path / "tools.lock").write_text("pip==9.9 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    return module


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A package index on this machine: its address and its folder."""
    folder = tmp_path / "index"
    (folder / "pip").mkdir(parents=True)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def offer(folder: Path, content: bytes) -> str:
    """Put a pip wheel into the index; returns its hash."""
    (folder / "files").mkdir()
    (folder / "files" / "pip-9.9-py3-none-any.whl").write_bytes(content)
    (folder / "pip" / "index.html").write_text(
        '<a href="../files/pip-9.8-py3-none-any.whl">old</a>'
        '<a href="../files/pip-9.9-py3-none-any.whl#sha256=abc">new</a>'
    )
    return hashlib.sha256(content).hexdigest()


def test_pip_comes_from_the_index_in_use(
    bootstrap: ModuleType, index: tuple[str, Path], tmp_path: Path
):
    address, folder = index
    digest = offer(folder, b"a wheel")
    (tmp_path / "tools.lock").write_text(f"pip==9.9 \\\n    --hash=sha256:{digest}\n")
    wheel = bootstrap.pip_from_index(address)
    assert wheel.read_bytes() == b"a wheel"
    assert not list(wheel.parent.glob("*.part"))


def test_another_file_under_the_name_of_pip_is_refused(
    bootstrap: ModuleType, index: tuple[str, Path]
):
    address, folder = index
    offer(folder, b"something else")
    with pytest.raises(bootstrap.BootstrapError, match="not the locked file"):
        bootstrap.pip_from_index(address)
    assert not list(bootstrap.KEPT.glob("*"))


def test_an_index_without_pip_is_named_so(bootstrap: ModuleType, index: tuple[str, Path]):
    address, folder = index
    (folder / "pip" / "index.html").write_text("nothing")
    with pytest.raises(bootstrap.BootstrapError, match=r"no pip-9\.9"):
        bootstrap.pip_from_index(address)
    with pytest.raises(bootstrap.BootstrapError, match="404"):
        bootstrap.pip_from_index(address + "/nowhere")


def test_an_index_that_cannot_be_reached_says_that_running_again_helps(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(bootstrap.BootstrapError, match="Run this again"):
        bootstrap.pip_from_index("http://127.0.0.1:9")
    assert capsys.readouterr().out.count("trying again") == 2


@pytest.mark.parametrize("place", ["environment", "home", "named file"])
def test_pips_own_settings_are_followed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
):
    text = "[global]\nindex-url = http://mirror.example/simple/%41\n"
    if place == "environment":
        monkeypatch.setenv("PIP_INDEX_URL", "http://mirror.example/simple/%41")
    elif place == "home":
        file = tmp_path / "home" / ".config" / "pip" / "pip.conf"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    else:
        (tmp_path / "pip.conf").write_text(text)
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert bootstrap.configured("index-url") == "http://mirror.example/simple/%41"
    assert bootstrap.clean_environment()["UV_DEFAULT_INDEX"].startswith("http://mirror.example")


def test_settings_that_lead_installers_astray_are_left_out(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    for name in ("PIP_USER", "PIP_TARGET", "PYTHONPATH", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "1")
    environment = bootstrap.clean_environment()
    assert not {"PIP_USER", "PIP_TARGET", "PYTHONPATH", "VIRTUAL_ENV"} & set(environment)


def test_nothing_is_done_twice_and_all_is_done_again_when_it_must(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert not bootstrap.is_current("runtime")
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    bootstrap.STAMP.write_text(json.dumps(bootstrap.wanted("runtime")))
    assert bootstrap.is_current("runtime")
    assert not bootstrap.is_current("dev"), "the packages for tests are not there yet"
    bootstrap.STAMP.write_text(json.dumps(bootstrap.wanted("dev")))
    assert bootstrap.is_current("dev")
    assert bootstrap.is_current("runtime"), "the packages for tests include all others"
    (tmp_path / "dev.lock").write_text("x==2\n")
    assert not bootstrap.is_current("dev")
    bootstrap.STAMP.write_text('["not", "ours"]')
    assert not bootstrap.is_current("runtime")
    bootstrap.STAMP.write_text("half a fi")
    assert not bootstrap.is_current("runtime")
    bootstrap.STAMP.write_text(json.dumps(bootstrap.wanted("runtime")))
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path / "index")
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')
    assert not bootstrap.is_current("runtime"), "a project that was moved needs new scripts"


def test_a_python_without_pip_gets_an_environment_without_pip(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    real = subprocess.run

    def no_ensurepip(command, **options):
        if "ensurepip" in command:
            return subprocess.CompletedProcess(command, 1)
        return real(command, **options)

    monkeypatch.setattr(bootstrap.subprocess, "run", no_ensurepip)
    bootstrap.make_environment()
    assert real([str(bootstrap.PYTHON), "-c", "import json"], check=False).returncode == 0
    lacks = real([str(bootstrap.PYTHON), "-m", "pip"], check=False, capture_output=True)
    assert lacks.returncode != 0
    (bootstrap.VENV / "kept").touch()
    bootstrap.make_environment()
    assert (bootstrap.VENV / "kept").exists(), "an interrupted run goes on where it was"
    bootstrap.PYTHON.unlink()
    bootstrap.make_environment()
    assert not (bootstrap.VENV / "kept").exists(), "what cannot be used is made anew"


def test_a_machine_that_cannot_run_uv_still_gets_pip_and_setuptools(
    bootstrap: ModuleType, tmp_path: Path
):
    (tmp_path / "tools.lock").write_text((ROOT / "deploy" / "bootstrap.lock").read_text())
    copy = bootstrap.tools_without_uv().read_text()
    blocks = [line.split("==")[0] for line in copy.splitlines() if "==" in line]
    assert blocks == ["pip", "setuptools"]
    assert copy.count("--hash=sha256:") == 4


def test_an_unchanged_project_is_ready_at_once():
    """The whole script as `make run` starts it, on this checkout."""
    command = [sys.executable, str(ROOT / "deploy" / "bootstrap.py"), "--dev"]
    ready = subprocess.run(command, check=False, capture_output=True, text=True)
    if "[" in ready.stdout:
        ready = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ready.returncode == 0, ready.stderr
    began = time.monotonic()
    again = subprocess.run(command, check=False, capture_output=True, text=True)
    assert time.monotonic() - began < 1
    assert again.stdout == ""


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock", "deploy/bootstrap.lock"]
)
def test_locks_pin_every_package_with_hashes_and_name_no_index(name: str):
    text = (ROOT / name).read_text()
    packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert packages
    for line in packages:
        assert "==" in line
        assert line.endswith("\\"), f"no hash for {line}"
    assert "http" not in text.replace("httpx", "").replace("aiohttp", "").replace("httpcore", "")
    assert "/" not in text


def test_both_locks_name_the_same_versions():
    def versions(name: str) -> set[str]:
        lines = (ROOT / name).read_text().splitlines()
        return {line.split("\\")[0].strip() for line in lines if "==" in line}

    assert versions("requirements.lock") <= versions("requirements-dev.lock")


def test_the_locks_hold_what_the_project_asks_for():
    """Who adds a dependency runs `make lock`; who forgets is told here and not on a new machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": project["dependency-groups"]["dev"],
    }
    for name, requirements in asked.items():
        locked: dict[str, list[str]] = {}
        for line in (ROOT / name).read_text().splitlines():
            if found := re.match(r"([\w.-]+)==(\S+)", line):
                locked.setdefault(canonicalize_name(found[1]), []).append(found[2])
        for requirement in map(Requirement, requirements):
            versions = locked.get(canonicalize_name(requirement.name), [])
            assert versions, f"{requirement.name} is not in {name}: run `make lock`"
            for version in versions:
                assert version in requirement.specifier, f"{requirement} but {version} in {name}"

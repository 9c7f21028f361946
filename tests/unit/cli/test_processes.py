"""Processes as an administrator meets them: they start, they refuse, they end when asked to."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from hotline import crypto
from tests.support.databases import ROOT
from tests.support.world import understanding

pytestmark = pytest.mark.slow

PATIENCE = 60.0  # seconds for a start on a busy machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(arguments: list[str], **environment: str) -> subprocess.Popen[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HOTLINE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "hotline", *arguments],
        cwd=ROOT,
        env=clean | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(autouse=True)
def _trained(tmp_path: Path) -> None:
    """The models that a first start would train, so that it is not they who are waited for."""
    understanding()
    shutil.copy(ROOT / "var" / "test-understanding.npz", tmp_path / "understanding.npz")


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()[1]
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_demonstration_starts_and_ends_when_asked(tmp_path: Path, sign: signal.Signals) -> None:
    port = free_port()
    process = program(["demo"], HOTLINE_DATA_DIR=str(tmp_path), HOTLINE_PORT=str(port))
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        process.send_signal(sign)
        said, complained = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, complained
    assert "Traceback" not in complained
    assert f"http://127.0.0.1:{port}/simulator" in said
    # The write-ahead log is emptied by whoever closes last: nothing was cut off.
    assert not (tmp_path / "hotline.sqlite3-wal").exists()


@pytest.fixture
def production(databases, tmp_path: Path) -> dict[str, str]:
    keys = tmp_path / "keys"
    crypto.new_key_file(keys)
    for name in ("flows", "locales"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return {
        "HOTLINE_DATABASE_URL": databases.fresh("sqlite"),
        "HOTLINE_DATA_DIR": str(tmp_path),
        "HOTLINE_PUBLIC_URL": "https://hotline.example",
        "HOTLINE_KEY_FILE": str(keys),
        "HOTLINE_TELEGRAM_TOKEN": "1:a",
        "HOTLINE_TELEGRAM_SECRET": "s",
        "HOTLINE_TELEGRAM_API_URL": "http://127.0.0.1:1",
        "HOTLINE_FLOWS_DIR": str(tmp_path / "flows"),
        "HOTLINE_LOCALES_DIR": str(tmp_path / "locales"),
        "HOTLINE_PORT": str(free_port()),
    }


def test_a_flow_that_leads_nowhere_keeps_the_server_from_starting(
    production: dict[str, str], tmp_path: Path
) -> None:
    flow = tmp_path / "flows" / "menu.yaml"
    text = flow.read_text("utf-8")
    assert "next: " in text
    flow.write_text(text.replace("next: ", "next: nowhere_at_all_", 1), "utf-8")
    process = program(["serve"], **production)
    _, complained = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "menu.yaml:" in complained
    assert "nowhere_at_all_" in complained
    assert "flows lint" in complained
    assert "Traceback" not in complained


def test_a_missing_migration_keeps_the_server_from_starting(
    production: dict[str, str], tmp_path: Path
) -> None:
    empty = production | {"HOTLINE_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"}
    process = program(["serve"], **empty)
    _, complained = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "hotline db upgrade" in complained
    assert complained.count("\n") == 1


def test_a_provider_that_is_away_does_not_keep_the_server_from_starting(
    production: dict[str, str],
) -> None:
    process = program(["serve"], **production)
    try:
        wait_for(f"http://127.0.0.1:{production['HOTLINE_PORT']}/health", process)
        process.send_signal(signal.SIGTERM)
        _, complained = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, complained
    assert "Traceback" not in complained

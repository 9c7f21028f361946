"""The real server as an administrator starts it: `hotline serve` in a process of its own.

Its environment holds what a test gives and nothing else. `kill` is `kill -9`: no goodbye, no flush.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from hotline import crypto
from hotline.bootstrap import content as contents
from tests.standins.telegram import SECRET, TOKEN, TelegramStandin
from tests.standins.twilio import TwilioStandin
from tests.support import world

PUBLIC = "https://hotline.example"
STARTS_WITHIN = 180.0  # seconds; a loaded machine is not a mistake
_PORTS = range(20_000, 32_000)  # below the kernel's own choice for outgoing connections


def free_port() -> int:
    """A port that nobody listens on; the folder of ports is large enough for all workers."""
    chance = random.Random()  # noqa: S311 - workers must not agree
    while True:
        port = chance.choice(_PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@dataclass
class Served:
    """One installation: a folder with keys and word models, a database, a port."""

    folder: Path
    url: str
    extra: dict[str, str] = field(default_factory=dict)
    command: str = "serve"
    port: int = field(default_factory=free_port)
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.key_file.exists():
            crypto.new_key_file(self.key_file)
        world.understanding()  # trained once for all tests; a server would take seconds
        trained = contents.ROOT / "var" / "test-understanding.npz"
        shutil.copyfile(trained, self.folder / "understanding.npz")

    @property
    def key_file(self) -> Path:
        return self.folder / "keys"

    @property
    def log_file(self) -> Path:
        return self.folder / "log"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything the server wrote, over all its lives."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def keys(self) -> crypto.KeyRing:
        return crypto.load_keys(self.key_file)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "PYTHONUNBUFFERED": "1",
            "HOTLINE_DATABASE_URL": self.url,
            "HOTLINE_DATA_DIR": str(self.folder),
            "HOTLINE_KEY_FILE": str(self.key_file),
            "HOTLINE_PUBLIC_URL": PUBLIC,
            "HOTLINE_PORT": str(self.port),
            **self.extra,
        }

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Another command of `hotline` with the same settings."""
        return subprocess.run(
            [sys.executable, "-m", "hotline", *arguments],
            cwd=contents.ROOT,
            env=self.environment | more,
            check=False,
            capture_output=True,
            text=True,
        )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self) -> None:
        """Starts the process and does not wait for it."""
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hotline", self.command],
                cwd=contents.ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.starts += 1

    def start(self) -> None:
        """Starts the process and waits until it answers."""
        self.spawn()
        end = time.monotonic() + STARTS_WITHIN
        while not self.answers():
            if not self.is_alive or time.monotonic() > end:
                self.kill()
                raise AssertionError(f"the server did not start:\n{self.log[-4000:]}")
            time.sleep(0.02)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health", timeout=2.0, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """`kill -9`, and the process is gone afterwards."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def wait(self) -> None:
        """Until the process is gone."""
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """As a service manager stops it; killed after some patience."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server did not stop when asked to") from None


def demonstration(folder: Path, url: str) -> Served:
    """`hotline demo`: simulated telephones, made-up people, no provider, no https."""
    made = Served(folder, url, command="demo")
    made.extra["HOTLINE_PUBLIC_URL"] = ""
    made.start()
    return made


def telegram_settings(standin: TelegramStandin) -> dict[str, str]:
    return {
        "HOTLINE_TELEGRAM_TOKEN": TOKEN,
        "HOTLINE_TELEGRAM_SECRET": SECRET,
        "HOTLINE_TELEGRAM_API_URL": standin.base_url,
    }


def twilio_settings(standin: TwilioStandin) -> dict[str, str]:
    return {
        "HOTLINE_TWILIO_ACCOUNT_SID": standin.account,
        "HOTLINE_TWILIO_AUTH_TOKEN": standin.auth_token,
        "HOTLINE_TWILIO_FROM": standin.number,
        "HOTLINE_TWILIO_API_URL": standin.base_url,
    }


def connect(served: Served, *standins: Any) -> None:
    """Tells each stand-in where the hotline is, and the hotline where they are."""
    for standin in standins:
        if isinstance(standin, TelegramStandin):
            served.extra |= telegram_settings(standin)
            # The server tells Telegram its public address when it starts.
            standin.route(PUBLIC, served.address)
            standin.deliver_to(f"{PUBLIC}/hooks/telegram")
        else:
            served.extra |= twilio_settings(standin)
            standin.deliver_to(served.address, public=PUBLIC)

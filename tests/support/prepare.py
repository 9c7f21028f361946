"""See that what tests need is there before they start: a PostgreSQL and a Chromium.

    python -m tests.support.prepare

With root and apt a missing Chromium is installed; otherwise this says what to install and fails.
"""

import os
import shutil
import subprocess
import sys

from tests.support import postgres
from tests.support.chromium import CHROMIUM_MISSING, chromium_path

PACKAGES = ("chromium", "fonts-noto-core")


def install_chromium() -> bool:
    """Whether Chromium could be installed here."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"Installing {' and '.join(PACKAGES)} (some minutes) ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *PACKAGES],
    ):
        done = subprocess.run(
            command, check=False, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            return False
    return chromium_path() is not None


def main() -> int:
    try:
        binaries = postgres.find_binaries()
    except postgres.PostgresMissingError as error:
        print(f"Stopped: {error}", file=sys.stderr)
        return 1
    if chromium_path() is None and not install_chromium():
        print(f"Stopped: {CHROMIUM_MISSING}", file=sys.stderr)
        return 1
    print(f"PostgreSQL: {binaries}\nChromium:   {chromium_path()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

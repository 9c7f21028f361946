"""The gates of `make check`, as tests, so that `make test` alone tells whether all is well.

Left out of `make check` itself, which runs the same commands side by side.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GATES = ("format-check", "lint", "types", "flows", "locales")


@pytest.mark.slow
@pytest.mark.parametrize("gate", GATES)
def test_the_gate_is_open(gate: str):
    done = subprocess.run(
        ["make", "--no-print-directory", gate],
        cwd=ROOT, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_fast_check_runs_every_gate():
    makefile = (ROOT / "Makefile").read_text()
    check = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert check is not None
    assert {*GATES, "fast", "imports"} <= set(check[1].split())


def test_continuous_integration_runs_all_tests():
    script = (ROOT / ".ci" / "run").read_text()
    assert "make test" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111

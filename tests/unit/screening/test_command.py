"""`hotline screen` as a program: lines in, lines out, exit status; and its two companions."""

import json
import subprocess
import sys

import pytest

from tests.support.screening import EXAMPLES, ROOT


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "hotline", *arguments],
        input=stdin, capture_output=True, cwd=ROOT, check=False, timeout=120,
    )  # fmt: skip


def test_the_worked_examples_line_by_line() -> None:
    given = EXAMPLES.read_bytes()
    done = run("screen", stdin=given)
    assert (done.returncode, done.stderr) == (0, b"")
    answers = done.stdout.decode("ascii").splitlines()
    assert "" not in answers  # one line for each record and no other
    wanted = [json.loads(line) for line in given.splitlines()]
    found = [json.loads(line) for line in answers]
    assert [a["id"] for a in found] == [r["id"] for r in wanted]
    assert [a["level"] for a in found] == [r["expect"]["level"] for r in wanted]


@pytest.mark.parametrize("bad", [b"{}", b"no", b"\xff\xfe", b'{"id":"x","answers":{"B01":"zz"}}'])
def test_a_bad_line_is_answered_and_so_are_the_others(bad) -> None:
    good = b'{"id":"g","answers":{}}'
    done = run("screen", stdin=b"\n".join([good, b"", bad, b"  ", good]) + b"\n")
    assert done.returncode == 1
    first, wrong, last = (json.loads(line) for line in done.stdout.splitlines())
    assert first == last
    assert set(wrong) == {"id", "error"}


def test_nothing_in_nothing_out() -> None:
    done = run("screen")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.slow
def test_the_measurement_says_whether_it_is_fast_enough() -> None:
    done = run("bench", "screen", "--records", "3000", "--rounds", "1")
    assert b"records a second" in done.stdout
    assert done.returncode == (0 if b"reached" in done.stdout else 1)
    missing = run("bench", "screen", "--source", "nowhere.jsonl")
    assert missing.returncode == 1
    assert (
        missing.stderr.decode().strip()
        == "nowhere.jsonl cannot be read: No such file or directory."
    )


@pytest.mark.slow
def test_the_table_of_lengths_is_printed() -> None:
    done = run("screening", "lengths")
    assert done.returncode == 0
    assert done.stdout.decode() in (ROOT / "docs" / "reading.md").read_text("utf-8")

"""What is committed speaks of the project alone: no machine, no mirror, no workshop around it."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 2_000_000

# Each pattern is written so that it does not match itself.
PATTERNS = {
    "a path of one machine": r"(?<![\w.~-])/(?:work|root|home)/(?!\*)[\w.-]+",
    "a temporary folder": r"(?<![\w.-])/tmp/[\w.-]+",
    "the host of a package index": r"(?i)\b(?:files\.)?(?:pypi|pythonhosted|npmjs)\.(?:org|com)\b",
    "the host of a mirror": r"(?i)\b(?:deb|ftp|security)\.debian\.(?:org)\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY[-]{5}",
}
ACCEPTS = (
    "WORKDIR /srv/hotline",
    "tmpfs: /tmp",
    "see https://example.org/work/item",
    "docs/work/x",
    "FROM docker.io/library/python:3.11",
)
REFUSES = (
    "cd /wo" + "rk/main",
    "open('/ro" + "ot/.config')",
    "/tm" + "p/build/x",
    "https://py" + "pi.org/simple",
    "http://deb.debian" + ".org/debian",
    "-----BEGIN RSA PRIVATE KEY" + "-----",
)

# Names of tools of the workshop, as hashes, so that this page does not name them either.
WORKSHOP = {
    "c857d09db23e6822",
    "c70eca6b0f88f44d",
    "7d3194f79e645c42",
    "60965168ce762e94",
    "3ea125d0bff386e6",
    "94a168d2da574b00",
    "5d72436256ada538",
    "487b91042c7cf27a",
}

# Published descriptions and test sets that tests use where they lie, and that are not ours to copy.
NOT_OURS = {"langid_test.tsv", "faq_small.tsv", "telegram_bot_api.json", "twilio_api_v2010.json"}


def committed() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / name for name in done.stdout.split("\0") if name]


def text_of(path: Path) -> str:
    if not path.is_file() or path.stat().st_size > LARGEST:
        return ""
    content = path.read_bytes()
    return "" if b"\x00" in content else content.decode("utf-8", "replace")


def complaints(text: str) -> list[str]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for what, pattern in PATTERNS.items():
            if match := re.search(pattern, line):
                found.append(f"{number}: {what}: {match[0]}")
    return found


def digest(word: str) -> str:
    return hashlib.sha256(word.lower().encode()).hexdigest()[:16]


@pytest.mark.parametrize("line", ACCEPTS)
def test_an_honest_line_is_accepted(line: str):
    assert not complaints(line)


@pytest.mark.parametrize("line", REFUSES)
def test_a_line_about_a_machine_is_refused(line: str):
    assert complaints(line)


def test_no_committed_text_names_a_machine_or_a_mirror():
    found = []
    for path in committed():
        found += [f"{path.relative_to(ROOT)}:{line}" for line in complaints(text_of(path))]
    assert not found, "\n".join(found)


def test_no_committed_text_names_the_workshop():
    words: dict[str, Path] = {}
    for path in committed():
        for word in re.findall(r"[a-z]{3,}", (path.name + " " + text_of(path)).lower()):
            words.setdefault(word, path)
    found = [
        f"{words[word].relative_to(ROOT)}: {word}" for word in words if digest(word) in WORKSHOP
    ]
    assert len(words) > 1000
    assert not found


def test_nothing_is_committed_that_is_not_ours():
    names = {path.name for path in committed()}
    assert not names & NOT_OURS
    assert not [name for name in names if name.endswith((".sqlite3", ".db", ".mo", ".pem"))]

"""Every import contract is kept, and each is shown to break when it should.

For each contract one offence is planted in a copy of the tree; import-linter must then report that
contract. A contract that nothing can break protects nothing.
"""

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Offence:
    """`line` is put into the module at `path` (made if absent), and the contract must break."""

    contract: str
    path: str
    line: str


OFFENCES = (
    Offence("layers", "core/planted.py", "import hotline.web"),
    Offence("layers", "db/planted.py", "import hotline.conversation"),
    Offence("pure", "core/planted.py", "import os"),
    Offence("pure", "flow/planted.py", "import sqlalchemy"),
    Offence("pure", "screening/planted.py", "from random import choice"),
    Offence("pure", "understanding/planted.py", "import asyncio"),
    Offence("pure", "conversation/rules.py", "import time"),
    Offence("rows-behind-services", "web/planted.py", "import hotline.db.models"),
    Offence("rows-behind-services", "jobs/planted.py", "import hotline.db.models.base"),
    Offence("sql-in-repositories", "web/planted.py", "import sqlalchemy"),
    Offence("sql-in-repositories", "outbox/service.py", "from sqlalchemy import select"),
    Offence("channels-apart", "channels/simulator.py", "import hotline.channels.telegram"),
    Offence("portal-sees-referrals-only", "web/portal/planted.py", "import hotline.cases"),
    Offence("portal-sees-referrals-only", "web/portal/planted.py", "import hotline.crypto"),
    Offence(
        "acyclic", "core/planted.py", "import hotline.core.other\n# core/other.py imports back"
    ),
    Offence("domain-shape", "outbox/rules.py", "import hotline.outbox.service"),
    Offence("telegram-has-one-door", "conversation/planted.py", "import telegram"),
    Offence("twilio-has-one-door", "outbox/planted.py", "import twilio.rest"),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program and its contracts."""
    folder = tmp_path_factory.mktemp("tree")
    skipped = shutil.ignore_patterns("__pycache__", "templates", "static")
    shutil.copytree(ROOT / "hotline", folder / "hotline", ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def contracts() -> set[str]:
    text = (ROOT / "pyproject.toml").read_text()
    return {entry["id"] for entry in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def lint(folder: Path, *chosen: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter in `folder`, on the chosen contracts or on all."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    for contract in chosen:
        command += ["--contract", contract]
    return subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
    )  # fmt: skip


def test_every_contract_has_an_offence_that_breaks_it():
    assert {offence.contract for offence in OFFENCES} == contracts()


def test_every_contract_is_kept():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("offence", OFFENCES, ids=lambda o: f"{o.contract}:{o.path}")
def test_a_planted_offence_breaks_the_contract(tree: Path, offence: Offence):
    before = lint(tree, offence.contract)
    assert before.returncode == 0, f"broken before anything was planted:\n{before.stdout}"
    target = tree / "hotline" / offence.path
    other = target.with_name("other.py")
    content = target.read_text() if target.exists() else None
    try:
        target.write_text(f"{content or ''}\n{offence.line}\n")
        if offence.contract == "acyclic":
            other.write_text("import hotline.core.planted\n")
        broken = lint(tree, offence.contract)
    finally:
        other.unlink(missing_ok=True)
        if content is None:
            target.unlink()
        else:
            target.write_text(content)
    assert broken.returncode == 1, f"nothing noticed:\n{broken.stdout}\n{broken.stderr}"
    assert "BROKEN" in broken.stdout

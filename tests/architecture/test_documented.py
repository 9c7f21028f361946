"""What the documents promise exists, and what exists is in the documents."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def text() -> str:
    return "\n".join(page.read_text("utf-8") for page in PAGES)


def leaves(command: Any, name: str) -> Iterator[str]:
    """The whole names of the commands below `command`. Typer carries its own copy of click."""
    below = getattr(command, "commands", None)
    if below is None:
        if not command.hidden:
            yield name
        return
    for sub, child in below.items():
        yield from leaves(child, f"{name} {sub}")


@pytest.fixture(scope="module")
def commands() -> set[str]:
    from hotline.cli import app

    return set(leaves(typer.main.get_command(app), "hotline"))


def test_every_command_is_in_the_documents(commands: set[str]):
    written = text()
    missing = [name for name in sorted(commands) if not re.search(rf"\b{name}\b", written)]
    assert not missing


def test_every_command_in_the_documents_exists(commands: set[str]):
    groups = {" ".join(name.split()[:2]) for name in commands}
    for line in re.findall(r"(?:\bbin/|`)(hotline [a-z][a-z-]+(?: [a-z][a-z-]+)?)", text()):
        assert line in commands or " ".join(line.split()[:2]) in commands, line
        assert " ".join(line.split()[:2]) in groups, line


def test_every_make_target_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^|&& )make ([a-z-]+)", text(), re.MULTILINE))
    assert {"run", "test", "check"} <= named
    assert named <= targets


def test_links_between_documents_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"

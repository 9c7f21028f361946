"""The example settings are the settings: none missing, none invented, defaults as they are."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

from hotline import config

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "settings.example.env"
LINE = re.compile(r"^(#?)(HOTLINE_[A-Z_]+)=(.*)$")


def example() -> dict[str, tuple[bool, str]]:
    """Name → whether it is set in the example, and to what."""
    found = {}
    for line in EXAMPLE.read_text().splitlines():
        if match := LINE.match(line):
            assert match[2] not in found, f"{match[2]} stands there twice"
            found[match[2]] = (not match[1], match[3])
    return found


def test_the_example_names_every_setting_and_no_other():
    names = {config.variable(field.name) for field in dataclasses.fields(config.Settings)}
    assert set(example()) == names


def test_what_is_commented_out_is_the_default():
    defaults = config.Settings()
    for field in dataclasses.fields(config.Settings):
        is_set, text = example()[config.variable(field.name)]
        if is_set:
            continue
        shown = config.read({config.variable(field.name): text})
        assert getattr(shown, field.name) == getattr(defaults, field.name), field.name


def test_every_setting_is_explained_above_it():
    blocks = re.split(r"\n\s*\n", EXAMPLE.read_text())
    for block in blocks:
        lines = block.strip().splitlines()
        if any(LINE.match(line) for line in lines):
            assert lines[0].startswith("# "), f"no word about {lines}"


def test_the_example_can_be_read_as_it_is():
    given = {name: value for name, (is_set, value) in example().items() if is_set}
    settings = config.read(given)
    assert settings.public_url.startswith("https://")
    assert not settings.demo


def test_no_value_has_quotes_or_a_comment_behind_it():
    for name, (_, value) in example().items():
        assert not re.search(r"[\"'#\s]", value), name


def test_every_setting_is_in_the_operations_page():
    page = (ROOT / "docs" / "operations.md").read_text()
    missing = [name for name in example() if name not in page]
    assert not missing


def test_the_backup_finds_the_database_that_the_program_uses(tmp_path: Path):
    """Both have a default of their own; they must not part."""
    for given in ({}, {"HOTLINE_DATA_DIR": str(tmp_path)}):
        ours = config.read(given).database
        script = "from database_address import from_environment; print(from_environment().file)"
        done = subprocess.run(
            [sys.executable, "-c", script],
            check=True, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "deploy"), **given},
        )  # fmt: skip
        assert ours == f"sqlite:///{done.stdout.strip()}"

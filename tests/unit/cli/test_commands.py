"""The command line: what it prints, how it ends, and that mistakes are one sentence."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline import cli
from hotline.cli import app, bench
from hotline.config import WrongSetting
from hotline.db import migrate
from tests.support.databases import ROOT

run = CliRunner()


@pytest.fixture
def migrated(databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    url = databases.fresh("sqlite")
    monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    return url


def ended(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HOTLINE_")}
    return subprocess.run(
        [sys.executable, "-m", "hotline", *arguments],
        cwd=ROOT,
        env=clean | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_without_a_command_it_shows_what_there_is() -> None:
    shown = run.invoke(app, ["--help"]).stdout
    for name in ("serve", "worker", "demo", "doctor", "flows", "directory", "bench", "users"):
        assert name in shown


def test_serving_without_settings_names_each_of_them(tmp_path: Path) -> None:
    done = ended(["serve"], HOTLINE_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    sentences = done.stderr.strip().splitlines()
    assert [s.split()[0] for s in sentences] == [
        "HOTLINE_PUBLIC_URL", "HOTLINE_KEY_FILE", "HOTLINE_TELEGRAM_TOKEN",
    ]  # fmt: skip
    assert "Traceback" not in done.stderr


def test_a_setting_of_the_wrong_kind_is_one_sentence() -> None:
    done = ended(["db", "pending"], HOTLINE_PORT="high")
    assert done.returncode == 1
    assert done.stderr == "HOTLINE_PORT must be a whole number.\n"


def test_a_database_that_is_away_is_one_sentence_without_its_password(tmp_path: Path) -> None:
    done = ended(
        ["users", "reset-totp", "somebody"],
        HOTLINE_DATABASE_URL="postgresql://u:canary@127.0.0.1:1/x?connect_timeout=1",
        HOTLINE_DATA_DIR=str(tmp_path),
    )
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "canary" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_file_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    assert run.invoke(app, ["keys", "new", str(path)]).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert run.invoke(app, ["keys", "new", str(path)]).exit_code != 0
    assert path.read_bytes() == before


@pytest.mark.usefixtures("migrated")
def test_pending_migrations_end_with_one(databases, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.invoke(app, ["db", "pending"]).exit_code == 0
    monkeypatch.setenv("HOTLINE_DATABASE_URL", databases.empty("sqlite"))
    done = run.invoke(app, ["db", "pending"])
    assert done.exit_code == 1
    assert len(done.stdout.split()) == len(migrate.pending(os.environ["HOTLINE_DATABASE_URL"])) > 0


@pytest.mark.usefixtures("migrated")
def test_a_user_is_added_and_listed() -> None:
    done = run.invoke(app, ["users", "add", "aigul.k", "--role", "OP", "--alias", "Aigul"])
    assert done.exit_code == 0, done.output
    password = done.stdout.split()[-1]
    listed = run.invoke(app, ["users", "list"]).stdout
    assert "aigul.k" in listed
    assert "no second factor yet, first password" in listed
    assert password not in listed


@pytest.mark.usefixtures("migrated")
def test_the_audit_of_a_fresh_database_fits() -> None:
    run.invoke(app, ["users", "add", "aigul.k", "--role", "OP", "--alias", "Aigul"])
    done = run.invoke(app, ["audit", "verify"])
    assert done.exit_code == 0
    assert "Every row fits." in done.stdout


@pytest.mark.usefixtures("migrated")
def test_a_directory_is_brought_in_and_old_entries_are_named() -> None:
    source = ROOT / "flows" / "demo" / "directory.yaml"
    done = run.invoke(app, ["directory", "import", str(source)])
    assert done.exit_code == 0, done.output
    assert "0 there before" in done.stdout
    again = run.invoke(app, ["directory", "import", str(source)])
    assert again.stdout.startswith("Partners: 0 added")
    old = run.invoke(app, ["directory", "verify"])  # nobody has verified them
    assert old.exit_code == 1
    assert "to verify" in old.stdout


@pytest.mark.usefixtures("migrated")
def test_a_broken_directory_is_one_sentence_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    path = tmp_path / "directory.yaml"
    path.write_text("partners: [{code: x}]")
    monkeypatch.setattr(sys, "argv", ["hotline", "directory", "import", str(path)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Traceback" not in said


# ------------------------------------------------------------------ measuring


def test_without_a_checkout_measuring_says_so(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    with pytest.raises(WrongSetting, match="checkout"):
        bench._checkout("turns")


def test_figures_are_put_between_their_marks_and_nowhere_else() -> None:
    document = "a\n<!-- turns -->\nold\n<!-- end of turns -->\nb\n"
    assert bench._put(document, "turns", "new") == (
        "a\n<!-- turns -->\n\nnew\n\n<!-- end of turns -->\nb\n"
    )
    with pytest.raises(WrongSetting, match="no lines"):
        bench._put("nothing here", "turns", "new")


@pytest.mark.slow
def test_a_short_run_measures_every_contestant(tmp_path: Path) -> None:
    done = ended(
        ["bench", "turns", "--rounds", "1", "--stored", "50", "--json"],
        HOTLINE_DATA_DIR=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    names = {row["name"].split(",")[0] for row in report["rows"]}
    assert names == {"hotline", "python-telegram-bot", "aiogram"}
    assert all(row["turns_per_second"] > 0 and row["cpu_ms"] > 0 for row in report["rows"])
    assert len(report["goals"]) == 4
    assert not list(tmp_path.glob("bench-*"))

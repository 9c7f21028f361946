"""The authors' commands, as an author types them."""

import json
import re

import pytest
from typer.testing import CliRunner

from hotline.cli import app
from hotline.flow.check import check, for_people
from hotline.flow.checks.finding import Finding, Severity
from hotline.i18n import project
from tests.support.flows import ROOT

run = CliRunner().invoke
LINE = re.compile(r"^[\w/.-]+(:\d+)?  (error|warning|notice) +[\w-]+ +\S")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("HOTLINE_DATABASE_URL", raising=False)


def test_lint_prints_one_line_a_finding_and_fails_only_on_errors(monkeypatch):
    found = (
        Finding("flows/a.yaml", 3, Severity.ERROR, "stale", "old", key="a.b", hint="do this"),
        Finding("flows/a.yaml", 9, Severity.WARNING, "stray", "odd", step="a.c"),
    )
    monkeypatch.setattr(project, "lint", lambda *_a, **_k: found)
    done = run(app, ["flows", "lint"])
    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert len(lines) == 3
    assert all(LINE.match(line) for line in lines[:2]), lines
    assert "[do this]" in lines[0]
    monkeypatch.setattr(project, "lint", lambda *_a, **_k: found[1:])
    assert run(app, ["flows", "lint"]).exit_code == 0


def test_lint_as_json_names_file_line_step_and_hint(monkeypatch):
    found = (Finding("flows/a.yaml", 3, Severity.ERROR, "x", "m", step="a.b", hint="h"),)
    monkeypatch.setattr(project, "lint", lambda *_a, **_k: found)
    done = run(app, ["flows", "lint", "--format", "json"])
    assert json.loads(done.stdout) == [
        {"file": "flows/a.yaml", "line": 3, "severity": "error", "check": "x", "message": "m",
         "step": "a.b", "hint": "h"}
    ]  # fmt: skip
    assert done.exit_code == 1


async def test_lint_sees_who_waits_where(world, monkeypatch):
    """The database of the settings is read: somebody waits at a step, and the step is taken out."""
    from hotline.cli import inside

    phone = world.phone("4242")
    await phone.says("салам")
    monkeypatch.setenv("HOTLINE_DATABASE_URL", world.app.settings.database)
    assert inside.waiting() == {"start.safe": 1}
    subject = project.subject_of(
        project.read(ROOT),
        waiting={"start.gone": 3},
    )
    (one,) = [f for f in check(subject, now=world.clock()) if f.check == "in-flight"]
    assert one.severity is Severity.ERROR
    assert "3 people wait at 'start.gone'" in for_people([one])


def test_every_step_and_answer_is_visited_by_a_story():
    done = run(app, ["flows", "coverage"])
    assert done.exit_code == 0, done.stdout
    counts = re.search(r"visit (\d+) of (\d+) steps, answers and silences", done.stdout)
    assert counts
    assert counts[1] == counts[2]


def test_graph_draws_every_flow(tmp_path):
    done = run(app, ["flows", "graph", "--out", str(tmp_path / "new"), "--lang", "tg"])
    assert done.exit_code == 0, done.stdout
    assert {path.stem for path in (tmp_path / "new").glob("*.svg")} >= {"start", "offer", "work"}
    assert "Бале" in (tmp_path / "new" / "offer.svg").read_text("utf-8") or "Ҳа" in (
        tmp_path / "new" / "offer.svg"
    ).read_text("utf-8")


def test_graph_of_an_unknown_flow_is_one_plain_sentence():
    done = run(app, ["flows", "graph", "nothing"])
    assert done.exit_code != 0
    assert "nothing" in str(done.exception)


def test_cost_names_every_flow_and_language():
    rows = json.loads(run(app, ["flows", "cost", "--format", "json"]).stdout)
    assert {row["language"] for row in rows} == {"ky", "ru", "tg"}
    assert all(0 < row["latin"] <= row["parts"] for row in rows)

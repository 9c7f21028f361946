"""The real flows and catalogues of this repository, and what happens when files are broken."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotline.flow.check import for_machines, for_people
from hotline.flow.checks.finding import Severity
from hotline.i18n import catalogues, project
from hotline.i18n.words import load

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
KEY_IN_CODE = re.compile(r'\bkey\s*=\s*"(error\.[a-z_.]+)"')


@pytest.fixture(scope="module")
def real():
    return project.read(ROOT)


@pytest.fixture
def copy(tmp_path):
    """A project of its own that may be broken."""
    for folder in ("flows", "locales"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copytree(ROOT / "hotline" / "web", tmp_path / "hotline" / "web")
    project.update_locales(tmp_path)
    return tmp_path


def test_nothing_is_wrong_with_the_real_flows():
    found = [f for f in project.lint(ROOT, now=NOW) if f.severity is not Severity.NOTICE]
    flows = [f for f in found if f.file.startswith("flows/") or f.severity is Severity.ERROR]
    assert not flows, for_people(flows)


def test_nothing_is_wrong_with_the_real_words():
    found = [f for f in project.check_locales(ROOT) if f.severity is not Severity.NOTICE]
    assert not found, for_people(found)


def test_every_critical_text_is_whole_in_every_language(real):
    critical = [text.key for text in real.bundle.texts.values() if text.critical]
    english = {text.key: text.english for text in real.texts}
    words = load(ROOT / "locales", english)
    assert len(critical) > 20
    for language in ("ky", "ru", "tg"):
        assert words.missing(critical, language) == ()


def test_every_error_that_code_names_has_words(real):
    known = {text.key for text in real.texts}
    named = {
        (path.name, key)
        for path in (ROOT / "hotline").rglob("*.py")
        for key in KEY_IN_CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    assert not {pair for pair in named if pair[1] not in known}


def test_the_catalogues_are_whole_files_without_machine_or_time():
    for language in ("ky", "ru", "tg"):
        text = catalogues.po_path(ROOT / "locales", language).read_text(encoding="utf-8")
        assert "Date" not in text.split("\n\n", 1)[0]
        assert "/" + "tmp" not in text


def test_a_year_later_the_answers_are_refused():
    """Knowledge ages honestly: move the clock and the build stops."""
    late = [f for f in project.lint(ROOT, now=NOW + timedelta(days=800)) if f.check == "review"]
    if not (ROOT / "flows" / "answers").exists():
        pytest.skip("no answers yet")
    assert late
    assert all(f.severity is Severity.ERROR for f in late)


def test_a_reworded_critical_line_stops_everything_until_somebody_looks(copy):
    path = copy / "flows" / "start.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Hello. Before we start:", "Hello! First:"), encoding="utf-8")
    assert "outdated" in {f.check for f in project.check_locales(copy)}
    project.update_locales(copy)
    stale = [f for f in project.lint(copy, now=NOW) if f.check == "stale"]
    assert {(f.key, f.language) for f in stale} == {
        ("start.safe.ask", language) for language in ("ky", "ru", "tg")
    }
    assert all(f.severity is Severity.ERROR for f in stale)
    catalogues.confirm(copy / "locales", "start.safe.ask", ["ky", "ru", "tg"])
    assert "start.safe.ask" not in {f.key for f in project.check_locales(copy)}


@pytest.mark.parametrize(
    ("file", "content", "where"),
    [
        ("flows/start.yaml", "flow: [start\n", "flows/start.yaml"),
        ("locales/ky/LC_MESSAGES/hotline.po", '<<<<<<< ours\nmsgid "x"\n', "ky/LC_MESSAGES"),
        ("locales/interface.yaml", "a: 1\na: 2\n", "interface.yaml"),
        ("flows/must_not_say.yaml", "- a\n", "flows/must_not_say.yaml"),
    ],
)
def test_a_broken_file_is_one_finding_that_names_it(copy, file, content, where):
    (copy / file).write_text(content, encoding="utf-8")
    found = project.lint(copy, now=NOW)
    assert len(found) == 1
    assert where in found[0].file
    assert found[0].severity is Severity.ERROR


def test_findings_are_told_to_people_and_to_machines(copy):
    (copy / "flows" / "start.yaml").write_text("flow: [start\n", encoding="utf-8")
    found = project.lint(copy, now=NOW)
    assert "1 error" in for_people(found)
    assert '"severity": "error"' in for_machines(found)
    assert for_people(()) == "nothing found"
    assert for_machines(()) == "[]"


def test_an_unknown_key_with_english_is_adopted(copy):
    words = {"error.brand_new": {"en": 'Say "no"', "ky": "Жок деңиз"}, "x.y": {"ky": "?"}}
    locales = copy / "locales"
    done = catalogues.import_words(locales, words)
    assert catalogues.adopt(locales, words, done.unknown) == ("error.brand_new",)
    project.update_locales(copy)
    assert catalogues.import_words(locales, words).filled["ky"] == ("error.brand_new",)


def test_files_of_words_are_imported_in_one_go_with_the_keys_they_bring(copy, tmp_path):
    path = tmp_path / "words.yaml"
    path.write_text('error.brand_new: {en: "New {n}", ky: "Жаңы {n}"}\n', encoding="utf-8")
    done = project.import_files(copy, [path])
    assert done["words.yaml"].filled["ky"] == ("error.brand_new",)
    assert project.import_files(copy, [path])["words.yaml"].filled["ky"] == ()

"""Every golden story is replayed through the real engine; together they visit everything."""

from pathlib import Path

import pytest
import yaml

from hotline import library
from hotline.core.languages import LANGUAGES
from hotline.flow import events as ev
from hotline.flow.contacts import Contacts
from hotline.flow.coverage import coverage
from hotline.flow.events import Said
from hotline.flow.render import MOST_UNITS, render, units
from hotline.flow.stories import Replayed, Story, read_story, replay, visits
from hotline.i18n import sources, words
from tests.support.flows import ROOT, bundle, files, judges

HERE = Path(__file__).parent
STORIES = sorted(path.stem for path in HERE.glob("*.yaml"))


def story(name: str) -> Story:
    return read_story(name, yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8")))


def replayed(name: str) -> Replayed:
    return replay(bundle(), story(name), judges())


def write(name: str, made: Replayed) -> None:
    """The story with what happened now."""
    path = HERE / f"{name}.yaml"
    source = yaml.safe_load(path.read_text("utf-8"))
    for entry, happened in zip(source["turns"], made.turns, strict=True):
        entry["happens"] = happened
    library.write_story(path, source)


@pytest.mark.parametrize("name", STORIES)
def test_the_story_happens_as_written(name: str, update_golden: bool) -> None:
    made = replayed(name)
    if update_golden:
        write(name, made)
    told = story(name)
    for number, (entry, happened) in enumerate(zip(told.turns, made.turns, strict=True), 1):
        assert "happens" in entry, f"turn {number} has no expectation: run with --update-golden"
        assert happened == entry["happens"], f"turn {number}: {entry.get('hears')}"


@pytest.fixture(scope="module")
def catalogue():
    """The real words of all languages."""
    return words.load(ROOT / "locales", sources.english(ROOT, bundle(), files()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STORIES)
def test_every_line_can_be_shown_on_both_channels(name, language, catalogue) -> None:
    contacts = Contacts.of(files().contacts)
    for turn in replayed(name).results:
        for said in (event for event in turn.events if isinstance(event, Said)):
            assert catalogue.has(said.key, language), f"{said.key} has no {language} words"
            for channel in ("telegram", "sms"):
                shown = render(
                    said, words=catalogue, contacts=contacts, channel=channel, language=language
                )
                whole = "".join(shown.parts)
                assert "{" not in whole
                assert whole or "number" in said.key or "child" in said.key
                assert all(label.strip() for row in shown.buttons for _, label in row)
                assert all(units(part) <= MOST_UNITS for part in shown.parts)


def test_the_stories_visit_every_step_and_every_answer() -> None:
    visited = set().union(*(visits(story(name), replayed(name)) for name in STORIES))
    missing = coverage(bundle(), visited).missing
    assert not missing, f"no story visits: {', '.join(missing)}"


def test_every_kind_of_event_happens_in_some_story() -> None:
    happened = {
        type(e).__name__ for name in STORIES for t in replayed(name).results for e in t.events
    }
    every = {kind.__name__ for kind in ev.Event.__args__}
    assert every - happened == set()

"""Reading load: no question takes more than two SMS, and the table in the docs is the true one."""

from functools import cache
from pathlib import Path

import pytest

from hotline.core.languages import LANGUAGES
from hotline.flow.contacts import Contacts
from hotline.flow.lengths import MOST_PARTS, SCREENING, Length, lengths, table
from hotline.i18n import sources, words
from tests.support.flows import ROOT, bundle, files

DOCS = ROOT / "docs" / "reading.md"


@cache
def rows() -> tuple[Length, ...]:
    catalogue = words.load(ROOT / "locales", sources.english(ROOT, bundle(), files()))
    return tuple(lengths(bundle(), catalogue, Contacts.of(files().contacts)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_takes_more_than_two_parts(language) -> None:
    long = [r for r in rows() if r.language == language and r.parts > MOST_PARTS]
    assert not long


def test_every_question_of_the_screening_is_measured() -> None:
    asked = {
        step.key
        for flow in SCREENING
        for step in bundle().flows[flow].steps.values()
        if step.asks and step.item not in {"C09", "C10"}
    }
    assert {row.step for row in rows()} == asked
    items = {bundle().steps[row.step].item for row in rows()}
    assert {f"B{n:02}" for n in range(1, 13)} <= items
    assert {f"C{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 11)} <= items


def test_the_table_in_the_docs_is_the_true_one() -> None:
    written = Path(DOCS).read_text("utf-8")
    assert table(rows()) in written, "run `hotline screening lengths` and put it into the page"


def test_a_long_question_is_counted_as_the_network_does() -> None:
    ((_, row),) = [
        (0, r) for r in rows() if (r.step, r.form, r.language) == ("start.safe", "", "ru")
    ]
    assert row.parts == 1
    assert row.characters <= 70

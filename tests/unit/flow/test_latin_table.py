"""The table of Latin letters that people are shown is the one by which SMS are written."""

import re

import pytest

from hotline.flow.latin import to_latin
from tests.support.flows import ROOT

TEXT = (ROOT / "docs" / "translating.md").read_text("utf-8")
SECTION = TEXT.partition("## Latin letters in SMS")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (\w) \| (.*?) \| (.*?) \| (.*?) \|$", SECTION, re.MULTILINE)
EXAMPLES = re.findall(r"^\* (.+) → (.+)$", SECTION, re.MULTILINE)


def test_every_letter_is_in_the_table():
    letters = {row[0] for row in ROWS}
    assert set("абвгдеёжзийклмнопрстуфхцчшщъыьэюяңөүғӣқӯҳҷ") <= letters


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_letter_is_written_as_the_table_says(row):
    letter, *cells = row
    for language, cell in zip(("ky", "ru", "tg"), cells, strict=True):
        if cell.strip():
            assert to_latin(letter, language) == ("" if cell == "–" else cell)


@pytest.mark.parametrize(("index", "language"), [(0, "ky"), (1, "ru"), (2, "tg")])
def test_the_examples_are_what_people_get(index, language):
    own, written = EXAMPLES[index]
    assert to_latin(own, language) == written

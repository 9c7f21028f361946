"""Every text there is, in every language, on every channel: never empty, unfilled or too long."""

import html

import pytest

from hotline.core.languages import LANGUAGES
from hotline.core.placeholders import names
from hotline.flow import sms
from hotline.flow.bundle import options_on
from hotline.flow.contacts import Contact, Contacts
from hotline.flow.events import Option, Said
from hotline.flow.render import MOST_LABEL, MOST_UNITS, render, units
from hotline.i18n import sources, words
from tests.support.flows import ROOT, bundle, files

TELEGRAM, SMS, LATIN = "telegram", "sms", "latin"
PARTS = {"line", "help", "sms"}


@pytest.fixture(scope="module")
def catalogue():
    return words.load(ROOT / "locales", sources.english(ROOT, bundle(), files()))


def every_number():
    """A register in which each number may be shown: what is left out otherwise is shown too."""
    rows = {
        str(row["id"]): Contact(str(row["id"]), "", "+996 312 000000", None, "confirmed", "today")
        for row in files().contacts
    }
    return Contacts(rows)


NUMBERS = every_number()
NONE = Contacts({})
LINES = sorted(key for key, text in bundle().texts.items() if text.role in PARTS)
ANSWERS = sorted(f"answers.{name}.tell" for name in files().answers)
STEPS = sorted(step.key for step in bundle().every_step() if step.asks)


def shown(said, catalogue, way, language, contacts=NUMBERS):
    return render(
        said, words=catalogue, contacts=contacts, channel=TELEGRAM if way == TELEGRAM else SMS,
        language=language, latin=way == LATIN,
    )  # fmt: skip


def is_good(made, way):
    whole = "\n".join(made.parts)
    assert whole.strip()
    assert "{" not in whole
    assert "}" not in whole
    assert all(part.strip() for part in made.parts)
    if way == TELEGRAM:
        assert all(units(html.unescape(part)) <= MOST_UNITS for part in made.parts)
        for row in made.buttons:
            for data, label in row:
                assert len(data.encode()) <= 64
                assert label.strip()
                assert len(label) <= MOST_LABEL
    else:
        assert not made.buttons
        assert all(sms.size(part).parts <= sms.MOST_PARTS for part in made.parts)
        assert made.segments == sum(sms.size(part).parts for part in made.parts)
    if way == LATIN:
        assert all(not 0x400 <= ord(letter) < 0x530 for letter in whole), whole
        assert all(sms.size(part).gsm for part in made.parts), whole


@pytest.mark.parametrize("way", [TELEGRAM, SMS, LATIN])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_and_answer(catalogue, language, way):
    for key in (*LINES, *ANSWERS):
        filled = dict.fromkeys(names(catalogue.text(key, language)), "7")
        is_good(shown(Said(key, args=filled), catalogue, way, language), way)


@pytest.mark.parametrize("way", [TELEGRAM, SMS, LATIN])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_with_its_answers(catalogue, language, way):
    channel = TELEGRAM if way == TELEGRAM else SMS
    for key in STEPS:
        step = bundle().steps[key]
        for third in (False, True):
            name = f"{key}.ask.third" if third and "third" in step.variants else f"{key}.ask"
            choices = bundle().shown[key, channel, third]
            if step.dynamic and channel == TELEGRAM:
                choices = (*(Option(t, f"answers.{t}.label") for t in files().answers), *choices)
            filled = dict.fromkeys(names(catalogue.text(name, language)), "7")
            said = Said(name, step=key, args=filled, choices=choices)
            made = shown(said, catalogue, way, language)
            is_good(made, way)
            if way == SMS:
                text = "\n".join(made.parts)
                assert all(f"{n} " in text for n in range(1, len(options_on(step, SMS)) + 1))


@pytest.mark.parametrize("way", [TELEGRAM, SMS, LATIN])
@pytest.mark.parametrize("language", LANGUAGES)
def test_without_any_number_a_line_is_whole_or_left_out(catalogue, language, way):
    """Numbers that nobody has test-called: the sentence goes, and nothing half stays."""
    for key in (*LINES, *ANSWERS):
        text = catalogue.text(key, language)
        filled = {name: "7" for name in names(text) if not name.startswith("contact:")}
        made = shown(Said(key, args=filled), catalogue, way, language, NONE)
        if made.parts:
            is_good(made, way)
        else:
            assert "contact:" in text or "contact:" in catalogue.text(f"{key}.sms", language)

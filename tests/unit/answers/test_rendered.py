"""What a phone really shows of an answer, in earnest and in the demonstration."""

import pytest

from hotline.core.languages import LANGUAGES
from hotline.flow.contacts import Contacts
from hotline.flow.events import Said
from hotline.flow.render import render


class Words:
    """The catalogues, as rendering needs them."""

    def __init__(self, answers, text):
        self.answers = answers
        self.find = text

    def text(self, key, language):
        return self.find(language, key)

    def english(self, key):
        _, intent, part = key.split(".", 2)
        return self.answers[intent].get({"tell": "tell", "tell.sms": "sms"}.get(part, part))


@pytest.fixture
def shown(answers, contacts, text):
    """shown(intent, channel, language, demonstration) -> the message as one text, and its size."""
    words = Words(answers, text)

    def show(intent, channel, language, *, demonstration):
        register = Contacts.of(contacts.values(), demonstration=demonstration)
        made = render(
            Said(f"answers.{intent}.tell"),
            words=words, contacts=register, channel=channel, language=language,
        )  # fmt: skip
        return "\n".join(made.parts), made

    return show


@pytest.mark.parametrize("demonstration", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_one_message_with_a_bold_lead(answers, shown, language, demonstration):
    for intent in answers:
        words, made = shown(intent, "telegram", language, demonstration=demonstration)
        assert len(made.parts) == 1, intent
        assert words.startswith("<b>"), intent
        assert "{" not in words, intent


@pytest.mark.parametrize("demonstration", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_by_sms_costs_at_most_three_parts(answers, shown, language, demonstration):
    for intent in answers:
        words, made = shown(intent, "sms", language, demonstration=demonstration)
        assert made.segments <= 3, f"{intent}: {made.segments}"
        assert "{" not in words, intent
        assert "•" not in words, intent


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_nobody_called_goes_with_its_whole_sentence(shown, language):
    for channel in ("telegram", "sms"):
        earnest, _ = shown("child_helpline", channel, language, demonstration=False)
        demonstration, _ = shown("child_helpline", channel, language, demonstration=True)
        assert "111" in demonstration
        assert "111" not in earnest
        assert not earnest.rstrip().endswith(":")
        assert len(earnest) < len(demonstration)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_digits_two_countries_share_are_shown_with_the_country(shown, language):
    words, _ = shown("child_helpline", "telegram", language, demonstration=True)
    line = words.splitlines()[-1]
    assert line.count("111") == 2
    assert {"ky": "Казакстан", "ru": "Казахстан", "tg": "Қазоқистон"}[language] in line

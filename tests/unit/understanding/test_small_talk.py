"""Small talk and stray answers are no questions; a cry for help in one word is heard."""

import pytest

from hotline.core.reading import Choice, DangerLevel, Expects, Heard
from hotline.understanding.data import BadWords
from hotline.understanding.fold import skeleton
from hotline.understanding.small_talk import SmallTalk
from tests.unit.understanding.conftest import example

FRESH = example("danger_fresh")
QUESTION = Expects(step="menu.top", free="question")


@pytest.fixture(scope="module")
def talk(data):
    return SmallTalk(data["small_talk"])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Салам!", "greeting"),
        ("salam kandaysyz", "greeting"),
        ("привет как дела", "greeting"),
        ("салом чӣ хел шумо", "greeting"),
        ("рахмат", "thanks"),
        ("спасибо спасибо", "thanks"),
        ("раҳмати калон", "thanks"),
        ("до свидания", "goodbye"),
        ("ты бот?", "robot"),
        ("роботсузбу", "robot"),
        ("шумо кистед", "who"),
        ("идиот", "rude"),
        ("да вы тупые", "rude"),
        ("?", "puzzled"),
        ("??!", "puzzled"),
        ("😭😭", "wordless"),
        ("...", "wordless"),
        ("салам, патент канча турат", None),
        ("спасибо, а сколько стоит патент", None),
        ("", None),
        ("你好", None),
    ],
)
def test_small_talk(talk, text, kind):
    assert talk.find(text, skeleton(text)) == kind


def test_a_wrong_kind_is_named(data):
    with pytest.raises(BadWords, match="weather"):
        SmallTalk({**data["small_talk"], "weather": {"ru": ["дождь"]}})


@pytest.mark.parametrize("text", ["ооба", "да", "нет", "ок", "не знаю", "3", "жок", "ҳа", "ъъъ"])
def test_a_stray_answer_is_no_question(known, text):
    reading = known.read(Heard(text=text), QUESTION)
    assert reading.decision == "none"
    assert not reading.intents


@pytest.mark.parametrize("text", ["салам", "идиот", "вы бот", "раҳмат", "🙏"])
def test_small_talk_is_no_question(known, text):
    reading = known.read(Heard(text=text), QUESTION)
    assert reading.small_talk
    assert reading.decision == "none"


def test_small_talk_never_hides_danger(known):
    reading = known.read(Heard(text="сука он меня бьёт"), QUESTION)
    assert reading.small_talk is None
    assert reading.danger.level is DangerLevel.IMMEDIATE


def test_an_option_comes_before_small_talk(known):
    step = Expects(step="s", choices=(Choice("bye", {"ru": "до свидания"}),))
    assert known.read(Heard(text="до свидания"), step).codes == ("bye",)


@pytest.mark.parametrize(
    "text",
    ["опасно", "коркунуч", "хатар", "help", "помогите", "жардам бергиле", "ёрӣ диҳед", "памагите"],
)
def test_a_bare_cry_for_help_leads_to_a_person(known, text):
    reading = known.read(Heard(text=text), QUESTION)
    person = reading.command == "human" or reading.near == "human" or reading.decision == "human"
    assert person or reading.danger.level is not DangerLevel.NONE


@pytest.mark.parametrize("text", ["дверь", "кровь", "замок", "паспорт", "нож", "кан", "корд"])
def test_one_ambiguous_word_alarms_nobody(known, text):
    assert known.danger(text).level is not DangerLevel.IMMEDIATE


LEAST_HEARD = 0.80
LEAST_OFFERED = 0.90
MOST_FALSE = 0.08
"""Floors under the figures of docs/understanding.md: a change that loses more is looked at."""


@pytest.mark.parametrize("language", ["ky", "ru", "tg"])
def test_danger_in_messages_never_learnt_from(known, language):
    levels = [known.danger(t).level for t in FRESH["immediate"][language].splitlines()]
    heard = sum(level is DangerLevel.IMMEDIATE for level in levels) / len(levels)
    offered = sum(level is not DangerLevel.NONE for level in levels) / len(levels)
    ordinary = [known.danger(t).level for t in FRESH["ordinary"][language].splitlines()]
    false = sum(level is DangerLevel.IMMEDIATE for level in ordinary) / len(ordinary)
    assert heard >= LEAST_HEARD
    assert offered >= LEAST_OFFERED
    assert false <= MOST_FALSE

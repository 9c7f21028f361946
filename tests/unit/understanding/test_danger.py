"""Danger is heard in every language and typing; a "what if" alarms nobody."""

import time

import pytest

from hotline.core.reading import DangerLevel
from hotline.understanding.danger import DangerFinder
from hotline.understanding.data import BadWords
from hotline.understanding.typing_styles import latin, stripped
from tests.unit.understanding.conftest import example

LIST = example("danger")
LANGUAGES = ("ky", "ru", "tg")
RECALL = 0.97
FALSE = 0.04


@pytest.fixture(scope="module")
def finder(data):
    return DangerFinder(data["danger"])


def share(finder, texts):
    return sum(finder.find(t).level is DangerLevel.IMMEDIATE for t in texts) / len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "style", [str, stripped, lambda t: latin(t, 0), lambda t: latin(t, 1), str.upper]
)
def test_recall_and_false_alarms(finder, language, style):
    assert share(finder, [style(t) for t in LIST["immediate"][language].splitlines()]) >= RECALL
    assert share(finder, [style(t) for t in LIST["not_immediate"][language].splitlines()]) <= FALSE


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("меня бьют", "immediate"),
        ("меня не бьют", "none"),
        ("а что если у меня заберут паспорт?", "soft"),
        ("менин паспортумду алып койсо эмне болот?", "soft"),
        ("хозяин забрал паспорт", "soft"),
        ("если уйду он меня убьет", "immediate"),
        ("а если меня убьют", "soft"),
        ("мени урган жок", "none"),
        ("сосед убит горем, хочу узнать про патент", "none"),
        ("", "none"),
        ("меня. бьют", "none"),
    ],
)
def test_levels(finder, text, level):
    assert finder.find(text).level == level


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("мне 15 лет, меня бьют", "minor"),
        ("мен 14 жаштамын мени сабап жатышат", "minor"),
        ("ман 13 солаам маро мезананд", "minor"),
        ("мне 25 лет, меня бьют", None),
        ("он читает мои сообщения", "observed"),
        ("хочу умереть", "self_harm"),
        ("нас заперли", "captivity"),
    ],
)
def test_signs(finder, text, sign):
    signs = finder.find(text).signs
    assert sign in signs if sign else "minor" not in signs


def test_ordinary_questions_rarely_alarm(finder, data):
    urgent = {
        "held_forced_now",
        "sexual_exploitation",
        "war_recruitment",
        "forced_marriage",
        "scam_compound",
        "relative_held",
        "child_begging",
        "psych_support",
        "pregnancy_emergency",
        "police_detention",
        "debt_bondage",
        "victim_not_punished",
    }
    ordinary = [
        t
        for i, by in data["phrasings"].items()
        if i not in urgent
        for b in by.values()
        for t in b.splitlines()
    ]
    assert len(ordinary) > 1500
    assert share(finder, ordinary) <= 0.005


def test_hostile_lengths_are_quick(finder):
    started = time.process_time()
    for text in (
        "меня бьют не выпускают " * 400,
        "а" * 10_000,
        "если " * 2000,
        "." * 10_000,
        "заперли. " * 1100,
    ):
        finder.find(text)
    assert time.process_time() - started < 1


def test_a_wrong_pattern_is_named(data):
    tree = {**data["danger"], "ignore": ["@nobody бьют"]}
    with pytest.raises(BadWords, match="nobody"):
        DangerFinder(tree)

"""Whatever is typed, it is read: no error, and nothing that was never said."""

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from hotline import library
from hotline.core.reading import Choice
from hotline.understanding import lexicon, options, values
from hotline.understanding.commands import Commands
from hotline.understanding.danger import DangerFinder
from hotline.understanding.fold import skeleton
from hotline.understanding.typing_styles import stripped

FLOWS = Path(__file__).parents[2] / "flows"
ANY = st.text(max_size=300) | st.text(
    alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюяңөүғқҳҷӣӯ abcdefghijklmnopqrstuvwxyz0123456789.,!?'\x00\u202e\ud800",
    max_size=300,
)
CHOICES = tuple(
    Choice(code, {"ru": label}, (), means)
    for code, label, means in (("y", "Да", "yes"), ("n", "Нет", "no"), ("home", "Домой", None))
)


@pytest.fixture(scope="module")
def data():
    return library.load(FLOWS).understanding


@pytest.fixture(scope="module")
def commands(data):
    return Commands(data["commands"])


@pytest.fixture(scope="module")
def danger(data):
    return DangerFinder(data["danger"])


@pytest.fixture(scope="module")
def words(data):
    return lexicon.build(data["answers"], data["countries"])


@given(ANY)
def test_a_skeleton_is_plain_words(text):
    folded = skeleton(text)
    assert folded.isascii()
    assert folded == " ".join(folded.split())
    assert all(c.isalnum() or c == " " for c in folded)


@given(ANY)
def test_case_and_keyboard_do_not_matter(text):
    assert skeleton(stripped(text)) == skeleton(text.lower())


@given(ANY)
@settings(max_examples=300)
def test_everything_is_read(commands, danger, words, text):
    commands.find(text)
    danger.find(text)
    chosen = options.choose(text, CHOICES, words, multi=True)
    assert set(chosen) <= {"y", "n", "home"}
    values.number(text, words)
    values.date(text, words)
    values.country(text, words)


@given(ANY)
def test_danger_is_not_lost_in_other_talk(danger, text):
    alone = danger.find("Меня заперли и бьют")
    with_more = danger.find(f"Меня заперли и бьют. {text[:100]}")
    assert alone.level == "immediate"
    assert with_more.level in {"immediate", "soft"}

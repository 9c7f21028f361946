"""Commands from every step: what must match, what must be asked, what must be left alone."""

import pytest

from hotline.core.reading import Command
from hotline.understanding.commands import Commands
from hotline.understanding.data import BadWords
from hotline.understanding.fold import skeleton
from tests.unit.understanding.conftest import example

LIST = example("commands")


@pytest.fixture(scope="module")
def commands(data):
    return Commands(data["commands"])


def meant(commands, text):
    if commands.safe_word(skeleton(text)):
        return Command.SAFE_WORD
    found = commands.find(text)
    return found.command if found and not found.near else None


@pytest.mark.parametrize(
    ("command", "text"), [(c, t) for c, ts in LIST["exact"].items() for t in ts]
)
def test_is_a_command(commands, command, text):
    assert meant(commands, text) == command


@pytest.mark.parametrize(
    ("command", "text"), [(c, t) for c, ts in LIST["near"].items() for t in ts]
)
def test_is_asked_about(commands, command, text):
    found = commands.find(text)
    assert found is not None
    assert (found.command, found.near) == (command, True)


@pytest.mark.parametrize("text", LIST["nothing"])
def test_is_no_command(commands, text):
    assert commands.find(text) is None
    assert not commands.safe_word(skeleton(text))


def test_no_phrasing_of_any_question_ends_a_conversation(commands, data):
    harmless = {Command.HUMAN, Command.LANGUAGE, Command.MENU, Command.BACK, Command.START}
    for intent, by_language in data["phrasings"].items():
        for block in by_language.values():
            for text in block.splitlines():
                found = commands.find(text)
                assert found is None or found.command in harmless, (intent, text)


def test_stop_share_keeps_the_partners_name_and_is_no_stop(commands):
    found = commands.find("стоп передача Ак Журок")
    assert (found.command, found.arg) == (Command.STOP_SHARE, "Ак Журок")


@pytest.mark.parametrize(
    ("text", "code"),
    [("кыргызча", "ky"), ("на русском", "ru"), ("tojiki", "tg"), ("english", None), ("язык", None)],
)
def test_a_named_language_is_a_direct_choice(commands, text, code):
    assert commands.find(text).arg == code


def test_own_safe_word_counts_inside_a_sentence(commands):
    own = ("красный чайник",)
    assert commands.safe_word(skeleton("где мой красный чайник"), own)
    assert not commands.safe_word(skeleton("где мой чайник"), own)
    assert not commands.safe_word(skeleton("где мой чайник"), ("",))


def test_colliding_words_are_refused(data):
    tree = {**data["commands"], "commands": {**data["commands"]["commands"]}}
    tree["commands"]["menu"] = {"typos": "accept", "words": {"any": ["стоп"]}}
    with pytest.raises(BadWords, match="already means"):
        Commands(tree)


def test_a_missing_command_is_refused(data):
    tree = {**data["commands"], "commands": dict(data["commands"]["commands"])}
    del tree["commands"]["hide"]
    with pytest.raises(BadWords, match="hide"):
        Commands(tree)

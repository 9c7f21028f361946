"""What works at every step: typed in three languages, in Cyrillic and Latin, by real understanding."""

from datetime import UTC, datetime

import pytest

from hotline.core.languages import LANGUAGES
from hotline.core.reading import Command, Heard, Kind, Reading
from hotline.flow import engine, events as ev
from hotline.flow.session import Frame, Session
from hotline.understanding.typing_styles import latin
from tests.support.flows import judges
from tests.support.world import content, understanding

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
CHANNELS = ("telegram", "sms")
BUNDLE = content().bundle
ASKING = sorted(step.key for step in BUNDLE.every_step() if step.asks)
WORDS = {
    Command.HUMAN: {"ky": "адам керек", "ru": "нужен оператор", "tg": "одам лозим"},
    Command.STOP: {"ky": "токтот", "ru": "стоп", "tg": "бас кунед"},
    Command.HIDE: {"ky": "жашыр", "ru": "спрятать", "tg": "пинҳон кун"},
    Command.LANGUAGE: {"ky": "тилди алмаштыр", "ru": "сменить язык", "tg": "забонро иваз кун"},
    Command.MENU: {"ky": "башкы меню", "ru": "меню", "tg": "менюи асосӣ"},
    Command.BACK: {"ky": "артка", "ru": "назад", "tg": "бозгашт"},
    Command.DELETE_MY_DATA: {"ky": "маалыматымды өчүр", "ru": "удалите мои данные",
                             "tg": "маълумоти маро нест кун"},
    Command.WHO_HAS_MY_DATA: {"ky": "маалыматым кимде", "ru": "у кого мои данные",
                              "tg": "маълумоти маро кӣ дид"},
    Command.SAFE_WORD: {"ky": "ак жоолук", "ru": "белый платок", "tg": "рӯмоли сафед"},
    Command.LATIN: {"ky": "латын тамгасы", "ru": "латиница", "tg": "ҳарфҳои лотинӣ"},
}  # fmt: skip
SLASH = {
    "/start": Command.START, "/menu": Command.MENU, "/language": Command.LANGUAGE,
    "/stop": Command.STOP, "/hide": Command.HIDE, "/human": Command.HUMAN,
    "/delete": Command.DELETE_MY_DATA,
}  # fmt: skip


def at(step, channel="telegram", language="ru"):
    found = BUNDLE.steps[step]
    return Session(
        BUNDLE.revision, (Frame(found.flow, found.name),), turn=3, language=language,
        channel=channel, waiting=True, answers={"A1": ("y",)},
    )  # fmt: skip


def hear(session, reading):
    return engine.resume(
        BUNDLE, session, Heard(Kind.TEXT, "x"), read=lambda _h, _e: reading,
        assess=judges().assess, now=NOW, idle_seconds=5,
    )  # fmt: skip


def said(turn):
    return [event for event in turn.events if isinstance(event, ev.Said)]


def has(turn, kind):
    return any(isinstance(event, kind) for event in turn.events)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", WORDS, ids=str)
def test_the_word_is_understood_at_every_step(order, language):
    word = WORDS[order][language]
    for typed in dict.fromkeys((word, word.upper(), latin(word, 0), f"{word}!")):
        for step in ASKING:
            for channel in CHANNELS:
                expects = BUNDLE.expects[step, channel]
                read = understanding().read(Heard(Kind.TEXT, typed), expects, today=NOW.date())
                assert read.command is order, (typed, step, channel)


@pytest.mark.parametrize(("typed", "order"), SLASH.items())
def test_telegrams_commands_are_understood_as_text(typed, order):
    for step in ASKING:
        expects = BUNDLE.expects[step, "telegram"]
        read = understanding().read(Heard(Kind.TEXT, typed), expects, today=NOW.date())
        assert read.command is order, step


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("step", ASKING)
def test_every_command_does_what_it_says_in_one_turn(step, channel):
    session = at(step, channel)

    person = hear(session, Reading(command=Command.HUMAN))
    assert has(person, ev.HandoverRequested), "one turn from every step to a person"
    assert said(person)

    stop = hear(session, Reading(command=Command.STOP))
    assert has(stop, ev.Stopped)
    assert said(stop) == []

    hide = hear(session, Reading(command=Command.HIDE))
    assert has(hide, ev.Hidden)
    (line,) = said(hide)
    assert line.neutral
    assert line.remove_keyboard

    alarm = hear(session, Reading(command=Command.SAFE_WORD))
    assert ev.HandoverRequested("P0", "safe_word", silent=True) in alarm.events
    assert all(one.neutral for one in said(alarm))

    menu = hear(session, Reading(command=Command.MENU))
    assert said(menu)[-1].key == "menu.top.ask"

    which = hear(session, Reading(command=Command.LANGUAGE))
    assert said(which)[-1].key == "language.which.ask"
    named = hear(session, Reading(command=Command.LANGUAGE, command_arg="tg"))
    assert named.session.language == "tg"

    assert ev.DataAsked("who") in hear(session, Reading(command=Command.WHO_HAS_MY_DATA)).events
    delete = hear(session, Reading(command=Command.DELETE_MY_DATA))
    assert delete.session.place.flow == "data"
    assert said(hear(session, Reading(command=Command.BACK)))
    assert said(hear(session, Reading(command=Command.START)))

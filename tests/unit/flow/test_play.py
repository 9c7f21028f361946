"""The terminal player is the real engine, and what it saves is a golden story that replays."""

from hotline.core.reading import Command, Kind, Reading
from hotline.flow.contacts import Contacts
from hotline.flow.play import Player
from hotline.flow.stories import read_story, replay
from tests.support.flows import EnglishWords, bundle, files, judges


def read(heard, expects):
    if heard.kind is Kind.START:
        return Reading(command=Command.START)
    if heard.kind is Kind.BUTTON:
        return Reading(codes=(heard.button.partition("=")[2],))
    if heard.text == "hide":
        return Reading(command=Command.HIDE)
    if heard.text.isdigit() and int(heard.text) <= len(expects.choices):
        return Reading(codes=(expects.choices[int(heard.text) - 1].code,))
    return Reading()


def player(**more):
    return Player(bundle(), EnglishWords(), Contacts.of(files().contacts), read, judges(), **more)


def typed(game, *lines):
    return ["\n".join(game.hear(line)) for line in lines]


def test_a_conversation_is_played_and_shown():
    game = player()
    first, second = typed(game, "/start", "1")
    assert "is it safe for you to write now" in first
    assert "[1] Yes, it is safe" in first
    assert "AnswerRecorded" in second
    assert "[2] I need help where I am" in second


def test_the_sms_channel_counts_parts():
    game = player(channel="sms")
    (shown,) = typed(game, "/start")
    assert "[1 SMS]" in shown
    assert "1 Yes" in shown


def test_keys_and_reasons_can_be_seen():
    game = player()
    assert typed(game, ":keys", "/start")[1].count("start.safe.ask") == 1
    why = typed(game, "1", "1", ":why")[2]
    assert "walked:" in why
    assert "stage = B" in why


def test_a_message_can_be_taken_back():
    game = player()
    typed(game, "/start", "1", "1")
    assert game.session.step_key == "safety.A2"
    assert "taken back" in typed(game, ":undo")[0]
    assert game.session.step_key == "menu.top"
    typed(game, ":undo", ":undo")
    assert "nothing to take back" in typed(game, ":undo")[0]


def test_time_passes_and_timers_go_off():
    game = player()
    typed(game, "/start", "1", "1", "5", "1", "1", "2", "3", "2")
    assert game.session.step_key == "result.go_on"
    assert "HandoverRequested" not in typed(game, ":time +5m")[0]
    assert "HandoverRequested" in typed(game, ":time +5m")[0]
    assert "Is it safe" in typed(game, ":time 40m", "1")[1]


def test_odd_orders_are_answered():
    game = player()
    for line in (":time soon", ":mode robot", ":channel pigeon", ":nonsense", ":why", ":undo"):
        assert typed(game, line)[0]
    typed(game, ":quit")
    assert game.over


def test_what_is_saved_replays_to_the_same():
    game = player()
    typed(game, "/start", "1", "1", ":button safety.A2=none", "2", "words", "hide", ":save x")
    assert game.saved == "x"
    story = game.story()
    made = replay(bundle(), read_story("x", story), judges())
    assert list(made.turns) == [turn["happens"] for turn in story["turns"]]
    assert "words" not in str(story)


def test_heard_is_never_saved_as_typed():
    game = player()
    list(game.hear("my name is secret"))
    assert "secret" not in str(game.story())

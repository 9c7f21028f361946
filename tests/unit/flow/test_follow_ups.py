"""Topics that people often ask next stand as buttons under an answer."""

from datetime import UTC, datetime

import pytest

from hotline.core.reading import Heard, Kind, Reading, Scored
from hotline.flow import engine
from hotline.flow.events import QuestionAsked, Said
from hotline.flow.topics import topics_of
from tests.support.flows import bundle, judges

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def hear(session, reading, channel="telegram"):
    more = {"assess": judges().assess, "now": NOW, "read": lambda _h, _e: reading}
    heard = Heard(Kind.BUTTON if reading.codes else Kind.TEXT, "x")
    if session is None:
        return engine.begin(bundle(), heard, channel=channel, language="ru", **more)
    return engine.resume(bundle(), session, heard, idle_seconds=5, **more)


def asked(channel="telegram", topic="check_agency"):
    session = hear(None, Reading(), channel).session
    session = hear(session, Reading(codes=("y",)), channel).session
    question = Reading(intents=(Scored(topic, 0.9),), decision="answer")
    return hear(session, question, channel)


def offered(turn):
    (said,) = [e for e in turn.events if isinstance(e, Said) and e.choices]
    return said.key, [choice.code for choice in said.choices]


def test_a_follow_up_is_offered_and_answered():
    turn = asked()
    assert offered(turn) == ("question.helped.ask", ["wage_theft", "y", "n", "person", "menu"])
    more = hear(turn.session, Reading(codes=("wage_theft",)))
    assert QuestionAsked("wage_theft") in more.events
    assert "answers.wage_theft.tell" in [e.key for e in more.events if isinstance(e, Said)]
    assert offered(more)[0] == "question.helped.ask"


def test_what_belongs_to_a_person_first_or_is_gone_is_never_offered():
    known = bundle().topics["check_agency"].follow_ups
    assert {"held_forced_now", "gone"} <= set(known)
    assert not {"held_forced_now", "gone"} & set(offered(asked())[1])


@pytest.mark.parametrize("channel", ["sms"])
def test_by_sms_there_are_none(channel):
    assert offered(asked(channel))[1] == ["y", "n", "person", "menu"]


def test_they_come_from_the_answer_files():
    topics = topics_of({"a": {"follow_ups": ["b", "c"]}, "b": {}})
    assert topics["a"].follow_ups == ("b", "c")
    assert topics["b"].follow_ups == ()

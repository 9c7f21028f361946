"""Rules of a conversation that must never break, each with its name on it."""

import json
from datetime import UTC, datetime

import pytest

from hotline.core.reading import Command, Danger, DangerLevel, Heard, Kind, Reading, Scored
from hotline.flow import engine, events as ev
from hotline.flow.pen import MAX_TURNS, Mode
from hotline.flow.session import Frame, Session
from tests.support.flows import bundle, files, judges

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SAFE = ("start.safe=y",)
OFFER = (*SAFE, "menu.top=offer", "safety.A2=none", "safety.A3=adult", "about.R1=KG", "about.R2=n")


def begin(reading=None, **more):
    return engine.begin(
        bundle(), Heard(Kind.START), channel=more.pop("channel", "telegram"),
        language=more.pop("language", "ru"), read=lambda _h, _e: reading or Reading(),
        assess=judges().assess, now=NOW, **more,
    )  # fmt: skip


def hear(session, reading=None, *, kind=Kind.TEXT, text="x", **more):
    again = Session.from_mapping(json.loads(json.dumps(session.to_mapping())))
    found = judges()
    return engine.resume(
        bundle(), again, Heard(kind, text), read=lambda _h, _e: reading or Reading(),
        assess=found.assess, can_change=found.can_change, reasons=found.reasons, now=NOW, **more,
    )  # fmt: skip


def press(session, *buttons, **more):
    for button in buttons:
        _, _, code = button.partition("=")
        turn = hear(session, Reading(codes=(code,)), kind=Kind.BUTTON, **more)
        session = turn.session
    return turn


def at(*buttons, **more):
    return press(begin(**more).session, *buttons).session


def said(turn):
    return [e.key for e in turn.events if isinstance(e, ev.Said)]


def first(turn, kind):
    return next((e for e in turn.events if isinstance(e, kind)), None)


def danger(*signs):
    return Reading(danger=Danger(DangerLevel.IMMEDIATE, signs))


def test_the_first_question_is_whether_it_is_safe():
    assert said(begin()) == ["start.safe.ask"]


def test_an_unknown_language_is_asked_and_a_clear_one_is_taken():
    assert said(begin(language=None)) == ["start.language.ask"]
    turn = begin(Reading(language="tg", language_confidence=0.97), language=None)
    assert first(turn, ev.LanguageChosen) == ev.LanguageChosen("tg", "detected")
    assert said(turn) == ["start.safe.ask"]


def test_a_language_that_shows_itself_need_not_be_chosen():
    asked = begin(language=None).session
    turn = hear(asked, Reading(language="ky", language_confidence=0.99))
    assert first(turn, ev.LanguageChosen).language == "ky"
    assert said(turn) == ["start.safe.ask"]
    question = Reading(
        language="tg", language_confidence=0.99, intents=(Scored("check_agency", 0.9),),
        decision="answer",
    )  # fmt: skip
    turn = hear(asked, question)
    assert said(turn) == ["start.safe.ask"]
    assert "answers.check_agency.tell" in said(press(turn.session, "start.safe=y"))


@pytest.mark.parametrize("mode", list(Mode))
def test_stop_is_silence_at_once(mode):
    turn = hear(at(*OFFER), Reading(command=Command.STOP), mode=mode)
    assert turn.events == (ev.TimersDropped(), ev.Stopped())


@pytest.mark.parametrize("mode", list(Mode))
def test_hide_is_one_neutral_line_and_then_silence(mode):
    turn = hear(at(*OFFER), Reading(command=Command.HIDE), mode=mode)
    assert said(turn) == ["common.neutral"]
    assert first(turn, ev.Said).remove_keyboard
    assert said(hear(turn.session, Reading(command=Command.HIDE), mode=Mode.QUIET)) == []


def test_not_safe_is_one_neutral_line_with_our_number():
    turn = press(begin().session, "start.safe=n")
    assert said(turn) == ["start.unsafe.tell"]
    assert first(turn, ev.Said).neutral
    assert first(turn, ev.Hidden)


def test_not_safe_after_danger_makes_the_alarm_silent():
    turn = press(hear(at(*SAFE), danger("captivity")).session, "danger.place=n", mode=Mode.WAITING)
    assert first(turn, ev.HandoverRequested) == ev.HandoverRequested("P0", "danger", silent=True)


def test_danger_comes_before_a_command_and_before_an_answer():
    reading = Reading(
        danger=Danger(DangerLevel.IMMEDIATE, ("violence",)), command=Command.MENU, codes=("y",)
    )
    turn = hear(at(*OFFER), reading)
    assert first(turn, ev.HandoverRequested).klass == "P0"
    assert said(turn)[:2] == ["danger.read.tell", "danger.safe.tell"]
    assert not first(turn, ev.AnswerRecorded)


def test_danger_with_hide_raises_the_alarm_and_hides():
    reading = Reading(danger=Danger(DangerLevel.IMMEDIATE, ("violence",)), command=Command.HIDE)
    turn = hear(at(*OFFER), reading)
    assert first(turn, ev.HandoverRequested).silent
    assert said(turn) == ["common.neutral"]
    assert first(turn, ev.Hidden)


def test_somebody_reading_is_a_silent_alarm():
    turn = hear(at(*OFFER), danger("observed"))
    assert first(turn, ev.HandoverRequested) == ev.HandoverRequested("P0", "danger", silent=True)
    assert said(turn) == ["common.neutral"]


def test_the_safe_word_changes_nothing_that_can_be_seen():
    turn = hear(at(*OFFER), Reading(command=Command.SAFE_WORD))
    assert first(turn, ev.HandoverRequested) == ev.HandoverRequested("P0", "safe_word", silent=True)
    (line,) = [e for e in turn.events if isinstance(e, ev.Said)]
    assert line.neutral
    assert not line.remove_keyboard
    assert said(hear(turn.session)) == ["again.safe.ask"]


def test_a_place_may_be_shared_instead_of_written():
    session = hear(at(*SAFE), danger("captivity")).session
    turn = hear(session, Reading(), kind=Kind.LOCATION, text="", mode=Mode.WAITING)
    assert first(turn, ev.AnswerRecorded).value == "shared"
    assert said(turn)[0] == "danger.noted.tell"


def test_hidden_in_the_first_message_safety_is_asked_once():
    turn = begin(Reading(command=Command.HIDE))
    turn = press(hear(turn.session, mode=Mode.QUIET).session, "start.safe=y")
    assert said(turn) == ["start.hello.tell", "menu.top.ask"]
    assert said(press(turn.session, "menu.top=question")) == ["question.ask.ask"]


def test_beside_a_person_the_machine_is_mute_but_an_alarm_is_raised():
    session = at(*OFFER)
    assert hear(session, Reading(codes=("y",)), mode=Mode.HUMAN).events == ()
    for order in (Command.MENU, Command.BACK, Command.HUMAN):
        assert hear(session, Reading(command=order), mode=Mode.HUMAN).events == ()
    turn = hear(session, danger("threat"), mode=Mode.HUMAN)
    assert said(turn) == []
    assert first(turn, ev.HandoverRequested).klass == "P0"


def test_consent_is_answered_to_the_machine_even_beside_a_person():
    asked = engine.call(bundle(), at(*SAFE), "consent", {"consent": "c7", "partner": "A"}, now=NOW)
    turn = press(asked.session, "consent.question=y", mode=Mode.HUMAN)
    assert first(turn, ev.ConsentGiven) == ev.ConsentGiven(
        "c7", "consent.question.ask", bundle().revision
    )
    assert said(turn) == ["consent.given.tell"]


def test_a_yes_typed_to_the_counsellor_is_no_consent():
    asked = engine.call(bundle(), at(*SAFE), "consent", {"consent": "c7", "partner": "A"}, now=NOW)
    turn = hear(asked.session, Reading(codes=("y",)), mode=Mode.HUMAN)
    assert not first(turn, ev.ConsentGiven)
    assert said(turn) == ["consent.question.ask"]
    asked = engine.call(bundle(), at(*SAFE, channel="sms"), "consent", {"consent": "c"}, now=NOW)
    assert first(hear(asked.session, Reading(codes=("y",)), mode=Mode.HUMAN), ev.ConsentGiven)


def test_a_stale_button_only_shows_where_we_are():
    session = at(*OFFER)
    turn = hear(session, Reading(stale_step="start.safe", codes=("n",)), kind=Kind.BUTTON)
    assert said(turn) == ["common.stale", "about.R3.ask"]
    assert not first(turn, ev.AnswerRecorded)


def test_after_half_an_hour_safety_is_asked_before_anything_else():
    session = at(*OFFER, "about.R3=agency")
    assert said(hear(session, Reading(codes=("y",)), idle_seconds=1800)) == ["offer.B02.ask"]
    turn = hear(session, Reading(codes=("y",)), idle_seconds=1801)
    assert said(turn) == ["again.safe.ask"]
    assert not first(turn, ev.AnswerRecorded)
    turn = press(turn.session, "again.safe=y")
    assert said(turn) == ["again.go_on.ask"]
    assert said(press(turn.session, "again.go_on=y")) == ["offer.B01.ask"]


def test_an_edit_moves_nothing():
    session = at(*OFFER)
    turn = hear(session, Reading(codes=("agency",)), kind=Kind.EDIT)
    assert turn.events == ()
    assert turn.session == session
    assert first(hear(session, danger("threat"), kind=Kind.EDIT), ev.HandoverRequested)


def test_a_question_is_answered_and_then_the_same_step_asked():
    reading = Reading(intents=(Scored("check_agency", 0.9),), decision="answer")
    turn = hear(at(*OFFER, "about.R3=agency"), reading)
    assert said(turn) == ["answers.check_agency.tell", "offer.B01.ask"]
    assert first(turn, ev.QuestionAsked).answered == "check_agency"


def test_an_answer_that_is_not_there_is_never_replaced_by_the_next_best():
    reading = Reading(
        intents=(Scored("unknown", 0.9), Scored("held_forced_now", 0.1)), decision="answer"
    )
    turn = hear(at(*OFFER, "about.R3=agency"), reading)
    assert said(turn) == ["common.topic_none", "offer.B01.ask"]
    assert not first(turn, ev.HandoverRequested)


def test_a_topic_for_people_goes_to_a_person_first():
    reading = Reading(intents=(Scored("held_forced_now", 0.9),), decision="human")
    turn = hear(at(*SAFE), reading)
    wanted = ev.HandoverRequested("P1", "keyword", topic="held_forced_now")
    assert first(turn, ev.HandoverRequested) == wanted
    assert said(turn)[0] == "danger.read.tell"


def test_after_the_person_has_handed_back_the_machine_goes_on_where_it_stopped():
    session = hear(at(*OFFER), Reading(command=Command.HUMAN)).session
    session = press(session, "wait.window=n", mode=Mode.WAITING).session
    assert said(hear(session, mode=Mode.WAITING)) == ["common.noted"]
    turn = hear(session, mode=Mode.BOT)
    assert said(turn) == ["common.help", "about.R3.ask"]
    assert said(hear(session, Reading(codes=("agency",)), mode=Mode.BOT)) == ["offer.B01.ask"]
    alone = press(press(begin().session, "start.safe=y").session, "menu.top=person").session
    alone = press(alone, "wait.window=n", mode=Mode.WAITING).session
    assert said(hear(alone, mode=Mode.BOT))[-1] == "menu.top.ask"


def test_two_misunderstandings_offer_a_person():
    turn = hear(at(*OFFER))
    assert said(turn) == ["common.help", "about.R3.ask"]
    turn = hear(turn.session)
    assert said(turn) == ["unsure.offer.ask"]
    turn = press(turn.session, "unsure.offer=person")
    assert first(turn, ev.HandoverRequested) == ev.HandoverRequested("P3", "unsure")


def test_an_understood_answer_forgives_the_misunderstanding():
    session = press(hear(at(*OFFER)).session, "about.R3=agency").session
    assert said(hear(session)) == ["common.help", "offer.B01.ask"]


def test_two_clear_messages_in_another_language_ask_and_one_does_not():
    other = Reading(language="ky", language_confidence=0.99)
    turn = hear(at(*OFFER), other, text="one two three")
    assert not first(turn, ev.LanguageChosen)
    assert "language.offer.ask" not in said(turn)
    turn = hear(turn.session, other, text="one two three")
    assert said(turn)[-1] == "language.offer.ask"
    short = hear(at(*OFFER), other, text="one")
    assert short.session.language_doubt is None


def test_the_language_is_changed_and_the_same_step_asked():
    turn = hear(at(*OFFER), Reading(command=Command.LANGUAGE, command_arg="ky"))
    assert turn.session.language == "ky"
    assert said(turn) == ["about.R3.ask"]


def test_the_first_high_asks_and_silence_brings_a_counsellor_quietly():
    turn = press(at(*OFFER[:3], "safety.A3=minor", "about.R1=KG", "about.R2=n", "about.R3=friend"),
                 "offer.B01=n")  # fmt: skip
    assert said(turn) == ["result.go_on.ask"]
    timer = first(turn, ev.TimerSet)
    assert (timer.kind, timer.step, timer.after_seconds) == ("silence", "result.go_on", 600)
    late = engine.lapse(
        bundle(), turn.session, kind="silence", step=timer.step, turn=turn.session.turn, now=NOW
    )
    assert late.events == (ev.HandoverRequested("P1", "screening", silent=True),)
    assert late.session.waiting


def test_a_later_harmless_answer_never_lowers_what_was_promised():
    session = hear(at(*SAFE), danger("threat")).session
    turn = hear(session, Reading(command=Command.HUMAN), mode=Mode.WAITING)
    assert turn.session.facts["class"] == "P0"
    assert not first(turn, ev.HandoverRequested)
    turn = press(session, "danger.place=y", "danger.more=s", "wait.window=n", mode=Mode.WAITING)
    turn = press(turn.session, "wait.waiting=cancel", mode=Mode.WAITING)
    assert not first(turn, ev.HandoverCancelled)
    assert said(turn)[0] == "wait.not_cancelled.tell"


def test_a_new_need_after_all_was_closed_is_a_new_promise():
    session = hear(at(*SAFE), danger("threat")).session
    turn = hear(session, Reading(command=Command.HUMAN), mode=Mode.BOT)
    assert first(turn, ev.HandoverRequested).klass == "P2"


def test_none_of_these_beside_a_sign_counts_the_sign():
    turn = hear(at(*SAFE, "menu.top=offer"), Reading(codes=("hurt", "none")))
    assert first(turn, ev.AnswerRecorded).codes == ("hurt",)
    assert first(turn, ev.HandoverRequested).klass == "P0"


def test_several_answers_by_sms_come_in_one_message():
    session = press(at(*SAFE, channel="sms"), "menu.top=offer").session
    turn = hear(session, Reading(codes=("medical", "locked")))
    assert first(turn, ev.AnswerRecorded).codes == ("locked", "medical")


def test_skip_leaves_an_item_out_unless_it_has_a_code():
    turn = hear(at(*OFFER, "about.R3=agency"), Reading(command=Command.SKIP))
    assert said(turn) == ["offer.B02.ask"]
    assert "B01" not in turn.session.answers
    turn = hear(at(*SAFE, "menu.top=offer"), Reading(command=Command.SKIP))
    assert turn.session.answers["A2"] == ("s",)
    assert said(hear(begin().session, Reading(command=Command.SKIP)))[0] == "common.not_skipped"


def test_back_takes_the_answer_back():
    session = at(*OFFER, "about.R3=agency", "offer.B01=n")
    assert session.answers["B01"] == ("n",)
    turn = hear(session, Reading(command=Command.BACK))
    assert said(turn) == ["offer.B01.ask"]
    assert "B01" not in turn.session.answers


def test_minors_are_asked_in_simpler_words_and_not_about_everything():
    session = at(*OFFER[:3], "safety.A3=minor", "about.R1=KG", "about.R2=n", "about.R3=friend",
                 "offer.B01=y")  # fmt: skip
    assert said(press(session, "offer.B02=n")) == ["offer.B04.ask"]


def test_about_somebody_else_the_words_are_about_them():
    session = at(*SAFE, "menu.top=help", "safety.A2=none", "safety.A3=adult", "about.R0=other")
    turn = press(session, "about.R0_other=working")
    assert said(turn) == ["about.R1.ask.third"]
    turn = press(turn.session, "about.R1=RU", "about.R3=nobody", "work.C01=n", "work.C02=none",
                 "work.C03=n")  # fmt: skip
    keys = [o.key for o in first(turn, ev.Said).choices]
    assert said(turn) == ["work.C04.ask.third"]
    assert "work.C04.manip.third" in keys


def test_news_is_told_and_the_open_question_is_not_put_again():
    session = at(*OFFER)
    turn = engine.call(bundle(), session, "news.accepted", {"partner": "A"}, now=NOW)
    assert said(turn) == ["news.accepted.tell"]
    assert turn.session.step_key == "about.R3"
    assert turn.session.waiting
    assert said(press(turn.session, "about.R3=agency")) == ["offer.B01.ask"]


@pytest.mark.parametrize(
    "change", [{"turn": 99}, {"step": "menu.top"}, {"kind": "silence", "step": "about.R3"}]
)
def test_a_timer_of_a_step_that_was_left_does_nothing(change):
    session = at(*OFFER)
    call = {"kind": "expiry", "step": "about.R3", "turn": session.turn} | change
    turn = engine.lapse(bundle(), session, now=NOW, **call)
    assert (turn.events, turn.session) == ((), session)


def test_an_expired_conversation_begins_at_safety_again():
    session = at(*OFFER)
    turn = engine.lapse(
        bundle(), session, kind="expiry", step="about.R3", turn=session.turn, now=NOW
    )
    assert turn.events == (ev.Ended("expired"),)
    assert said(hear(turn.session, mode=Mode.QUIET)) == ["again.safe.ask"]


def test_the_ceiling_of_turns_offers_a_person():
    session = at(*OFFER)
    data = session.to_mapping() | {"turn": MAX_TURNS - 1}
    turn = hear(Session.from_mapping(data))
    assert first(turn, ev.HandoverRequested).klass == "P3"
    assert said(turn) == ["common.sorry"]


def test_everyone_at_a_removed_step_goes_on():
    removed = [Frame("offer", "B99"), Frame("gone", "x"), Frame("offer", "B03")]
    for number in range(1000):
        session = Session("old", (removed[number % 3],), turn=number, language="ky", waiting=True)
        turn = hear(session)
        assert turn.session.revision == files().revision
        assert said(turn), removed[number % 3]


def test_a_map_moves_people_where_the_author_says():
    moved = engine.settle(
        _with_moves({"offer.B99": "offer.B07"}), Session("old", (Frame("offer", "B99"),))
    )
    assert moved.step_key == "offer.B07"


def _with_moves(moves):
    from dataclasses import replace

    return replace(bundle(), moves=moves)


def test_naive_time_is_refused():
    with pytest.raises(ValueError, match="aware"):
        engine.call(bundle(), at(*SAFE), "news", {}, now=datetime(2026, 1, 1))  # noqa: DTZ001

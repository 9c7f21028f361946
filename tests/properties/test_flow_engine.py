"""Whatever is written, in whatever order: an answer within the ceilings, or a silence that is meant."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings, strategies as st

from hotline.core.reading import Command, Danger, DangerLevel, Expects, Heard, Kind, Reading, Scored
from hotline.flow import engine, events as ev
from hotline.flow.contacts import Contacts
from hotline.flow.pen import MAX_STACK, MAX_STEPS, MAX_TRAIL, RANK, Mode
from hotline.flow.render import MOST_CALLBACK, MOST_UNITS, render, units
from hotline.flow.session import Session, Turn
from hotline.flow.stories import mode_after
from tests.support.flows import TOPICS, EnglishWords, bundle, files, judges

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CALLS = (
    "consent", "news", "news.late", "news.accepted", "callback", "callback.agreed", "outcome",
    "data", "data.nobody",
)  # fmt: skip
FACTS = {
    "partner": "A",
    "what": "x",
    "purpose": "y",
    "recipients": "z",
    "time": "t",
    "consent": "c",
}


@st.composite
def readings(draw):
    """Anything that understanding may make of a message; codes are picked when it is heard."""
    return Reading(
        command=draw(st.none() | st.none() | st.sampled_from(list(Command))),
        near=draw(st.none() | st.none() | st.sampled_from(list(Command))),
        command_arg=draw(st.none() | st.sampled_from(["ky", "ru", "tg", "A"])),
        danger=draw(
            st.sampled_from([Danger()] * 6)
            | st.builds(
                Danger,
                st.sampled_from(list(DangerLevel)),
                st.sampled_from([(), ("violence",), ("observed",)]),
            )
        ),
        stale_step=draw(st.none() | st.none() | st.just("offer.B01")),
        value=draw(st.none() | st.text(max_size=30) | st.just("KG")),
        language=draw(st.none() | st.sampled_from(["ky", "ru", "tg", "other"])),
        language_confidence=draw(st.sampled_from([0.0, 0.95])),
        intents=tuple(
            Scored(t, 0.5)
            for t in draw(st.lists(st.sampled_from([*TOPICS, "unknown"]), max_size=3))
        ),
        decision=draw(
            st.sampled_from(["none", "none", "answer", "choose", "human", "out_of_scope"])
        ),
    )


@st.composite
def moves(draw):
    kind = draw(st.sampled_from(["hear"] * 12 + ["call", "lapse"]))
    if kind == "call":
        return ("call", draw(st.sampled_from(CALLS)))
    if kind == "lapse":
        return ("lapse", draw(st.sampled_from(["silence", "reminder", "expiry"])))
    return (
        "hear",
        draw(st.sampled_from([Kind.TEXT] * 8 + [Kind.BUTTON] * 4 + list(Kind))),
        draw(st.text(max_size=20)),
        draw(readings()),
        draw(st.lists(st.integers(0, 11), max_size=3)),
        draw(st.sampled_from([0, 0, 0, 5000])),
        draw(st.sampled_from([None, None, None, None, Mode.HUMAN])),
        draw(st.sampled_from([True] * 5 + [False])),
    )


def reader(reading: Reading, picks, plain):
    def read(_heard: Heard, expects: Expects) -> Reading:
        found = [expects.choices[i].code for i in picks if i < len(expects.choices)]
        codes = tuple(dict.fromkeys(found))
        codes = codes if expects.multi else codes[:1]
        if plain:
            return Reading(codes=codes)
        return Reading(
            **{f: getattr(reading, f) for f in reading.__slots__ if f != "codes"}, codes=codes
        )

    return read


def stored(session: Session) -> Session:
    again = Session.from_mapping(json.loads(json.dumps(session.to_mapping())))
    assert again == session or again.to_mapping() == session.to_mapping()
    return again


def play(told, channel, language):
    """Every turn of a random conversation, with the mode and the reading it was heard in."""
    book, judged = bundle(), judges()
    extra = {"can_change": judged.can_change, "reasons": judged.reasons}
    mode = Mode.BOT
    turn = engine.begin(
        book, Heard(Kind.START), channel=channel, language=language,
        read=lambda _h, _e: Reading(), assess=judged.assess, now=NOW, **extra,
    )  # fmt: skip
    yield turn, mode, None, None
    for move in told:
        session = stored(turn.session)
        if move[0] == "call":
            turn = engine.call(book, session, move[1], FACTS, now=NOW)
            yield turn, mode, None, None
        elif move[0] == "lapse":
            turn = engine.lapse(
                book, session, kind=move[1], step=session.step_key, turn=session.turn, now=NOW
            )
            yield turn, mode, None, None
        else:
            _, kind, text, reading, picks, idle, forced, plain = move
            heard = Heard(kind, text)
            now_mode = forced or mode
            found = reader(reading, picks, plain)
            turn = engine.resume(
                book, session, heard, read=found, assess=judged.assess, now=NOW,
                idle_seconds=idle, mode=now_mode, **extra,
            )  # fmt: skip
            pen = engine.Pen(book, engine.settle(book, session), mode=now_mode)
            yield turn, now_mode, heard, found(heard, pen.expects())
        mode = mode_after(turn, mode)


def meant_to_be_silent(turn: Turn, mode: Mode, heard: Heard, reading: Reading) -> bool:
    return (
        mode is Mode.HUMAN
        or heard.kind is Kind.EDIT
        or reading.command is not None
        or any(isinstance(e, ev.Stopped | ev.Hidden | ev.DataAsked) for e in turn.events)
        or "quiet" in turn.session.facts
    )


CONVERSATIONS = st.lists(moves(), max_size=14)
CHANNELS = st.sampled_from(["telegram", "sms"])
LANGUAGES = st.sampled_from([None, "ky", "ru", "tg"])


@settings(max_examples=150)
@given(CONVERSATIONS, CHANNELS, LANGUAGES)
def test_any_message_gets_an_answer_within_the_ceilings(told, channel, language):
    contacts = Contacts.of(files().contacts)
    for turn, mode, heard, reading in play(told, channel, language):
        assert len(turn.path) <= MAX_STEPS
        assert 1 <= len(turn.session.stack) <= MAX_STACK
        assert len(turn.session.trail) <= MAX_TRAIL
        said = [e for e in turn.events if isinstance(e, ev.Said)]
        assert len(said) <= 12
        if heard is not None and not said:
            assert meant_to_be_silent(turn, mode, heard, reading)
        for one in said:
            shown = render(
                one, words=EnglishWords(), contacts=contacts, channel=channel, language=language
            )
            assert all(part.strip() and "{" not in part for part in shown.parts)
            assert all(units(part) <= MOST_UNITS * 2 for part in shown.parts)
            assert all(len(d.encode()) <= MOST_CALLBACK for row in shown.buttons for d, _ in row)


@settings(max_examples=80)
@given(CONVERSATIONS, CHANNELS, st.sampled_from([Mode.BOT, Mode.WAITING, Mode.HUMAN, Mode.QUIET]))
def test_stop_says_nothing_and_hide_at_most_one_neutral_line(told, channel, mode):
    *_, (turn, *_rest) = play(told, channel, "ru")
    for order, kind in ((Command.STOP, ev.Stopped), (Command.HIDE, ev.Hidden)):
        after = engine.resume(
            bundle(), stored(turn.session), Heard(text="x"),
            read=lambda _h, _e, order=order: Reading(command=order),
            assess=judges().assess, now=NOW, mode=mode,
        )  # fmt: skip
        said = [e for e in after.events if isinstance(e, ev.Said)]
        assert any(isinstance(e, kind) for e in after.events)
        assert len(said) <= (order is Command.HIDE)
        assert all(e.neutral and not e.choices for e in said)
        assert not any(isinstance(e, ev.TimerSet) for e in after.events)


@settings(max_examples=80)
@given(CONVERSATIONS, CHANNELS)
def test_whoever_asks_for_a_person_is_promised_one(told, channel):
    *_, (turn, *_rest) = play(told, channel, "ru")
    ask = {"assess": judges().assess, "now": NOW}
    after = engine.resume(
        bundle(), stored(turn.session), Heard(text="x"), mode=Mode.BOT,
        read=lambda _h, _e: Reading(command=Command.HUMAN), **ask,
    )  # fmt: skip
    events = list(after.events)
    if not any(isinstance(e, ev.HandoverRequested) for e in events):
        # Safety is asked first; "yes" then leads to the person, or to the choice of one.
        after = engine.resume(
            bundle(), stored(after.session), Heard(text="1"), mode=Mode.BOT,
            read=lambda _h, e: Reading(codes=tuple(c.code for c in e.choices[:1])), **ask,
        )  # fmt: skip
        events += after.events
    offered = any(o.code == "person" for e in events if isinstance(e, ev.Said) for o in e.choices)
    assert offered or any(isinstance(e, ev.HandoverRequested) for e in events)


@settings(max_examples=80)
@given(CONVERSATIONS, CHANNELS)
def test_danger_in_free_text_always_raises_an_alarm(told, channel):
    *_, (turn, *_rest) = play(told, channel, "ru")
    for mode in Mode:
        after = engine.resume(
            bundle(), stored(turn.session), Heard(text="x"), mode=mode,
            read=lambda _h, _e: Reading(danger=Danger(DangerLevel.IMMEDIATE, ("violence",))),
            assess=judges().assess, now=NOW,
        )  # fmt: skip
        assert any(isinstance(e, ev.DangerHeard) for e in after.events)
        assert after.session.facts["class"] == "P0"


@settings(max_examples=80)
@given(CONVERSATIONS, CHANNELS)
def test_a_class_is_never_lowered_while_a_person_is_promised(told, channel):
    worst = None
    for turn, mode, _heard, _reading in play(told, channel, "ru"):
        if mode is Mode.BOT:
            worst = None
        for event in turn.events:
            if isinstance(event, ev.HandoverRequested):
                assert worst is None or RANK[event.klass] <= RANK[worst]
                worst = event.klass
            elif isinstance(event, ev.HandoverCancelled):
                assert worst != "P0"
                worst = None


@settings(max_examples=60)
@given(CONVERSATIONS, CHANNELS, st.integers(0, 3))
def test_a_timer_of_a_turn_that_is_over_does_nothing(told, channel, age):
    *_, (turn, *_rest) = play(told, channel, "ru")
    session = turn.session
    for step, when in ((session.step_key, session.turn - 1 - age), ("offer.B07", session.turn)):
        if step == session.step_key and when == session.turn:
            continue
        if step == "offer.B07" and session.step_key == step:
            continue
        late = engine.lapse(bundle(), session, kind="silence", step=step, turn=when, now=NOW)
        assert late.events == ()
        assert late.session == session


@settings(max_examples=60)
@given(CONVERSATIONS, CHANNELS)
def test_nothing_typed_is_kept_in_the_session(told, channel):
    secret = "Zhyldyz 0555"
    with_secret = [
        (*m[:3], Reading(value=secret, decision="none"), [], 0, None, False)
        if m[0] == "hear"
        else m
        for m in told
    ]
    for turn, *_rest in play(with_secret, channel, "ru"):
        assert secret not in json.dumps(turn.session.to_mapping())

"""The conversation's table, edge by edge, and the order in which people are taken."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from hotline.conversation import rules
from hotline.conversation.rules import Effect, Event, State, Taker, Waiting
from hotline.core.errors import Conflict

NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
S, E = State, Event

# Where each event may lead, read from the requirements and not from the table.
EXPECTED = {
    E.HANDOVER: {s: (S.HUMAN if s == S.HUMAN else S.WAITING) for s in S},
    E.DURESS: {s: (S.HUMAN if s == S.HUMAN else S.WAITING) for s in S},
    E.QUIET: dict.fromkeys(S, S.QUIET),
    E.WRITES: {s: (s if s in {S.WAITING, S.HUMAN} else S.BOT) for s in S},
    E.WRITES_URGENT: {s: (s if s in {S.WAITING, S.HUMAN, S.BOT} else S.WAITING) for s in S},
    E.TAKE: {S.WAITING: S.HUMAN},
    E.HEARTBEAT: {S.HUMAN: S.HUMAN},
    E.LEASE_LOST: {S.HUMAN: S.WAITING},
    E.HAND_BACK: {S.HUMAN: S.BOT},
    E.CALLBACK_SET: {S.HUMAN: S.CALLBACK},
    E.CALLBACK_DUE: {S.CALLBACK: S.WAITING},
    E.RELEASE: {S.HUMAN: S.WAITING},
    E.CLOSE: {S.HUMAN: S.CLOSED},
    E.PROMISE_BROKEN: {S.WAITING: S.WAITING},
    E.CANCEL: {S.WAITING: S.BOT},
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_every_pair_leads_where_the_requirements_say_or_is_refused(state, event) -> None:
    wanted = EXPECTED[event].get(state)
    if wanted is None:
        with pytest.raises(Conflict):
            rules.move(state, event)
    else:
        assert rules.move(state, event)[0] == wanted


@pytest.mark.parametrize(("edge", "to"), list(rules.TABLE.items()))
def test_effects_fit_their_edge(edge, to) -> None:
    (state, event), (after, effects) = edge, to
    if state == S.HUMAN and after != S.HUMAN:
        assert Effect.UNLEASE in effects, "an operator who is gone must not keep the lease"
    if after == S.QUIET:
        assert Effect.WITHDRAW_LINES in effects, "silence withdraws what waits"
    if after == S.WAITING and state not in {S.WAITING, S.HUMAN}:
        assert {Effect.PROMISE, Effect.ALARM} <= set(effects), "a promise is written and rung"
    if state in {S.CALLBACK, S.CLOSED, S.QUIET} and event == E.WRITES:
        assert Effect.ASK_SAFE in effects, "who comes back is asked whether it is safe"
    if Effect.LEASE in effects:
        assert after == S.HUMAN


def test_an_unknown_state_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(ValueError, match="ASLEEP"):
        rules.move("ASLEEP", E.WRITES)


# ------------------------------------------------------------------ classes, promises, ageing


@given(st.sampled_from([None, *rules.CLASSES]), st.sampled_from([None, *rules.CLASSES]))
def test_the_more_urgent_class_wins(one, other) -> None:
    found = rules.worse(one, other)
    known = [c for c in (one, other) if c]
    assert found == (min(known) if known else None)
    assert found == rules.worse(other, one)


@pytest.mark.parametrize(("klass", "minutes"), [("P0", 5), ("P1", 5), ("P2", 30), ("P3", 24 * 60)])
def test_promises(klass: str, minutes: int) -> None:
    assert rules.promise(klass, now=NOW) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("klass", "seconds", "rank"),
    [
        ("P0", 0, 8), ("P0", 86_400, 8),
        ("P1", 599, 4), ("P1", 600, 5), ("P1", 899, 5), ("P1", 900, 6), ("P1", 86_400, 7),
        ("P2", 899, 2), ("P2", 900, 3), ("P2", 1800, 4), ("P2", 864_000, 7),
        ("P3", 6 * 3600 - 1, 0), ("P3", 6 * 3600, 1), ("P3", 24 * 3600, 4),
    ],
)  # fmt: skip
def test_ageing_on_its_edges(klass: str, seconds: int, rank: int) -> None:
    assert rules.rank(klass, waited=timedelta(seconds=seconds)) == rank


classes = st.sampled_from(rules.CLASSES)
waits = st.integers(0, 3 * 86_400)


@given(classes, waits, st.integers(0, 20))
def test_nothing_ever_overtakes_the_most_urgent(klass, seconds, bonus) -> None:
    found = rules.rank(klass, waited=timedelta(seconds=seconds), bonus=bonus)
    assert (found == 8) == (klass == "P0")


@given(classes, waits, waits)
def test_waiting_longer_never_lowers_a_rank(klass, one, more) -> None:
    before = rules.rank(klass, waited=timedelta(seconds=one))
    assert rules.rank(klass, waited=timedelta(seconds=one + more)) >= before


# ------------------------------------------------------------------ take next


def item(name: str, klass: str = "P2", seconds: int = 0, **more) -> Waiting:
    return Waiting(name, klass, NOW - timedelta(seconds=seconds), **more)


def taker(**more) -> Taker:
    return Taker("op", more.pop("languages", ("ru",)), **more)


def names(who: Taker, *items: Waiting) -> list[str]:
    return [i.conversation_id for i in rules.candidates(who, items, now=NOW)]


def test_the_highest_class_comes_first_and_in_it_the_longest_wait() -> None:
    waiting = [item("b", "P2", 60), item("a", "P2", 120), item("c", "P1", 1), item("d", "P0", 1)]
    assert names(taker(), *waiting) == ["d", "c", "a", "b"]


def test_two_of_the_same_moment_keep_one_order() -> None:
    assert names(taker(), item("b"), item("a")) == names(taker(), item("a"), item("b"))


def test_a_lost_lease_moves_up_and_keeps_its_place() -> None:
    assert names(taker(), item("a", "P2", 300), item("b", "P2", 10, bonus=1)) == ["b", "a"]


def test_who_is_full_takes_nothing() -> None:
    assert names(taker(holding=("P2", "P2", "P3")), item("a", "P0", 600)) == []
    assert names(taker(holding=("P2", "P2")), item("a")) == ["a"]
    assert names(taker(capacity=1, holding=("P3",)), item("a")) == []


def test_who_holds_the_most_urgent_takes_nothing_beside_it() -> None:
    assert names(taker(holding=("P0",)), item("a", "P0", 600)) == []


def test_the_most_urgent_goes_to_free_hands_first_and_after_two_minutes_to_anybody() -> None:
    assert names(taker(holding=("P2",)), item("a", "P0", 119)) == []
    assert names(taker(holding=("P2",)), item("a", "P0", 120)) == ["a"]
    assert names(taker(), item("a", "P0", 0)) == ["a"]


@pytest.mark.parametrize(
    ("klass", "by_language", "by_anyone"),
    [("P0", 60, 120), ("P1", 210, 210), ("P2", 600, 900), ("P3", 10_800, 21_600)],
)
def test_the_circle_widens_on_time(klass: str, by_language: int, by_anyone: int) -> None:
    unskilled = taker(languages=("ky",))
    foreign = taker(languages=("tg",), skills=("children",))

    def may(who: Taker, seconds: int) -> bool:
        one = item("a", klass, seconds, language="ky", needs=("children",))
        return rules.eligible(who, one, now=NOW)

    assert not may(unskilled, by_language - 1)
    assert may(unskilled, by_language)
    assert not may(foreign, by_anyone - 1)
    assert may(foreign, by_anyone)
    assert may(taker(languages=("ky",), skills=("children",)), 0)


items = st.lists(
    st.builds(
        Waiting,
        conversation_id=st.uuids().map(str),
        klass=classes,
        waiting_since=waits.map(lambda s: NOW - timedelta(seconds=s)),
        language=st.sampled_from([None, "ky", "ru", "tg"]),
        needs=st.sampled_from([(), ("children",), ("legal",)]),
        bonus=st.integers(0, 3),
    ),
    max_size=12,
)


@given(items, st.lists(classes, max_size=3), st.sampled_from([("ru",), ("ky", "tg")]))
def test_whoever_is_taken_is_eligible_and_nobody_eligible_is_left_out(waiting, held, spoken):
    who = taker(languages=spoken, holding=tuple(held))
    found = rules.candidates(who, waiting, now=NOW)
    if not rules.may_take(who):
        assert found == []
        return
    fitting = {i.conversation_id for i in waiting if rules.eligible(who, i, now=NOW)}
    taken = {i.conversation_id for i in found}
    assert taken <= fitting
    assert all(i.klass == "P0" and held for i in waiting if i.conversation_id in fitting - taken)
    ranks = [rules.rank(i.klass, waited=NOW - i.waiting_since, bonus=i.bonus) for i in found]
    assert ranks == sorted(ranks, reverse=True)


@given(items)
def test_nobody_starves(waiting) -> None:
    """After a day and a half everybody may be taken by anybody, whatever she speaks."""
    later = NOW + timedelta(hours=36)
    found = rules.candidates(taker(languages=()), waiting, now=later)
    assert len(found) == len(waiting)

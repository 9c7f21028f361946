"""Nothing leaves when it must not. The windows are judged beside a second reading of the rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, strategies as st

from hotline.outbox import rules
from hotline.outbox.rules import Allow, Hold, Kind, Refuse, SafeContact, WaitUntil, may_send

NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)  # Monday, ten in the morning in Bishkek
BISHKEK = timedelta(hours=6)
WEEK = 7 * 24 * 60
KINDS = [kind.value for kind in Kind]
WRITING = SafeContact(state="BOT", last_heard_at=NOW)


def verdict(profile: SafeContact, kind: str = Kind.REPLY, *, neutral=False, now=NOW, created=None):
    return may_send(profile, kind=kind, neutral=neutral, now=now, created_at=created or now)


# ------------------------------------------------------------------ silence and muting


@pytest.mark.parametrize("kind", [k for k in KINDS if k != Kind.LAST])
@pytest.mark.parametrize("quiet", ["stop", "hide", "blocked", "silent"])
def test_quiet_is_quiet_for_everybody(kind: str, quiet: str) -> None:
    open_wide = replace(WRITING, quiet=quiet, window_until=NOW + timedelta(days=1))
    assert verdict(open_wide, kind, neutral=True) == Refuse("quiet")
    assert verdict(replace(open_wide, quiet=None, state="QUIET"), kind) == Refuse("quiet")


@pytest.mark.parametrize("kind", KINDS)
def test_while_a_person_speaks_the_bot_is_mute(kind: str) -> None:
    allowed = verdict(replace(WRITING, state="HUMAN"), kind, neutral=True)
    if kind in {Kind.REPLY, Kind.FALLBACK, Kind.UNASKED}:
        assert allowed == Refuse("human")
    elif kind != Kind.NEWS:
        assert allowed == Allow()


def test_the_last_line_before_silence_is_neutral_and_prompt() -> None:
    silent = replace(WRITING, quiet="hide", state="QUIET")
    assert verdict(silent, Kind.LAST, neutral=True) == Allow()
    assert verdict(silent, Kind.LAST, neutral=False) == Refuse("late")
    late = NOW + timedelta(hours=1)
    assert verdict(silent, Kind.LAST, neutral=True, now=late, created=NOW) == Refuse("late")


def test_on_a_watched_phone_only_neutral_lines_leave() -> None:
    watched = replace(WRITING, neutral_only=True)
    assert verdict(watched, neutral=False) == Hold()
    assert verdict(watched, Kind.OPERATOR, neutral=False) == Hold()
    assert verdict(watched, neutral=True) == Allow()


def test_who_wants_no_reminders_gets_none() -> None:
    off = replace(WRITING, unasked_off=True, window_until=NOW + timedelta(days=1))
    assert verdict(off, Kind.UNASKED) == Refuse("unasked_off")
    assert verdict(off, Kind.REPLY) == Allow()


def test_a_line_of_yesterday_is_dropped_but_not_an_operators() -> None:
    open_wide = replace(WRITING, window_until=NOW + timedelta(days=1))
    at_edge = NOW - rules.STALE_AFTER
    assert verdict(open_wide, created=at_edge) == Allow()
    older = at_edge - timedelta(seconds=1)
    assert verdict(open_wide, created=older) == Refuse("stale")
    assert verdict(open_wide, Kind.OPERATOR, created=older) == Allow()


# ------------------------------------------------------------------ without an agreed window


def test_a_reply_leaves_within_ten_minutes_of_her_last_message_and_waits_after() -> None:
    heard = NOW - rules.REPLY_WINDOW
    assert verdict(replace(WRITING, last_heard_at=heard)) == Allow()
    earlier = heard - timedelta(seconds=1)
    assert verdict(replace(WRITING, last_heard_at=earlier)) == Hold()
    assert verdict(replace(WRITING, last_heard_at=None)) == Hold()
    assert verdict(replace(WRITING, last_heard_at=earlier), Kind.OPERATOR) == Hold()


def test_nobody_begins_a_conversation_without_a_window() -> None:
    assert verdict(WRITING, Kind.UNASKED) == Refuse("no_window")


def test_an_opened_window_ends_at_its_moment() -> None:
    profile = replace(WRITING, last_heard_at=None, window_until=NOW + timedelta(seconds=1))
    assert verdict(profile, Kind.UNASKED) == Allow()
    assert verdict(profile, Kind.UNASKED, now=NOW + timedelta(seconds=1)) == Refuse("no_window")


# ------------------------------------------------------------------ weekly windows

moments = st.integers(0, 3 * WEEK).map(lambda n: NOW + timedelta(minutes=n))
clocks = st.integers(0, 24 * 60 - 1)
windows = st.lists(st.tuples(st.integers(0, 6), clocks, clocks), min_size=1, max_size=4)


def named(window: tuple[int, int, int]) -> tuple[int, str, str]:
    day, begin, end = window
    return day, f"{begin // 60:02}:{begin % 60:02}", f"{end // 60:02}:{end % 60:02}"


def open_minutes(chosen: list[tuple[int, int, int]]) -> set[int]:
    """Minutes of the local week that lie in a window, counted one by one."""
    found: set[int] = set()
    for day, begin, end in chosen:
        length = end - begin if end > begin else end - begin + 24 * 60
        found.update((day * 24 * 60 + begin + n) % WEEK for n in range(length))
    return found


def minute_of_week(moment: datetime) -> int:
    local = moment + BISHKEK
    return local.weekday() * 24 * 60 + local.hour * 60 + local.minute


@given(windows, moments)
@example([(6, 22 * 60, 2 * 60)], datetime(2026, 11, 1, 19, 30, tzinfo=UTC))  # Sunday to Monday
@example([(0, 0, 0)], NOW)  # the whole Monday
@example([(0, 10 * 60, 10 * 60 + 1)], NOW)  # at its first minute
@example([(0, 9 * 60, 10 * 60)], NOW)  # at its end: shut, until next Monday
@example([(0, 18 * 60 + 40, 4 * 60 + 50)], NOW)  # Ramadan: after the evening meal, to the morning's
def test_the_next_opening_is_the_first_minute_in_any_window(chosen, moment) -> None:
    opens = rules.next_opening([named(w) for w in chosen], zone="Asia/Bishkek", now=moment)
    allowed = open_minutes(chosen)
    wait = next(n for n in range(WEEK + 1) if (minute_of_week(moment) + n) % WEEK in allowed)
    assert opens == moment + timedelta(minutes=wait)


@given(windows, moments, st.sampled_from(KINDS), st.booleans())
def test_outside_every_window_nothing_leaves_unless_she_is_writing(
    chosen, moment, kind, neutral
) -> None:
    profile = SafeContact(state="BOT", weekly=tuple(named(w) for w in chosen))
    found = verdict(profile, kind, neutral=neutral, now=moment)
    if kind == Kind.LAST:
        return
    if minute_of_week(moment) in open_minutes(chosen):
        assert found == Allow()
        return
    assert isinstance(found, WaitUntil)
    assert found.moment > moment
    assert minute_of_week(found.moment) in open_minutes(chosen)
    # Looked at again at that moment, it may leave.
    later = verdict(profile, kind, neutral=neutral, now=found.moment)
    assert later == Allow()


@given(
    st.builds(
        SafeContact,
        state=st.sampled_from(["BOT", "WAITING", "HUMAN", "CALLBACK_SCHEDULED", "CLOSED", "QUIET"]),
        quiet=st.sampled_from([None, "stop", "hide", "blocked"]),
        unasked_off=st.booleans(),
        neutral_only=st.booleans(),
        last_heard_at=st.none() | moments,
        window_until=st.none() | moments,
        weekly=windows.map(lambda ws: tuple(map(named, ws))) | st.just(()),
    ),
    st.sampled_from(KINDS),
    st.booleans(),
    moments,
)
def test_what_may_leave_has_a_reason_to(profile, kind, neutral, now) -> None:
    """The gate read backwards: whatever it allows satisfies every rule by itself."""
    if verdict(profile, kind, neutral=neutral, now=now) != Allow() or kind == Kind.LAST:
        return
    assert profile.quiet is None
    assert profile.state != "QUIET"
    assert neutral or not profile.neutral_only
    if profile.state == "HUMAN":
        assert kind in {Kind.OPERATOR, Kind.ASKED, Kind.NEWS}
    if kind == Kind.UNASKED:
        assert not profile.unasked_off
        assert profile.state != "CALLBACK_SCHEDULED"
    heard = profile.last_heard_at
    is_writing = heard is not None and now - heard <= rules.REPLY_WINDOW
    is_open = profile.window_until is not None and now < profile.window_until
    weekly = rules.next_opening(profile.weekly, zone=profile.zone, now=now) == now
    assert is_open or weekly or (is_writing and kind != Kind.UNASKED)


def test_stored_windows_are_read_back() -> None:
    assert rules.read_weekly(None) == ()
    assert rules.read_weekly({"weekly": [[0, "09:00", "18:00"]]}) == ((0, "09:00", "18:00"),)


# ------------------------------------------------------------------ trying again


@given(st.integers(1, 40), st.floats(0, 1), st.none() | st.floats(0, 5000))
def test_the_wait_doubles_to_a_quarter_of_an_hour_and_honours_the_provider(
    attempts, jitter, asked
) -> None:
    wait = rules.backoff(attempts, jitter=jitter, retry_after=asked).total_seconds()
    full = min(900.0, 2.0 * 2 ** (attempts - 1))
    assert wait >= (asked or 0) - 1e-6
    assert wait <= max(full, asked or 0) + 1e-6
    assert wait >= full / 2 - 1e-6

"""News of what a person agreed to: not lost beside an operator, not sent where it is not safe."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.outbox.rules import Allow, Hold, Kind, Refuse, SafeContact, Verdict, may_send

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
OPEN = NOW + timedelta(hours=1)


def verdict(kind: Kind, *, neutral: bool = True, **profile: object) -> Verdict:
    person = SafeContact(**{"state": "BOT", **profile})  # type: ignore[arg-type]
    return may_send(person, kind=kind, neutral=neutral, now=NOW, created_at=NOW)


def test_news_is_told_while_an_operator_speaks() -> None:
    assert verdict(Kind.NEWS, state="HUMAN", window_until=OPEN) == Allow()
    assert verdict(Kind.UNASKED, state="HUMAN", window_until=OPEN) == Refuse("human")


def test_news_waits_until_she_writes_where_no_window_is_open() -> None:
    assert verdict(Kind.NEWS) == Hold()
    assert verdict(Kind.UNASKED) == Refuse("no_window")


def test_news_that_names_somebody_waits_where_the_phone_is_watched() -> None:
    watched = {"neutral_only": True, "window_until": OPEN}
    assert verdict(Kind.NEWS, neutral=False, **watched) == Hold()
    assert verdict(Kind.NEWS, neutral=True, **watched) == Allow()


@pytest.mark.parametrize("quiet", ["stop", "hide", "blocked"])
def test_news_never_breaks_a_silence(quiet: str) -> None:
    assert verdict(Kind.NEWS, quiet=quiet, window_until=OPEN) == Refuse("quiet")


def test_who_wants_to_hear_nothing_unasked_hears_no_news() -> None:
    assert verdict(Kind.NEWS, unasked_off=True, window_until=OPEN) == Refuse("unasked_off")

"""Codes, delays and logins, on both databases and without a page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from hotline.accounts import demo, guard, logins, second_factor, throttle, users
from hotline.accounts.passwords import LIGHT, hash_password
from hotline.accounts.values import Stage
from hotline.audit import service as audit
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, Invalid, NotFound, Refused
from hotline.crypto import KeyRing
from hotline.db.transaction import Store, make_engine
from tests.support.databases import ROOT

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
KEYS = KeyRing({"k1": b"r" * 32}, b"i" * 32)
HASH = hash_password("plum kettle harbour", LIGHT)


@pytest.fixture
def store(database_url: str):
    store = Store(make_engine(database_url))
    yield store
    store.close()


def add(store: Store, login: str = "aigul", **more: object) -> str:
    values = {"alias": "A", "role": "OP", "password_hash": HASH, "now": NOW, **more}
    return store.write(lambda tx: users.add_user(tx, login=login, **values))


def try_once(store: Store, login: str, address: str, *, right: bool, now: datetime = NOW):
    attempt = store.write(
        lambda tx: logins.begin(tx, KEYS, login=login, address=address, now=now, cost=LIGHT)
    )
    return attempt, store.write(lambda tx: logins.finish(tx, KEYS, attempt, right=right, now=now))


# ------------------------------------------------------------------ codes


@pytest.mark.parametrize(
    ("off", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_codes_fit_for_half_a_minute_around(off: int, fits: bool) -> None:
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=off))
    step = second_factor.matching_step(secret, code, now=NOW, last_step=None)
    assert (step is not None) is fits


def test_a_code_and_every_older_one_is_refused_after_use() -> None:
    secret = second_factor.new_secret()
    newer = pyotp.TOTP(secret).at(NOW + timedelta(seconds=30))
    older = pyotp.TOTP(secret).at(NOW)
    step = second_factor.matching_step(secret, newer, now=NOW, last_step=None)
    for code in (newer, older):
        assert second_factor.matching_step(secret, code, now=NOW, last_step=step) is None


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34 5", "\x00" * 6]
)
def test_odd_codes_are_just_wrong(code: str) -> None:
    assert (
        second_factor.matching_step(second_factor.new_secret(), code, now=NOW, last_step=None)
        is None
    )


# ------------------------------------------------------------------ delays


def test_delays_double_up_to_a_quarter_of_an_hour() -> None:
    seconds = [throttle.delay("pair", n).total_seconds() for n in range(1, 13)]
    assert seconds == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert throttle.delay("pair", 10_000) == throttle.LONGEST


def test_a_right_password_after_the_delay_gets_through(store: Store) -> None:
    add(store)
    for _ in range(5):
        assert try_once(store, "aigul", "a1", right=False)[1] is None
    attempt, token = try_once(store, "aigul", "a1", right=True)
    assert (attempt.wait_until, token) == (NOW + timedelta(seconds=30), None)
    later = NOW + timedelta(seconds=30)
    attempt, token = try_once(store, "aigul", "a1", right=True, now=later)
    assert attempt.wait_until is None
    assert token is not None


def test_an_account_that_does_not_exist_is_slowed_alike(store: Store) -> None:
    add(store)
    waits = []
    for login in ("aigul", "nobody"):
        tries = [try_once(store, login, f"x-{login}", right=False)[0] for _ in range(8)]
        waits.append([t.wait_until for t in tries])
        assert tries[0].stored.startswith("$argon2id$")
    assert waits[0] == waits[1]


def test_many_addresses_against_one_account_are_slowed_but_its_owner_is_not(store: Store) -> None:
    user_id = add(store)
    store.write(
        lambda tx: guard.forgive(
            tx, guard.subjects(KEYS, "code", "aigul", "home"), now=NOW, known=True
        )
    )
    for number in range(10):
        try_once(store, "aigul", f"bot-{number}", right=False)
    assert try_once(store, "aigul", "bot-99", right=True)[0].wait_until is not None
    attempt, token = try_once(store, "aigul", "home", right=True)
    assert attempt.user_id == user_id
    assert token is not None


def test_signing_in_to_an_own_account_does_not_clean_the_address(store: Store) -> None:
    add(store, "attacker")
    for number in range(30):
        try_once(store, f"login-{number}", "bad", right=False)
    assert try_once(store, "attacker", "bad", right=True)[1] is None
    later = NOW + timedelta(seconds=31)
    assert try_once(store, "attacker", "bad", right=True, now=later)[1] is not None
    assert try_once(store, "login-1", "bad", right=False, now=later)[0].wait_until is None
    assert try_once(store, "login-2", "bad", right=False, now=later)[0].wait_until is not None


def test_tries_are_counted_before_they_are_judged(store: Store) -> None:
    """Many sent at once gain nothing: each was counted when it began."""
    add(store)
    begun = [
        store.write(
            lambda tx: logins.begin(tx, KEYS, login="aigul", address="a", now=NOW, cost=LIGHT)
        )
        for _ in range(20)
    ]
    assert sum(attempt.wait_until is None for attempt in begun) == 5


# ------------------------------------------------------------------ users


def test_nothing_that_opens_a_door_is_stored_in_clear(store: Store) -> None:
    user_id = add(store)
    _, token = try_once(store, "aigul", "192.0.2.77", right=True)
    secret, _ = store.write(lambda tx: logins.enrolment(tx, KEYS, token, now=NOW))
    code = pyotp.TOTP(secret).at(NOW)
    passed = store.write(
        lambda tx: logins.pass_factor(tx, KEYS, token, code, address="192.0.2.77", now=NOW)
    )
    assert len(passed.recovery) == 10
    tables = ("users", "logins", "login_failures", "audit")

    def dump(tx) -> str:
        import sqlalchemy as sa

        return "".join(
            repr(tuple(row))
            for t in tables
            for row in tx.conn.execute(sa.text(f"SELECT * FROM {t}"))  # noqa: S608
        )

    stored = store.read(dump)
    for hidden in (token, passed.token, secret, "192.0.2.77", "kettle", *passed.recovery):
        assert str(hidden) not in stored
    signed_in = store.read(lambda tx: logins.look(tx, KEYS, passed.token, now=NOW))
    assert signed_in is not None
    assert (signed_in.stage, signed_in.actor.id) == (Stage.CHANGE, user_id)
    assert store.read(lambda tx: logins.actor_for(tx, KEYS, passed.token, now=NOW)) is None
    assert store.read(lambda tx: logins.look(tx, KEYS, token, now=NOW)) is None


@pytest.mark.parametrize("how", ["disable", "reset_totp", "change_role", "reset_password"])
def test_changes_by_the_administrator_end_every_login(store: Store, how: str) -> None:
    user_id = add(store, must_change=False)
    token = store.write(lambda tx: logins.open_login(tx, KEYS, user_id, now=NOW))
    assert store.read(lambda tx: logins.actor_for(tx, KEYS, token, now=NOW)) is not None
    work = {
        "disable": lambda tx: users.disable(tx, user_id, now=NOW),
        "reset_totp": lambda tx: users.reset_totp(tx, "aigul", now=NOW),
        "change_role": lambda tx: users.change_role(tx, user_id, "SO", now=NOW),
        "reset_password": lambda tx: users.reset_password(tx, "aigul", password_hash=HASH, now=NOW),
    }[how]
    store.write(work)
    assert store.read(lambda tx: logins.look(tx, KEYS, token, now=NOW)) is None
    assert store.read(audit.verify) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"login": "x"}, {"login": "a b c"}, {"login": "АЙГҮЛ"}, {"login": "a" * 61}, {"role": "XX"},
        {"role": "NG"}, {"partner_id": "p" * 20}, {"language": "de"}, {"alias": " "},
        {"alias": "a" * 61}, {"login": "a\x00bc"},
    ],
)  # fmt: skip
def test_wrong_users_are_refused_with_a_sentence(store: Store, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        add(store, **{"login": "good.login", **wrong})
    assert refusal.value.message.endswith(".")


def test_a_login_is_given_once(store: Store) -> None:
    add(store)
    with pytest.raises(Conflict):
        add(store, " AiGul ")


def test_codes_of_real_accounts_are_never_printed(store: Store) -> None:
    add(store)
    with pytest.raises(Refused):
        store.read(lambda tx: users.current_code(tx, KEYS, "aigul", now=NOW))
    with pytest.raises(NotFound):
        store.read(lambda tx: users.current_code(tx, KEYS, "nobody", now=NOW))
    user_id = store.read(lambda tx: users.by_login(tx, "aigul")).id
    with pytest.raises(Refused):
        store.write(lambda tx: users.set_demo_secret(tx, KEYS, user_id))


def test_the_demonstration_is_seeded_once(store: Store) -> None:
    content = demo.read(ROOT / "flows")

    def seed():
        return store.write(lambda tx: demo.seed_demo(tx, KEYS, content, partners={}, now=NOW))

    first, second = seed(), seed()
    assert first == second
    assert {account.role for account in first} == {"OP", "SO", "CO", "CE", "AU", "AD"}
    sites = store.read(users.sites)
    assert len(sites) == 7
    assert all(site.fallback_site_id and set(site.name) >= {"ky", "ru", "tg"} for site in sites)
    grades = [u.languages for u in store.read(users.listed) if u.role == "OP"]
    assert {code for one in grades for code in one} == {"ky", "ru", "tg"}
    assert Path(ROOT / "flows" / "demo" / "staff.yaml").is_file()


def test_an_actor_carries_what_services_need(store: Store) -> None:
    user_id = add(
        store, must_change=False, languages={"ky": 5, "ru": 0}, skills={"women": 3}, language="ky"
    )
    token = store.write(lambda tx: logins.open_login(tx, KEYS, user_id, now=NOW))
    who = store.read(lambda tx: logins.actor_for(tx, KEYS, token, now=NOW))
    assert who == Actor(
        "user", user_id, "OP", alias="A", language="ky", languages=("ky",), skills=("women",)
    )

"""Hashes, and what is refused as a new password."""

import pytest

from hotline.accounts.passwords import LIGHT, STANDARD, hash_password, nobody, verify, weakness


def test_a_password_opens_its_own_hash_and_no_other() -> None:
    stored = hash_password("plum kettle harbour", LIGHT)
    assert stored.startswith("$argon2id$")
    assert verify(stored, "plum kettle harbour")
    assert not verify(stored, "plum kettle harbour ")
    assert not verify(stored, "Plum kettle harbour")
    assert stored != hash_password("plum kettle harbour", LIGHT)


def test_odd_passwords_and_broken_hashes_are_no_mistake_of_ours() -> None:
    stored = hash_password("сөз \ud800 \x00 and more", LIGHT)
    assert verify(stored, "сөз \ud800 \x00 and more")
    assert not verify("", "x")
    assert not verify("$argon2id$broken", "x")
    assert not verify(nobody(LIGHT), "")


def test_the_standard_is_above_the_recommended_minimum() -> None:
    assert STANDARD.memory >= 19 * 1024
    assert STANDARD.time >= 2


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "short"),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("abcabcabcabc", "repeats"),
        ("abc1abc1abc1", "repeats"),
        ("qwe123456asdzx", "sequence"),
        ("zyxwvutsrqpo", "sequence"),
        ("password1234!", "common"),
        ("Password!!2026", "common"),
        ("Hotline-2026!!", "common"),
        ("hotlineadmin1", "common"),
        ("nurlan-is-here-today", "name"),
        ("NURLAN_loves_tea", "name"),
        ("189189189189", "repeats"),
    ],
)
def test_weak_passwords(password: str, why: str) -> None:
    assert weakness(password, login="nurlan") == why


@pytest.mark.parametrize(
    "password",
    ["plum kettle harbour", "жакшы көк асман бүгүн", "T7#kq9!vWm2x", "my password is a long river"],
)
def test_good_passwords(password: str) -> None:
    assert weakness(password, login="nurlan") is None

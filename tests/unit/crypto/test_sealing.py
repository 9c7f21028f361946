"""A sealed value opens in its own place and nowhere else."""

import base64
import os
import re
import stat
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from hotline import crypto
from hotline.crypto import KeyRing, KeysUnusable, Place, SealBroken, seal, unseal

KEY = bytes(range(32))
HERE = Place("messages", "body", "row1")


def ring(*roots: str) -> KeyRing:
    return KeyRing({name: name.encode().ljust(32, b"\0") for name in roots}, b"i" * 32)


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    assert unseal(KEY, seal(KEY, text, HERE), HERE) == text


def test_lone_surrogates_and_nul_come_back() -> None:
    assert unseal(KEY, seal(KEY, "a\ud83d\x00b", HERE), HERE) == "a\ud83d\x00b"


def test_two_seals_of_the_same_text_differ() -> None:
    assert seal(KEY, "x", HERE) != seal(KEY, "x", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("messages", "body", "row2"),
        Place("messages", "said", "row1"),
        Place("notes", "body", "row1"),
        Place("messagesb", "ody", "row1"),
        Place("messages", "bodyrow1", ""),
        Place("", "messagesbody", "row1"),
    ],
)
def test_a_value_that_was_moved_does_not_open(elsewhere: Place) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, seal(KEY, "secret", HERE), elsewhere)


def test_another_persons_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        unseal(crypto.new_data_key(), seal(KEY, "secret", HERE), HERE)


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, flip: int) -> None:
    sealed = bytearray(seal(KEY, "a text of some length, thirty-odd", HERE))
    sealed[at] ^= flip
    with pytest.raises(SealBroken):
        unseal(KEY, bytes(sealed), HERE)


@pytest.mark.parametrize("cut", [b"", b"\x01", b"\x01" + b"n" * 27, b"\x02" + b"n" * 60])
def test_what_is_no_sealed_value_is_said_so(cut: bytes) -> None:
    with pytest.raises(SealBroken, match=r"messages\.body"):
        unseal(KEY, cut, HERE)


def test_the_error_names_the_place_and_not_the_text() -> None:
    sealed = seal(KEY, "the secret words", HERE)
    with pytest.raises(SealBroken) as caught:
        unseal(KEY, sealed[:-1], HERE)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(
    st.lists(st.text(max_size=12), min_size=3, max_size=3),
    st.lists(st.text(max_size=12), min_size=3, max_size=3),
)
def test_different_places_are_bound_differently(one: list[str], other: list[str]) -> None:
    try:
        a, b = Place(*one).bound(), Place(*other).bound()
    except UnicodeEncodeError:
        return
    assert (a == b) == (one == other)


# ------------------------------------------------------------------ data keys and roots


def test_an_old_root_still_unwraps_and_the_last_one_wraps() -> None:
    old, both = ring("k1"), ring("k1", "k2")
    data_key = crypto.new_data_key()
    wrapped = old.wrap(data_key, "key1")
    assert both.unwrap(wrapped, "key1", old.current) == data_key
    assert both.current == "server:k2"
    fresh = both.wrap(data_key, "key1")
    assert both.unwrap(fresh, "key1", "server:k2") == data_key
    with pytest.raises(SealBroken, match="k2"):
        old.unwrap(fresh, "key1", "server:k2")


def test_a_wrap_is_bound_to_its_key() -> None:
    keys = ring("k1")
    with pytest.raises(SealBroken):
        keys.unwrap(keys.wrap(KEY, "key1"), "key2", keys.current)


def test_a_servers_own_value_opens_after_rotation() -> None:
    place = Place("users", "totp_secret", "u1")
    sealed = ring("k1").seal_own("JBSWY3DP", place)
    assert ring("k1", "k2").unseal_own(sealed, place) == "JBSWY3DP"
    with pytest.raises(SealBroken, match="not in the key file"):
        ring("k2").unseal_own(sealed, place)
    with pytest.raises(SealBroken):
        ring("k1").unseal_own(sealed, Place("users", "totp_secret", "u2"))


def test_people_and_logins_are_found_after_rotation() -> None:
    old, new = ring("k1"), ring("k1", "k2")
    assert old.blind_index("sms", "+996") == new.blind_index("sms", "+996")
    assert old.token_hash("t") == new.token_hash("t")
    assert old.blind_index("sms", "1") != old.blind_index("telegram", "1")
    assert old.form_token("t") != old.form_token("t", "x") != old.token_hash("t")


# ------------------------------------------------------------------ ids


def test_ids_are_twenty_letters_and_do_not_repeat() -> None:
    made = [crypto.new_id() for _ in range(5000)]
    assert all(re.fullmatch("[a-z2-7]{20}", one) for one in made)
    assert len(set(made)) == len(made)
    for at in range(8, 20):  # these places take every letter: 60 bits are random
        assert len({one[at] for one in made}) == 32
    heads = [one[:8] for one in made]
    # One after the other in every index, but for a new beginning after a million.
    assert sum(a >= b for a, b in pairwise(heads)) <= 1


# ------------------------------------------------------------------ the key file


def test_a_new_key_file_is_closed_to_others_and_never_overwritten(tmp_path) -> None:
    path = tmp_path / "deep" / "keys"
    crypto.new_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys = crypto.load_keys(path)
    assert keys.current == "server:k1"
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        crypto.new_key_file(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_a_key_file_that_others_can_open_is_refused(tmp_path, mode: int) -> None:
    path = tmp_path / "keys"
    crypto.new_key_file(path)
    os.chmod(path, mode)  # noqa: PTH101
    with pytest.raises(KeysUnusable, match="600"):
        crypto.load_keys(path)


def test_a_key_file_that_is_not_there_is_said_so(tmp_path) -> None:
    with pytest.raises(KeysUnusable, match="cannot be read"):
        crypto.load_keys(tmp_path / "nothing")


GOOD = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no index key"),
        (f"index i1 {GOOD}", "no root key"),
        (f"root k1 {GOOD}", "no index key"),
        ("root k1", "Line 1"),
        ("# a remark\n\nroot k1 ???", "Line 3"),
        ("root k1 QUJD", "32 bytes"),
        (f"rot k1 {GOOD}", "unknown kind"),
        ("root k1 " + "A" * 43 + "=", "not random"),
    ],
)
def test_a_broken_key_file_names_the_line_and_never_the_key(text: str, sentence: str) -> None:
    with pytest.raises(KeysUnusable, match=sentence) as caught:
        crypto.parse_keys(text)
    assert GOOD not in str(caught.value)

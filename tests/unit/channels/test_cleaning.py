import pytest
from hypothesis import given, strategies as st

from hotline.channels.cleaning import TEXT_LIMIT, clean, language_hint, mime_type


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("салам", "салам"),
        ("  салам \n", "салам"),
        ("a\x00b", "ab"),
        ("a\ud800b", "ab"),
        ("\u202eda\u202c", "da"),
        ("\u061cда\u200e", "да"),
        ("\ufeffда", "да"),
        ("один\r\nдва\rтри\u2028четыре", "один\nдва\nтри\nчетыре"),
        ("и\u200f\u0306од", "йод"),
        ("👩\u200d👧", "👩\u200d👧"),  # the joiner is part of the sign
        ("tab\there", "tab\there"),
        ("\x1b[31mred", "[31mred"),
    ],
)
def test_what_is_kept(given_text: str, kept: str):
    assert clean(given_text) == kept


def test_a_long_text_is_cut():
    assert clean("я" * 10_000) == "я" * TEXT_LIMIT
    assert clean("abcdef", 3) == "abc"


@given(st.text(alphabet=st.characters(), max_size=300))
def test_cleaning_twice_changes_nothing_and_every_text_can_be_stored(text: str):
    once = clean(text)
    assert clean(once) == once
    assert once.encode().decode() == once
    assert "\x00" not in once


@pytest.mark.parametrize(
    ("code", "hint"),
    [("ky", "ky"), ("ru-RU", "ru"), ("TG", "tg"), ("zh-hans", "zh"), ("pt_BR", "pt"),
     ("", None), (None, None), (7, None), ("x" * 40, None), ("ky; drop", None), ("\ud800", None)],
)  # fmt: skip
def test_a_language_hint_is_a_code_or_nothing(code: object, hint: str | None):
    assert language_hint(code) == hint


@pytest.mark.parametrize(
    ("stated", "kept"),
    [("image/jpeg", "image/jpeg"), ("audio/ogg; codecs=opus", "audio/ogg"), ("IMAGE/PNG", "image/png"),
     ("<script>", "application/octet-stream"), (None, "application/octet-stream"),
     ("a/" + "b" * 200, "application/octet-stream")],
)  # fmt: skip
def test_a_media_type_is_plain_or_unknown(stated: object, kept: str):
    assert mime_type(stated) == kept

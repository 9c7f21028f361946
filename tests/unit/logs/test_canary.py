"""No word, name, number or address gets through the log."""

import json

import pytest
import structlog
from hypothesis import given, strategies as st

from hotline import logs


@pytest.fixture(autouse=True)
def _fresh_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logger keeps the stream it was first used with; each test has a stream of its own."""
    monkeypatch.setattr(logs, "_log", structlog.get_logger("hotline"))


def written(capsys, **fields: object) -> dict:
    logs.setup("INFO")
    logs.event("something.happened", **fields)
    return json.loads(capsys.readouterr().err.strip().splitlines()[-1])


@pytest.mark.parametrize(
    "canary",
    [
        "Айгүл Канарейкина",
        "help me please",
        "+996700123456",
        "996700123456",
        "7001234",
        "chat 5551234567",
        "мне страшно",
        "a@b.example",
        "x" * 81,
        "line\nbreak",
        "\ud83d",
    ],
)
def test_what_could_be_a_persons_is_cut_out(capsys, canary: str) -> None:
    found = written(capsys, value=canary, id="ab2c")
    assert canary not in json.dumps(found, ensure_ascii=False)
    assert found["value"] == "[left out]"
    assert found["id"] == "ab2c"


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "mno2p3", "turn.failed", "https://x/y"])
def test_ids_counts_and_codes_stay(capsys, value: object) -> None:
    assert written(capsys, value=value)["value"] == value


@given(st.text())
def test_no_text_with_a_blank_or_a_letter_outside_ascii_passes(text: str) -> None:
    kept = logs._clean(text)
    assert kept == "[left out]" or (kept.isascii() and " " not in kept)


def test_an_error_is_named_by_its_class_and_place_only(capsys) -> None:
    logs.setup("INFO")
    with pytest.raises(ValueError, match="секрет") as caught:
        raise ValueError("the words of a person: секрет")
    logs.failure("turn.failed", caught.value, contact="ab2c")
    said = capsys.readouterr().err
    assert "секрет" not in said
    assert "words" not in said
    found = json.loads(said.strip().splitlines()[-1])
    assert found["error"] == "ValueError"
    assert found["where"].startswith("test_canary.py:")


def test_an_error_that_was_never_raised_has_no_place(capsys) -> None:
    logs.setup("INFO")
    logs.failure("x", ValueError("secret"))
    assert json.loads(capsys.readouterr().err.strip().splitlines()[-1])["where"] == "unknown"


def test_below_the_level_nothing_is_written(capsys) -> None:
    logs.setup("ERROR")
    logs.event("x")
    assert capsys.readouterr().err == ""

"""Settings: one sentence for each thing that is wrong."""

import pytest

from hotline import config
from hotline.config import Settings, WrongSetting

REAL = Settings(
    public_url="https://line.example",
    key_file="/etc/hotline/keys",
    telegram_token="1:a",
    telegram_secret="s",
)


def test_without_anything_set_the_defaults_stand() -> None:
    assert config.read({}) == Settings()
    assert config.read({"PATH": "/bin", "HOTLINE": "x"}) == Settings()


def test_values_are_read_by_their_kind() -> None:
    found = config.read(
        {
            "HOTLINE_PORT": " 9000 ",
            "HOTLINE_DEMO": "yes",
            "HOTLINE_SEND_TIMEOUT": "2.5",
            "HOTLINE_TELEGRAM_TOKEN": " 1:a ",
        }
    )
    assert (found.port, found.demo, found.send_timeout, found.telegram_token) == (
        9000, True, 2.5, "1:a",
    )  # fmt: skip


def test_every_wrong_setting_is_named_at_once_and_its_value_never() -> None:
    with pytest.raises(WrongSetting) as caught:
        config.read({"HOTLINE_PORT": "high", "HOTLINE_DEMO": "maybe", "HOTLINE_POLL_SECONDS": "-"})
    assert len(caught.value.problems) == 3
    for name in ("HOTLINE_PORT", "HOTLINE_DEMO", "HOTLINE_POLL_SECONDS"):
        assert sum(name in problem for problem in caught.value.problems) == 1
    assert "high" not in str(caught.value)


def test_a_real_installation_has_no_problems() -> None:
    assert config.problems_for_production(REAL) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"public_url": ""}, "HOTLINE_PUBLIC_URL"),
        ({"public_url": "http://line.example"}, "HOTLINE_PUBLIC_URL"),
        ({"key_file": ""}, "HOTLINE_KEY_FILE"),
        ({"telegram_token": ""}, "HOTLINE_TELEGRAM_TOKEN"),
        ({"telegram_secret": ""}, "HOTLINE_TELEGRAM_SECRET"),
        ({"twilio_account_sid": "AC1", "twilio_from": "+1"}, "HOTLINE_TWILIO_AUTH_TOKEN"),
        ({"twilio_account_sid": "AC1", "twilio_auth_token": "t"}, "HOTLINE_TWILIO_FROM"),
    ],
)
def test_each_missing_setting_gives_one_sentence(change: dict, named: str) -> None:
    from dataclasses import replace

    problems = config.problems_for_production(replace(REAL, **change))
    assert len(problems) == 1
    assert problems[0].startswith(named)
    assert problems[0].endswith(".")


def test_keys_in_a_variable_stand_for_a_key_file() -> None:
    from dataclasses import replace

    assert config.problems_for_production(replace(REAL, key_file="", keys="root ...")) == []


def test_without_an_address_the_database_is_a_file_beside_the_data() -> None:
    assert Settings(data_dir="d").database == "sqlite:///d/hotline.sqlite3"
    assert Settings(database_url="postgresql://x/y").database == "postgresql://x/y"

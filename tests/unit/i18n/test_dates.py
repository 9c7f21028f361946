from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hotline.i18n import dates
from hotline.i18n.wordfiles import interface
from hotline.i18n.words import load

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def words():
    path = ROOT / "locales" / "interface.yaml"
    return load(ROOT / "locales", {s.key: s.english for s in interface(path, path.name)})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ky", "2026-жылдын 3-ноябры"),
        ("ru", "3 ноября 2026 года"),
        ("tg", "3 ноябри соли 2026"),
        ("en", "November 3, 2026"),
    ],
)
def test_long_dates_are_what_people_write(words, language, text):
    assert dates.long_date(words, date(2026, 11, 3), language) == text


def test_every_month_has_a_name_of_its_own(words):
    for language in ("ky", "ru", "tg"):
        names = {dates.long_date(words, date(2026, m, 1), language) for m in range(1, 13)}
        assert len(names) == 12


def test_short_dates_are_the_same_for_all():
    assert dates.short_date(date(2026, 1, 3)) == "03.01.2026"


@pytest.mark.parametrize(
    ("seconds", "language", "text"),
    [
        (5 * 60, "ky", "5 мүнөт"),
        (5 * 60, "ru", "5 минут"),
        (5 * 60, "tg", "5 дақиқа"),
        (2 * 3600 + 59, "ru", "2 часа"),
        (5 * 3600, "tg", "5 соат"),
        (21 * 86400, "ru", "21 день"),
        (0, "ru", "1 минута"),
        (3599, "ru", "59 минут"),
    ],
)
def test_durations_have_no_english_in_them(words, seconds, language, text):
    assert dates.duration(words, seconds, language) == text


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("KG", "ru", "Кыргызстан"),
        ("KG", "ky", "Кыргызстан"),
        ("KG", "tg", "Қирғизистон"),
        ("RU", "tg", "Русия"),
        ("TR", "ky", "Түркия"),
        ("XX", "ky", "XX"),
    ],
)
def test_countries_with_the_name_kyrgyzstan_uses_itself(words, code, language, name):
    assert dates.country(words, code, language) == name


def test_the_list_of_countries_has_real_ones_only(words):
    listed = dict(dates.countries(words, "ru"))
    assert {"KG", "RU", "KZ", "TR", "KR", "AE"} <= set(listed)
    assert not {"EU", "UN", "ZZ"} & set(listed)
    assert "Киргизия" not in listed.values()


def test_times_are_told_on_the_readers_clock(words):
    when = datetime(2026, 11, 21, 20, 5, tzinfo=UTC)
    assert dates.clock(when, ZoneInfo("Asia/Bishkek")) == "02:05"
    assert dates.moment(words, when, ZoneInfo("Asia/Bishkek"), "ru") == "22.11.2026, 02:05"
    with pytest.raises(ValueError, match="zone"):
        dates.clock(datetime(2026, 11, 21, 20, 5), UTC)  # noqa: DTZ001

import pytest

from hotline.i18n.catalogues import (
    UnknownKey,
    confirm,
    import_words,
    is_current,
    read_catalogue,
    update,
)
from hotline.i18n.entries import Source

ASK = Source("a.ask", ("Are you safe?",), "flows/a.yaml", 3, critical=True)
DAYS = Source("a.days", ("{n} day", "{n} days"), "locales/interface.yaml", 1)
WORDS = {
    "a.ask": {"ky": "Коопсузсузбу?", "ru": "Вы в безопасности?", "tg": "Шумо бехатаред?"},
    "a.days": {
        "ky": ("{n} күн", "{n} күн"),
        "ru": ("{n} день", "{n} дня", "{n} дней"),
        "tg": ("{n} рӯз",),
    },
}


def entry(locales, language, key):
    return next(e for e in read_catalogue(locales, language) if e.key == key)


@pytest.fixture
def locales(tmp_path):
    update(tmp_path, (ASK, DAYS))
    import_words(tmp_path, WORDS)
    return tmp_path


def test_update_makes_the_template_and_three_catalogues(locales):
    assert (locales / "hotline.pot").exists()
    assert all(entry(locales, code, "a.ask").is_ready for code in ("ky", "ru", "tg"))
    assert is_current(locales, (ASK, DAYS))


def test_update_without_a_change_changes_no_file(locales):
    before = {p: p.read_bytes() for p in locales.rglob("*") if p.is_file()}
    update(locales, (ASK, DAYS))
    assert {p: p.read_bytes() for p in locales.rglob("*") if p.is_file()} == before


def test_changed_english_makes_the_catalogues_outdated_until_updated(locales):
    changed = Source("a.ask", ("Is it safe to write?",), "flows/a.yaml", 3)
    assert not is_current(locales, (changed, DAYS))
    update(locales, (changed, DAYS))
    assert is_current(locales, (changed, DAYS))
    assert entry(locales, "tg", "a.ask").previous == ("Are you safe?",)


def test_a_reviewer_confirms_that_the_old_words_still_fit(locales):
    update(locales, (Source("a.ask", ("Are you safe now?",), "flows/a.yaml"), DAYS))
    assert confirm(locales, "a.ask", ["ky", "tg"]) == ("ky", "tg")
    assert entry(locales, "ky", "a.ask").is_ready
    assert entry(locales, "ky", "a.ask").english == ("Are you safe now?",)
    assert not entry(locales, "ru", "a.ask").is_ready
    assert confirm(locales, "a.ask", ["ky"]) == ()


def test_confirming_an_unknown_key_is_refused(locales):
    with pytest.raises(UnknownKey):
        confirm(locales, "a.none", ["ky"])


def test_an_import_fills_what_is_empty_and_keeps_what_somebody_wrote(locales):
    other = {"a.ask": {"ky": "Башка", "xx": "ignored"}, "b.none": {"ky": "Жок"}}
    done = import_words(locales, other)
    assert done.kept["ky"] == ("a.ask",)
    assert done.unknown == ("b.none",)
    assert entry(locales, "ky", "a.ask").text == ("Коопсузсузбу?",)
    assert import_words(locales, other, overwrite=True).filled["ky"] == ("a.ask",)
    assert entry(locales, "ky", "a.ask").text == ("Башка",)


def test_an_import_made_from_other_english_stays_fuzzy(locales):
    import_words(locales, {"a.ask": {"ky": "Эскиден", "en": "Are you OK?"}}, overwrite=True)
    found = entry(locales, "ky", "a.ask")
    assert (found.fuzzy, found.previous) == (True, ("Are you OK?",))


@pytest.mark.parametrize(
    "given",
    [
        {"a.days": {"ru": "{n} дней"}},
        {"a.days": {"ru": ("{n} день", "{n} дня")}},
        {"a.ask": {"ru": ("раз", "два")}},
        {"a.ask": {"ru": ""}},
        {"a.ask": "just words"},
    ],
)
def test_words_of_the_wrong_shape_are_refused_and_change_nothing(locales, given):
    before = read_catalogue(locales, "ru")
    assert len(import_words(locales, given, overwrite=True).refused) == 1
    assert read_catalogue(locales, "ru") == before

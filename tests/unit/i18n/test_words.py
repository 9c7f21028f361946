import threading

import pytest
from markupsafe import Markup

from hotline.i18n.entries import Entry
from hotline.i18n.falls import Fall
from hotline.i18n.mofile import compile_all, load_table, table
from hotline.i18n.pofile import write
from hotline.i18n.words import Words, load

ENGLISH = {
    "a.ask": ("Are you safe?",),
    "a.wait": ("Wait {minutes} min",),
    "a.days": ("{n} day", "{n} days"),
    "a.only": ("Only English",),
}
KY = (
    Entry("a.ask", ("Are you safe?",), ("Коопсузсузбу?",)),
    Entry("a.wait", ("Wait {minutes} minutes",), ("Эски",)),  # made from other English
    Entry("a.days", ENGLISH["a.days"], ("{n} күн", "{n} күн")),
)
RU = (
    Entry("a.ask", ("Are you safe?",), ("Вы в безопасности?",)),
    Entry("a.wait", ("Wait {minutes} min",), ("Подождите {minutes} мин",)),
    Entry("a.days", ENGLISH["a.days"], ("{n} день", "{n} дня", "{n} дней")),
)
TG = (Entry("a.ask", ("Are you safe?",), ("Нав",), fuzzy=True),)


@pytest.fixture
def words():
    return Words({"ky": table(KY), "ru": table(RU), "tg": table(TG)}, ENGLISH)


def test_a_text_in_its_language(words):
    assert words.text("a.ask", "ky") == "Коопсузсузбу?"


@pytest.mark.parametrize(
    ("key", "language", "text", "shown"),
    [
        ("a.wait", "ky", "Подождите 5 мин", "ru"),
        ("a.ask", "tg", "Вы в безопасности?", "ru"),
        ("a.only", "tg", "Only English", "en"),
        ("a.only", "ru", "Only English", "en"),
    ],
)
def test_what_is_missing_stale_or_fuzzy_falls_down_the_chain_and_is_counted(
    words, key, language, text, shown
):
    assert words.text(key, language, minutes=5) == text
    words.text(key, language, minutes=5)
    assert words.falls.counts() == {Fall(key, language, shown): 2}


def test_english_and_unknown_languages(words):
    assert words.text("a.ask", "en") == "Are you safe?"
    assert words.text("a.ask", "uz") == "Вы в безопасности?"
    assert words.text("a.ask", None) == "Вы в безопасности?"


def test_a_key_without_english_is_a_mistake_of_the_program(words):
    with pytest.raises(KeyError, match=r"no\.such"):
        words.text("no.such", "ky")


def test_a_missing_argument_is_a_mistake_and_no_argument_leaves_the_placeholder(words):
    assert words.text("a.wait", "ru") == "Подождите {minutes} мин"
    with pytest.raises(KeyError, match="minutes"):
        words.text("a.wait", "ru", hours=1)


def test_values_are_put_in_once_and_cannot_reach_anything(words):
    assert words.text("a.wait", "ru", args={"minutes": "{minutes.__class__}"}) == (
        "Подождите {minutes.__class__} мин"
    )


def test_has_and_labels_tell_of_own_words_only(words):
    assert words.has("a.ask", "ky")
    assert not words.has("a.wait", "ky")
    assert not words.has("a.ask", "tg")
    assert not words.has("no.such", "ky")
    assert words.labels("a.ask") == {
        "ky": "Коопсузсузбу?", "ru": "Вы в безопасности?", "en": "Are you safe?",
    }  # fmt: skip
    assert words.missing(ENGLISH, "tg") == tuple(ENGLISH)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1 день"),
        (3, "3 дня"),
        (5, "5 дней"),
        (11, "11 дней"),
        (21, "21 день"),
        (112, "112 дней"),
    ],
)
def test_russian_counts_as_russians_do(words, number, text):
    assert words.plural("a.days", "ru", number) == text


def test_a_plural_that_falls_takes_the_forms_of_the_language_it_fell_to(words):
    assert words.plural("a.days", "ky", 5) == "5 күн"
    assert words.plural("a.days", "tg", 3) == "3 дня"
    assert words.plural("a.days", "en", 1) == "1 day"


def test_in_a_template_text_and_arguments_are_escaped_and_markup_stays(words):
    t = words.bind("ru")
    assert t("a.wait", "Wait {minutes} min", minutes="<script>") == Markup(
        "Подождите &lt;script&gt; мин"
    )
    assert t("new.key", "a < {b} & 'c'", b=Markup("<b>1</b>")) == Markup(
        "a &lt; <b>1</b> &amp; &#39;c&#39;"
    )
    assert words.bind_plural("ru")("a.days", "{n} day", "{n} days", 22) == Markup("22 дня")


def test_a_reworded_template_falls_instead_of_showing_the_old_words(words):
    assert words.bind("ky")("a.ask", "Is it safe to write?") == "Is it safe to write?"


def test_a_pinned_session_sees_a_corrected_comma_but_not_a_reworded_question(words):
    frozen = words.freeze(["a.ask", "a.days"])
    english = {"a.ask": "Are you safe?", "a.days": ENGLISH["a.days"]}
    corrected = (Entry("a.ask", ("Are you safe?",), ("Сиз коопсузсузбу?",)),)
    now = Words({"ky": table(corrected), "ru": table(RU), "tg": {}}, ENGLISH)
    assert now.pinned(english, frozen).text("a.ask", "ky") == "Сиз коопсузсузбу?"

    reworded = (Entry("a.ask", ("Can you write now?",), ("Азыр жаза аласызбы?",)),)
    later = Words({"ky": table(reworded), "ru": {}, "tg": {}}, {"a.ask": ("Can you write now?",)})
    assert later.pinned(english, frozen).text("a.ask", "ky") == "Коопсузсузбу?"
    assert later.pinned(english, frozen).plural("a.days", "ru", 2) == "2 дня"
    assert later.text("a.ask", "ky") == "Азыр жаза аласызбы?"


def write_all(locales):
    for language, entries in {"ky": KY, "ru": RU, "tg": TG}.items():
        write(locales / language / "LC_MESSAGES" / "hotline.po", entries, language=language)


def test_compiled_and_uncompiled_catalogues_give_the_same_words(tmp_path):
    write_all(tmp_path)
    before = {code: dict(load_table(tmp_path, code)) for code in ("ky", "ru", "tg")}
    assert compile_all(tmp_path) == {"ky": 3, "ru": 3, "tg": 0}
    assert {code: dict(load_table(tmp_path, code)) for code in ("ky", "ru", "tg")} == before
    assert before["ru"][("a.days", ENGLISH["a.days"])] == ("{n} день", "{n} дня", "{n} дней")


def test_a_compiled_catalogue_older_than_its_source_is_not_used(tmp_path):
    write_all(tmp_path)
    compile_all(tmp_path)
    po = tmp_path / "ky" / "LC_MESSAGES" / "hotline.po"
    write(po, (Entry("a.ask", ("Are you safe?",), ("Жаңы",)),), language="ky")
    later = po.with_suffix(".mo").stat().st_mtime + 10
    import os

    os.utime(po, (later, later))
    assert load(tmp_path, ENGLISH).text("a.ask", "ky") == "Жаңы"


def test_a_broken_compiled_catalogue_fails_loudly(tmp_path):
    write_all(tmp_path)
    compile_all(tmp_path)
    (tmp_path / "ky" / "LC_MESSAGES" / "hotline.mo").write_bytes(b"not a catalogue at all....")
    with pytest.raises(OSError, match="magic"):
        load(tmp_path, ENGLISH)


def test_loaded_words_know_the_english_of_templates_and_report_a_first_fall(tmp_path):
    write_all(tmp_path)
    seen = []
    words = load(tmp_path, {"a.only": "Only English"}, on_fall=seen.append)
    assert words.text("a.ask", "ru") == "Вы в безопасности?"
    words.text("a.only", "ky")
    words.text("a.only", "ky")
    assert seen == [Fall("a.only", "ky", "en")]


def test_falls_are_counted_from_many_threads(words):
    def look():
        for _ in range(200):
            words.text("a.only", "ky")

    threads = [threading.Thread(target=look) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert words.falls.counts() == {Fall("a.only", "ky", "en"): 1000}

from hotline.i18n.entries import Entry, Source
from hotline.i18n.merge import by_key, merge, template

SAFE = Source("intake.safe.ask", ("Are you safe?",), "flows/intake.yaml", 5, "Short words.")
ASK = Source("intake.work.ask", ("Where do you work?",), "flows/intake.yaml", 9)


def kept(old, sources, language="ky"):
    return by_key(merge(old, sources, language=language).entries)


def test_a_new_key_gets_an_empty_entry():
    merged = merge((), (SAFE,), language="ky")
    assert merged.added == ("intake.safe.ask",)
    assert merged.entries[0].is_empty
    assert merged.entries[0].notes == ("Short words.",)


def test_the_same_english_keeps_its_translation():
    old = (Entry(SAFE.key, SAFE.english, ("Коопсузсузбу?",)),)
    entry = kept(old, (SAFE,))[SAFE.key]
    assert entry.text == ("Коопсузсузбу?",)
    assert entry.is_ready


def test_changed_english_keeps_the_translation_as_fuzzy_and_remembers_what_it_was_made_from():
    old = (Entry(SAFE.key, ("Are you OK?",), ("Жакшысызбы?",)),)
    merged = merge(old, (SAFE,), language="ky")
    entry = by_key(merged.entries)[SAFE.key]
    assert merged.stale == (SAFE.key,)
    assert (entry.fuzzy, entry.previous, entry.text) == (True, ("Are you OK?",), ("Жакшысызбы?",))
    assert not entry.is_ready


def test_the_first_english_is_remembered_through_two_changes():
    old = (Entry(SAFE.key, ("two",), ("эки",), fuzzy=True, previous=("one",)),)
    assert kept(old, (SAFE,))[SAFE.key].previous == ("one",)


def test_english_that_comes_back_makes_the_translation_good_again():
    old = (Entry(SAFE.key, ("two",), ("Коопсузсузбу?",), fuzzy=True, previous=SAFE.english),)
    entry = kept(old, (SAFE,))[SAFE.key]
    assert entry.is_ready
    assert entry.previous == ()


def test_a_mark_set_by_a_translator_stays():
    old = (Entry(SAFE.key, SAFE.english, ("?",), fuzzy=True),)
    assert kept(old, (SAFE,))[SAFE.key].fuzzy


def test_a_new_key_never_borrows_the_words_of_one_that_reads_alike():
    """What pairing by similarity would do: the wrong question in somebody's hand."""
    old = (Entry("intake.safe.ask", ("Are you safe now?",), ("Азыр коопсузсузбу?",)),)
    twin = Source("intake.child.ask", ("Are you safe now, child?",), "flows/intake.yaml")
    entries = kept(old, (twin,))
    assert entries["intake.child.ask"].text == ("",)
    assert "intake.safe.ask" not in entries


def test_a_key_that_is_gone_becomes_obsolete_and_comes_back_with_its_words():
    old = (Entry(SAFE.key, SAFE.english, ("Коопсузсузбу?",)),)
    gone = merge(old, (ASK,), language="ky")
    assert gone.removed == (SAFE.key,)
    assert [e.key for e in gone.entries if e.obsolete] == [SAFE.key]
    again = kept(gone.entries, (ASK, SAFE))
    assert again[SAFE.key].is_ready


def test_an_empty_entry_that_is_gone_leaves_nothing_behind():
    assert len(merge((Entry("x.y", ("X",)),), (ASK,), language="ky").entries) == 1


def test_a_text_that_becomes_a_plural_is_fuzzy_and_has_the_forms_of_its_language():
    people = Source("q.people", ("{n} person", "{n} people"), "t.html")
    old = (Entry("q.people", ("{n} people",), ("{n} человек",)),)
    entry = kept(old, (people,), "ru")["q.people"]
    assert entry.text == ("{n} человек", "", "")
    assert entry.fuzzy


def test_a_plural_that_becomes_one_text_is_fuzzy():
    old = (Entry("q.people", ("a", "b"), ("x", "y", "z")),)
    entry = kept(old, (Source("q.people", ("a",), "t.html"),), "ru")["q.people"]
    assert entry.text == ("x",)
    assert entry.fuzzy


def test_the_template_holds_no_words():
    assert [e.text for e in template((SAFE, ASK))] == [("",), ("",)]

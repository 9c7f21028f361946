"""What a person sees: counted, cut, escaped, and never a number that may not be shown."""

import pytest
from hypothesis import given, strategies as st

from hotline.flow import sms
from hotline.flow.contacts import Contacts
from hotline.flow.events import Option, Said
from hotline.flow.latin import to_latin
from hotline.flow.render import MOST_UNITS, callback, render, split, units

ROWS = [
    {"id": "kg_stop_traffic_189", "number": "189", "status": "to_be_confirmed"},
    {"id": "tested", "number": "111", "status": "verified", "tested_on": "2026-11-01"},
    {"id": "untested", "number": "222", "status": "verified"},
    {"id": "old", "number": "333", "status": "old", "tested_on": "2020-01-01"},
    {"id": "none", "number": None, "status": "verified", "tested_on": "2026-11-01"},
]


class Words:
    def __init__(self, **texts):
        self.texts = {key.replace("__", "."): text for key, text in texts.items()}

    def text(self, key, _language):
        return self.texts[key]

    def english(self, key):
        return self.texts.get(key)


def show(said, words, channel="telegram", *, demonstration=False, **more):
    contacts = Contacts.of(ROWS, demonstration=demonstration)
    return render(
        said,
        words=words,
        contacts=contacts,
        channel=channel,
        language=more.pop("language", "ky"),
        **more,
    )


@pytest.mark.parametrize(
    ("contact", "live", "demo"),
    [
        ("kg_stop_traffic_189", "189", "189"),
        ("tested", "111", "111"),
        ("untested", None, "222"),
        ("old", None, None),
        ("none", None, None),
        ("unknown", None, None),
    ],
)
def test_a_number_is_shown_only_when_it_may_be(contact, live, demo):
    assert Contacts.of(ROWS).number(contact) == live
    assert Contacts.of(ROWS, demonstration=True).number(contact) == demo


def test_a_sentence_whose_number_may_not_be_shown_is_left_out():
    words = Words(a="Call {contact:untested}. Or call {contact:kg_stop_traffic_189}. Good.")
    assert show(Said("a"), words).parts == ("Or call 189. Good.",)
    assert show(Said("a"), words, demonstration=True).parts == ("Call 222. Or call 189. Good.",)


def test_a_line_of_which_nothing_is_left_is_not_sent():
    assert show(Said("a"), Words(a="Number: {contact:untested}")).parts == ()
    assert show(Said("a"), Words(a="Number: {contact:untested}"), "sms").parts == ()


def test_a_placeholder_without_a_value_never_shows():
    assert show(Said("a"), Words(a="Hello {name}. Good day.")).parts == ("Good day.",)


def test_arguments_are_put_in_once_and_escaped():
    shown = show(Said("a", args={"name": "<b>{contact:tested}</b> & co"}), Words(a="Hi {name}"))
    assert shown.parts == ("Hi &lt;b&gt;{contact:tested}&lt;/b&gt; &amp; co",)
    assert shown.html


def test_keys_in_arguments_are_words_of_the_reader():
    words = Words(a="Marked: {m}.", x="one", y="two", r="Why:\n{r}\nEnd.", x__sms="1st")
    assert show(Said("a", args={"m": "list:x,y"}), words).parts == ("Marked: one, two.",)
    assert show(Said("a", args={"m": "key:y"}), words).parts == ("Marked: two.",)
    assert show(Said("r", args={"r": "keys:x,y"}), words).parts[0].count("\N{BULLET}") == 2
    assert show(Said("a", args={"m": "list:x,y"}), words, "sms").parts == ("Marked: 1st, two.",)


CHOICES = (Option("y", "yes"), Option("n", "no"))


def test_buttons_carry_the_step_and_numbered_lines_the_order():
    words = Words(a="Safe?", yes="Yes", no="No")
    shown = show(Said("a", step="start.safe", choices=CHOICES), words)
    assert shown.buttons == ((("start.safe=y", "Yes"), ("start.safe=n", "No")),)
    shown = show(Said("a", step="start.safe", choices=CHOICES), words, "sms")
    assert shown.parts == ("Safe?\n1 Yes\n2 No",)
    assert (shown.buttons, shown.segments) == ((), 1)


def test_marked_answers_carry_a_mark():
    words = Words(a="Marked: {marked}.", yes="Yes", no="No")
    said = Said("a", step="a.b", args={"marked": "list:no"}, choices=CHOICES, multi=True)
    ((_, first), (_, second)) = show(said, words).buttons[0]
    assert (first, second) == ("Yes", "\N{CHECK MARK} No")


def test_a_label_too_long_for_a_button_is_cut():
    shown = show(Said("a", step="a.b", choices=CHOICES), Words(a="?", yes="x" * 99, no="No"))
    assert len(shown.buttons[0][0][1]) == 64


def test_callback_data_of_more_than_64_bytes_is_refused():
    assert callback("a.b", "c") == "a.b=c"
    with pytest.raises(ValueError, match="64 bytes"):
        callback("a." + "b" * 60, "code")


def test_the_first_line_of_an_answer_is_its_title():
    words = Words(answers__x__tell="A & B\nRest.")
    assert show(Said("answers.x.tell"), words).parts == ("<b>A &amp; B</b>\nRest.",)


@pytest.mark.parametrize(
    ("text", "parts", "gsm"),
    [
        ("a" * 160, 1, True), ("a" * 161, 2, True), ("a" * 306, 2, True), ("a" * 307, 3, True),
        ("ж" * 70, 1, False), ("ж" * 71, 2, False), ("ж" * 134, 2, False), ("ж" * 135, 3, False),
        ("€" * 80, 1, True), ("€" * 81, 2, True), ("öüñ", 1, True),
    ],
)  # fmt: skip
def test_sms_parts_are_counted_as_the_network_does(text, parts, gsm):
    found = sms.size(text)
    assert (found.parts, found.gsm) == (parts, gsm)


def test_typographic_signs_are_replaced_before_counting():
    assert sms.plain("«a» “b” – — … №") == '"a" "b" - - ... No'
    assert sms.size(sms.plain("“Yes” – it’s safe…")).gsm


@pytest.mark.parametrize(
    ("language", "text", "latin"),
    [
        ("ky", "Үйгө кайткым келет, жардам керек", "Üygö kaytkym kelet, jardam kerek"),
        ("ky", "Өң Щука", "Öñ Shuka"),
        ("ru", "Вы сейчас в безопасном месте? Ещё", "Vy seychas v bezopasnom meste? Eshyo"),
        ("tg", "Ҷавоб, ӯ, ғам, қарз, ҳаёт, хона", "Javob, u, gham, qarz, hayot, khona"),
    ],
)
def test_latin_letters_can_be_read_back(language, text, latin):
    assert to_latin(text, language) == latin
    assert sms.size(to_latin(text, language)).gsm


def test_latin_sms_take_less_parts():
    words = Words(a="Бул жерде жазсаңыз болот, эч ким билбейт. " * 4)
    cyrillic = show(Said("a"), words, "sms")
    latin = show(Said("a"), words, "sms", latin=True)
    assert latin.segments < cyrillic.segments


def test_long_texts_are_cut_at_sentences():
    text = "Биринчи сүйлөм. " * 600
    parts = split(text)
    assert len(parts) > 1
    assert all(part.endswith(".") and units(part) <= MOST_UNITS for part in parts)
    assert "".join(p.replace(" ", "") for p in parts) == text.replace(" ", "")


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=300),
    st.integers(8, 60),
)
def test_no_part_is_too_long_and_nothing_is_lost(text, most):
    parts = split(text, most)
    assert all(units(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(alphabet="абвг .!\n😀xyz", min_size=1, max_size=600), st.integers(1, 4))
def test_no_sms_is_longer_than_allowed(text, most):
    parts = sms.cut(text, most)
    assert all(sms.size(part).parts <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())

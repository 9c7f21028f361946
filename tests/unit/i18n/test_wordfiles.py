import pytest

from hotline.i18n.wordfiles import BrokenWords, interface, read_lines


def put(tmp_path, text):
    path = tmp_path / "words.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_value_is_read_as_text_with_its_line(tmp_path):
    lines = read_lines(put(tmp_path, "a.no: no\n\nb.yes: {ky: ооба, ru: [да, нет]}\nc: 1:30\n"))
    assert [(x.key, x.line, x.value) for x in lines] == [
        ("a.no", 1, "no"),
        ("b.yes", 3, {"ky": "ооба", "ru": ("да", "нет")}),
        ("c", 4, "1:30"),
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [1\n", "words.yaml:2"),
        ("a: 1\na: 2\n", "words.yaml:2"),
        ("- a\n", "words.yaml:1"),
        ("a: {b: 1, b: 2}", "words.yaml:1"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path, text, where):
    with pytest.raises(BrokenWords, match=where):
        read_lines(put(tmp_path, text))


def test_interface_texts_are_one_text_a_note_or_a_plural(tmp_path):
    found = interface(
        put(
            tmp_path,
            "a: Plain\nb: {text: Text, note: Why}\nc: {one: '{n} day', other: '{n} days'}\n",
        ),
        "locales/interface.yaml",
    )
    assert [(s.key, s.english, s.note, s.line) for s in found] == [
        ("a", ("Plain",), "", 1), ("b", ("Text",), "Why", 2), ("c", ("{n} day", "{n} days"), "", 3),
    ]  # fmt: skip


def test_an_empty_file_and_a_missing_one_hold_nothing(tmp_path):
    assert read_lines(put(tmp_path, "# nothing yet\n")) == ()
    assert interface(tmp_path / "none.yaml", "x") == ()


def test_interface_text_without_english_is_refused(tmp_path):
    with pytest.raises(BrokenWords, match=r"x:1: a has no English"):
        interface(put(tmp_path, "a: {note: only}\n"), "x")

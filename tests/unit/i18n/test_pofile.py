import shutil
import subprocess

import pytest
from babel.messages.pofile import read_po

from hotline.i18n.entries import Entry
from hotline.i18n.pofile import BrokenCatalogue, read, write

LONG = (
    'A long old text with "quotes", tabs\tand lines.\nIt goes on and on so that it must be wrapped.'
)
ENTRIES = (
    Entry(
        "b.two", ("Two\nlines",), ("Эки\nсап",), notes=("Shown in SMS.",), places=("flows/b.yaml",)
    ),
    Entry("a.one", ("New",), ("Эски сөз",), fuzzy=True, previous=(LONG,), remarks=("look again",)),
    Entry("c.many", ("{n} day", "{n} days"), ("{n} күн", "{n} күн")),
    Entry("z.gone", ("Gone",), ("Кетти",), obsolete=True),
    Entry("d.empty", ("Empty",), ("",)),
)


def test_what_is_written_is_read_back_and_written_again_is_the_same_bytes(tmp_path):
    path = tmp_path / "ky" / "LC_MESSAGES" / "hotline.po"
    assert write(path, ENTRIES, language="ky")
    assert sorted(read(path), key=lambda e: e.key) == sorted(ENTRIES, key=lambda e: e.key)
    assert not write(path, reversed(read(path)), language="ky")


def test_entries_stand_in_the_order_of_their_keys_and_nothing_names_the_machine_or_the_time(
    tmp_path,
):
    path = tmp_path / "hotline.po"
    write(path, ENTRIES, language="ru")
    text = path.read_text(encoding="utf-8")
    keys = [line for line in text.splitlines() if "msgctxt" in line]
    assert keys == [f'msgctxt "{k}"' for k in ("a.one", "b.two", "c.many", "d.empty")] + [
        '#~ msgctxt "z.gone"'
    ]
    assert "Date" not in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize(("language", "forms"), [("ky", 2), ("ru", 3), ("tg", 1)])
def test_the_header_says_how_many_plural_forms_there_are(tmp_path, language, forms):
    path = tmp_path / "hotline.po"
    write(path, ENTRIES[2:3], language=language)
    with path.open("rb") as file:
        catalog = read_po(file)
    assert catalog.num_plurals == forms
    assert path.read_text(encoding="utf-8").count("msgstr[") == forms


def test_gettexts_own_checker_accepts_the_file(tmp_path):
    if not shutil.which("msgfmt"):
        pytest.skip("msgfmt is not installed here")
    path = tmp_path / "hotline.po"
    for language in ("ky", "ru", "tg"):
        write(path, (*ENTRIES[:2], *ENTRIES[3:]), language=language)
        subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null", path], check=True)


def test_there_is_nothing_in_a_file_that_does_not_exist(tmp_path):
    assert read(tmp_path / "none.po") == ()


def test_a_broken_file_is_refused(tmp_path):
    path = tmp_path / "hotline.po"
    path.write_text('msgid "a"\nmsgstr "b\n<<<<<<< ours\n', encoding="utf-8")
    with pytest.raises(BrokenCatalogue, match=r"hotline\.po"):
        read(path)

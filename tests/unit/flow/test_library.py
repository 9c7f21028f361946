"""Reading files: lines remembered, mistakes named, nothing executed."""

import pytest

from hotline import library
from hotline.library import Unreadable, load, read_text, revision_of


def test_lines_are_remembered():
    made = read_text("a: 1\n\nb:\n  c: [x]\n", file="f.yaml")
    assert (made.line, made.at("b"), made["b"].at("c")) == (1, 3, 4)
    assert made.at("missing") == 1


def test_a_name_that_stands_twice_is_remembered():
    assert read_text("a: 1\na: 2\n", file="f.yaml").repeated == [("a", 2)]


@pytest.mark.parametrize(
    "text",
    ["a: [1\n", "a: 1\n b: 2\n", "\tx: 1", "a: !!python/object:os.system x", "? [1, 2]\n: x\n"],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(text):
    with pytest.raises(Unreadable, match=r"^flows/f.yaml"):
        read_text(text, file="flows/f.yaml")


def test_a_huge_file_is_refused():
    with pytest.raises(Unreadable, match="larger than"):
        read_text("a" * (library.LARGEST + 1), file="f.yaml")


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "demo.yaml").write_bytes(b"flow: \xff\xfe")
    with pytest.raises(Unreadable, match=r"flows/demo.yaml: not UTF-8"):
        load(folder)


def test_the_revision_follows_the_flows_and_not_the_contacts(tmp_path):
    folder = tmp_path / "flows"
    (folder / "answers").mkdir(parents=True)
    (folder / "demo.yaml").write_text("flow: demo\n")
    (folder / "answers" / "a.yaml").write_text("tell: x\n")
    (folder / "contacts.yaml").write_text("contacts: [{id: a, number: '1'}]\n")
    (folder / "words.yaml").write_text("ky: [a]\n")
    first = revision_of(folder)
    files = load(folder)
    assert files.revision == first
    assert set(files.flows) == {"demo"}
    assert set(files.others) == {"words"}
    assert files.answers["a"] == {"tell": "x"}
    assert files.contacts[0]["id"] == "a"
    (folder / "contacts.yaml").write_text("contacts: [{id: a, number: '2'}]\n")
    assert revision_of(folder) == first
    (folder / "answers" / "a.yaml").write_text("tell: y\n")
    assert revision_of(folder) != first


def test_a_register_that_is_no_list_is_refused(tmp_path):
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "contacts.yaml").write_text("contacts: {a: 1}\n")
    with pytest.raises(Unreadable, match="needs a list of contacts"):
        load(folder)


def test_a_story_is_written_as_it_is_read(tmp_path):
    story = {
        "flow": "start",
        "language": None,
        "turns": [
            {"hears": "yes", "idle": "40m", "happens": [{"Said": {"key": "a.b.ask"}}]},
            {"hears": {"picks": ["no"]}, "happens": []},
        ],
    }
    path = tmp_path / "start.demo.yaml"
    library.write_story(path, story)
    assert library.read_file(path, root=tmp_path) == story
    with pytest.raises(Unreadable, match="No such file"):
        library.write_story(tmp_path / "gone" / "start.demo.yaml", story)

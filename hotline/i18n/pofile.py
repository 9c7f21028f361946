"""Reads and writes PO files, so that Poedit and Weblate open them and diffs stay small.

Babel reads. Writing is ours, for three reasons: Babel breaks a long `#| msgid` in the middle of its
quotes, forgets it when the file is read again, and stamps each file with the time of extraction.
Entries are sorted by key, obsolete ones at the end; a file written twice is the same bytes.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, denormalize, normalize, read_po

from hotline.i18n.entries import Entry, Forms
from hotline.i18n.plurals import PLURALS

WIDTH = 79


class BrokenCatalogue(ValueError):
    """A catalogue that cannot be read; the message names file and line."""


def read(path: Path) -> tuple[Entry, ...]:
    """Entries of a PO file; none when there is no such file.

    Raises BrokenCatalogue.
    """
    if not path.exists():
        return ()
    try:
        with path.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        where = getattr(error, "lineno", None)
        line = "" if where is None else f":{where + 1}"
        raise BrokenCatalogue(f"{'/'.join(path.parts[-3:])}{line}: not readable") from error
    live = [_entry(message) for message in catalog if message.id and message.context]
    gone = [_entry(m, obsolete=True) for m in _obsolete(catalog) if m.context]
    return (*live, *gone)


def write(path: Path, entries: Iterable[Entry], *, language: str | None) -> bool:
    """Writes a PO file, or with `language=None` a template. True when the content changed."""
    data = "".join(_lines(entries, language)).encode()
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(path)
    return True


def _obsolete(catalog: Catalog) -> Iterable[Message]:
    return catalog.obsolete.values()


def _entry(message: Message, *, obsolete: bool = False) -> Entry:
    english = _forms(message.id)
    previous: list[str] = []
    remarks: list[str] = []
    for comment in message.user_comments:
        (previous if comment.startswith("|") else remarks).append(comment)
    return Entry(
        key=str(message.context),
        english=english,
        text=_forms(message.string),
        fuzzy="fuzzy" in message.flags,
        previous=_previous(previous),
        notes=tuple(message.auto_comments),
        places=tuple(str(place) for place, _line in message.locations),
        remarks=tuple(remarks),
        obsolete=obsolete,
    )


def _forms(value: object) -> Forms:
    if isinstance(value, (list, tuple)):
        return tuple(str(form or "") for form in value)
    return (str(value or ""),)


def _previous(comments: Sequence[str]) -> Forms:
    """The `#|` lines, which Babel hands over as remarks that begin with a bar."""
    forms: list[list[str]] = []
    for comment in comments:
        line = comment[1:].strip()
        keyword, _, rest = line.partition(" ")
        if keyword in {"msgid", "msgid_plural"}:
            forms.append([rest])
        elif forms and line.startswith('"'):
            forms[-1].append(line)
    return tuple(denormalize("\n".join(lines)) for lines in forms)


def _lines(entries: Iterable[Entry], language: str | None) -> Iterator[str]:
    yield _header(language)
    for entry in sorted(entries, key=lambda e: (e.obsolete, e.key)):
        yield "\n"
        for remark in entry.remarks:
            yield f"# {remark}\n" if remark else "#\n"
        if not entry.obsolete:
            yield from (f"#. {note}\n" for note in entry.notes)
            yield from (f"#: {place}\n" for place in entry.places)
        if entry.fuzzy:
            yield "#, fuzzy\n"
        if entry.previous and not entry.obsolete:
            yield from _block("#| ", entry.previous)
        prefix = "#~ " if entry.obsolete else ""
        yield _field(prefix, "msgctxt", entry.key)
        yield from _block(prefix, entry.english)
        if len(entry.english) == 1:
            yield _field(prefix, "msgstr", entry.text[0])
        else:
            for index in range(_count(language)):
                form = entry.text[index] if index < len(entry.text) else ""
                yield _field(prefix, f"msgstr[{index}]", form)


def _count(language: str | None) -> int:
    return len(PLURALS[language or "en"].forms)


def _block(prefix: str, english: Forms) -> Iterator[str]:
    for keyword, text in zip(("msgid", "msgid_plural"), english, strict=False):
        yield _field(prefix, keyword, text)


def _field(prefix: str, keyword: str, text: str) -> str:
    quoted = normalize(text, width=WIDTH - len(prefix))
    return "".join(f"{prefix}{line}\n" for line in f"{keyword} {quoted}".split("\n"))


def _header(language: str | None) -> str:
    fields = ["Project-Id-Version: hotline", "Language: " + (language or "")]
    fields += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8"]
    fields += ["Content-Transfer-Encoding: 8bit"]
    if language:
        fields.append("Plural-Forms: " + PLURALS[language].header)
    quoted = "".join(f'"{field}\\n"\n' for field in fields)
    return f'msgid ""\nmsgstr ""\n{quoted}'

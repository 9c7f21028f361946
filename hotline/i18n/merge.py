"""`locales update`: brings a catalogue up to date with the sources, pairing entries by key.

Babel's own update pairs a changed text with the old text that looks most like it; a rewritten
question would lose its translation and a new one would borrow another's. Keys never lie.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hotline.i18n.entries import Entry, Forms, Source
from hotline.i18n.plurals import PLURALS


@dataclass(frozen=True, slots=True)
class Merged:
    """A catalogue after an update, and the keys that the update touched."""

    entries: tuple[Entry, ...]
    added: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def merge(old: Iterable[Entry], sources: Iterable[Source], *, language: str) -> Merged:
    """One catalogue against all sources.

    The same English keeps its translation; changed English keeps it too but marks it fuzzy and
    remembers what it was made from; a new key gets an empty entry; a key that is gone becomes
    obsolete, and comes back with its translation if the key does.
    """
    known = {entry.key: entry for entry in old}
    wanted = {source.key: source for source in sources}
    entries: list[Entry] = []
    added: list[str] = []
    stale: list[str] = []
    for key, source in wanted.items():
        before = known.get(key)
        if before is None:
            added.append(key)
        entry = _paired(before, source, language)
        if entry.fuzzy and not (before and before.fuzzy):
            stale.append(key)
        entries.append(entry)
    removed = [k for k, e in known.items() if k not in wanted and not e.obsolete]
    entries += [_retired(e) for k, e in known.items() if k not in wanted and not _blank(e)]
    return Merged(tuple(entries), tuple(added), tuple(stale), tuple(removed))


def template(sources: Iterable[Source]) -> tuple[Entry, ...]:
    """Entries of `hotline.pot`: keys and English, no words."""
    return tuple(_fresh(source, ("",)) for source in sources)


def _paired(before: Entry | None, source: Source, language: str) -> Entry:
    fresh = _fresh(source, _empty(source.english, language))
    if before is None or _blank(before):
        return fresh if before is None else replace(fresh, remarks=before.remarks)
    text = _fit(before.text, len(fresh.text))
    kept = replace(fresh, text=text, remarks=before.remarks)
    made_from = before.previous if before.fuzzy and before.previous else before.english
    if made_from == source.english and len(before.text) == len(fresh.text):
        # The English went away and came back, or never moved. A mark that a translator set
        # without any change of the English stays.
        return replace(kept, fuzzy=before.fuzzy and before.english == source.english)
    return replace(kept, fuzzy=True, previous=made_from)


def _fresh(source: Source, text: Forms) -> Entry:
    notes = tuple(line for line in source.note.splitlines() if line.strip())
    return Entry(source.key, source.english, text, notes=notes, places=(source.file,))


def _empty(english: Forms, language: str) -> Forms:
    return ("",) if len(english) == 1 else ("",) * len(PLURALS[language].forms)


def _fit(text: Forms, count: int) -> Forms:
    return (*text, *("",) * count)[:count]


def _retired(entry: Entry) -> Entry:
    return replace(entry, obsolete=True, notes=(), places=())


def _blank(entry: Entry) -> bool:
    return not any(entry.text)


def by_key(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    """Live entries by key."""
    return {entry.key: entry for entry in entries if not entry.obsolete}

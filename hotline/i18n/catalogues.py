"""What translators and the command line do with the catalogues under `locales/`.

Every function takes the folder and plain values, changes files only through whole replacements and
says what it did; none of them prints.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hotline.core.languages import LANGUAGES
from hotline.i18n.entries import Entry, Forms, Source
from hotline.i18n.merge import Merged, merge, template
from hotline.i18n.plurals import PLURALS
from hotline.i18n.pofile import read, write
from hotline.i18n.wordfiles import Value


class UnknownKey(KeyError):
    """A key that no source has."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a bulk fill did. Keys only; `refused` says why, by key and language."""

    filled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # language -> keys
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # differed, not overwritten
    unknown: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def po_path(locales: Path, language: str) -> Path:
    return locales / language / "LC_MESSAGES" / "hotline.po"


def read_catalogue(locales: Path, language: str) -> tuple[Entry, ...]:
    return read(po_path(locales, language))


def update(locales: Path, sources: Sequence[Source]) -> Mapping[str, Merged]:
    """`locales update`: the template, and every catalogue merged by key."""
    write(locales / "hotline.pot", template(sources), language=None)
    merged: dict[str, Merged] = {}
    for language in LANGUAGES:
        merged[language] = merge(read_catalogue(locales, language), sources, language=language)
        write(po_path(locales, language), merged[language].entries, language=language)
    return merged


def is_current(locales: Path, sources: Sequence[Source]) -> bool:
    """Whether `locales update` would change anything but words: part of `locales check`."""
    wanted = {(s.key, s.english) for s in sources}
    files = [locales / "hotline.pot", *(po_path(locales, code) for code in LANGUAGES)]
    return all(
        {(e.key, e.english) for e in read(path) if not e.obsolete} == wanted for path in files
    )


def confirm(locales: Path, key: str, languages: Iterable[str]) -> tuple[str, ...]:
    """A reviewer says that the old translation still fits. Returns the languages changed.

    Raises UnknownKey.
    """
    changed: list[str] = []
    for language in languages:
        entries = read_catalogue(locales, language)
        entry = next((e for e in entries if e.key == key and not e.obsolete), None)
        if entry is None:
            raise UnknownKey(key)
        if entry.fuzzy and not entry.is_empty:
            fixed = entry.translated(entry.text)
            write(
                po_path(locales, language),
                (fixed if e is entry else e for e in entries),
                language=language,
            )
            changed.append(language)
    return tuple(changed)


def import_words(locales: Path, words: Mapping[str, Value], *, overwrite: bool = False) -> Imported:
    """Fills translations in bulk: key -> {"ky": text, "ru": text, "tg": text, "en": English}.

    A text is one string, or for counting a list of forms (ky: one, other; ru: one, few, many;
    tg: other). Empty and fuzzy entries are filled; others only with `overwrite`. `en` is optional
    and is the English it was made from: where that is no longer the English, the words are taken
    but stay fuzzy, so that somebody looks.
    """
    catalogues = {code: {e.key: e for e in read_catalogue(locales, code)} for code in LANGUAGES}
    filled: dict[str, list[str]] = {code: [] for code in LANGUAGES}
    kept: dict[str, list[str]] = {code: [] for code in LANGUAGES}
    unknown: list[str] = []
    refused: list[str] = []
    for key, given in words.items():
        if not any(key in table and not table[key].obsolete for table in catalogues.values()):
            unknown.append(key)
            continue
        if not isinstance(given, dict):
            refused.append(f"{key}: a mapping of languages is expected")
            continue
        made_from = _forms(given.get("en"))
        for language in LANGUAGES:
            if language not in given:
                continue
            entry = catalogues[language][key]
            text = _forms(given[language])
            if len(text) != len(entry.text) or not all(text):
                wanted = (
                    ", ".join(PLURALS[language].forms) if len(entry.english) > 1 else "one text"
                )
                refused.append(f"{key} ({language}): {wanted} expected")
            elif text == entry.text and not entry.fuzzy:
                continue
            elif not (entry.is_empty or entry.fuzzy or overwrite):
                kept[language].append(key)
            else:
                filled[language].append(key)
                catalogues[language][key] = _filled(entry, text, made_from)
    for language in LANGUAGES:
        if filled[language]:
            entries = catalogues[language].values()
            write(po_path(locales, language), entries, language=language)
    return Imported(
        {code: tuple(keys) for code, keys in filled.items()},
        {code: tuple(keys) for code, keys in kept.items()},
        tuple(unknown),
        tuple(refused),
    )


def _filled(entry: Entry, text: Forms, made_from: Forms) -> Entry:
    if made_from and made_from != entry.english:
        return replace(entry, text=text, fuzzy=True, previous=made_from)
    return entry.translated(text)


def _forms(value: Value | None) -> Forms:
    if value is None:
        return ()
    if isinstance(value, dict):  # {one: ..., few: ...}: in the order it was written
        return tuple(str(form) for form in value.values())
    return (value,) if isinstance(value, str) else value


def adopt(locales: Path, words: Mapping[str, Value], unknown: Iterable[str]) -> tuple[str, ...]:
    """Gives keys that only the program names their English in `interface.yaml`.

    Of the `unknown` keys of an import those are taken that bring an `en`; the next
    `locales update` then knows them. Returns the keys taken.
    """
    taken: list[str] = []
    lines: list[str] = []
    for key in unknown:
        given = words.get(key)
        english = _forms(given.get("en")) if isinstance(given, dict) else ()
        if english:
            names = ("text",) if len(english) == 1 else ("one", "other")
            body = ", ".join(
                f"{name}: {json.dumps(form, ensure_ascii=False)}"
                for name, form in zip(names, english, strict=False)
            )
            lines.append(f"{key}: {{{body}}}\n")
            taken.append(key)
    if lines:
        with (locales / "interface.yaml").open("a", encoding="utf-8") as file:
            file.writelines(lines)
    return tuple(taken)

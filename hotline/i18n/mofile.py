"""Compiled catalogues: what is ready to be shown, as (key, English) -> words.

Fuzzy and half-translated entries are left out, so a stale line cannot be shown by accident. The
English is part of the key: a text asks for the translation of *its* English and gets no other.
"""

import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo

from hotline.i18n.entries import Entry, Forms
from hotline.i18n.plurals import PLURALS
from hotline.i18n.pofile import read

Table = Mapping[tuple[str, Forms], Forms]
"""(key, English) -> words. The English of a plural is the pair (one, other)."""


def table(entries: Iterable[Entry]) -> Table:
    """What is ready among entries."""
    return MappingProxyType({(e.key, e.english): e.text for e in entries if e.is_ready})


def compile_all(locales: Path) -> Mapping[str, int]:
    """Writes `hotline.mo` beside each `hotline.po`; returns the number of texts by language."""
    return {
        path.parts[-3]: _compile(path) for path in sorted(locales.glob("*/LC_MESSAGES/hotline.po"))
    }


def load_table(locales: Path, language: str) -> Table:
    """The catalogue of one language: compiled, or from source where that is newer.

    Raises OSError or ValueError where the file is broken: a start without words must fail loudly.
    """
    source = locales / language / "LC_MESSAGES" / "hotline.po"
    compiled = source.with_suffix(".mo")
    fresh = compiled.exists() and (
        not source.exists() or compiled.stat().st_mtime >= source.stat().st_mtime
    )
    return _read(compiled.read_bytes()) if fresh else table(read(source))


def _compile(source: Path) -> int:
    language = source.parts[-3]
    catalog = Catalog(locale=language, charset="utf-8")
    catalog.mime_headers = [("Plural-Forms", PLURALS[language].header)]
    ready = [entry for entry in read(source) if entry.is_ready]
    for entry in ready:
        if len(entry.english) == 1:
            catalog.add(entry.english[0], entry.text[0], context=entry.key)
        else:
            catalog.add(entry.english, entry.text, context=entry.key)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    target = source.with_suffix(".mo")
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.write_bytes(buffer.getvalue())
    beside.replace(target)
    return len(ready)


def _read(data: bytes) -> Table:
    found: dict[tuple[str, Forms], Forms] = {}
    for message in read_mo(io.BytesIO(data)):
        if message.id and message.context:
            context: str | bytes = message.context  # bytes, whatever Babel's types say
            key = str(context, "utf-8") if isinstance(context, bytes) else context
            found[(key, _forms(message.id))] = _forms(message.string)
    return MappingProxyType(found)


def _forms(value: object) -> Forms:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)

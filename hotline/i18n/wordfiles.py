"""YAML files of words: `locales/interface.yaml` and what people hand over as translations.

Read as text only. YAML's own idea of `no`, `1:30` or `2026-11-21` never applies, because every
value here is something that a person reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from hotline.i18n.entries import Forms, Source

Value = str | tuple[str, ...] | dict[str, "Value"]


class BrokenWords(ValueError):
    """A file of words that cannot be read. The message names file and line, not the content."""


@dataclass(frozen=True, slots=True)
class Line:
    """One key of a file, with its line number from 1."""

    key: str
    line: int
    value: Value


def read_lines(path: Path) -> tuple[Line, ...]:
    """The keys of a YAML mapping, in order. Raises BrokenWords."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path.name}:{mark.line + 1}" if mark else path.name
        raise BrokenWords(f"{where}: not readable as YAML") from error
    if root is None:
        return ()
    if not isinstance(root, yaml.MappingNode):
        raise BrokenWords(f"{path.name}:1: a mapping of keys is expected")
    return tuple(_pairs(root, path.name))


def interface(path: Path, shown_as: str) -> tuple[Source, ...]:
    """The English of texts that stand in neither a flow nor a template.

    Each is `key: English`, `key: {text: English, note: ...}` or, counting something,
    `key: {one: ..., other: ..., note: ...}`. `shown_as` is the file's name in catalogues.
    """
    if not path.exists():
        return ()
    return tuple(_source(line, shown_as) for line in read_lines(path))


def _pairs(root: yaml.MappingNode, name: str) -> Iterator[Line]:
    seen: set[str] = set()
    for key_node, value_node in root.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise BrokenWords(f"{name}:{line}: a key must be a plain word")
        key = str(key_node.value)
        if key in seen:
            raise BrokenWords(f"{name}:{line}: {key} stands here twice")
        seen.add(key)
        yield Line(key, line, _value(value_node, name))


def _value(node: yaml.Node, name: str) -> Value:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value).strip()
    if isinstance(node, yaml.SequenceNode):
        return tuple(str(item.value).strip() for item in node.value)
    if isinstance(node, yaml.MappingNode):
        return {line.key: line.value for line in _pairs(node, name)}
    raise BrokenWords(f"{name}:{node.start_mark.line + 1}: unexpected kind of value")


def _source(line: Line, file: str) -> Source:
    value = line.value
    if isinstance(value, dict):
        note = str(value.get("note", ""))
        names = ("one", "other") if "other" in value else ("text",)
        english: Forms = tuple(str(value.get(name, "")) for name in names)
    else:
        note = ""
        english = value if isinstance(value, tuple) else (value,)
    if not all(english):
        raise BrokenWords(f"{file}:{line.line}: {line.key} has no English")
    return Source(line.key, english, file, line.line, note)

"""Checks on the word lists. They come as plain mappings; the shell reads the files."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Tree = Mapping[str, Any]


class BadWords(ValueError):
    """A word list is not shaped as it must be; the message names file, entry and what is wrong."""


def section(tree: Tree, name: str, file: str) -> Mapping[Any, Any]:
    """The mapping under `name`. Raises `BadWords` when it is missing or another thing."""
    found = tree.get(name)
    if not isinstance(found, Mapping):
        raise BadWords(f"{file}: {name}: a mapping is needed here")
    return found


def texts(found: object, file: str, entry: str) -> tuple[str, ...]:
    """The strings of a list, or the lines of a block of text.

    In a list a number or a bare yes is refused, since YAML has read it wrongly.
    """
    if isinstance(found, str):
        return tuple(line.strip() for line in found.splitlines() if line.strip())
    if not isinstance(found, Sequence):
        raise BadWords(f"{file}: {entry}: a list of texts is needed here")
    for text in found:
        if not isinstance(text, str) or not text.strip():
            raise BadWords(f"{file}: {entry}: {text!r} is no text; put it in quotes")
    return tuple(found)


def all_texts(found: object, file: str, entry: str) -> Iterator[str]:
    """Every text under a mapping of language to list."""
    if not isinstance(found, Mapping):
        raise BadWords(f"{file}: {entry}: a mapping of language to list is needed here")
    for language, listed in found.items():
        yield from texts(listed, file, f"{entry}.{language}")

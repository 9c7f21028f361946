"""Mappings that remember the lines they stand on, so that a mistake can be shown where it is."""

from collections.abc import Mapping
from typing import Any


class Lined(dict[Any, Any]):
    """A mapping read from a file: `line` is where it begins, `lines` where each key stands."""

    def __init__(self, *args: Mapping[Any, Any], file: str = "", line: int = 0) -> None:
        super().__init__(*args)
        self.file = file
        self.line = line
        self.lines: dict[Any, int] = {}
        self.repeated: list[tuple[Any, int]] = []

    def at(self, key: object) -> int:
        """The line of a key, or of the mapping itself."""
        return self.lines.get(key, self.line)

"""What stands in a catalogue: a key, its English, and the words in one language."""

from dataclasses import dataclass, replace

Forms = tuple[str, ...]
"""One text, or its plural forms: English (one, other); the others as `plurals.PLURALS` says."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text as its author wrote it. `file` is relative to the project, with `/`."""

    key: str
    english: Forms
    file: str
    line: int = 0
    note: str = ""
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A key in one language. `previous` is the English that a fuzzy translation was made from."""

    key: str
    english: Forms
    text: Forms = ("",)
    fuzzy: bool = False
    previous: Forms = ()
    notes: tuple[str, ...] = ()  # for translators, from the author
    places: tuple[str, ...] = ()  # files the text stands in
    remarks: tuple[str, ...] = ()  # of translators, kept as they are
    obsolete: bool = False

    @property
    def is_empty(self) -> bool:
        """True when any form is missing: half a plural is no translation."""
        return not all(self.text)

    @property
    def is_ready(self) -> bool:
        """May be shown: translated from the English that stands there now."""
        return not (self.fuzzy or self.obsolete or self.is_empty)

    def translated(self, text: Forms) -> "Entry":
        return replace(self, text=text, fuzzy=False, previous=())

"""Everything the linter looks at, as plain values. The shell reads files; nothing here does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from hotline.flow.bundle import Bundle
from hotline.flow.definition import Text


@dataclass(frozen=True, slots=True)
class Translation:
    """Words of one key in one language: one text, or its plural forms. Empty when missing.

    `stale`: made from other English than stands there now.
    """

    forms: tuple[str, ...]
    stale: bool = False

    @property
    def is_missing(self) -> bool:
        return not self.forms or not all(self.forms)


@dataclass(frozen=True, slots=True)
class Worded:
    """One text and where it stands: from a flow, an answer, the interface or a template."""

    key: str
    english: tuple[str, ...]
    file: str = ""
    line: int = 0
    critical: bool = False
    to_people: bool = False  # sent to callers: may show in a notification or an SMS
    parts: int | None = None  # SMS parts it may take in any language; None: never an SMS
    is_name: bool = False  # the name of an office, kept as it calls itself


@dataclass(frozen=True, slots=True)
class Term:
    """A line of the glossary: the English words, and the words each language uses for them."""

    english: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fact:
    """A dated answer, as the linter needs it."""

    name: str
    file: str
    line: int
    source: str
    review_by: date | None


def _same(text: str) -> str:
    return text.casefold().strip()


@dataclass(frozen=True, slots=True)
class Subject:
    """`translations`: language -> key -> words. `others`: texts that stand in no flow.

    `contacts`: ids of the register; `numbers`: the digits of its telephone numbers, which may not
    be typed into a text. `must_not_say`: language (or `any`) -> patterns. `reserved`: folded word
    -> the command it is; `meanings`: folded word -> yes, no, unsure or skip. `items`: screening
    item -> its answer codes. `waiting`: step -> live sessions. `told`: steps some story visits, or
    None when stories were not looked at. `fold` is the spelling everything is compared in.
    """

    bundle: Bundle
    translations: Mapping[str, Mapping[str, Translation]] = field(default_factory=dict)
    others: tuple[Worded, ...] = ()
    leftover: tuple[str, ...] = ()
    contacts: frozenset[str] | None = None
    numbers: frozenset[str] = frozenset()
    must_not_say: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    glossary: tuple[Term, ...] = ()
    facts: tuple[Fact, ...] = ()
    reserved: tuple[tuple[str, str], ...] = ()
    meanings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    items: Mapping[str, frozenset[str]] | None = None
    waiting: Mapping[str, int] = field(default_factory=dict)
    told: frozenset[str] | None = None
    fold: Callable[[str], str] = _same

    def languages(self) -> tuple[str, ...]:
        return tuple(self.translations)

    def worded(self) -> tuple[Worded, ...]:
        """Every text there is, those of flows first."""
        return (*(_worded(text) for text in self.bundle.texts.values()), *self.others)

    def words(self, key: str, language: str) -> Translation:
        return self.translations.get(language, {}).get(key, Translation(()))


def _worded(text: Text) -> Worded:
    return Worded(
        text.key,
        (text.english,),
        text.file,
        text.line,
        text.critical,
        to_people=True,
        parts=None if text.role == "phrase" else text.parts,
    )

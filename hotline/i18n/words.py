"""The text for a key in a language.

A text is looked up under (key, its own English). Where a language has no translation of just that
English, the chain goes on: ky -> ru -> English, tg -> ru -> English. Each fall is counted by key,
so that operators and editors see what people were shown in a language they did not choose.

Nothing here touches the process-global locale; a `Words` never changes after it is made and may
be shared by all threads.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup, escape

from hotline.core.languages import LANGUAGES, SOURCE, chain
from hotline.core.placeholders import PLACEHOLDER, fill
from hotline.i18n.entries import Forms
from hotline.i18n.falls import Fall, Falls
from hotline.i18n.mofile import Table, load_table
from hotline.i18n.plurals import form

English = Mapping[str, Forms]
Frozen = Mapping[str, Mapping[str, Forms]]
"""language -> key -> words, as they were when a revision was published."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text and the language it was found in."""

    forms: Forms
    language: str


class Words:
    """Texts by key and language. Made by `load`, or from plain tables in tests."""

    __slots__ = ("_english", "_frozen", "_tables", "falls")

    def __init__(
        self,
        tables: Mapping[str, Table],
        english: English,
        *,
        frozen: Frozen | None = None,
        falls: Falls | None = None,
    ) -> None:
        self._tables = MappingProxyType(dict(tables))
        self._english = MappingProxyType(dict(english))
        self._frozen = MappingProxyType(dict(frozen or {}))
        self.falls = falls or Falls()

    # ------------------------------------------------------------------ finding

    def text(
        self,
        key: str,
        language: str | None,
        *,
        english: str | None = None,
        args: Mapping[str, str] | None = None,
        **more: object,
    ) -> str:
        """Plain text (not HTML) for a key, with placeholders filled.

        `english` is the text's own English where the caller knows it (a template, a pinned
        session). With neither `args` nor keywords, placeholders stay as they are, for a renderer
        to fill. Raises KeyError for a key without any English and for a missing argument.
        """
        own = None if english is None else (english,)
        found = self.find(key, language, english=own)
        if args is None and not more:
            return found.forms[0]
        return fill(found.forms[0], {**(args or {}), **{k: str(v) for k, v in more.items()}})

    def plural(
        self,
        key: str,
        language: str | None,
        number: int,
        *,
        english: Forms | None = None,
        **args: object,
    ) -> str:
        """The form that `number` takes; `{n}` is the number unless given otherwise."""
        found = self.find(key, language, english=english)
        return fill(_form(found, number), {"n": str(number), **_strings(args)})

    def find(self, key: str, language: str | None, *, english: Forms | None = None) -> Found:
        """The first text of the chain, with its language; a fall is counted."""
        own = english or self._english.get(key)
        if own is None:
            raise KeyError(key)
        wanted, *others = chain(language)
        forms = self._in(key, wanted, own)
        if forms is not None:
            return Found(forms, wanted)
        for other in others:
            forms = self._in(key, other, own)
            if forms is not None:
                self.falls.note(Fall(key, wanted, other))
                return Found(forms, other)
        raise KeyError(key)  # unreachable: English ends every chain

    def has(self, key: str, language: str) -> bool:
        """Whether the language has words of its own for what the key says today."""
        own = self._english.get(key)
        return own is not None and self._in(key, language, own) is not None

    def labels(self, key: str) -> Mapping[str, str]:
        """What the key says in each language that has words of its own: language -> text."""
        own = self._english.get(key)
        if own is None:
            return {}
        found = {code: self._in(key, code, own) for code in (*LANGUAGES, SOURCE)}
        return {code: forms[0] for code, forms in found.items() if forms is not None}

    def english(self, key: str) -> str | None:
        forms = self._english.get(key)
        return None if forms is None else forms[0]

    def missing(self, keys: Iterable[str], language: str) -> tuple[str, ...]:
        """Keys without words of their own. `serve` refuses to start on a critical one."""
        return tuple(key for key in keys if not self.has(key, language))

    # ------------------------------------------------------------------ revisions

    def freeze(self, keys: Iterable[str]) -> dict[str, dict[str, Forms]]:
        """The words of some keys as they stand, to be kept with a revision. JSON-ready."""
        wanted = tuple(keys)
        kept: dict[str, dict[str, Forms]] = {}
        for language in LANGUAGES:
            pairs = ((key, self._in(key, language, self._english[key])) for key in wanted)
            kept[language] = {key: forms for key, forms in pairs if forms is not None}
        return kept

    def pinned(self, english: Mapping[str, str | Forms], frozen: Frozen) -> "Words":
        """The same words seen from an older revision: today's translation where the English is
        still the revision's own (a corrected comma reaches everyone), else the frozen one."""
        old = {key: as_forms(text) for key, text in english.items()}
        past = {
            code: {key: as_forms(text) for key, text in texts.items()}
            for code, texts in frozen.items()
        }
        return Words(self._tables, {**self._english, **old}, frozen=past, falls=self.falls)

    # ------------------------------------------------------------------ templates

    def bind(self, language: str | None) -> Callable[..., Markup]:
        """`t(key, english, **args)` for HTML templates, in one language.

        The text is escaped, then the arguments are escaped and put in; `Markup` arguments (a link)
        stay markup.
        """

        def t(key: str, english: str, /, **args: object) -> Markup:
            return _markup(self.find(key, language, english=(english,)).forms[0], args)

        return t

    def bind_plural(self, language: str | None) -> Callable[..., Markup]:
        """`tn(key, one, other, n, **args)` for HTML templates."""

        def tn(key: str, one: str, other: str, number: int, /, **args: object) -> Markup:
            found = self.find(key, language, english=(one, other))
            return _markup(_form(found, number), {"n": number, **args})

        return tn

    def _in(self, key: str, language: str, english: Forms) -> Forms | None:
        if language == SOURCE:
            return english
        table = self._tables.get(language)
        today = None if table is None else table.get((key, english))
        return today or self._frozen.get(language, {}).get(key)


def load(
    locales: Path,
    english: Mapping[str, str | Forms],
    *,
    on_fall: Callable[[Fall], None] | None = None,
) -> Words:
    """Reads the catalogues under `locales`. `english` holds the texts of flows and interface.

    Keys of templates need no English here: their calls carry it.
    """
    tables = {language: load_table(locales, language) for language in LANGUAGES}
    known: dict[str, Forms] = {}
    for table in tables.values():
        known.update(dict(table.keys()))
    known.update({key: as_forms(text) for key, text in english.items()})
    return Words(tables, known, falls=Falls(on_fall))


def as_forms(text: str | Iterable[str]) -> Forms:
    return (text,) if isinstance(text, str) else tuple(text)


def _form(found: Found, number: int) -> str:
    return found.forms[min(form(found.language, number), len(found.forms) - 1)]


def _strings(args: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in args.items()}


def _markup(text: str, args: Mapping[str, object]) -> Markup:
    # The braces of placeholders survive escaping, so filling the escaped text is safe: values go
    # in once, escaped, and are not searched again.
    return Markup(  # noqa: S704 - both parts were escaped one line above and below
        PLACEHOLDER.sub(lambda match: str(escape(args[match[1]])), str(escape(text)))
    )

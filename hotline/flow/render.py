"""From a key to what a person sees: buttons or numbered lines, cut to what the channel carries.

Pure: words, numbers and choices come in, plain parts go out. A sentence that would show a number
which may not be shown, or a placeholder that cannot be filled, is left out; a line of which nothing
is left is not sent (`Rendered.parts` is empty).
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hotline.core.placeholders import PLACEHOLDER
from hotline.flow import sms
from hotline.flow.contacts import Contacts
from hotline.flow.events import Said
from hotline.flow.latin import to_latin

MOST_UNITS = 4096
"""UTF-16 units of one Telegram message, counted before escaping."""
MOST_LABEL = 64
MOST_CALLBACK = 64
"""Bytes of Telegram callback data."""
SHORT_LABEL = 12
IN_A_ROW = 3
MARK = "\N{CHECK MARK} "
BULLET = "\N{BULLET} "
ANSWER = re.compile(r"answers\.[a-z0-9_]+\.tell")
SENTENCES = re.compile(r"(?<=[.!?])(?=\s)|(?<=\n)")


class Words(Protocol):
    """The catalogue: a text by key in a language, English at the end of its chain."""

    def text(self, key: str, language: str | None) -> str: ...
    def english(self, key: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """`parts`: one per provider message. `buttons`: rows of (callback data, label) under the last.

    `segments`: SMS parts as the network charges them, over all parts; 0 on Telegram.
    """

    parts: tuple[str, ...]
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    html: bool = False
    remove_keyboard: bool = False
    segments: int = 0


def render(
    said: Said,
    *,
    words: Words,
    contacts: Contacts,
    channel: str,
    language: str | None,
    latin: bool = False,
) -> Rendered:
    """One line for one channel. `latin`: SMS in Latin letters (ky, ru, tg).

    Raises KeyError for a key without words and ValueError for callback data over 64 bytes.
    """
    short = channel == "sms"
    fill = _Filler(words, contacts, language, short=short)
    text = fill.whole(said)
    if short:
        return _sms(said, text, fill, language, latin=latin)
    if not text and not said.choices:
        return Rendered(())
    return Rendered(
        parts=_html(text, title=ANSWER.fullmatch(said.key) is not None),
        buttons=_rows(said, fill),
        html=True,
        remove_keyboard=said.remove_keyboard,
    )


def render_words(text: str, *, channel: str, language: str | None, latin: bool = False) -> Rendered:
    """An operator's own words for one channel, cut and escaped like every line."""
    if channel != "sms":
        return Rendered(tuple(html.escape(part, quote=False) for part in split(text)), html=True)
    whole = sms.plain(text)
    if latin:
        whole = sms.plain(to_latin(whole, language))
    parts = sms.cut(whole)
    return Rendered(parts, segments=sum(sms.size(part).parts for part in parts))


def _html(text: str, *, title: bool) -> tuple[str, ...]:
    """Escaped parts. The first line of a longer answer is its title, shown bold."""
    parts = [html.escape(part, quote=False) for part in split(text)]
    first, line, rest = parts[0].partition("\n")
    if title and line:
        parts[0] = f"<b>{first}</b>\n{rest}"
    return tuple(parts)


def _sms(said: Said, text: str, fill: "_Filler", language: str | None, *, latin: bool) -> Rendered:
    if not text and not said.choices:
        return Rendered(())
    lines = [text, *(f"{n} {fill.label(o.key)}" for n, o in enumerate(said.choices, 1))]
    whole = sms.plain("\n".join(line for line in lines if line))
    if latin:
        whole = sms.plain(to_latin(whole, language))
    parts = sms.cut(whole)
    return Rendered(parts, segments=sum(sms.size(part).parts for part in parts))


class _Filler:
    """Finds words in one language for one channel, and puts arguments into them."""

    def __init__(
        self, words: Words, contacts: Contacts, language: str | None, *, short: bool
    ) -> None:
        self.words = words
        self.contacts = contacts
        self.language = language
        self.short = short

    def text(self, key: str) -> str:
        """The text of a key, in the shorter form where the channel needs it and there is one."""
        if self.short and self.words.english(f"{key}.sms") is not None:
            return self.words.text(f"{key}.sms", self.language)
        return self.words.text(key, self.language)

    def label(self, key: str) -> str:
        return self.filled(self.text(key), {})

    def whole(self, said: Said) -> str:
        return self.filled(self.text(said.key), said.args)

    def filled(self, text: str, args: Mapping[str, str]) -> str:
        if "{" not in text:
            return text.strip()
        kept = [self.sentence(one, args) for one in SENTENCES.split(text)]
        return "".join(one for one in kept if one is not None).strip()

    def sentence(self, text: str, args: Mapping[str, str]) -> str | None:
        values: dict[str, str] = {}
        for name in PLACEHOLDER.findall(text):
            value = self.value(name, args)
            if value is None:
                return None
            values[name] = value
        return PLACEHOLDER.sub(lambda match: values[match[1]], text)

    def value(self, name: str, args: Mapping[str, str]) -> str | None:
        kind, _, rest = name.partition(":")
        if kind == "contact" and rest:
            return self.contacts.number(rest)
        given = args.get(name)
        if given is None:
            return None
        kind, _, rest = given.partition(":")
        match kind:
            case "contact":
                return self.contacts.number(rest)
            case "key":
                return self.label(rest)
            case "keys":
                return "\n".join(f"{BULLET}{self.label(key)}" for key in rest.split(",") if key)
            case "list":
                return ", ".join(self.label(key) for key in rest.split(",") if key)
            case _:
                return given


def _rows(said: Said, fill: _Filler) -> tuple[tuple[tuple[str, str], ...], ...]:
    marked = set(said.args.get("marked", "").removeprefix("list:").split(","))
    found: list[tuple[str, str]] = []
    for option in said.choices:
        data = callback(option.step or said.step or "", option.code)
        label = fill.label(option.key)
        found.append((data, _fit(f"{MARK}{label}" if option.key in marked else label)))
    if found and len(found) <= IN_A_ROW and all(len(label) <= SHORT_LABEL for _, label in found):
        return (tuple(found),)
    return tuple((one,) for one in found)


def callback(step: str, code: str) -> str:
    """Callback data, `<step key>=<code>`. Raises ValueError over 64 bytes."""
    data = f"{step}={code}"
    if len(data.encode()) > MOST_CALLBACK:
        raise ValueError(f"callback data of {step} is longer than {MOST_CALLBACK} bytes")
    return data


def _fit(label: str) -> str:
    if len(label) <= MOST_LABEL:
        return label
    return label[: MOST_LABEL - 1] + "\N{HORIZONTAL ELLIPSIS}"


def units(text: str) -> int:
    """UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, most: int = MOST_UNITS) -> tuple[str, ...]:
    """Parts of at most `most` UTF-16 units, cut at sentences, else at words, else anywhere."""
    if units(text) <= most:
        return (text,)
    made: list[str] = []
    rest = text.rstrip()
    while units(rest) > most:
        end = _end(rest, most)
        made.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest:
        made.append(rest)
    return tuple(part for part in made if part)


def _end(text: str, most: int) -> int:
    """Where to cut: the last sentence end, else the last space, within `most` units."""
    fits = len(text.encode("utf-16-le", "surrogatepass")[: most * 2].decode("utf-16-le", "ignore"))
    window = text[:fits]
    ends = [match.end() for match in re.finditer(r"[.!?]\s|\n", window)]
    if ends and ends[-1] > fits // 4:
        return ends[-1]
    space = window.rfind(" ")
    return space if space > fits // 4 else fits

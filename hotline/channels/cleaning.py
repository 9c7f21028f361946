"""Makes what arrives safe to keep: no NUL, no half characters, no invisible direction marks.

A message may hold anything a phone can send. Direction marks are taken out because they let a text
read differently from what it is, half characters (lone surrogates) because no database takes them.
"""

import re
import unicodedata

TEXT_LIMIT = 4096  # characters of one message that are kept (architecture of `Heard`)

_NEW_LINES = re.compile("\r\n?|\x85|\u2028|\u2029")
_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but tab and new line
    "\u200b\u2060\ufeff"  # invisible, and in the way of finding a word
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks
    "\ud800-\udfff"  # halves of characters
    "]"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
_MIME = re.compile(r"[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,39}")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` in composed form (NFC), at most `limit` characters, without unwanted characters."""
    # Marks go first: taking one out can bring a letter and its accent together, to be composed.
    plain = _UNWANTED.sub("", _NEW_LINES.sub("\n", text[: 4 * limit]))
    return unicodedata.normalize("NFC", plain)[:limit].strip()


def language_hint(code: object) -> str | None:
    """The language part of a client's interface language, in lower case; None for anything odd."""
    if not isinstance(code, str) or len(code) > 35 or not _LANGUAGE.fullmatch(code):  # noqa: PLR2004
        return None
    return re.split("[-_]", code, maxsplit=1)[0].lower()


def mime_type(value: object, default: str = "application/octet-stream") -> str:
    """A media type as a provider states it, without parameters; `default` for anything odd."""
    if not isinstance(value, str):
        return default
    plain = value.split(";", maxsplit=1)[0].strip().lower()
    return plain if _MIME.fullmatch(plain) else default

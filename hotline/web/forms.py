"""Reading what a form sent. Whatever arrives becomes plain text, or a clear refusal."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from hotline.core.errors import HotlineError, Invalid

MAX_FIELDS: Final = 200
MAX_TEXT: Final = 20_000

_KINDS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_KEPT_CONTROLS: Final = frozenset("\n\t")


class Unreadable(HotlineError):
    """The request is not a form that we can read."""

    status = 400
    key = "error.unreadable"


@dataclass(frozen=True, slots=True)
class Form:
    """Fields of a form. Repeated names keep every value; files are apart."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)  # name -> type, content

    def get(self, name: str, default: str = "") -> str:
        """The first value without blanks at its ends."""
        found = self.values.get(name, ())
        return found[0].strip() if found else default

    def all(self, name: str) -> tuple[str, ...]:
        return self.values.get(name, ())

    def required(self, name: str, *, longest: int = MAX_TEXT) -> str:
        """The value. Raises `Invalid` when it is missing or too long."""
        value = self.get(name)
        if not value:
            raise Invalid("A field is missing.", key="error.field_missing")
        if len(value) > longest:
            raise Invalid("A field is too long.", key="error.field_long", limit=str(longest))
        return value

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        """One of the offered values. Raises `Invalid`."""
        value = self.get(name)
        if value not in options:
            raise Invalid("This choice is not offered.", key="error.choice")
        return value

    def number(self, name: str, *, lowest: int, highest: int) -> int:
        """A whole number in a range. Raises `Invalid`."""
        value = self.get(name)
        if not value.isascii() or not value.lstrip("-").isdigit() or len(value) > 12:  # noqa: PLR2004
            raise Invalid("A number is needed.", key="error.number")
        number = int(value)
        if not lowest <= number <= highest:
            raise Invalid("The number is out of range.", key="error.number")
        return number


async def read_form(request: Request) -> Form:
    """The form of a request; an empty body is an empty form. Raises `Unreadable`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        if not await request.body():
            return Form()
        raise Unreadable("This is not a form.")
    values: dict[str, list[str]] = {}
    files: dict[str, tuple[str, bytes]] = {}
    try:
        async with request.form(max_files=5, max_fields=MAX_FIELDS) as sent:
            for name, value in sent.multi_items():
                if isinstance(value, UploadFile):
                    files[clean(name)] = (value.content_type or "", await value.read())
                else:
                    values.setdefault(clean(name), []).append(clean(value))
    except (HTTPException, MultiPartException, FormParserError, UnicodeError, ValueError) as error:
        raise Unreadable("The form could not be read.") from error
    return Form({name: tuple(found) for name, found in values.items()}, files)


def clean(text: str) -> str:
    """Lone surrogates, NUL and other control characters are dropped; line ends become `\\n`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(
        sign
        for sign in text
        if sign in _KEPT_CONTROLS or unicodedata.category(sign) not in {"Cc", "Cs"}
    )
    return text[:MAX_TEXT]

"""The languages of the hotline, and where a text is looked for when one language lacks it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("ky", "ru", "tg")
"""Languages that people are answered in, each with a catalogue of its own."""

SOURCE: Final = "en"
"""What authors write in. Staff may read it; callers see it only when everything else is missing."""

CHAIN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "ky": ("ky", "ru", "en"),
        "ru": ("ru", "en"),
        "tg": ("tg", "ru", "en"),
        "en": ("en",),
    }
)
"""Fallback chains. Russian is the second language of most who write in Kyrgyz or Tajik."""


def chain(language: str | None) -> tuple[str, ...]:
    """Languages to try, best first. Unknown or missing languages are answered in Russian."""
    return CHAIN.get(language or "ru", CHAIN["ru"])

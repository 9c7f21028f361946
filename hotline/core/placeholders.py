"""Placeholders in texts: `{name}` is filled by the program, `{contact:id}` by the dated register.

A text is never passed to `str.format`: what a translator or a caller wrote must not be able to
reach attributes, and a stray brace must not break a reply.
"""

import re
from collections.abc import Mapping
from typing import Final

PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*(?::[a-z0-9_.]+)?)\}")


def names(text: str) -> tuple[str, ...]:
    """Placeholders in the order they stand, each as often as it stands."""
    return tuple(PLACEHOLDER.findall(text))


def fill(text: str, args: Mapping[str, str]) -> str:
    """Puts `args` in place, in one pass, so that braces inside a value stay what they are.

    Raises KeyError with the placeholder's name when a value is missing.
    """
    return PLACEHOLDER.sub(lambda match: args[match[1]], text)

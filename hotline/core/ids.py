"""Shapes of ids and case names. Ids are made in `hotline.crypto`; here is what they look like."""

import re

ID = re.compile(r"[a-z2-7]{20}")
"""100 random bits in lower-case base 32: unguessable, short enough to read in a log."""


def is_id(value: str) -> bool:
    return ID.fullmatch(value) is not None

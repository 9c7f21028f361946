"""Shapes of ids and case names. Ids are made in `hotline.crypto`; here is what they look like."""

import re

ID = re.compile(r"[a-z2-7]{20}")
"""Lower-case base 32 with 60 random bits: unguessable, short enough to read in a log."""


def is_id(value: str) -> bool:
    return ID.fullmatch(value) is not None

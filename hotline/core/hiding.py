"""Small numbers give people away: which counts of a whole may be shown.

Every number under `LEAST` is hidden, none left over by subtraction: where what is hidden adds up to
less than `LEAST`, or is one number alone, the next smallest is hidden with it (the screening
specification's rule for tables: no cell below 11, none that follows from totals).
"""

from collections.abc import Mapping
from typing import TypeVar

LEAST = 11

Name = TypeVar("Name")


def shown(parts: Mapping[Name, int], *, least: int = LEAST) -> dict[Name, int | None]:
    """Parts of a whole whose sum is known to the reader; None for what must not be shown."""
    hidden = {name for name, count in parts.items() if count < least}
    visible = sorted((n for n in parts if n not in hidden), key=lambda name: parts[name])
    while hidden and visible:
        if len(hidden) > 1 and sum(parts[name] for name in hidden) >= least:
            break
        hidden.add(visible.pop(0))
    return {name: None if name in hidden else count for name, count in parts.items()}

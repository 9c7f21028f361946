"""Which texts were shown in another language than the one asked for."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fall:
    """One text that was missing in `wanted` and was shown in `shown`. No person in it."""

    key: str
    wanted: str
    shown: str


class Falls:
    """Counts of falls. `on_first` is called once for each new one: a log line, not a flood."""

    def __init__(self, on_first: Callable[[Fall], None] | None = None) -> None:
        self._counts: Counter[Fall] = Counter()
        self._lock = threading.Lock()
        self._on_first = on_first

    def note(self, fall: Fall) -> None:
        with self._lock:
            self._counts[fall] += 1
            is_first = self._counts[fall] == 1
        if is_first and self._on_first is not None:
            self._on_first(fall)

    def counts(self) -> Mapping[Fall, int]:
        """A copy, safe to read while others are counted."""
        with self._lock:
            return dict(self._counts)

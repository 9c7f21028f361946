"""Reading plain data with errors that name the place, for `parsing`."""

from collections.abc import Iterable, Mapping
from typing import Any

from hotline.screening.ruleset import RulesetError

_REQUIRED = object()


class Fields:
    """A mapping whose keys are taken one by one; a key nobody took is a mistake in the data."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, Mapping):
            raise RulesetError(f"{place}: a mapping is needed")
        for key in value:
            # 1 is fine as a key (the eleven ILO numbers); False is a bare `no` that YAML ate.
            if isinstance(key, bool) or not isinstance(key, str | int):
                raise RulesetError(f"{place}: the key {key} must be quoted text")
        self.place = place
        self._value: dict[str, Any] = {str(key): item for key, item in value.items()}
        self._taken: set[str] = set()

    def names(self) -> tuple[str, ...]:
        return tuple(self._value)

    def has(self, name: str) -> bool:
        return name in self._value

    def take(self, name: str, default: Any = _REQUIRED) -> Any:  # noqa: ANN401 -- raw data
        self._taken.add(name)
        if name in self._value:
            return self._value[name]
        if default is _REQUIRED:
            raise RulesetError(f"{self.place}: {name} is missing")
        return default

    def text(self, name: str) -> str:
        value = self.take(name)
        if not isinstance(value, str) or not value.strip():
            raise RulesetError(f"{self.place}.{name}: text is needed, perhaps in quotes")
        return value

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise RulesetError(f"{self.place}.{name}: one of {', '.join(allowed)}")
        return value

    def texts(self, name: str, default: Any = _REQUIRED) -> tuple[str, ...]:  # noqa: ANN401
        return self.as_texts(self.take(name, default), name)

    def as_texts(self, value: object, name: str = "") -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise RulesetError(f"{self.place}.{name}: a list of texts is needed".replace(".:", ":"))
        return tuple(value)

    def number(self, name: str, at_most: int | None = None) -> int:
        (value,) = _numbers([self.take(name)], f"{self.place}.{name}")
        if at_most is not None and value > at_most:
            raise RulesetError(f"{self.place}.{name}: at most {at_most}")
        return value

    def numbers(self, name: str) -> tuple[int, ...]:
        value = self.take(name)
        if not isinstance(value, list | tuple):
            raise RulesetError(f"{self.place}.{name}: a list of numbers is needed")
        return _numbers(value, f"{self.place}.{name}")

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.take(name, default)
        if not isinstance(value, bool):
            raise RulesetError(f"{self.place}.{name}: true or false")
        return value

    def fields(self, name: str) -> "Fields":
        return Fields(self.take(name), f"{self.place}.{name}")

    def rows(self, name: str) -> tuple["Fields", ...]:
        value = self.take(name)
        if not isinstance(value, list | tuple):
            raise RulesetError(f"{self.place}.{name}: a list is needed")
        return tuple(Fields(row, f"{self.place}.{name}[{n}]") for n, row in enumerate(value))

    def nothing_else(self) -> None:
        if extra := [key for key in self._value if key not in self._taken]:
            raise RulesetError(f"{self.place}: unknown {', '.join(extra)}")


def _numbers(values: Iterable[object], place: str) -> tuple[int, ...]:
    found = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise RulesetError(f"{place}: whole numbers from 0 are needed")
        found.append(value)
    return tuple(found)

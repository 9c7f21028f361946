"""What a check found, where, and how to put it right."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Errors stop CI, publishing and the start of the server; warnings are counted."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is the name of the check. Empty fields do not apply."""

    file: str
    line: int
    severity: Severity
    check: str
    message: str
    step: str = ""
    key: str = ""
    language: str = ""
    channel: str = ""
    hint: str = ""

    def sort_key(self) -> tuple[object, ...]:
        """Worst first within a file, then by line; stable for equal input."""
        place = (self.file, self.line, _RANK[self.severity], self.check)
        return (*place, self.step, self.key, self.language, self.channel, self.message)

    def to_mapping(self) -> dict[str, Any]:
        """JSON-ready, with empty fields left out."""
        return {name: value for name, value in asdict(self).items() if value != ""}

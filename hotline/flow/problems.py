"""A mistake in a flow file, said so that its author can put it right."""

from dataclasses import dataclass

from hotline.core.errors import Invalid


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`file:line`, the step and field it concerns, what is wrong, and how to put it right."""

    file: str
    line: int
    step: str
    field: str
    message: str
    hint: str = ""

    def __str__(self) -> str:  # type: ignore[explicit-override]
        where = f"{self.file}:{self.line}"
        what = ".".join(part for part in (self.step, self.field) if part)
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}  {what}: {self.message}{hint}"


class FlowInvalid(Invalid):
    """The flows cannot be used. `problems` holds every mistake that was found, not the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))

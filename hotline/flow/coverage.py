"""What no story visits: steps, answers, and the branches of silence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hotline.flow.bundle import Bundle, options_on


@dataclass(frozen=True, slots=True)
class Covered:
    """`missing` are `flow.step`, `flow.step=code` or `flow.step~silence`, in file order."""

    total: int
    visited: int
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.visited / self.total if self.total else 1.0


def places(bundle: Bundle, channel: str | None = None) -> Iterator[str]:
    """Everything that a story could visit; on one channel where it is given."""
    for step in bundle.every_step():
        yield step.key
        options = step.options if channel is None else options_on(step, channel)
        for option in options:
            yield f"{step.key}={option.code}"
        if step.silence is not None:
            yield f"{step.key}~silence"


def coverage(bundle: Bundle, visited: Iterable[str], channel: str | None = None) -> Covered:
    """How much of the flows was visited. `visited` as from `hotline.flow.stories.taken`."""
    seen = set(visited)
    every = list(places(bundle, channel))
    missing = tuple(place for place in every if place not in seen)
    return Covered(len(every), len(every) - len(missing), missing)

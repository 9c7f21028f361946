"""How people get through a flow: drop-off and time per step, who stands where. No person in it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hotline.accounts.doors import permit
from hotline.conversation.repository import steps as rows
from hotline.conversation.repository.steps import StepCount
from hotline.core.actor import Actor
from hotline.core.hiding import shown
from hotline.core.languages import LANGUAGES
from hotline.db.transaction import Tx

DAYS: Final = 90
"""One window for everybody: two of different length would show the difference between them."""
ACTIVE: Final = timedelta(hours=24)
CHANNELS: Final = ("telegram", "sms")
VIEWS: Final = ("all", *CHANNELS, *LANGUAGES)

_ANSWERS: Final = frozenset({"answered", "unsure", "refused"})
_PARTS: Final = ("answered", "moved", "silent")


@dataclass(frozen=True, slots=True)
class StepFigures:
    """None: too few to be shown, or something smaller could be worked out from it.

    `asked`: how often the question was put for the first time. `answered` (whatever the answer),
    `moved` (went on elsewhere by a command, a question or danger) and `silent` (nothing more came)
    are its parts. `seconds`: the average time of an answer.
    """

    asked: int | None
    answered: int | None
    moved: int | None
    silent: int | None
    not_understood: int | None
    seconds: float | None
    waiting: int | None

    @property
    def drop_off(self) -> float | None:
        """The share that fell silent, 0 to 1."""
        return None if self.silent is None or not self.asked else self.silent / self.asked


@dataclass(slots=True)
class _Tally:
    """Counts of one step on one side of the view."""

    outcomes: Counter[str]
    seconds: int = 0

    def measures(self) -> dict[str, int]:
        answered = sum(self.outcomes[name] for name in _ANSWERS)
        moved, asked = self.outcomes["moved"], self.outcomes["asked"]
        return {
            "asked": asked,
            "answered": answered,
            "moved": moved,
            "silent": max(0, asked - answered - moved),
            "not_understood": self.outcomes["not_understood"],
        }


def of_flow(
    tx: Tx, actor: Actor, flow: str, *, view: str, now: datetime
) -> Mapping[str, StepFigures]:
    """Figures by step key. `view` is one of `VIEWS`: everything, one channel or one language.

    Raises Refused, and ValueError for an unknown view.
    """
    permit(actor, "flow.read")
    if view not in VIEWS:
        raise ValueError(view)
    since = (now - timedelta(days=DAYS)).date().isoformat()
    counted = rows.counts(tx, since=since, flow=flow)
    standing = rows.waiting(tx, since=now - ACTIVE, flow=flow)
    found = {}
    for step in sorted({row.step for row in counted} | {row.step for row in standing}):
        here = [row for row in counted if row.step == step]
        waits = Counter[str]()
        for row in standing:
            if row.step == step:
                waits[_side(view, row.channel, row.language)] += row.count
        found[step] = _figures(here, waits, view)
    return found


def _side(view: str, channel: str, language: str) -> str:
    """Which part of the whole a row belongs to, as the view divides it."""
    if view in CHANNELS:
        return channel
    return (language or "unknown") if view in LANGUAGES else "all"


def _figures(counted: Iterable[StepCount], waits: Counter[str], view: str) -> StepFigures:
    sides: dict[str, _Tally] = {}
    for row in counted:
        tally = sides.setdefault(_side(view, row.channel, row.language), _Tally(Counter()))
        tally.outcomes[row.outcome] += row.count
        if row.outcome in _ANSWERS:
            tally.seconds += row.seconds
    if view not in sides:
        return StepFigures(None, None, None, None, None, None, _few(waits, view))
    measures = {side: tally.measures() for side, tally in sides.items()}
    allowed = {
        name: shown({side: found[name] for side, found in measures.items()})[view]
        for name in measures[view]
    }
    mine = measures[view]
    parts = shown({name: mine[name] for name in _PARTS})
    for name in _PARTS:
        if allowed["asked"] is None or allowed[name] is None:
            parts[name] = None
    left = [name for name in _PARTS if parts[name] is not None]
    if len(left) == len(_PARTS) - 1:
        # Hidden across channels or languages: within the step it must not follow from the rest.
        parts[min(left, key=lambda name: mine[name])] = None
    answered = parts["answered"]
    return StepFigures(
        asked=allowed["asked"],
        answered=answered,
        moved=parts["moved"],
        silent=parts["silent"],
        not_understood=allowed["not_understood"],
        seconds=sides[view].seconds / answered if answered else None,
        waiting=_few(waits, view),
    )


def _few(waits: Counter[str], view: str) -> int | None:
    """People standing there, where they are enough to be shown."""
    return shown(waits)[view] if view in waits else None

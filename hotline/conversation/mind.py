"""What a turn thinks with: flows, understanding, screening and keys, handed in by `bootstrap`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hotline.conversation.flood import Flood
from hotline.core.reading import Expects, Heard, Reading
from hotline.crypto import KeyRing
from hotline.flow.bundle import Bundle
from hotline.flow.pen import Assess, CanChange, Reasons
from hotline.screening.ruleset import Ruleset
from hotline.screening.versions import Rulesets


def _nothing() -> None:
    """Nobody wants to be woken."""


@dataclass(frozen=True)
class Mind:
    """Everything that is the same for every turn. Pure functions and frozen values.

    `bundle_for(revision, content)` gives the flows of a revision; `content` is what was frozen
    when it was published, None for today's. `wake_sender` and `wake_console` are only hints: the
    poll is the truth.
    """

    keys: KeyRing
    rulesets: Rulesets  # today's, and those that stored assessments name
    current: Bundle
    frozen: Mapping[str, Any]  # today's flows in the form that is stored with the revision
    bundle_for: Callable[[str, Mapping[str, Any] | None], Bundle]
    read: Callable[[Heard, Expects], Reading]
    assess: Assess
    can_change: CanChange | None = None
    reasons: Reasons | None = None
    is_demo: bool = False
    zone: str = "Asia/Bishkek"  # in which times of day are said
    media_limit: int = 10_485_760  # bytes; larger files are named to the operator, not fetched
    blind: bool = False  # a counsellor gives her own level before she sees the rules' level
    flood: Flood = field(default_factory=Flood)
    wake_sender: Callable[[], None] = field(default=_nothing)
    wake_console: Callable[[], None] = field(default=_nothing)

    @property
    def ruleset(self) -> Ruleset:
        """Today's screening rules."""
        return self.rulesets.current

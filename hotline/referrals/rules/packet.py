"""T1 and T2: what may be shared after acceptance = template, tier and live consent together.

Groups carry the names under which consent is asked for (`consent.group.*` of the flows).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hotline.referrals.rules.states import T1_SHOWN, T2_SHOWN

PREVIEW_GROUP: Final = "preview"
"""Asked for by name only when nothing else is passed on."""

MAX_TEXT: Final = 600


@dataclass(frozen=True, slots=True)
class FieldSpec:
    name: str
    tier: str  # T1 | T2
    group: str


_FIELDS: Final = (
    # how, when and where to make contact safely
    FieldSpec("name_to_use", "T1", "contact"),
    FieldSpec("safe_way", "T1", "contact"),
    FieldSpec("safe_number", "T1", "contact"),
    FieldSpec("safe_time", "T1", "contact"),
    FieldSpec("safe_place", "T1", "contact"),
    FieldSpec("code_word", "T1", "contact"),
    FieldSpec("interpreter", "T1", "contact"),
    FieldSpec("our_contact", "T1", "contact"),
    # facts that one service or another needs
    FieldSpec("who_comes", "T2", "who"),
    FieldSpec("children", "T2", "who"),
    FieldSpec("arrival", "T2", "who"),
    FieldSpec("safety_needs", "T2", "safety"),
    FieldSpec("health_needs", "T2", "medical"),
    FieldSpec("health_history", "T2", "medical"),
    FieldSpec("papers", "T2", "documents"),
    FieldSpec("employer", "T2", "employer"),
    FieldSpec("debt", "T2", "debt"),
    FieldSpec("deadlines", "T2", "deadlines"),
    FieldSpec("present_needs", "T2", "needs"),
    FieldSpec("avoid", "T2", "needs"),
    FieldSpec("nationality", "T2", "route"),
    FieldSpec("travel_papers", "T2", "route"),
    FieldSpec("route", "T2", "route"),
    FieldSpec("escort", "T2", "route"),
)
FIELDS: Final[Mapping[str, FieldSpec]] = MappingProxyType({f.name: f for f in _FIELDS})

_CONTACT: Final = tuple(f.name for f in _FIELDS if f.tier == "T1")

TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "shelter": ("who_comes", "children", "arrival", "safety_needs", "health_needs"),
        "legal": ("papers", "employer", "debt", "deadlines"),
        "health": ("health_needs", "health_history"),
        "psychosocial": ("present_needs", "avoid"),
        "repatriation": ("nationality", "travel_papers", "route", "escort"),
        "social": ("present_needs", "children"),
        "labour": ("papers", "employer", "debt"),
    }
)
"""T2 by service (operations.md 4.2; psychosocial, repatriation, social and labour are our own)."""


def template(service: str) -> tuple[FieldSpec, ...]:
    """Every field that a partner of this service may ever be given, T1 first."""
    return tuple(FIELDS[name] for name in (*_CONTACT, *TEMPLATES.get(service, ())))


def groups_of(names: Iterable[str]) -> tuple[str, ...]:
    """The groups to ask consent for, in a fixed order; the preview alone if there is nothing."""
    wanted = {FIELDS[name].group for name in names}
    groups = tuple(dict.fromkeys(f.group for f in _FIELDS if f.group in wanted))
    return groups or (PREVIEW_GROUP,)


def tier_of(group: str) -> str:
    tiers = {f.tier for f in _FIELDS if f.group == group}
    return tiers.pop() if tiers else "T0"


def readable(
    names: Iterable[str], *, service: str, state: str, consented: frozenset[str], anonymity: str
) -> tuple[str, ...]:
    """Which of the fields at hand a partner may read now.

    `state` is the offer's, `consented` the groups under live consent to this very partner. Nothing
    is given to anybody for a person who stays anonymous (operations.md 0.6).
    """
    if anonymity != "share":
        return ()
    shown = {"T1": state in T1_SHOWN, "T2": state in T2_SHOWN}
    allowed = {f.name for f in template(service) if shown[f.tier] and f.group in consented}
    return tuple(name for name in names if name in allowed)

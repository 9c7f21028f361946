"""Proposed values of HTCDS 2.0, how later ones join them, and what leaves for a strict receiver.

Pure. Value names as in the standard (IOM, CC BY 4.0; no endorsement is implied).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hotline.screening.htcds import Given, Proposal

PROPOSED, CONFIRMED, REJECTED = "proposed", "confirmed", "rejected"
POSSIBLE: Final = "PossibleVictimOfTrafficking"
"""The only status that is ever proposed; the others are for people (screening.md 1.4, 15.2)."""

_STATUS: Final = "vic_TraffickingStatus"
_RECRUITMENT: Final = "vic_MethodOfRecruitment"
EXTENSION_NOTE: Final = "{value} is a local addition: defined by HTCDS 2.0, missing from its list."


@dataclass(frozen=True, slots=True)
class Kept:
    """One value of one field as the case carries it.

    `chosen`: the confirmed values (several where a counsellor chose among `choices`). `strict`:
    what a receiver gets who takes the 2.0 list only. `by` is always the bot; `decided_by` the
    counsellor's id.
    """

    key: str
    field: str
    value: str | None
    choices: tuple[str, ...]
    strict: str | None
    because: Given
    ruleset: str
    state: str = PROPOSED
    chosen: tuple[str, ...] = ()
    by: str = "bot"
    decided_by: str | None = None
    decided_at: str | None = None  # ISO 8601, UTC

    def to_mapping(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_mapping(cls, source: Mapping[str, Any]) -> "Kept":
        values = dict(source)
        values["choices"] = tuple(values["choices"])
        values["chosen"] = tuple(values["chosen"])
        values["because"] = tuple((item, code) for item, code in values["because"])
        return cls(**values)


def key_of(proposal: Proposal) -> str:
    return f"{proposal.field}:{proposal.value or '|'.join(proposal.choices)}"


def merged(old: Sequence[Kept], proposals: Iterable[Proposal], *, ruleset: str) -> tuple[Kept, ...]:
    """What is kept after a further screening.

    Nothing decided is touched, and a later, harmless screening takes nothing away. Two kinds of
    undecided values make room: one that was only a guess without an answer of its own, when the
    field now has a better one, and the way of recruitment when its question was answered anew.
    """
    fresh = {key_of(p): p for p in proposals if p.field != _STATUS or p.value == POSSIBLE}
    fields = {p.field for p in fresh.values()}
    found: list[Kept] = []
    for kept in old:
        again = fresh.pop(kept.key, None)
        if kept.state != PROPOSED:
            found.append(kept)
        elif again is not None:
            because = tuple(dict.fromkeys((*kept.because, *again.because)))
            found.append(replace(kept, because=because))
        elif kept.field in fields and (not kept.because or kept.field == _RECRUITMENT):
            continue
        else:
            found.append(kept)
    found += [
        Kept(key, p.field, p.value, p.choices, p.strict, p.because, ruleset)
        for key, p in fresh.items()
    ]
    return tuple(found)


def decided(kept: Kept, *, confirm: bool, chosen: Sequence[str], by: str, at: str) -> Kept | None:
    """The value confirmed or rejected; None when a choice is missing or not offered."""
    if not confirm:
        return replace(kept, state=REJECTED, chosen=(), decided_by=by, decided_at=at)
    values = (kept.value,) if kept.value is not None else tuple(dict.fromkeys(chosen))
    if not values or (kept.value is None and not set(values) <= set(kept.choices)):
        return None
    return replace(kept, state=CONFIRMED, chosen=values, decided_by=by, decided_at=at)


@dataclass(frozen=True, slots=True)
class Exported:
    """Confirmed values by field, in the list of the standard, and a note for each local value."""

    fields: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


def exported(values: Iterable[Kept]) -> Exported:
    """Only what a counsellor confirmed leaves; RestrictsMovement leaves as Other, with a note."""
    fields: dict[str, list[str]] = {}
    notes: list[str] = []
    for kept in values:
        if kept.state != CONFIRMED:
            continue
        for value in kept.chosen:
            out = kept.strict if kept.value is not None and kept.strict else value
            if out not in fields.setdefault(kept.field, []):
                fields[kept.field].append(out)
            if out != value:
                notes.append(EXTENSION_NOTE.format(value=value))
    return Exported(
        {field: tuple(found) for field, found in fields.items()}, tuple(dict.fromkeys(notes))
    )

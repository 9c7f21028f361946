"""The table of a referral: state x event x mover -> state and effects (operations.md 3.1).

What is not in the table does not happen. The table is printed into `docs/referrals.md`, and a test
compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hotline.core.errors import Conflict


class State(StrEnum):
    DRAFT = "DRAFT"
    CONSENT_ASKED = "CONSENT_ASKED"
    CONSENTED = "CONSENTED"
    REFUSED = "REFUSED"
    VITAL_INTEREST = "VITAL_INTEREST"
    OFFERED = "OFFERED"
    HELD = "HELD"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    DISCLOSED = "DISCLOSED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CONTACT_ATTEMPTED = "CONTACT_ATTEMPTED"
    CONTACT_MADE = "CONTACT_MADE"
    IN_SERVICE = "IN_SERVICE"
    COMPLETED = "COMPLETED"
    CONFIRMED = "CONFIRMED"
    UNCONFIRMED = "UNCONFIRMED"
    RECALLED = "RECALLED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"


PLANNED: Final = "PLANNED"
"""An offer that nobody outside the hotline knows of yet: a name on the list."""

ENDED: Final = frozenset(
    {
        State.REFUSED,
        State.CONFIRMED,
        State.UNCONFIRMED,
        State.RECALLED,
        State.CONSENT_WITHDRAWN,
    }
)
OPEN: Final = tuple(state for state in State if state not in ENDED)

LIVE: Final = (
    State.OFFERED,
    State.HELD,
    State.DISCLOSED,
    State.ACKNOWLEDGED,
    State.CONTACT_ATTEMPTED,
    State.CONTACT_MADE,
    State.IN_SERVICE,
    State.COMPLETED,
)
"""States of an offer in which a partner is concerned with it, least advanced first."""

ACCEPTED: Final = LIVE[1:]
T1_SHOWN: Final = frozenset(LIVE[2:7])
"""From DISCLOSED until the partner reports its outcome: then nothing is read any more."""
T2_SHOWN: Final = frozenset(LIVE[3:7])

RESTING: Final = frozenset({State.CONSENTED, State.VITAL_INTEREST, State.DECLINED, State.EXPIRED})
"""Nobody has it: the next name on the list may be offered."""


class Event(StrEnum):
    ASK = "ask"
    GIVE = "give"
    REFUSE = "refuse"
    REFUSE_ONE = "refuse_one"
    SILENCE = "silence"
    OVERRIDE = "override"
    OFFER = "offer"
    HOLD = "hold"
    DECLINE = "decline"
    EXPIRE = "expire"
    RETURN = "return"
    DISCLOSE = "disclose"
    ARRIVE = "arrive"
    OPEN = "open"
    ATTEMPT = "attempt"
    CONTACT = "contact"
    GIVE_UP = "give_up"
    START = "start"
    COMPLETE = "complete"
    CONFIRM = "confirm"
    UNCONFIRM = "unconfirm"
    RECALL = "recall"
    WITHDRAW = "withdraw"


class Role(StrEnum):
    """Who moves. `STAFF` is an operator, supervisor or coordinator; `TWO` is two of them."""

    STAFF = "staff"
    TWO = "two"
    PERSON = "person"
    PARTNER = "partner"
    SYSTEM = "system"


class Effect(StrEnum):
    """What follows from an edge, in the same transaction."""

    CLOCK_CONSENT = "clock_consent"  # nobody answered within a day
    CLOCK_CONTACT = "clock_contact"  # runs from here and is not restarted by a cascade
    CLOCK_DECIDE = "clock_decide"
    CLOCK_OPEN = "clock_open"
    CLOCK_OUTCOME = "clock_outcome"
    CLOCK_CONFIRM = "clock_confirm"
    OFFER_NEXT = "offer_next"
    TAKE_PLACE = "take_place"
    FREE_PLACE = "free_place"
    CLOSE_OTHERS = "close_others"
    DISCLOSE_OR_DIRECT = "disclose_or_direct"  # T1 if consented, else she goes there herself
    WRAP_T1 = "wrap_t1"
    WRAP_T2 = "wrap_t2"
    ROTATE_KEYS = "rotate_keys"
    SHRED_KEYS = "shred_keys"
    ASK_FOR_DELETION = "ask_for_deletion"
    TELL_SENT = "tell_sent"
    TELL_ACCEPTED = "tell_accepted"
    TELL_CONTACTED = "tell_contacted"
    TELL_COMPLETED = "tell_completed"
    TELL_RECALLED = "tell_recalled"
    END = "end"


@dataclass(frozen=True, slots=True)
class Edge:
    to: State
    roles: frozenset[Role]
    effects: tuple[Effect, ...] = ()


def _edge(to: State, roles: str, *effects: Effect) -> Edge:
    return Edge(to, frozenset(Role(role) for role in roles.split()), effects)


_S, _E, _F = State, Event, Effect


def _table() -> dict[tuple[State, Event], Edge]:
    offered = _edge(_S.OFFERED, "staff system", _F.CLOCK_DECIDE, _F.TELL_SENT)
    returned = _edge(_S.DECLINED, "partner", _F.ROTATE_KEYS, _F.FREE_PLACE, _F.OFFER_NEXT)
    contact = _edge(_S.CONTACT_MADE, "partner", _F.CLOCK_OUTCOME)
    attempt = _edge(_S.CONTACT_ATTEMPTED, "partner", _F.TELL_CONTACTED)
    complete = _edge(_S.COMPLETED, "partner", _F.FREE_PLACE, _F.TELL_COMPLETED, _F.CLOCK_CONFIRM)
    table = {
        (_S.DRAFT, _E.ASK): _edge(_S.CONSENT_ASKED, "staff person", _F.CLOCK_CONSENT),
        (_S.CONSENT_ASKED, _E.GIVE): _edge(
            _S.CONSENTED, "person", _F.CLOCK_CONTACT, _F.OFFER_NEXT
        ),
        (_S.CONSENT_ASKED, _E.REFUSE): _edge(_S.REFUSED, "person", _F.SHRED_KEYS, _F.END),
        (_S.CONSENT_ASKED, _E.REFUSE_ONE): _edge(_S.DRAFT, "person"),
        (_S.CONSENT_ASKED, _E.SILENCE): _edge(_S.DRAFT, "system"),
        (_S.DRAFT, _E.OVERRIDE): _edge(_S.VITAL_INTEREST, "two", _F.CLOCK_CONTACT),
        (_S.CONSENT_ASKED, _E.OVERRIDE): _edge(_S.VITAL_INTEREST, "two", _F.CLOCK_CONTACT),
        (_S.CONSENTED, _E.OFFER): offered,
        (_S.VITAL_INTEREST, _E.OFFER): offered,
        (_S.DECLINED, _E.OFFER): offered,
        (_S.EXPIRED, _E.OFFER): offered,
        (_S.OFFERED, _E.HOLD): _edge(
            _S.HELD, "partner",
            _F.TAKE_PLACE, _F.CLOSE_OTHERS, _F.TELL_ACCEPTED, _F.DISCLOSE_OR_DIRECT,
        ),
        (_S.OFFERED, _E.DECLINE): _edge(_S.DECLINED, "partner", _F.OFFER_NEXT),
        (_S.OFFERED, _E.EXPIRE): _edge(_S.EXPIRED, "system", _F.OFFER_NEXT),
        (_S.HELD, _E.DISCLOSE): _edge(_S.DISCLOSED, "system", _F.WRAP_T1, _F.CLOCK_OPEN),
        (_S.HELD, _E.ARRIVE): contact,
        (_S.HELD, _E.RETURN): returned,
        (_S.DISCLOSED, _E.OPEN): _edge(_S.ACKNOWLEDGED, "partner", _F.WRAP_T2),
        (_S.DISCLOSED, _E.RETURN): returned,
        (_S.ACKNOWLEDGED, _E.ATTEMPT): attempt,
        (_S.ACKNOWLEDGED, _E.CONTACT): contact,
        (_S.ACKNOWLEDGED, _E.RETURN): returned,
        (_S.CONTACT_ATTEMPTED, _E.ATTEMPT): attempt,
        (_S.CONTACT_ATTEMPTED, _E.CONTACT): contact,
        (_S.CONTACT_ATTEMPTED, _E.GIVE_UP): complete,
        (_S.CONTACT_ATTEMPTED, _E.RETURN): returned,
        (_S.CONTACT_MADE, _E.START): _edge(_S.IN_SERVICE, "partner"),
        (_S.CONTACT_MADE, _E.COMPLETE): complete,
        (_S.IN_SERVICE, _E.COMPLETE): complete,
        (_S.COMPLETED, _E.CONFIRM): _edge(_S.CONFIRMED, "person", _F.END),
        (_S.COMPLETED, _E.UNCONFIRM): _edge(_S.UNCONFIRMED, "system", _F.END),
    }  # fmt: skip
    for state in OPEN:
        table[state, _E.RECALL] = _edge(
            _S.RECALLED, "staff",
            _F.FREE_PLACE, _F.ASK_FOR_DELETION, _F.SHRED_KEYS, _F.TELL_RECALLED, _F.END,
        )  # fmt: skip
        table[state, _E.WITHDRAW] = _edge(
            _S.CONSENT_WITHDRAWN, "person staff",
            _F.FREE_PLACE, _F.ASK_FOR_DELETION, _F.SHRED_KEYS, _F.END,
        )  # fmt: skip
    return table


EDGES: Final[Mapping[tuple[State, Event], Edge]] = MappingProxyType(_table())


def move(state: State, event: Event, role: Role) -> Edge:
    """The edge that `role` may take. Raises `Conflict` for everything that is not in the table."""
    edge = EDGES.get((state, event))
    if edge is None or role not in edge.roles:
        raise Conflict(
            "This step is not possible any more. Nothing was changed.", key="error.referral.step"
        )
    return edge


def furthest(states: list[str]) -> State | None:
    """The most advanced live one of several offers' states; None if nobody is concerned."""
    live = [state for state in LIVE if state in states]
    return live[-1] if live else None

"""The table of a referral, compared with a second one written from the specification by hand."""

import re
from itertools import product

import pytest

from hotline.core.errors import Conflict
from hotline.referrals.rules.states import (
    EDGES,
    ENDED,
    LIVE,
    OPEN,
    T1_SHOWN,
    T2_SHOWN,
    Effect,
    Event,
    Role,
    State,
    furthest,
    move,
)
from tests.support.databases import ROOT

# From the specification: where each state may lead, besides RECALLED and CONSENT_WITHDRAWN.
GOES_TO = {
    "DRAFT": {"CONSENT_ASKED", "VITAL_INTEREST"},
    "CONSENT_ASKED": {"CONSENTED", "REFUSED", "VITAL_INTEREST", "DRAFT"},
    "CONSENTED": {"OFFERED"},
    "REFUSED": set(),
    "VITAL_INTEREST": {"OFFERED"},
    "OFFERED": {"HELD", "DECLINED", "EXPIRED"},
    "HELD": {"DISCLOSED", "DECLINED", "CONTACT_MADE"},
    "DECLINED": {"OFFERED"},
    "EXPIRED": {"OFFERED"},
    "DISCLOSED": {"ACKNOWLEDGED", "DECLINED"},
    "ACKNOWLEDGED": {"CONTACT_ATTEMPTED", "CONTACT_MADE", "DECLINED"},
    "CONTACT_ATTEMPTED": {"CONTACT_ATTEMPTED", "CONTACT_MADE", "COMPLETED", "DECLINED"},
    "CONTACT_MADE": {"IN_SERVICE", "COMPLETED"},
    "IN_SERVICE": {"COMPLETED"},
    "COMPLETED": {"CONFIRMED", "UNCONFIRMED"},
    "CONFIRMED": set(),
    "UNCONFIRMED": set(),
    "RECALLED": set(),
    "CONSENT_WITHDRAWN": set(),
}
ENDS = {"REFUSED", "CONFIRMED", "UNCONFIRMED", "RECALLED", "CONSENT_WITHDRAWN"}


def test_there_are_nineteen_states_and_five_ends() -> None:
    assert {s.value for s in State} == set(GOES_TO)
    assert {s.value for s in ENDED} == ENDS
    assert len(OPEN) == 14


@pytest.mark.parametrize("state", State)
def test_a_state_leads_where_the_specification_says(state: State) -> None:
    leads = {edge.to.value for (start, _), edge in EDGES.items() if start is state}
    always = set() if state.value in ENDS else {"RECALLED", "CONSENT_WITHDRAWN"}
    assert leads == GOES_TO[state.value] | always


def test_every_triple_is_an_edge_or_is_refused() -> None:
    allowed = refused = 0
    for state, event, role in product(State, Event, Role):
        edge = EDGES.get((state, event))
        if edge is not None and role in edge.roles:
            assert move(state, event, role) is edge
            allowed += 1
        else:
            with pytest.raises(Conflict):
                move(state, event, role)
            refused += 1
    assert allowed + refused == 19 * len(Event) * len(Role)
    assert allowed == sum(len(edge.roles) for edge in EDGES.values())


PARTNERS_OWN = {
    Event.HOLD, Event.DECLINE, Event.RETURN, Event.ARRIVE, Event.OPEN, Event.ATTEMPT,
    Event.CONTACT, Event.GIVE_UP, Event.START, Event.COMPLETE,
}  # fmt: skip


def test_only_the_addressed_side_takes_its_steps() -> None:
    for (_, event), edge in EDGES.items():
        assert (Role.PARTNER in edge.roles) == (event in PARTNERS_OWN)
        if event in PARTNERS_OWN:
            assert edge.roles == {Role.PARTNER}
        if event in {Event.GIVE, Event.REFUSE, Event.REFUSE_ONE, Event.CONFIRM}:
            assert edge.roles == {Role.PERSON}
        if event is Event.OVERRIDE:
            assert edge.roles == {Role.TWO}


def test_every_end_drops_its_clocks_and_a_way_back_takes_the_keys() -> None:
    for edge in EDGES.values():
        if edge.to in ENDED:
            assert Effect.END in edge.effects
        if edge.to in {State.RECALLED, State.CONSENT_WITHDRAWN}:
            assert {Effect.SHRED_KEYS, Effect.ASK_FOR_DELETION} <= set(edge.effects)
    for state in (State.HELD, State.DISCLOSED, State.ACKNOWLEDGED, State.CONTACT_ATTEMPTED):
        assert Effect.ROTATE_KEYS in EDGES[state, Event.RETURN].effects


def test_keys_are_wrapped_after_acceptance_only() -> None:
    wrapping = {
        start: effect
        for (start, _), edge in EDGES.items()
        for effect in edge.effects
        if effect in {Effect.WRAP_T1, Effect.WRAP_T2}
    }
    assert wrapping == {State.HELD: Effect.WRAP_T1, State.DISCLOSED: Effect.WRAP_T2}
    assert T2_SHOWN < T1_SHOWN
    assert State.HELD not in T1_SHOWN
    assert State.COMPLETED not in T1_SHOWN


def test_a_referral_shows_its_most_advanced_live_offer() -> None:
    assert furthest(["OFFERED", "DECLINED", "HELD"]) is State.HELD
    assert furthest(["DECLINED", "PLANNED", "RECALLED"]) is None
    assert [furthest([s]) for s in LIVE] == list(LIVE)


def test_the_table_in_the_documentation_is_the_table() -> None:
    text = (ROOT / "docs/referrals.md").read_text(encoding="utf-8")
    printed = {
        (row[0], row[1], row[2], row[3])
        for row in re.findall(
            r"^\| `(\w+)` \| (\w+) \| ([\w, ]+) \| `(\w+)` \|", text, re.MULTILINE
        )
    }
    real = {
        (start.value, event.value, ", ".join(sorted(edge.roles)), edge.to.value)
        for (start, event), edge in EDGES.items()
        if event not in {Event.RECALL, Event.WITHDRAW}
    }
    assert printed == real

"""What a case carries in the words of HTCDS: proposed, joined, decided, exported."""

from dataclasses import replace

import pytest

from hotline.cases.standard import rules
from hotline.cases.standard.rules import CONFIRMED, Kept, decided, exported, key_of, merged
from hotline.screening.htcds import Proposal, propose
from tests.support.screening import shipped

DOCS = {"C06": ["y"], "C04": ["hold"]}
HELD = {**DOCS, "C07": ["n"]}
AT = "2026-11-02T04:00:00+00:00"


def proposed(answers, *, stage="C", recruiter=None, **ctx) -> tuple[Proposal, ...]:
    routing = {"R3": recruiter} if recruiter else {}
    return propose(shipped(), answers, stage=stage, ctx=ctx, routing=routing)


def kept(answers, old=(), **more) -> dict[str, Kept]:
    return {k.key: k for k in merged(old, proposed(answers, **more), ruleset="0.1")}


def test_everything_is_proposed_by_the_bot_and_by_nobody_else() -> None:
    found = kept(HELD, recruiter="agency")
    assert {(k.state, k.by, k.decided_by) for k in found.values()} == {("proposed", "bot", None)}
    assert "cas_Status:Active" in found
    assert "vic_MethodsOfControl:WithholdsDocuments" in found
    assert "vic_MethodOfRecruitment:AtAPlaceOfBusiness" in found


def test_a_later_harmless_screening_takes_nothing_away() -> None:
    first = kept(HELD, recruiter="friend")
    later = kept({"C06": ["n"], "C07": ["y"]}, tuple(first.values()), recruiter="friend")
    assert later == first


def test_a_decision_stands_whatever_is_screened_later() -> None:
    first = kept(DOCS)
    docs = first["vic_MethodsOfControl:WithholdsDocuments"]
    no = decided(docs, confirm=False, chosen=(), by="op", at=AT)
    later = kept(HELD, (no,))
    assert later[docs.key] == no
    assert later["vic_MethodsOfControl:RestrictsMovement"].state == "proposed"


def test_the_way_of_recruitment_follows_the_newest_answer_until_it_is_decided() -> None:
    first = kept(DOCS, recruiter="friend")
    later = kept(DOCS, tuple(first.values()), recruiter="relative")
    fields = [k.value for k in later.values() if k.field == "vic_MethodOfRecruitment"]
    assert fields == ["ThroughFamilyOrFamilyEvents"]


def test_a_guess_makes_room_for_an_answer() -> None:
    forced = {"C03": ["y"], "C04": ["low", "hold"], "C06": ["y"], "C01": ["y"], "C02": ["pay"]}
    first = kept(forced)
    assert "vic_TypeOfExploitation:ForcedLabour" in first
    later = kept({**forced, "C10": ["beg"]}, tuple(first.values()))
    kinds = [k.value for k in later.values() if k.field == "vic_TypeOfExploitation"]
    assert kinds == ["ForcedBegging"]


@pytest.mark.parametrize("status", ["ActualVictimOfTrafficking", "NotAVictimOfTrafficking"])
def test_the_bot_never_says_who_is_and_who_is_not(status) -> None:
    wrong = Proposal("vic_TraffickingStatus", status, strict=status)
    assert merged((), [wrong], ruleset="0.1") == ()


def test_possible_is_proposed_only_with_all_elements() -> None:
    assert not [k for k in kept(HELD).values() if k.field == "vic_TraffickingStatus"]
    full = {**HELD, "C01": ["y"], "C02": ["pay"], "C03": ["y"], "C05": ["living"]}
    found = [k for k in kept(full).values() if k.field == "vic_TraffickingStatus"]
    assert [k.value for k in found] == [rules.POSSIBLE]


def test_where_two_values_fit_the_counsellor_chooses() -> None:
    (hurt,) = [k for k in kept({"C09": ["hurt"]}).values() if k.choices]
    assert hurt.value is None
    assert set(hurt.choices) == {"PhysicalAbuse", "SexualAbuse"}
    assert decided(hurt, confirm=True, chosen=(), by="op", at=AT) is None
    assert decided(hurt, confirm=True, chosen=["DebtBondage"], by="op", at=AT) is None
    done = decided(hurt, confirm=True, chosen=["PhysicalAbuse"], by="op", at=AT)
    assert (done.state, done.chosen) == (CONFIRMED, ("PhysicalAbuse",))


def test_only_what_was_confirmed_leaves_and_the_extension_leaves_as_other() -> None:
    found = kept(HELD)
    yes = [
        decided(found[key], confirm=True, chosen=(), by="op", at=AT)
        for key in ("vic_MethodsOfControl:RestrictsMovement", "cas_Status:Active")
    ]
    no = decided(
        found["vic_MethodsOfControl:WithholdsDocuments"], confirm=False, chosen=(), by="op", at=AT
    )
    open_ones = [k for k in found.values() if k.state == "proposed"]
    out = exported([*yes, no, *open_ones])
    assert out.fields == {"vic_MethodsOfControl": ("Other",), "cas_Status": ("Active",)}
    assert len(out.notes) == 1
    assert "RestrictsMovement" in out.notes[0]


def test_values_survive_being_stored() -> None:
    for one in kept({**HELD, "C09": ["hurt"]}, recruiter="online").values():
        assert Kept.from_mapping(one.to_mapping()) == one
        done = decided(one, confirm=True, chosen=one.choices[:1], by="op", at=AT)
        assert Kept.from_mapping(done.to_mapping()) == done


def test_a_key_names_field_and_value() -> None:
    assert key_of(Proposal("f", "v")) == "f:v"
    assert key_of(Proposal("f", None, choices=("a", "b"))) == "f:a|b"
    assert replace(Proposal("f", "v"), strict="x").strict == "x"

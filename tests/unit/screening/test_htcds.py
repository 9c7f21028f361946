"""Proposals for the case data standard: only where its conditions hold, and each one open to no."""

from hotline.screening.htcds import Proposal, propose
from tests.support.screening import shipped
from tests.unit.screening.calm import OFFER, WORK


def proposed(answers, stage="C", **how):
    return propose(shipped(), answers, stage=stage, **how)


def of(field, found):
    return [p for p in found if p.field == field]


def test_nothing_below_high():
    assert proposed(WORK | {"C06": "y", "C01": "y", "C02": "pay"}) == ()
    assert proposed(WORK) == ()


def test_the_status_is_proposed_only_when_the_elements_are_indicated():
    high = proposed(WORK | {"C06": "y", "C08": "y"})
    assert [p.value for p in of("cas_Status", high)] == ["Active"]
    assert not of("vic_TraffickingStatus", high)
    full = proposed(WORK | {"C01": "y", "C02": "pay", "C03": "y", "C04": "low"})
    assert [p.value for p in of("vic_TraffickingStatus", full)] == ["PossibleVictimOfTrafficking"]


def test_methods_of_control_by_answer():
    answers = WORK | {
        "C01": "y",
        "C02": ["pay", "legal"],
        "C05": ["living", "hazard"],
        "C06": "y",
        "C07": "n",
        "C09": ["hurt", "police"],
        "C11": ["dep", "area"],
    }
    assert of("vic_MethodsOfControl", proposed(answers)) == [
        Proposal(
            "vic_MethodsOfControl",
            "FalsePromises",
            strict="FalsePromises",
            because=(("C01", "y"), ("C02", "pay"), ("C02", "legal")),
        ),
        Proposal(
            "vic_MethodsOfControl",
            "WithholdsNecessities",
            strict="WithholdsNecessities",
            because=(("C05", "living"),),
        ),
        Proposal(
            "vic_MethodsOfControl",
            "WithholdsDocuments",
            strict="WithholdsDocuments",
            because=(("C06", "y"),),
        ),
        Proposal(
            "vic_MethodsOfControl", "RestrictsMovement", strict="Other", because=(("C07", "n"),)
        ),
        Proposal(
            "vic_MethodsOfControl",
            None,
            choices=("PhysicalAbuse", "SexualAbuse"),
            because=(("C09", "hurt"),),
        ),
        Proposal(
            "vic_MethodsOfControl",
            "ThreatsLawEnforcement",
            strict="ThreatsLawEnforcement",
            because=(("C09", "police"),),
        ),
        Proposal(
            "vic_MethodsOfControl",
            "RestrictsFinancialAccess",
            strict="RestrictsFinancialAccess",
            because=(("C11", "dep"),),
        ),
    ]


def test_answers_before_departure_are_never_methods_of_control():
    assert not of("vic_MethodsOfControl", proposed(OFFER | {"B09": "sold"}, "B"))
    mixed = proposed(WORK | {"B08": "y", "C09": "hurt"})
    assert [p.because for p in of("vic_MethodsOfControl", mixed)] == [(("C09", "hurt"),)]


def test_types_of_exploitation():
    def types(**more):
        return [p.value for p in of("vic_TypeOfExploitation", proposed(WORK | more))]

    assert types(C10=["sex"]) == ["SexualExploitation"]
    assert types(C10=["marriage", "beg"]) == ["ForcedBegging", "ForcedMarriage"]
    assert types(C10=["war", "crime"]) == ["Other"]
    assert types(C06="y", C08="y") == []  # HIGH, but no exploitation
    assert types(C06="y", C08="y", C03="y", C04="low") == ["ForcedLabour"]
    assert types(C10=["tasks"], C06="y", C03="y", C04="low") == ["ForcedLabour"]
    assert types(A3="minor", C03="y", C04="low") == ["ChildLabour"]
    assert types(A3="minor", C03="y", C04="low", C10="beg") == ["ForcedBegging"]


def test_method_of_recruitment():
    def method(found_by):
        routing = None if found_by is None else {"R3": found_by}
        return of("vic_MethodOfRecruitment", proposed(OFFER, "B", routing=routing))

    assert [p.value for p in method("relative")] == ["ThroughFamilyOrFamilyEvents"]
    assert [p.value for p in method("friend")] == ["ThroughFriendsOrSocialEvents"]
    assert [p.value for p in method("agency")] == ["AtAPlaceOfBusiness"]
    assert [p.value for p in method("partner")] == ["Other"]
    assert [p.value for p in method("employer")] == ["Other"]
    (online,) = method("online")
    assert (online.value, online.choices) == (
        None,
        ("ThroughOnlineSocialNetworks", "ThroughAnOnlineAdvertisement"),
    )
    for empty in ("state", "nobody", "s", "unheard", None):
        assert method(empty) == []


def test_a_quiet_result_without_danger_proposes_nothing():
    answers = WORK | {"A1": "n", "C01": "y", "C02": "pay", "C03": "y", "C04": "low"}
    assert proposed(answers) == ()


def test_outside_stage_c_only_the_case_status_is_proposed():
    answers = OFFER | {"C06": "y", "C08": "y", "C10": "sex"}
    assert [p.field for p in proposed(answers, "B")] == ["cas_Status"]

"""Deadlines, previews, packets, matching and the directory file, without a database."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from hotline import library
from hotline.core.errors import Invalid
from hotline.referrals.rules import clocks, codes, listing, matching
from hotline.referrals.rules.matching import Listing, Needs, match
from hotline.referrals.rules.packet import FIELDS, TEMPLATES, groups_of, readable, template
from hotline.referrals.rules.preview import Preview, from_stored, preview_of, to_stored
from hotline.referrals.rules.states import T1_SHOWN, T2_SHOWN, State
from hotline.referrals.service.consent import meant_partners
from tests.support.databases import ROOT

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
NEEDS = Needs("shelter", sex="female", age_band="25_plus", languages=("ky",), oblast="bishkek")


def test_the_deadlines_are_those_of_the_specification() -> None:
    hours = {
        "emergency": (0.5, (0.5, 1), 0.5, 24),
        "urgent": (12, (12,), 4, 72),
        "normal": (72, (72,), 24, 14 * 24),
    }
    for priority, (decide, alarms, acknowledge, contact) in hours.items():
        assert clocks.DECIDE[priority] == timedelta(hours=decide)
        assert clocks.ALARMS[priority] == tuple(timedelta(hours=h) for h in alarms)
        assert clocks.ACKNOWLEDGE[priority] == timedelta(hours=acknowledge)
        assert clocks.CONTACT[priority] == timedelta(hours=contact)
    assert clocks.AT_ONCE == {"emergency": 3, "urgent": 1, "normal": 1}


# ---------------------------------------------------------------- T0


def test_a_preview_has_exactly_the_reviewed_fields() -> None:
    """A new field goes to partners before they accept: review it, then add it here."""
    assert [field.name for field in fields(Preview)] == [
        "alias", "service", "priority", "age_band", "sex", "languages", "oblast",
        "with_child", "disability", "medical", "safety", "window",
    ]  # fmt: skip


def test_a_preview_tells_the_sex_only_where_a_shelter_needs_it() -> None:
    assert preview_of("fern-1", NEEDS).sex == "female"
    assert preview_of("fern-1", replace(NEEDS, service="legal")).sex is None


def test_a_preview_survives_storage_and_drops_whatever_was_smuggled_in() -> None:
    preview = preview_of("fern-1", NEEDS)
    assert from_stored({**to_stored(preview), "name": "canary"}) == preview


@pytest.mark.parametrize("field", ["service", "priority", "age_band", "sex", "oblast", "safety"])
def test_a_preview_takes_coded_values_only(field: str) -> None:
    with pytest.raises(Invalid):
        preview_of("fern-1", replace(NEEDS, **{field: "her own words"}))
    with pytest.raises(Invalid):
        preview_of("fern-1", replace(NEEDS, languages=("her own words",)))


# ---------------------------------------------------------------- T1, T2


@given(
    service=st.sampled_from([*codes.SERVICES, "police", "nonsense"]),
    state=st.sampled_from([*State, "PLANNED"]),
    consented=st.frozensets(st.sampled_from(sorted({f.group for f in FIELDS.values()}))),
    anonymity=st.sampled_from(["share", "line_only", "anonymous"]),
    names=st.lists(st.sampled_from(sorted(FIELDS)), unique=True),
)
def test_what_is_read_is_in_template_tier_and_consent(
    service: str, state: str, consented: frozenset[str], anonymity: str, names: list[str]
) -> None:
    got = readable(names, service=service, state=state, consented=consented, anonymity=anonymity)
    for name in got:
        spec = FIELDS[name]
        assert anonymity == "share"
        assert spec.group in consented
        assert spec in template(service)
        assert state in (T1_SHOWN if spec.tier == "T1" else T2_SHOWN)
    missing = set(names) - set(got)
    for name in missing:
        spec = FIELDS[name]
        shown = T1_SHOWN if spec.tier == "T1" else T2_SHOWN
        assert (
            anonymity != "share"
            or spec.group not in consented
            or spec not in template(service)
            or state not in shown
        )


def test_each_service_sees_its_own_facts_only() -> None:
    groups = {s: {FIELDS[n].group for n in names} for s, names in TEMPLATES.items()}
    assert groups["shelter"] == {"who", "safety", "medical"}
    assert groups["legal"] == {"documents", "employer", "debt", "deadlines"}
    assert groups["health"] == {"medical"}
    assert not groups["psychosocial"] & {"documents", "employer"}
    assert set(TEMPLATES) == set(codes.SERVICES)


def test_groups_are_those_that_the_flow_can_name() -> None:
    flow = library.read_file(ROOT / "flows/consent.yaml", root=ROOT / "flows")
    named = set(flow["texts"]["group"])
    assert {f.group for f in FIELDS.values()} | {"preview"} <= named
    assert set(codes.SERVICES) <= set(flow["texts"]["purpose"])
    assert groups_of([]) == ("preview",)


# ---------------------------------------------------------------- matching


def listed(name: str, **changes: Any) -> Listing:
    base = Listing(
        partner_id=name, service_id=name, name={"ru": name}, kind="shelter",
        eligibility={"sex": ["female"], "ages": ["18_24", "25_plus"], "children": False},
        languages=("ky",), oblast="bishkek", places_free=2, places_at=NOW, verified_at=NOW,
    )  # fmt: skip
    return replace(base, **changes)


def order(*found: Listing, needs: Needs = NEEDS) -> list[str]:
    return [c.partner_id for c in match(needs, found, barred=frozenset(), now=NOW).offers]


def test_hard_filters_come_first() -> None:
    found = [
        listed("fits"),
        listed("legal", kind="legal"),
        listed("men", eligibility={"sex": ["male"]}),
        listed("young", eligibility={"sex": ["female"], "ages": ["child"]}),
        listed("over", valid_until=NOW),
        listed("barred"),
    ]
    got = match(NEEDS, found, barred=frozenset({"barred"}), now=NOW)
    assert [c.partner_id for c in got.offers] == ["fits"]
    assert got.partial == ()


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        ({"languages": ("ru",)}, "interpreter"),
        ({"oblast": "chuy"}, "next_oblast"),
        ({"oblast": "batken"}, "far"),
        ({"places_free": 0}, "places_none"),
        ({"places_at": NOW - timedelta(hours=25)}, "places_stale"),
        ({"places_at": NOW - timedelta(hours=73)}, "places_unknown"),
        ({"places_free": None}, "places_unknown"),
        ({"hours": {"sun": ["09:00-10:00"]}}, "closed"),
        ({"slow_lately": 2}, "slow_lately"),
        ({"verified_at": NOW - timedelta(days=91)}, "unverified"),
        ({"verified_at": None}, "unverified"),
    ],
)
def test_what_is_worse_comes_later_and_says_why(worse: dict[str, Any], reason: str) -> None:
    first, second = listed("z-better"), listed("a-worse", **worse)
    got = match(NEEDS, [second, first], barred=frozenset(), now=NOW).offers
    assert [c.partner_id for c in got] == ["z-better", "a-worse"]
    assert reason in got[1].reasons
    assert reason not in got[0].reasons


def test_an_old_number_of_places_is_not_reckoned_with() -> None:
    old = match(
        NEEDS, [listed("a", places_at=NOW - timedelta(hours=73))], barred=frozenset(), now=NOW
    )
    assert old.offers[0].places is None


def test_no_place_for_men_is_an_answer_with_the_nearest_partial_one() -> None:
    man = replace(NEEDS, sex="male", with_child=True)
    women, with_children = (
        listed("women"),
        listed("children", eligibility={"sex": ["female"], "children": True}),
    )
    got = match(man, [women, with_children], barred=frozenset(), now=NOW)
    assert got.offers == ()
    assert [c.partner_id for c in got.partial] == ["children"]
    assert got.partial[0].reasons[0] == "no_men"
    assert set(got.gaps) == {"no_men", "no_children"}
    assert match(man, [], barred=frozenset(), now=NOW).gaps == ("nobody",)


def test_opening_hours_are_those_of_bishkek() -> None:
    hours = {"mon": ["09:00-12:30"]}
    assert matching.is_open(hours, now=NOW)  # 12:00 there
    assert matching.is_open(hours, now=NOW + timedelta(minutes=30)) is False
    assert matching.is_open(None, now=NOW) is None


# ---------------------------------------------------------------- the directory file


def directory() -> dict[str, Any]:
    return {
        "partners": [
            {
                "code": "one",
                "name": {"ky": "а", "ru": "б", "tg": "в"},
                "services": [{"kind": "legal", "oblast": "osh"}],
            }
        ]
    }


def test_the_demonstration_covers_what_a_demonstration_needs() -> None:
    content = library.read_file(ROOT / "flows/demo/directory.yaml", root=ROOT / "flows")
    found = listing.read(content)
    assert len(found) >= 8
    services = [s for p in found for s in p.services]
    assert {"shelter", "legal", "health", "psychosocial", "repatriation"} <= {
        s.kind for s in services
    }
    assert any(s.kind == "shelter" and s.eligibility["sex"] == ["male"] for s in services)
    assert any(s.kind == "shelter" and s.eligibility["children"] for s in services)
    assert content["demonstration"] is True
    assert all("(example)" in p.name["en"] for p in found)
    text = (ROOT / "flows/demo/directory.yaml").read_text(encoding="utf-8")
    assert not any(
        len(part) > 6 for part in "".join(c if c.isdigit() else " " for c in text).split()
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"code": "No Code"}, "partner 1"),
        ({"name": {"ru": "x"}}, "partner one: `name`"),
        ({"services": []}, "at least one service"),
        ({"services": [{"kind": "magic", "oblast": "osh"}]}, "service 1: `kind`"),
        ({"services": [{"kind": "legal", "oblast": "mars"}]}, "service 1: `oblast`"),
        ({"services": [{"kind": "legal", "oblast": "osh", "places_free": -1}]}, "`places_free`"),
        (
            {"services": [{"kind": "legal", "oblast": "osh", "places_free": 3, "places_total": 2}]},
            "more free places",
        ),
        ({"services": [{"kind": "legal", "oblast": "osh", "languages": "ru"}]}, "`languages`"),
        ({"services": [{"kind": "legal", "oblast": "osh", "hours": {"mon": ["9-18"]}}]}, "mon"),
        ({"services": [{"kind": "legal", "oblast": "osh", "verified": "soon"}]}, "`verified`"),
        ({"services": [{"kind": "legal", "oblast": "osh", "eligibility": {"age": 3}}]}, "knows"),
        ({"services": [{"kind": "legal", "oblast": "osh", "emergency": "no"}]}, "`emergency`"),
        ({"services": ["legal"]}, "not an entry"),
    ],
)
def test_a_mistake_in_the_directory_is_named_by_its_place(
    change: dict[str, Any], named: str
) -> None:
    content = directory()
    content["partners"][0].update(change)
    with pytest.raises(Invalid, match="directory") as caught:
        listing.read(content)
    assert named in caught.value.message


def test_a_directory_without_entries_or_with_one_twice_is_refused() -> None:
    with pytest.raises(Invalid):
        listing.read({})
    content = directory()
    content["partners"] *= 2
    with pytest.raises(Invalid, match="twice"):
        listing.read(content)


# ---------------------------------------------------------------- her words


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Булут", {"b"}),
        ("булуту", {"b"}),
        ("приют", set()),
        ("да", set()),
        (None, set()),
        ("tirek", {"t"}),
    ],
)
def test_a_partner_is_known_by_a_word_of_its_name(words: str | None, meant: set[str]) -> None:
    names = [("b", {"ru": "«Булут»", "en": "Bulut"}), ("t", {"ru": "Тирек", "en": "Tirek"})]
    assert meant_partners(words, names) == meant

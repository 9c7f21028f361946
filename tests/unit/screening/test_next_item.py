"""Which question comes, which never comes, and when asking stops."""

import pytest

from hotline.screening.answers import InvalidAnswers
from hotline.screening.next_item import can_level_change, next_items
from tests.support.screening import shipped
from tests.unit.screening.calm import OFFER, WORK, without

START = {"A1": "y", "A2": "none", "A3": "adult"}


def plan(answers, stage="C", **how):
    return next_items(shipped(), answers, stage=stage, **how)


def test_safety_danger_and_age_come_before_everything():
    assert plan({}, None).items == ("A1", "A2", "A3")
    assert plan({}, "B").items[:4] == ("A1", "A2", "A3", "B01")


def test_the_items_of_a_stage_in_order():
    assert plan(START).items == tuple(f"C{n:02}" for n in range(1, 11))
    assert plan(START, "B").items == tuple(f"B{n:02}" for n in range(1, 11))


def test_a_state_programme_answers_the_question_about_the_permit():
    found = plan(START, "B", routing={"R3": "state"})
    assert "B05" not in found.items
    assert found.record == {"B05": "y"}
    assert plan(START | {"B05": "n"}, "B", routing={"R3": "state"}).record == {}
    assert plan(START, "C", routing={"R3": "state"}).record == {}


@pytest.mark.parametrize("found_by", ["partner", "friend", "relative", "online"])
def test_marriage_and_closeness_are_asked_of_offers_by_people(found_by):
    assert "B11" in plan(START, "B", routing={"R3": found_by}).items


@pytest.mark.parametrize("found_by", ["agency", "state", "employer", "nobody", "s"])
def test_and_not_of_other_offers(found_by):
    assert "B11" not in plan(START, "B", routing={"R3": found_by}).items


def test_hardship_is_asked_only_after_a_sign():
    assert "B12" not in plan(START | {"B01": "y"}, "B").items
    assert "B12" in plan(START | {"B01": "n"}, "B").items


def test_what_makes_it_hard_to_leave_is_asked_only_after_exploitation_or_coercion():
    assert "C11" not in plan(START | {"C01": "y", "C02": "pay"}).items
    assert "C11" in plan(START | {"C03": "y"}).items
    assert "C11" in plan(START | {"C06": "y"}).items


def test_a_minor_is_not_asked_about_pay_marriage_or_violence():
    minor = START | {"A3": "minor"}
    found = plan(minor, "B", routing={"R3": "online"}).items
    assert {"B03", "B11"}.isdisjoint(found)
    assert "C09" not in plan(minor).items
    assert "C10" in plan(minor).items


def test_what_must_not_stay_on_a_phone_is_not_sent_by_sms():
    assert {"C09", "C10"}.isdisjoint(plan(START, channel="sms").items)
    assert {"C09", "C10"} <= set(plan(START, channel="telegram").items)


def test_a_skipped_question_does_not_come_twice():
    assert plan(START, asked={"C01"}).items[0] == "C02"


def test_immediate_stops_and_hands_over():
    found = plan(START | {"A2": "locked"})
    assert (found.items, found.stop, found.level) == ((), "immediate", "IMMEDIATE")


def test_unsafe_stops():
    found = plan({"A1": "n"}, None)
    assert (found.items, found.stop, found.offer_person) == ((), "quiet", False)
    assert plan({"A1": "n", "A2": "hurt"}, None).stop == "quiet"


def test_high_offers_a_person_and_goes_on_while_it_can_become_worse():
    found = plan(START | {"C09": "hurt"})
    assert found.offer_person
    assert found.stop is None
    assert found.highest == "IMMEDIATE"


def test_asking_ends_when_nothing_can_change_the_level():
    # Back home nothing but a danger now is IMMEDIATE, and that was asked.
    found = plan(START | {"C09": "hurt"}, ctx={"returned": True})
    assert (found.items, found.stop, found.highest) == ((), "settled", "HIGH")
    # Before departure and not within 48 hours HIGH is the highest.
    assert plan(START | {"B09": "violence"}, "B").stop == "settled"
    soon = plan(START | {"B03": "y"}, "B", ctx={"departs_within_48h": True})
    assert (soon.stop, soon.highest) == (None, "IMMEDIATE")


def test_complete_when_all_is_answered():
    assert plan(WORK).stop == "complete"
    assert plan(OFFER, "B").stop == "complete"


def test_a_question_that_could_only_open_another_one_still_counts():
    # Two exploitation signs are missing nothing but C11, which is not open yet: C04 opens it.
    answers = without(WORK, "C04", "C11")
    assert can_level_change(shipped(), answers, stage="C")
    assert not can_level_change(shipped(), without(WORK, "C11"), stage="C")


def test_what_was_asked_and_who_found_the_job_decide_what_can_still_change():
    def changes(answers, **how):
        return can_level_change(shipped(), answers, stage="B", **how)

    # Two signs of deception, and a promise of marriage would be the third.
    two = OFFER | {"B03": "y", "B04": "n", "B12": "n"}
    assert changes(two, routing={"R3": "partner"})
    assert not changes(two, routing={"R3": "agency"})
    assert not changes(two)
    assert not changes(two, routing={"R3": "partner"}, asked={"B11"})
    assert changes(without(OFFER, "B02"))
    assert not changes(without(OFFER, "B02"), asked=("B02",))


def test_an_open_question_of_safety_can_always_change_the_level():
    assert can_level_change(shipped(), without(OFFER, "A1"), stage="B")
    assert plan(without(OFFER, "A1"), "B").items == ("A1",)


def test_only_high_offers_to_go_on_with_a_person():
    assert not plan(OFFER | {"B03": "y"}, "B").offer_person
    assert not plan(START | {"A2": "hurt"}).offer_person


def test_unclear_ends_too_when_no_answer_could_help():
    unsure = START | {name: "u" for name in OFFER if name[0] == "B"} | {"B01": "y"}
    # A permit denied is one sign, the hardship question it opens two more: all below the
    # thresholds, and two clear answers of ten are too few for LOW.
    found = plan(without(unsure, "B05"), "B")
    assert (found.level, found.stop) == ("UNCLEAR", "settled")
    # Control, and the same question after it, are three signs of one dimension.
    found = plan(without(unsure, "B10"), "B")
    assert (found.level, found.highest, found.items) == ("UNCLEAR", "MEDIUM", ("B10",))


def test_bad_answers_are_refused():
    with pytest.raises(InvalidAnswers, match="item B01: unknown code maybe"):
        plan({"B01": "maybe"}, "B")

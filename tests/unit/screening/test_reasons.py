"""What the person reads back: her own words, few, and none that could harm her."""

from hotline.screening.reasons import Reasons, reasons
from tests.support.screening import shipped
from tests.unit.screening.calm import OFFER, WORK


def told(answers, stage="C", channel="telegram"):
    return reasons(shipped(), answers, stage=stage, channel=channel)


def test_strongest_first_then_in_the_order_of_the_questions():
    answers = OFFER | {"B01": "n", "B02": "y", "B04": "n", "B07": "y"}
    assert told(answers, "B") == Reasons(
        (("B02", "y"), ("B01", "n"), ("B04", "n")), person_first=True
    )


def test_weak_after_medium_and_by_age():
    answers = WORK | {"C01": "y", "C02": ["pay", "housing"], "C06": "y", "C04": "low"}
    assert told(answers).answers == (("C01", "y"), ("C06", "y"), ("C02", "pay"))
    child = OFFER | {"A3": "minor", "B04": "n", "B07": "y"}
    assert told(child, "B").answers == (("B07", "y"), ("B04", "n"))


def test_private_answers_are_never_repeated_but_bring_the_offer_of_a_person():
    assert told(OFFER | {"B09": "violence"}, "B") == Reasons((), person_first=True)
    assert told(WORK | {"C09": "hurt", "C10": "sex", "A2": "hurt"}) == Reasons(
        (), person_first=True
    )


def test_without_a_strong_sign_reasons_come_first():
    assert told(OFFER | {"B03": "y"}, "B") == Reasons((("B03", "y"),), person_first=False)


def test_the_weight_exception_counts_for_the_offer():
    assert told(WORK | {"C10": "tasks"}).person_first is False
    assert told(WORK | {"C10": "tasks", "A3": "minor"}).person_first is True


def test_none_by_sms_and_none_while_unsafe():
    assert told(WORK | {"C06": "y"}, channel="sms") == Reasons((), person_first=True)
    assert told(WORK | {"A1": "n", "C06": "y", "C07": "n"}) == Reasons((), person_first=False)


def test_a_sign_without_weight_comes_last():
    answers = WORK | {"A3": "minor", "C05": ["social", "law"]}
    assert told(answers).answers == (("C05", "law"), ("C05", "social"))


def test_not_knowing_the_employer_may_be_restated():
    assert told(OFFER | {"B01": "u"}, "B").answers == (("B01", "u"),)


def test_calm_answers_are_no_reasons():
    assert told(OFFER, "B") == Reasons((), person_first=False)

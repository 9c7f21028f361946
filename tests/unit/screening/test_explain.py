"""The counsellor sees how close each dimension is, what was not answered and what would change it."""

from hotline.screening.ask_next import Question
from hotline.screening.explain import Gap, SignView, Without, explain
from tests.support.screening import shipped
from tests.unit.screening.calm import OFFER, WORK, without


def explained(answers, stage="C", **how):
    return explain(shipped(), answers, stage=stage, **how)


def dimension(found, name):
    return next(view for view in found.dimensions if view.id == name)


def test_two_coercive_signs_are_one_short():
    view = dimension(explained(OFFER | {"B07": "y", "B08": "y"}, "B"), "COE")
    assert (view.strong, view.medium, view.weak, view.positive) == (0, 2, 0, False)
    assert view.clauses == ()
    assert view.missing == (("S",), ("M",))  # no weak sign exists in that dimension


def test_what_is_missing_names_only_signs_that_exist():
    found = explained(OFFER | {"B03": "y"}, "B")
    assert dimension(found, "DEC").missing == (("S",),)  # only DEC.job is strong
    assert dimension(found, "RAV").missing == (("M", "M", "M"),)  # none is strong
    assert dimension(found, "EXP").missing == (("S", "S"), ("S", "M"))
    assert dimension(found, "COD").missing == (("S", "S"), ("S", "M"), ("S", "W"))


def test_a_fired_strong_sign_is_not_offered_again():
    view = dimension(explained(OFFER | {"B02": "y"}, "B"), "DEC")
    assert view.missing == (("M",),)


def test_the_clauses_that_made_it_positive():
    found = explained(WORK | {"C06": "y", "C07": "n", "C09": ["threat", "family", "shame"]})
    assert dimension(found, "COD").clauses == ("a", "b", "d")
    assert dimension(found, "COD").missing == ()
    three = explained(OFFER | {"B03": "y", "B04": "n", "B05": "n"}, "B")
    assert dimension(three, "DEC").clauses == ("c",)


def test_signs_name_answers_weight_numbers_and_extensions():
    found = explained(WORK | {"C10": ["sex", "war"], "C05": "social"})
    assert found.signs == (
        SignView("COD.tasks", "COD", "S", (1, 6), False, (("C10", "sex"), ("C10", "war"))),
        SignView("EXP.social", "EXP", "M", (10,), False, (("C05", "social"),)),
        SignView("EXP.special", "EXP", "S", (5,), True, (("C10", "sex"), ("C10", "war"))),
    )


def test_without_sexual_services_forced_tasks_weigh_less():
    (sign,) = explained(WORK | {"C10": "tasks"}).signs
    assert sign.weight == "M"


def test_a_sign_outside_the_child_list_is_shown_without_weight():
    (sign,) = explained(WORK | {"A3": "minor", "C05": "social"}).signs
    assert (sign.id, sign.weight) == ("EXP.social", None)


def test_a_sign_fired_in_two_stages_names_both_answers():
    (sign,) = explained(WORK | {"C01": "y", "B02": "y"}).signs
    assert sign.answers == (("B02", "y"), ("C01", "y"))


def test_gaps_tell_silence_from_doubt_from_refusal():
    answers = without(OFFER, "B02") | {"B03": [], "B04": "u", "B09": "s", "B10": "u", "B01": "u"}
    assert explained(answers, "B").gaps == (
        Gap("B02", "not_answered"),
        Gap("B03", "not_answered"),
        Gap("B04", "not_sure"),
        Gap("B09", "skipped"),
        Gap("B10", "not_sure"),
    )
    both = OFFER | {"B09": ["s", "u"]}
    assert explained(both, "B").gaps == (Gap("B09", "not_sure"),)
    assert explained(OFFER | {"B09": ["u", "no"]}, "B").gaps == ()
    assert explained({}, None).gaps == ()


def test_without_one_sign_the_level_would_be_another():
    found = explained(WORK | {"C06": "y", "C07": "n", "C01": "y"})
    assert found.assessment.level == "IMMEDIATE"
    assert found.without == (
        Without("COD.docs", "MEDIUM"),
        Without("COD.isolation", "MEDIUM"),
        Without("DEC.job", "IMMEDIATE"),
    )


def test_without_the_danger_named():
    found = explained(WORK | {"A2": "hurt", "C06": "y"})
    assert found.without == (Without("A2", "MEDIUM"), Without("COD.docs", "IMMEDIATE"))


def test_the_next_question_is_the_one_that_could_change_most():
    # Papers are kept: only "not free to leave" or violence gives IMMEDIATE; C08 gives HIGH.
    answers = without(WORK, "C02", "C07", "C08", "C11") | {"C06": "y"}
    assert explained(answers).ask_next == (
        Question("C07", "IMMEDIATE"),
        Question("C08", "HIGH"),
        Question("C02", "MEDIUM"),
    )


def test_danger_and_age_come_first_when_nobody_asked():
    found = explained(without(WORK, "A2", "A3", "C09") | {"C04": "low"})
    assert [(q.item, q.level) for q in found.ask_next] == [
        ("A2", "IMMEDIATE"),
        ("C09", "HIGH"),
        ("A3", "HIGH"),
    ]


def test_a_question_answered_with_doubt_is_open():
    found = explained(WORK | {"C07": "u", "C06": "y"})
    assert found.ask_next == (Question("C07", "IMMEDIATE"),)


def test_a_child_is_asked_with_the_weights_of_a_child():
    found = explained(without(WORK, "C02", "C05") | {"A3": "minor"})
    assert found.ask_next == (Question("C05", "IMMEDIATE"), Question("C02", "HIGH"))
    adult = explained(without(WORK, "C02", "C05"))
    assert adult.ask_next == (Question("C02", "MEDIUM"), Question("C05", "MEDIUM"))


def test_neither_safety_nor_a_sign_of_doubt_is_asked_again():
    found = explained(without(OFFER, "A1", "B10") | {"B01": "u"}, "B")
    # Hardship used is two more signs beside the one of doubt, control only one.
    assert found.ask_next == (Question("B12", "MEDIUM"), Question("B10", "LOW"))


def test_closeness_is_asked_only_of_offers_by_people():
    def items(found_by):
        found = explained(OFFER | {"B03": "y", "B04": "n"}, "B", routing={"R3": found_by})
        return [question.item for question in found.ask_next]

    assert items("friend") == ["B11", "B12"]
    assert items("agency") == []


def test_nothing_to_ask_when_nothing_can_change():
    assert explained(WORK).ask_next == ()
    assert explained(without(WORK, "C01") | {"A2": "hurt"}).ask_next == ()
    assert explained({"A1": "n"}, None).ask_next == ()


def test_the_act_element_comes_from_who_found_the_job():
    def act(routing):
        return explained(WORK, routing=routing).act

    assert act({"R3": "friend"}) is True
    assert act({"R3": "state"}) is True
    assert act({"R3": "nobody"}) is False
    assert act({"R3": "s"}) is None
    assert act({}) is None
    assert act(None) is None


def test_an_unknown_age_is_said():
    assert explained(WORK | {"A3": "s"}).age_unknown
    assert explained(without(WORK, "A3")).age_unknown
    assert explained(WORK | {"A3": ["adult", "minor"]}).age_unknown
    assert not explained(WORK).age_unknown
    assert not explained(WORK | {"A3": ["minor"]}).age_unknown

"""A new version never changes an old decision."""

import pytest

from hotline.screening.assess import assess
from hotline.screening.ruleset import RulesetError
from hotline.screening.versions import parse_all
from tests.support.screening import data


def newer():
    rules = data()
    rules["version"] = "0.2"
    rules["indicators"]["COE.docs"]["adult"] = "S"
    return rules


def test_an_old_record_is_judged_by_the_version_it_names():
    rulesets = parse_all({"screening": newer(), "screening-0.1": data()})
    answers = {"B08": "y", "B07": "y"}
    old = assess(rulesets.of("0.1"), answers, stage="B")
    new = assess(rulesets.current, answers, stage="B")
    assert (old.ruleset_version, old.level) == ("0.1", "MEDIUM")
    assert (new.ruleset_version, new.level) == ("0.2", "HIGH")
    assert rulesets.of("0.2") is rulesets.current


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "screening is missing"),
        ({"screening": newer(), "screening-0.3": data()}, "screening-0.3 holds version 0.1"),
        ({"screening": data(), "screening-0.1": data()}, "version 0.1 stands in two files"),
    ],
)
def test_files_that_do_not_fit(files, message):
    with pytest.raises(RulesetError, match=message):
        parse_all(files)


def test_a_version_that_is_not_kept_is_said():
    with pytest.raises(RulesetError, match=r"version 9\.9 is not kept"):
        parse_all({"screening": data()}).of("9.9")

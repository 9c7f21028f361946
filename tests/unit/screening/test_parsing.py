"""A ruleset with a mistake is refused, and the refusal names the place."""

import hashlib
import json
from copy import deepcopy

import pytest

from hotline.screening.parsing import parse
from hotline.screening.ruleset import RulesetError
from tests.support.screening import data, shipped

# What the published version computes with. If this changes, raise the version and keep the old
# file: a stored assessment names its version and must be reproducible.
PUBLISHED = {"0.1": "5b4e34886e254003732cd4e1782e7bd5ea78135264ac6e0758d0040318e51cde"}


def item(rules, name):
    return next(i for i in rules["items"] if i["id"] == name)


def break_at(path, value):
    def change(rules):
        *steps, last = path
        place = rules
        for step in steps:
            place = item(rules, step) if place is rules["items"] else place[step]
        place[last] = value

    return change


def drop(*path):
    def change(rules):
        *steps, last = path
        place = rules
        for step in steps:
            place = item(rules, step) if place is rules["items"] else place[step]
        del place[last]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (break_at(["logic"], 2), "screening: logic must be 1"),
        (drop("version"), "screening: version is missing"),
        (break_at(["version"], 0.1), "screening.version: text is needed"),
        (break_at(["surprise"], 1), "screening: unknown surprise"),
        (break_at(["undetermined"], ["u", 5]), "screening.undetermined: a list of texts"),
        (break_at(["share_percent", "none"], 101), "screening.share_percent.none: at most 100"),
        (break_at(["share_percent", "low"], "60"), "screening.share_percent.low: whole numbers"),
        (break_at(["share_percent", "low"], True), "screening.share_percent.low: whole numbers"),
        (drop("dimensions", "EXP"), "screening.dimensions: needs exactly DEC, COE"),
        (drop("levels", "LOW"), "screening.levels: needs exactly IMMEDIATE"),
        (drop("ilo", "not_indicated"), "screening.ilo: needs exactly not_applicable"),
        (drop("rules", "HIGH", "H3"), "screening.rules: no text for H3"),
        (break_at(["rules", "HIGH", "H3"], ""), "screening.rules.HIGH.H3: text is needed"),
        (break_at(["indicators", "COD.docs", "adult"], "X"), "COD.docs.adult: a weight is S, M"),
        (
            drop("indicators", "COD.docs", "child"),
            "screening.indicators.COD.docs: child is missing",
        ),
        (break_at(["indicators", "COD.docs", "basis"], "own"), "COD.docs.basis: one of ILO, EXT"),
        (break_at(["indicators", "COD.docs", "ilo11"], [12]), "COD.docs.ilo11: only the numbers"),
        (break_at(["indicators", "COD.docs", "ilo11"], 7), "COD.docs.ilo11: a list of numbers"),
        (break_at(["indicators", "ABC.x"], {}), "ABC.x: unknown dimension ABC"),
        (break_at(["indicators"], []), "screening.indicators: a mapping is needed"),
        (break_at(["items"], {}), "screening.items: a list is needed"),
        (break_at(["items", "B01", "options"], {False: []}), "must be quoted text"),
        (break_at(["items", "B02", "options", "y"], ["DEC.jobs"]), "unknown indicator DEC.jobs"),
        (break_at(["items", "B02", "id"], "B01"), "item B01 stands twice"),
        (break_at(["items", "B02", "id"], "D02"), "belongs to stage A, B or C"),
        (break_at(["items", "B02", "core"], "yes"), "items[4].core: true or false"),
        (break_at(["items", "A2", "danger"], ["hit"]), "no option hit"),
        (break_at(["items", "A2", "danger"], []), "A2 names no danger"),
        (drop("items", "A1", "options", "n"), "the rules need A1 n"),
        (drop("items", "A3", "options", "adult"), "the rules need A3 minor adult"),
        (break_at(["items", "C10", "minor"], ["tasks", "yes"]), "no option yes"),
        (break_at(["items", "C11", "ask_if"], {"fired": ["EXP", "XYZ"]}), "ask_if.fired: any, or"),
        (break_at(["items", "B05", "recorded", "code"], "ok"), "no option ok"),
        (break_at(["items", "B05", "ask"], True), "items[7]: unknown ask"),
        (break_at(["clauses", "a"], {"text": "always"}), "clauses.a: a clause without a count"),
        (break_at(["weight_overrides", 0, "indicator"], "COD.task"), "needs a known indicator"),
        (break_at(["weight_overrides", 0, "code"], "sexual"), "no item C10 with code sexual"),
        (
            break_at(["htcds", "exploitation", "item"], "C99"),
            "needs an item and codes of that item",
        ),
        (break_at(["htcds", "new"], 1), "screening.htcds: unknown new"),
    ],
)
def test_a_mistake_is_named(change, message):
    rules = data()
    change(rules)
    with pytest.raises(RulesetError) as caught:
        parse(rules)
    assert message in str(caught.value)


def test_a_sign_that_the_rules_name_may_not_be_missing():
    rules = data()
    del rules["indicators"]["COE.sold"]
    item(rules, "B09")["options"]["sold"] = []
    with pytest.raises(RulesetError, match=r"the rules need COE\.sold"):
        parse(rules)


@pytest.mark.parametrize("value", [None, [], "text", 7])
def test_anything_but_a_mapping_is_refused(value):
    with pytest.raises(RulesetError, match="screening: a mapping is needed"):
        parse(value)


def test_reading_leaves_the_data_alone():
    rules = data()
    before = deepcopy(rules)
    parse(rules)
    assert rules == before


def test_a_published_version_is_never_changed():
    rules = data()
    computed = {
        "logic": rules["logic"],
        "undetermined": rules["undetermined"],
        "share": rules["share_percent"],
        "clauses": {k: {**v, "text": ""} for k, v in rules["clauses"].items()},
        "overrides": rules["weight_overrides"],
        "weights": {k: [v["adult"], v["child"]] for k, v in rules["indicators"].items()},
        "items": [
            [i["id"], i.get("core", False), i.get("danger", []), i["options"]]
            for i in rules["items"]
        ],
    }
    text = json.dumps(computed, sort_keys=True).encode()
    assert PUBLISHED[rules["version"]] == hashlib.sha256(text).hexdigest()


def test_everything_a_counsellor_reads_has_a_text():
    texts = shipped().texts
    kinds = {"weight": 3, "level": 6, "dimension": 6, "clause": 4, "ilo": 7, "ilo11": 11}
    kinds |= {"rule": 21, "indicator": 46}
    for kind, number in kinds.items():
        assert sum(key.startswith(f"screening.{kind}.") for key in texts) == number, kind
    assert len(texts) == sum(kinds.values())


def test_the_two_stages_have_ten_core_items_each():
    core = shipped().core
    assert core["B"] == tuple(f"B{n:02}" for n in range(1, 11))
    assert core["C"] == tuple(f"C{n:02}" for n in range(1, 11))


def test_one_sign_is_an_extension():
    assert [i.id for i in shipped().indicators.values() if i.extension] == ["EXP.special"]

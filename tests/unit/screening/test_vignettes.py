"""The worked examples and the vignettes: every rule, level and class has a case of its own."""

import json
from pathlib import Path

import pytest
import yaml

from hotline.screening.assess import assess
from hotline.screening.lines import answer_line
from hotline.screening.queueing import QueueClass, queue_class
from tests.support.screening import EXAMPLES, shipped
from tests.unit.screening import second_evaluator

VIGNETTES = yaml.safe_load(Path(__file__).with_name("vignettes.yaml").read_text(encoding="utf-8"))
LINES = EXAMPLES.read_text(encoding="utf-8").splitlines()
CALM = {
    "offer": {"B01": "y", "B02": "n", "B03": "n", "B04": "y", "B05": "y"}
    | {"B06": "n", "B07": "n", "B08": "n", "B09": "no", "B10": "n"},
    "work": {"C01": "n", "C02": "none", "C03": "n", "C04": "ok", "C05": "none", "C06": "n"}
    | {"C07": "y", "C08": "n", "C09": "none", "C10": "none", "C11": "none"},
}
SAFE_ADULT = {"A1": "y", "A2": "none", "A3": "adult"}
KEYS = {"id", "from", "stage", "ctx", "set", "drop", "because", "level", "why", "positive"}
KEYS |= {"ilo", "palermo", "share", "counts", "action"}


def record(case):
    start = case["from"]
    answers = {} if start == "nothing" else SAFE_ADULT | CALM[start]
    answers |= case.get("set", {})
    for item in case.get("drop", ()):
        del answers[item]
    stage = case.get("stage", {"offer": "B", "work": "C", "nothing": None}[start])
    return stage, case.get("ctx", {}), answers


@pytest.mark.parametrize("case", VIGNETTES, ids=lambda case: case["id"])
def test_vignette(case):
    assert not set(case) - KEYS
    stage, ctx, answers = record(case)
    result = assess(shipped(), answers, stage=stage, ctx=ctx).to_mapping()
    in_c = stage == "C"
    expected = {
        "level": case["level"],
        "why": case["why"],
        "positive": case.get("positive", []),
        "ilo": case.get(
            "ilo", "not_indicated" if in_c and "Q1" not in case["why"][:1] else "not_applicable"
        ),
        "palermo": case.get("palermo", False if in_c else "n/a"),
        "share": case.get("share", 1.0),
        "action": case.get("action"),
    }
    assert {key: result.get(key) for key in expected} == expected
    for dimension, (strong, medium, weak) in case.get("counts", {}).items():
        found = result["dimensions"][dimension]
        assert (found["S"], found["M"], found["W"]) == (strong, medium, weak)


def test_there_are_enough_vignettes_and_no_two_are_the_same():
    assert len(VIGNETTES) >= 100
    assert len({case["id"] for case in VIGNETTES}) == len(VIGNETTES)
    records = {json.dumps(record(case), sort_keys=True) for case in VIGNETTES}
    assert len(records) == len(VIGNETTES)


def test_every_level_rule_class_and_sign_has_a_vignette():
    texts = shipped().texts
    named = {
        kind: {k.split(".", 2)[2] for k in texts if k.startswith(f"screening.{kind}.")}
        for kind in ("level", "rule", "ilo", "indicator")
    }
    results = [assess(shipped(), a, stage=s, ctx=c) for s, c, a in map(record, VIGNETTES)]
    assert {r.level for r in results} == named["level"]
    assert {rule for r in results for rule in r.why} == named["rule"]
    assert {r.ilo for r in results} == named["ilo"]
    assert {sign for r in results for sign in r.fired} == named["indicator"]


def test_the_second_evaluator_gives_the_same_for_every_vignette():
    for case in VIGNETTES:
        stage, ctx, answers = record(case)
        result = assess(shipped(), answers, stage=stage, ctx=ctx).to_mapping()
        assert result == second_evaluator.evaluate(stage, ctx, answers), case["id"]


@pytest.mark.parametrize("line", LINES, ids=lambda line: json.loads(line)["id"])
def test_worked_example(line):
    expected = json.loads(line)["expect"]
    answer, fine = answer_line(shipped(), line)
    result = json.loads(answer)
    assert fine
    assert {key: result[key] for key in expected} == expected


def test_there_are_twelve_worked_examples():
    assert len(LINES) == 12


@pytest.mark.parametrize(
    ("vignette", "expected"),
    [
        ("W15", QueueClass("P0", silent=False)),
        ("Q08", QueueClass("P0", silent=True)),
        ("W18", QueueClass("P1", silent=False)),
        ("W07", QueueClass("P2", silent=False)),
        ("W06", QueueClass("P3", silent=False)),
        ("W01", QueueClass("P3", silent=False)),
        ("X01", QueueClass("P3", silent=False)),
        ("Q02", QueueClass(None, silent=True)),
    ],
)
def test_queue_class(vignette, expected):
    stage, ctx, answers = record(next(case for case in VIGNETTES if case["id"] == vignette))
    assert queue_class(assess(shipped(), answers, stage=stage, ctx=ctx)) == expected

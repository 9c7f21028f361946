"""Two readings of one text: the evaluator and one written apart from it agree."""

from collections import Counter
from random import Random

from hotline.screening.assess import assess
from tests.support.screening import random_record, shipped
from tests.unit.screening import second_evaluator

RECORDS = 20_000
SEED = 189


def test_agrees_with_the_second_evaluator_on_random_records():
    random = Random(SEED)  # noqa: S311 -- a seed makes the records the same every time
    levels, rules, ilos = Counter(), Counter(), Counter()
    for number in range(RECORDS):
        record = random_record(random)
        result = assess(shipped(), record["answers"], stage=record["stage"], ctx=record["ctx"])
        assert not second_evaluator.problem(record["answers"])
        expected = second_evaluator.evaluate(record["stage"], record["ctx"], record["answers"])
        assert result.to_mapping() == expected, (number, record)
        levels[result.level] += 1
        rules.update(result.why)
        ilos[result.ilo] += 1
    # Agreement says little where nobody has been: every level, rule and class must occur.
    assert (
        min(levels[level] for level in ("IMMEDIATE", "HIGH", "MEDIUM", "LOW", "NONE", "UNCLEAR"))
        > 300
    ), levels
    everything = {
        key.rpartition(".")[2] for key in shipped().texts if key.startswith("screening.rule.")
    }
    assert rules.keys() == everything
    classes = {
        key.rpartition(".")[2] for key in shipped().texts if key.startswith("screening.ilo.")
    }
    assert ilos.keys() == classes
    assert min(*rules.values(), *ilos.values()) >= 10, (rules, ilos)

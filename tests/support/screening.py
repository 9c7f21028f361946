"""The shipped ruleset, and random answer sets to throw at it."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random

import yaml

from hotline.screening.parsing import parse
from hotline.screening.ruleset import Ruleset

ROOT = Path(__file__).parents[2]
RULESET = ROOT / "flows" / "screening" / "screening.yaml"
EXAMPLES = ROOT / "tests" / "data" / "screening" / "examples.jsonl"


def data() -> dict:
    """The ruleset as plain data, fresh for each caller."""
    return deepcopy(_read())


@cache
def _read() -> dict:
    return yaml.safe_load(RULESET.read_text(encoding="utf-8"))


@cache
def shipped() -> Ruleset:
    return parse(data())


def random_record(random: Random) -> dict:
    """Any record the evaluator must take: mixed stages, odd mixtures of codes, odd contexts.

    Signs are drawn at a rate of its own for each record: with one fixed rate nearly every record
    would be HIGH or above and the lower levels would never be compared.
    """
    ruleset = shipped()
    stage = random.choice(["B", "C", "B", "C", None])
    rate = random.choice([0.0, 0.02, 0.1, 0.3, 0.7])
    unsure = random.choice([0.0, 0.1, 0.4])
    missing = random.choice([0.0, 0.1, 0.3, 0.5])
    foreign = random.choice([0.0, 0.0, 0.2])
    answers: dict = {}
    names = list(ruleset.items)
    random.shuffle(names)
    for name in names:
        item = ruleset.items[name]
        present = foreign if name[0] in "BC" and name[0] != stage else 1 - missing
        if random.random() > present:
            continue
        loud = [code for code in item.options if item.options[code] or code in item.danger]
        calm = [code for code in item.options if code not in loud]
        chance = rate / 6 if name == "A2" else rate
        pool = loud if loud and random.random() < chance else calm or loud
        if pool is calm and random.random() >= unsure:
            pool = [code for code in calm if code not in ruleset.undetermined] or calm
        if name == "A1":
            pool = ["y"] * 9 + ["n"]
        code = random.choice(pool)
        shape = random.random()
        if shape < 0.55:
            answers[name] = code
        elif shape < 0.9:
            answers[name] = [code]
        elif shape < 0.93:
            answers[name] = []
        else:
            answers[name] = [code, random.choice(list(item.options)), code][: random.choice([2, 3])]
    ctx: dict = {}
    if random.random() < 0.3:
        ctx["returned"] = random.choice([True, False, None, 1, "true"])
    if random.random() < 0.3:
        ctx["departs_within_48h"] = random.choice([True, True, False, None, 1, "true"])
    return {"stage": stage, "ctx": ctx, "answers": answers}

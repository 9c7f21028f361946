"""The upper bound of what a way through a flow costs by SMS."""

from hotline.flow.bundle import build
from hotline.flow.checks.rendered import costs
from hotline.flow.checks.subject import Subject, Translation
from hotline.library import read_text

LONG = "Б" * 100
FLOWS = """
demo:
  flow: demo
  entry: true
  start: which
  steps:
    which: {ask: "Which?", answers: {a: {text: "A", goto: short}, b: {text: "B", goto: dear}}}
    short: {tell: "Short.", end: done}
    dear: {tell: "Dear.", next: more}
    more: {ask: "Once more?", answers: {m: {text: "More", goto: dear}, x: {text: "Enough", goto: sub}}}
    sub: {call: other, end: done}
other:
  flow: other
  start: only
  steps:
    only: {tell: "Only.", next: return}
"""


def found(words):
    bundle = build(read_text(FLOWS, file="x"), revision="r", complete=False)
    translated = {key: Translation((text,)) for key, text in words.items()}
    return {c.flow: c for c in costs(Subject(bundle, translations={"ru": translated}))}


def test_the_dearest_way_counts_each_step_once_and_the_flow_it_calls():
    made = found({"demo.dear.tell": LONG, "other.only.tell": LONG})
    # which 1 + dear 2 + more 1 + other 2; the circle dear > more > dear is gone round once.
    assert made["demo"].parts == 6
    assert made["other"].parts == 2


def test_latin_letters_cost_less():
    made = found({"demo.dear.tell": LONG})
    assert made["demo"].latin < made["demo"].parts


def test_telephone_numbers_are_counted_as_long_ones():
    text = "Ж" * 60 + ": {contact:kg_x}."
    assert found({"other.only.tell": text})["other"].parts == 2

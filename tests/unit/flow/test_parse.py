"""Each mistake an author can make is named with file, line, step, field and a hint."""

import pytest

from hotline import library
from hotline.flow.bundle import build
from hotline.flow.definition import RETURN
from hotline.flow.parse import parse, parse_moves, parse_sets
from hotline.flow.problems import FlowInvalid


def flow(steps: str, head: str = "flow: demo\nstart: one\n"):
    return library.read_text(f"{head}steps:\n{steps}", file="flows/demo.yaml")


ASK = '  one:\n    ask: Hello?\n    answers:\n      "y": {text: "Yes", goto: two}\n  two: {tell: Bye, end: over}\n'


def problems(source) -> list[str]:
    with pytest.raises(FlowInvalid) as caught:
        parse(source)
    return [str(problem) for problem in caught.value.problems]


def test_a_flow_is_read_with_its_keys_and_lines():
    made = parse(flow(ASK))
    step = made.steps["one"]
    assert step.key == "demo.one"
    assert step.options[0].goto == "demo.two"
    assert step.options[0].key == "demo.one.y"
    assert made.texts["demo.one.ask"].english == "Hello?"
    assert made.texts["demo.one.ask"].line == 5
    assert made.texts["demo.one.y"].role == "button"


def test_every_part_of_a_step_is_read():
    made = parse(
        flow(
            "  one:\n"
            "    ask: 'How many?'\n    sms: Many?\n    third: 'How many for them?'\n"
            "    third_sms: Many (them)?\n    help: A number, please.\n    note: For translators\n"
            "    critical: true\n    parts: 1\n    free: number\n    keep: many\n    skip: two\n"
            "    when: {all: [{fact: a, in: [x]}, {not: {answer: B01}}]}\n    otherwise: two\n"
            "    do: [assess, {handover: P1, reason: asked, silent: 'yes'}]\n"
            "    silence: {after: 10m, goto: two}\n    args: {who: 'fact:who'}\n    next: two\n"
            "  two: {branch: [{if: {level: [HIGH]}, goto: one}, {goto: return}]}\n"
        )
    )
    one, two = made.steps["one"], made.steps["two"]
    assert set(made.texts) == {
        "demo.one.ask", "demo.one.ask.sms", "demo.one.ask.third", "demo.one.ask.third.sms",
        "demo.one.help",
    }  # fmt: skip
    assert made.texts["demo.one.ask"].critical
    assert made.texts["demo.one.ask.sms"].parts == 1
    assert one.silence is not None
    assert one.silence.after_seconds == 600
    assert [act.do for act in one.do] == ["assess", "handover"]
    assert one.skip == "demo.two"
    assert two.branch[1].goto == RETURN


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (flow("  one: {tell: Hi, next: two}\n"), ":4  demo.one.goto: unknown: 'two'"),
        (flow("  one: {tell: Hi, nxt: one}\n"), "unknown: 'nxt' (did you mean 'next'?)"),
        (flow("  one: {tell: Hi}\n"), "demo.one.next: goes nowhere"),
        (flow("  one: {tell: Hi, ask: Ho, free: text, next: one}\n"), "stands beside ask"),
        (flow("  one: {ask: Ho, next: one}\n"), "nothing can be answered"),
        (flow("  one: {free: text, next: one}\n"), "nothing is asked"),
        (
            flow("  one:\n    ask: Ho\n    answers:\n      yes: {text: A, goto: one}\n"),
            ':7  demo.one.answers: the name yes is not a text (put it in quotes: "yes")',
        ),
        (flow("  one:\n    ask: Ho\n    answers: {a: {text: A}}\n"), "after a it goes nowhere"),
        (flow("  one: {ask: Ho, use: nothing, next: one}\n"), "unknown: 'nothing'"),
        (
            flow("  one:\n    ask: Ho\n    answers: {done: {text: A, goto: one}}\n"),
            "cannot name an answer",
        ),
        (flow("  one: {do: [{handover: P7, reason: asked}], end: x}\n"), "unknown: 'P7'"),
        (flow("  one: {do: [{handover: P1, reason: because}], end: x}\n"), "unknown: 'because'"),
        (flow("  one: {do: [handover], end: x}\n"), "handover needs a value"),
        (flow("  one: {do: [{fact: a}], end: x}\n"), "demo.one.do.value: is missing"),
        (flow("  one: {do: [explode], end: x}\n"), "unknown: 'explode'"),
        (flow("  one: {when: {fact: a}, end: x, tell: Hi, otherwise: 5}\n"), "put the step's name"),
        (flow("  one: {when: {eval: a}, end: x}\n"), "unknown: 'eval'"),
        (flow("  one: {when: {fact: a, level: [X]}, end: x}\n"), "exactly one"),
        (
            flow("  one: {when: {not: {not: {not: {not: {fact: a}}}}}, otherwise: one, end: x}\n"),
            "deeper than 4",
        ),
        (flow("  one: {when: {answer: A1, in: [yes]}, end: x}\n"), "True is not a text"),
        (flow("  one: {ask: H, free: text, next: one, silence: {after: soon}}\n"), "10m, 2h or 1d"),
        (flow("  one: {ask: H, free: text, next: one, silence: {after: 5m}}\n"), "goto: is missing"),
        (flow("  one: {ask: H, free: poem, next: one}\n"), "unknown: 'poem'"),
        (flow("  one: {tell: H, parts: 99, end: x}\n"), "count of SMS parts"),
        (flow("  one: {tell: H, neutral: maybe, end: x}\n"), "is true or false"),
        (flow("  one: {tell: H, end: x}\n  one: {tell: Ho, end: x}\n"), "stands here twice"),
        (flow("  one: {tell: '', end: x}\n"), "needs a text"),
        (flow("  one: {sms: H, end: x}\n"), "no long form"),
        (flow("  one: {branch: [{goto: one}, {goto: one}]}\n"), "never gets here"),
        (flow("  start: {tell: H, end: x}\n", "flow: demo\nstart: start\n"), "cannot name a step"),
        (flow("  one: {tell: H, end: x}\n", "flow: demo\nstart: uno\n"), "demo.yaml:2"),
        (flow("  one: {tell: H, end: x}\n", "start: one\n"), "needs a name"),
        (flow("  one: [tell]\n"), "needs a mapping"),
        (flow("  1: {tell: H, end: x}\n"), "the name 1 is not a text"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(source, said):
    found = problems(source)
    assert any(said in problem for problem in found), found
    assert all(problem.startswith("flows/demo.yaml:") for problem in found)


def test_all_mistakes_of_a_file_are_found_at_once():
    assert len(problems(flow("  one: {tell: Hi, nxt: one}\n  two: {ask: H, next: three}\n"))) >= 4


def test_shared_options_are_translated_once():
    common = library.read_text(
        'flow: common\ntexts: {"yes": {text: "Yes", role: button}}\nsets: {just_yes: {"y": "yes"}}\n',
        file="flows/common.yaml",
    )
    sets = parse_sets(common)
    made = parse(
        flow('  one: {ask: Well, use: just_yes, goto: {"y": two}, next: two}\n  two: {end: x}\n'),
        sets=sets,
    )
    (option,) = made.steps["one"].options
    assert (option.key, option.means, option.goto) == ("common.yes", "yes", "demo.two")
    assert parse(common).texts["common.yes"].role == "button"


def test_flows_are_joined_and_loose_ends_are_found():
    sources = {
        "demo": flow("  one: {tell: Hi, call: nothing, next: other.start}\n"),
        "other": library.read_text(
            "flow: else\nstart: a\nsteps:\n  a: {tell: Ho, next: demo.two}\n",
            file="flows/other.yaml",
        ),
    }
    with pytest.raises(FlowInvalid) as caught:
        build(sources, revision="r", complete=False)
    said = str(caught.value)
    assert "the file is called other, its flow else" in said
    sources["other"] = library.read_text(
        "flow: other\nstart: a\nsteps:\n  a: {tell: Ho, next: demo.two}\n", file="flows/other.yaml"
    )
    with pytest.raises(FlowInvalid) as caught:
        build(sources, revision="r", complete=False)
    said = str(caught.value)
    assert "calls 'nothing', which is no flow" in said
    assert "leads to 'demo.two', which is no step (did you mean 'demo.one'?)" in said


def test_a_folder_without_what_the_machine_needs_is_refused():
    with pytest.raises(FlowInvalid, match="the machine needs this step"):
        build({"demo": flow(ASK)}, revision="r")


def test_a_map_of_moved_steps_is_checked():
    assert parse_moves({"moves": {"a.b": "a.c"}}) == {"a.b": "a.c"}
    with pytest.raises(FlowInvalid, match="old step"):
        parse_moves({"moves": {"a.b": 3}})

"""One answer for every line, whatever the line; nothing stops the lines after it."""

import json
from time import process_time

import pytest

from hotline.screening.lines import answer_line, run
from tests.support.screening import EXAMPLES, shipped


def ask(*lines):
    written = []
    fine = run(shipped(), lines, written.append)
    assert all(text.endswith("\n") and text.count("\n") == 1 for text in written)
    return fine, [json.loads(text) for text in written]


def test_the_published_example():
    line = (
        '{"id":"V25","stage":"C","ctx":{},"answers":{"A1":"y","A2":"none","A3":"adult","C01":"n",'
        '"C02":"none","C03":"n","C04":"ok","C05":"none","C06":"y","C07":"y","C08":"n",'
        '"C09":["shame"],"C10":"none","C11":"none"}}'
    )
    none = {"S": 0, "M": 0, "W": 0, "positive": False}
    assert ask(line) == (
        True,
        [
            {
                "id": "V25",
                "level": "HIGH",
                "why": ["H2"],
                "positive": ["COD"],
                "ilo": "not_indicated",
                "palermo": False,
                "dimensions": dict.fromkeys(("DEC", "COE", "RAV", "EXP", "AVD"), none)
                | {"COD": {"S": 1, "M": 0, "W": 1, "positive": True}},
                "fired": ["COD.docs", "COD.inform"],
                "share": 1.0,
            }
        ],
    )


def test_the_published_error():
    line = '{"id":"x1","stage":"B","answers":{"B01":"maybe"}}'
    assert answer_line(shipped(), line) == (
        '{"id":"x1","error":"item B01: unknown code maybe"}',
        False,
    )


@pytest.mark.parametrize(
    ("line", "identity"),
    [
        ("not json", None),
        ('{"id":"x","answers":{}', None),
        ("[]", None),
        ('"x"', None),
        ("null", None),
        ("7", None),
        ('{"answers":{}}', None),
        ('{"id":7,"answers":{}}', None),
        ('{"id":null,"answers":{}}', None),
        ('{"id":"x"}', "x"),
        ('{"id":"x","answers":null}', "x"),
        ('{"id":"x","answers":[]}', "x"),
        ('{"id":"x","answers":{},"stage":"A"}', "x"),
        ('{"id":"x","answers":{},"stage":"b"}', "x"),
        ('{"id":"x","answers":{},"stage":true}', "x"),
        ('{"id":"x","answers":{},"stage":["B"]}', "x"),
        ('{"id":"x","answers":{},"stage":{}}', "x"),
        ('{"id":"x","answers":{},"ctx":[]}', "x"),
        ('{"id":"x","answers":{},"ctx":"returned"}', "x"),
        ('{"id":"x","answers":{},"ctx":false}', "x"),
        ('{"id":"x","answers":{"R0":"offer"}}', "x"),
        ('{"id":"x","answers":{"R3":[]}}', "x"),
        ('{"id":"x","answers":{"B13":[]}}', "x"),
        ('{"id":"x","answers":{"b01":"y"}}', "x"),
        ('{"id":"x","answers":{"":"y"}}', "x"),
        ('{"id":"x","answers":{"B01":null}}', "x"),
        ('{"id":"x","answers":{"B01":1}}', "x"),
        ('{"id":"x","answers":{"B01":true}}', "x"),
        ('{"id":"x","answers":{"B01":{}}}', "x"),
        ('{"id":"x","answers":{"B01":[["y"]]}}', "x"),
        ('{"id":"x","answers":{"B01":["y",null]}}', "x"),
        ('{"id":"x","answers":{"B01":"Y"}}', "x"),
        ('{"id":"x","answers":{"B01":""}}', "x"),
        ('{"id":"x","answers":{"B01":" y"}}', "x"),
        ('{"id":"x","answers":{"B01":"s"}}', "x"),
        ('{"id":"x","answers":{"A1":"n","B01":"maybe"}}', "x"),
        ('{"id":"x","answers":{"A2":["locked","fire"]}}', "x"),
        ('{"id":"x","answers":{},"much":NaN}', None),
        ("[" * 100_000, None),
        ('{"id":"x","deep":' + "[" * 100_000 + "]" * 100_000 + "}", None),
    ],
)
def test_a_bad_line_is_one_error_and_the_rest_is_answered(line, identity):
    good = '{"id":"good","stage":null,"answers":{}}'
    fine, (first, error, last) = ask(good, line, good)
    assert not fine
    assert first == last
    assert first["level"] == "UNCLEAR"
    assert set(error) == {"id", "error"}
    assert error["id"] == identity
    assert error["error"]
    assert len(error["error"]) < 100


@pytest.mark.parametrize(
    "line",
    [
        '{"id":"","answers":{}}',
        '{"id":"x","answers":{},"stage":null,"ctx":null}',
        '{"id":"x","answers":{"B01":[]},"stage":"B","ctx":{"returned":7,"more":[]}}',
        '{"id":"x","answers":{},"expect":{"level":"HIGH"},"n":' + "9" * 5000 + "}",
        '  {"id":"x","answers":{}}\r\n',
        b'{"id":"x","answers":{}}\n',
    ],
)
def test_a_fine_line(line):
    fine, (answer,) = ask(line)
    assert fine
    assert answer["level"] == "UNCLEAR"


def test_blank_lines_give_no_output():
    assert ask("", "\n", "  \t\r\n", b"\n") == (True, [])


@pytest.mark.parametrize("identity", ["Айгүл", 'a"\\\n\u2028', "\ud800", "\x00", "🕊"])
def test_an_id_comes_back_unchanged_and_in_plain_letters(identity):
    answer, fine = answer_line(shipped(), json.dumps({"id": identity, "answers": {}}))
    assert fine
    assert answer.isascii()
    assert json.loads(answer)["id"] == identity


def test_a_line_that_is_not_utf8_is_one_error():
    fine, answers = ask(b'{"id":"\xff","answers":{}}', b'{"id":"x","answers":{}}')
    assert not fine
    assert answers[0] == {"id": None, "error": "the line is not UTF-8"}
    assert answers[1]["id"] == "x"


def test_a_byte_order_mark_before_the_first_line_is_no_error():
    fine, answers = ask('\ufeff{"id":"x","answers":{}}', '\ufeff{"id":"y","answers":{}}')
    assert not fine
    assert answers[0]["id"] == "x"
    assert "error" in answers[1]


def test_a_long_unknown_code_is_cut():
    answer, _ = answer_line(shipped(), json.dumps({"id": "x", "answers": {"B01": "y" * 10_000}}))
    assert len(answer) < 200


def test_answers_come_one_by_one():
    written = []

    def slow_source():
        yield '{"id":"1","answers":{}}'
        assert len(written) == 1
        yield '{"id":"2","answers":{}}'

    assert run(shipped(), slow_source(), written.append)
    assert len(written) == 2


def test_ten_thousand_lines_a_second_on_one_core():
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines() * 200
    run(shipped(), lines, len)  # the first run builds the tables
    rounds = []
    for _ in range(5):
        start = process_time()
        run(shipped(), lines, len)
        rounds.append(len(lines) / (process_time() - start))
    assert max(rounds) >= 10_000

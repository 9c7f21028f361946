"""Every check finds its planted mistake, names it well, and is silent once it is put right."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hotline.flow.bundle import build
from hotline.flow.check import check, failed, from_problems
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.subject import Fact, Subject, Term, Translation, Worded
from hotline.flow.problems import FlowInvalid
from hotline.library import read_text
from hotline.understanding.fold import skeleton

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def translation(value):
    if isinstance(value, dict):
        return Translation((value["text"],), stale=value["stale"])
    return Translation((value,) if value else ())


def subject_of(case):
    given = case.get("given") or {}
    bundle = build(case["flows"], revision="r1", complete=False)
    facts = tuple(
        Fact(
            fact["name"], "flows/answers/wages.yaml", 1, fact["source"],
            date.fromisoformat(fact["review_by"]) if fact["review_by"] else None,
        )
        for fact in given.get("facts", ())
    )  # fmt: skip
    terms = tuple(
        Term(tuple(t["en"]), {code: tuple(t[code]) for code in ("ky", "ru", "tg")})
        for t in given.get("glossary", ())
    )
    return Subject(
        bundle,
        translations={
            code: {key: translation(v) for key, v in words.items()}
            for code, words in (case.get("words") or {}).items()
        },
        others=tuple(Worded(k, (v,), "t.html", 1) for k, v in given.get("others", {}).items()),
        leftover=tuple(given.get("leftover", ())),
        contacts=frozenset(given["contacts"]) if "contacts" in given else None,
        numbers=frozenset(given.get("numbers", ())),
        must_not_say={k: tuple(v) for k, v in given.get("must_not_say", {}).items()},
        glossary=terms,
        facts=facts,
        reserved=tuple((skeleton(word), command) for word, command in given.get("reserved", ())),
        meanings={skeleton(k): frozenset(v) for k, v in given.get("meanings", {}).items()},
        items={k: frozenset(v) for k, v in given["items"].items()} if "items" in given else None,
        waiting=given.get("waiting", {}),
        told=frozenset(given["told"]) if "told" in given else None,
        fold=skeleton,
    )


def findings_of(text, name):
    case = read_text(text, file=name)
    times = case.get("repeat", 1)
    if times > 1:
        text = text.replace("Repeat me please.", "Repeat me please. " * times)
        case = read_text(text, file=name)
    try:
        return case, check(subject_of(case), now=NOW)
    except FlowInvalid as invalid:
        return case, from_problems(invalid.problems)


def wanted_of(case):
    finds = case["finds"]
    return list(finds) if isinstance(finds, list) else [finds]


def matches(finding, wanted):
    given = {"severity": str(finding.severity), **finding.to_mapping()}
    return all(
        str(value) in str(given.get(name, ""))
        if name in ("message", "hint")
        else str(value) == str(given.get(name, ""))
        for name, value in wanted.items()
    )


def test_there_are_enough_broken_flows():
    assert len(BROKEN) >= 40


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_the_planted_mistake_is_found_and_nothing_else(path):
    case, found = findings_of(path.read_text(encoding="utf-8"), path.name)
    wanted = wanted_of(case)
    lost = [want for want in wanted if not any(matches(finding, want) for finding in found)]
    more = [f for f in found if not any(matches(f, want) for want in wanted)]
    assert not lost, (lost, found)
    assert not more
    assert all(finding.file for finding in found)


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_put_right_nothing_is_found(path):
    text = path.read_text(encoding="utf-8")
    case = read_text(text, file=path.name)
    head, middle, rest = text.partition("\nflows:")
    given = head[head.index("\ngiven:") :] if "\ngiven:" in head else ""
    rest = f"{given}{middle}{rest}" if given else middle + rest
    if "repeat" in case:
        rest = f"\nrepeat: {case['repeat']}{rest}"
    for wrong, right in case["mend"].items():
        assert str(wrong) in rest, wrong
        rest = rest.replace(str(wrong), str(right))
    _, found = findings_of("finds: []" + rest, path.name)
    assert found == ()


def test_a_mistake_is_shown_on_its_own_line():
    path = next(p for p in BROKEN if p.stem == "unreachable_step")
    _, found = findings_of(path.read_text(encoding="utf-8"), path.name)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "old_menu: {" in lines[found[0].line - 1]


def test_only_errors_fail():
    finding = Finding("a.yaml", 1, Severity.WARNING, "x", "y")
    assert not failed([finding])
    assert failed([finding, Finding("a.yaml", 1, Severity.ERROR, "x", "y")])

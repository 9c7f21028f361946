"""House rules that no linter knows. Each carries lines it must accept and lines it must refuse.

A rule is a function from a module's text to complaints; an exception to it is a file named beside
it, so that whoever adds one sees how many there are.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "hotline"

Check = Callable[[str], Iterator[str]]


@dataclass(frozen=True)
class Rule:
    """`allowed` are files, seen from `hotline/`, that the rule does not bind."""

    check: Check
    accepts: tuple[str, ...]
    refuses: tuple[str, ...]
    allowed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.check.__name__


def calls(text: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            yield node


def no_cyrillic_in_code(text: str) -> Iterator[str]:
    """What people read lives in flows/ and locales/, where translators and lint see it."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"[\u0400-\u052f]", line):
            yield f"{number}: Cyrillic letters"


def one_place_commits(text: str) -> Iterator[str]:
    """A commit in the middle of a turn is a ghost message waiting to happen."""
    endings = {"commit", "rollback", "begin_nested", "begin_twophase"}
    for call in calls(text):
        if not isinstance(call.func, ast.Attribute):
            continue
        said = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
        by_hand = re.match(r"(?i)\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", str(said))
        # A flow begins too, but it is told what with.
        opens = call.func.attr == "begin" and not call.args and not call.keywords
        if call.func.attr in endings or opens or ("exec" in call.func.attr and by_hand):
            yield f"{call.lineno}: .{call.func.attr}()"


def no_formatted_string_reaches_a_catalogue(text: str) -> Iterator[str]:
    """A formatted text is never found in a catalogue: it is shown in English for ever."""
    for call in calls(text):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        given = [word.value for word in call.keywords if word.arg == "english"]
        if name in {"_", "gettext", "ngettext", "pgettext"}:
            given += call.args
        for value in given:
            is_sum = isinstance(value, ast.BinOp)
            is_format = (
                isinstance(value, ast.Call)
                and isinstance(value.func, ast.Attribute)
                and value.func.attr == "format"
            )
            if isinstance(value, ast.JoinedStr) or is_sum or is_format:
                yield f"{call.lineno}: a formatted text goes to {name}()"


def every_module_says_what_it_is(text: str) -> Iterator[str]:
    """One sentence at the top: the reader should know what a file is for before its imports."""
    module = ast.parse(text)
    if module.body and not ast.get_docstring(module):
        yield "1: no sentence at the top"


def nothing_is_printed_or_read_from_the_terminal_in_services(text: str) -> Iterator[str]:
    """`input()` and `breakpoint()` would stop a server for ever."""
    for call in calls(text):
        if isinstance(call.func, ast.Name) and call.func.id in {"input", "breakpoint"}:
            yield f"{call.lineno}: {call.func.id}()"


def no_error_is_logged_with_its_text(text: str) -> Iterator[str]:
    """The text of an error may quote what a person wrote; logs carry its class and place."""
    for call in calls(text):
        function = call.func
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
            continue
        if function.value.id in {"logger", "logging", "log", "_log"} and (
            function.attr == "exception" or any(word.arg == "exc_info" for word in call.keywords)
        ):
            yield f"{call.lineno}: {function.value.id}.{function.attr} with the error's text"


RULES = (
    Rule(
        no_cyrillic_in_code,
        accepts=("x = 'plain'", "x = '–…'", "x = '\\u04e9'"),
        refuses=("x = 'Салам'", "# комментарий", "x = 'Ө'", "x = 'Ҷ'"),
    ),
    Rule(
        one_place_commits,
        accepts=(
            "store.write(work)",
            "x = 'commit()'",
            "committed(x)",
            "tx.after_commit(f)",
            "conn.execute(select(x))",
            "engine.begin(definition, now=now)",
        ),
        refuses=(
            "connection.commit()",
            "session.rollback()",
            "with engine.begin() as conn:\n    pass",
            "conn.exec_driver_sql('ROLLBACK TO work')",
        ),
        allowed=("db/transaction.py",),
    ),
    Rule(
        no_formatted_string_reaches_a_catalogue,
        accepts=(
            "words.text('a.b', language, english='Hello {name}', name=name)",
            "_('Hello')",
            "f'{x}'",
        ),
        refuses=(
            "_(f'Hello {name}')",
            "gettext('Hello ' + name)",
            "words.text('a.b', language, english=f'Hello {name}')",
            "words.text('a.b', language, english='Hello {}'.format(name))",
        ),
    ),
    Rule(
        every_module_says_what_it_is,
        accepts=('"""Says what it is."""\nx = 1', ""),
        refuses=("x = 1", "# a comment\nimport os"),
    ),
    Rule(
        nothing_is_printed_or_read_from_the_terminal_in_services,
        accepts=("typer.prompt('x')", "self.input()"),
        refuses=("input()", "x = input('?')", "breakpoint()"),
    ),
    Rule(
        no_error_is_logged_with_its_text,
        accepts=("logs.failure('turn', error)", "_log.info('x')"),
        refuses=("logger.exception('x')", "logging.error('x', exc_info=True)"),
    ),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_accepts_and_refuses_what_it_must(rule: Rule):
    for line in rule.accepts:
        assert not list(rule.check(line)), f"must be accepted: {line}"
    for line in rule.refuses:
        assert list(rule.check(line)), f"must be refused: {line}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_program_keeps_the_rule(rule: Rule):
    complaints = []
    seen = 0
    for path in sorted(PROGRAM.rglob("*.py")):
        name = path.relative_to(PROGRAM).as_posix()
        if name in rule.allowed:
            continue
        seen += 1
        complaints += [f"hotline/{name}:{found}" for found in rule.check(path.read_text("utf-8"))]
    assert seen > 0
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_exception_is_a_file_that_needs_it(rule: Rule):
    for name in rule.allowed:
        assert list(rule.check((PROGRAM / name).read_text("utf-8"))), f"{name} needs none any more"


def test_modules_are_named_after_what_they_hold():
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    found = [path for path in PROGRAM.rglob("*") if path.stem in vague]
    assert not found

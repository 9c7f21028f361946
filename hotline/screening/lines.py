"""The JSON-lines interface: one record in, one result out, in the same order.

Nothing is stored and nothing leaves the process. Output is plain ASCII (other letters are
escaped), so it survives any terminal, and an id comes back exactly as it was given.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hotline.screening.answers import InvalidAnswers, read
from hotline.screening.assess import judge
from hotline.screening.ruleset import Ruleset

_encode = json.JSONEncoder(separators=(",", ":")).encode


def run(ruleset: Ruleset, stdin: Iterable[str | bytes], write: Callable[[str], object]) -> bool:
    """Answer every line of `stdin`, each with one `write` ending in a newline.

    `stdin` may be text, or bytes (`sys.stdin.buffer`), where a line that is not UTF-8 gets an
    error of its own instead of ending the run. Returns whether every line was without an error.
    """
    fine = True
    for answer, ok in answers(ruleset, stdin):
        write(answer + "\n")
        fine = fine and ok
    return fine


def answers(ruleset: Ruleset, lines: Iterable[str | bytes]) -> Iterator[tuple[str, bool]]:
    """One (JSON text, fine) for each line that is not blank, as they come."""
    for number, line in enumerate(lines):
        try:
            text = line.decode("utf-8") if isinstance(line, bytes) else line
        except UnicodeDecodeError:
            yield _error(None, "the line is not UTF-8"), False
            continue
        if number == 0:
            text = text.removeprefix("\ufeff")
        if text.strip():
            yield answer_line(ruleset, text)


def answer_line(ruleset: Ruleset, line: str) -> tuple[str, bool]:
    """The answer to one line, without newline, and whether it was fine. Never raises."""
    identity = None
    try:
        record = _record(line)
        identity = _identity(record)
        facts = read(ruleset, _answers(record), stage=record.get("stage"), ctx=record.get("ctx"))
    except InvalidAnswers as error:
        return _error(identity, str(error)), False
    return _encode({"id": identity, **judge(ruleset, facts).to_mapping()}), True


def _record(line: str) -> dict[str, Any]:
    try:
        # No number means anything here, and as a float none is too long to read.
        record = json.loads(line, parse_int=float, parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        # Neither a broken line nor one nested without end may stop the lines after it.
        raise InvalidAnswers("not a JSON object") from None
    if not isinstance(record, dict):
        raise InvalidAnswers("not a JSON object")
    return record


def _no_such_number(name: str) -> None:
    raise ValueError(name)


def _identity(record: dict[str, Any]) -> str:
    identity = record.get("id")
    if not isinstance(identity, str):
        raise InvalidAnswers("id must be a string")
    return identity


def _answers(record: dict[str, Any]) -> object:
    if "answers" not in record:
        raise InvalidAnswers("answers is missing")
    return record["answers"]


def _error(identity: str | None, text: str) -> str:
    return _encode({"id": identity, "error": text})

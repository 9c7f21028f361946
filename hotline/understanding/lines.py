"""The JSON-lines interface: `{"id", "text"}` in, language, questions, decision and danger out.

One answer for every line, in the same order, whatever the line is. Nothing is stored. Output is
plain ASCII (other letters are escaped), so it survives any terminal.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from hotline.understanding.read import Understanding

_encode = json.JSONEncoder(separators=(",", ":")).encode


def run(known: Understanding, stdin: Iterable[str | bytes], write: Callable[[str], object]) -> bool:
    """Answer every line with one `write` ending in a newline; True when every line was fine.

    A line that is no JSON object, not UTF-8 or without a text is answered too: nothing understood,
    out of scope, and an `error` that says why.
    """
    fine = True
    for number, line in enumerate(stdin):
        answer = answer_line(known, line, first=number == 0)
        fine = fine and "error" not in answer
        write(_encode(answer) + "\n")
    return fine


def answer_line(known: Understanding, line: str | bytes, *, first: bool = False) -> dict[str, Any]:
    """The answer to one line. Never raises."""
    identity: object = None
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        if first:
            text = text.removeprefix("\ufeff")
        record = json.loads(text)
        if not isinstance(record, dict):
            return _nothing(None, "not a JSON object")
        identity = record.get("id")
        said = record.get("text")
        if not isinstance(said, str):
            return _nothing(identity, "text must be a string")
    except UnicodeDecodeError:
        return _nothing(identity, "the line is not UTF-8")
    except (ValueError, RecursionError):
        return _nothing(identity, "not a JSON object")
    return _answer(known, identity, said)


def _answer(known: Understanding, identity: object, text: str) -> dict[str, Any]:
    guess = known.language(text)
    intents, decision = known.intents(text)
    danger = known.danger(text)
    return {
        "id": identity,
        "lang": guess.language or "other",
        "lang_confidence": round(guess.confidence, 4),
        "intents": [{"id": scored.intent, "score": scored.score} for scored in intents],
        "decision": "out_of_scope" if decision == "none" else decision,
        "danger": {"level": str(danger.level), "signs": list(danger.signs)},
    }


def _nothing(identity: object, error: str) -> dict[str, Any]:
    return {
        "id": identity,
        "lang": "other",
        "lang_confidence": 0.0,
        "intents": [],
        "decision": "out_of_scope",
        "danger": {"level": "none", "signs": []},
        "error": error,
    }

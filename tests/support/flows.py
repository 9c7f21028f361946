"""The real flows with the real screening, built once for all tests of flows."""

from functools import cache
from pathlib import Path

from hotline import library
from hotline.flow.bundle import Bundle, build
from hotline.flow.definition import Topic
from hotline.flow.pen import Judges
from hotline.screening.assess import assess
from hotline.screening.next_item import can_level_change
from hotline.screening.parsing import parse
from hotline.screening.reasons import reasons
from hotline.screening.ruleset import Ruleset

ROOT = Path(__file__).resolve().parents[2]
TOPICS = {
    "check_agency": Topic("check_agency", follow_ups=("wage_theft", "held_forced_now", "gone")),
    "wage_theft": Topic("wage_theft"),
    "passport_taken": Topic("passport_taken"),
    "held_forced_now": Topic("held_forced_now", human_first=True),
}


@cache
def files() -> library.Files:
    return library.load(ROOT / "flows")


@cache
def ruleset() -> Ruleset:
    return parse(files().screening["screening"])


@cache
def bundle() -> Bundle:
    """The flows as they stand; a few topics stand for the knowledge base."""
    return build(files().flows, revision=files().revision, topics=TOPICS)


def judges() -> Judges:
    rules = ruleset()

    def judged(answers, stage, ctx):
        return assess(rules, answers, stage=stage, ctx=ctx)

    def can_change(answers, stage, ctx, **more):
        return can_level_change(rules, answers, stage=stage, ctx=ctx, **more)

    def why(answers, stage, ctx):
        return reasons(rules, answers, stage=stage, ctx=ctx, channel="telegram").answers

    return Judges(judged, can_change, why)


class EnglishWords:
    """The English of the flows, as a catalogue."""

    def text(self, key: str, _language: str | None) -> str:
        found = bundle().texts.get(key)
        if found is None:
            if key.startswith("answers."):
                return f"[{key}]"
            raise KeyError(key)
        return found.english

    def english(self, key: str) -> str | None:
        found = bundle().texts.get(key)
        return None if found is None else found.english

"""Conditions and actions in few words, and the picture's own words."""

from dataclasses import dataclass

from hotline.flow.definition import Act, Cond


@dataclass(frozen=True, slots=True)
class Wording:
    """The picture's own words; the console gives them in the reader's language."""

    start: str = "begins here"
    asks: str = "asks"
    tells: str = "says"
    acts: str = "acts"
    typed: str = "typed answer"
    multi: str = "several answers"
    only_if: str = "only if"
    otherwise: str = "otherwise"
    then: str = "then"
    skip: str = "skip"
    calls: str = "first goes through"
    silence: str = "after {minutes} min without an answer"
    ends: str = "the conversation ends"
    again: str = "asks again"
    back: str = "back to where it came from"
    untold: str = "no story visits this"
    legend: str = (
        "Dashed red: no story visits it. Lines lead down; arrows up and to other flows are named."
    )


def condition(cond: Cond) -> str:
    """`country is KG or RU`, `not (channel is sms)`."""
    match cond.op:
        case "all" | "any":
            joiner = " and " if cond.op == "all" else " or "
            return joiner.join(_inside(one) for one in cond.inner)
        case "not":
            return f"not {_inside(cond.inner[0])}"
        case _:
            name = cond.name or cond.op
            return f"{name} is {' or '.join(cond.values)}" if cond.values else f"{name} is known"


def _inside(cond: Cond) -> str:
    said = condition(cond)
    return f"({said})" if len(cond.inner) > 1 else said


def action(act: Act) -> str:
    """`handover P1`, `stage = B`, `hide`."""
    match act.do:
        case "fact":
            return f"{act.value} = {act.extra.get('value', '')}"
        case "record":
            return f"{act.value} = {act.extra.get('code', '')}"
        case _:
            words = f"{act.do} {act.value}".strip().replace("_", " ")
            return f"{words} (silent)" if act.extra.get("silent") == "yes" else words

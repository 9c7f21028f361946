"""Screening inside a conversation: judged after each answer, stopped as soon as it may be.

Rules of the screening specification, section 4.4: at IMMEDIATE stop asking and hand over; the first
time HIGH is reached ask "go on, or talk to a person now?"; never ask when the level can no longer
change; a later, harmless answer never lowers what was promised (`Pen.hand_over` keeps the class).
"""

from collections.abc import Mapping

from hotline.flow import events as ev
from hotline.flow.bundle import PLACES
from hotline.flow.pen import Assessed, Pen

NEVER_REPEATED = frozenset({"A1", "A2", "A3", "B09", "C09", "C10"})
"""Answers that are never said back: someone else may read the screen (section 10.2)."""
MOST_REASONS = 3
STRONG = 2
STAGE_ITEMS = ("B", "C")


def context(pen: Pen) -> dict[str, bool]:
    """The facts from the routing questions that change the result."""
    made: dict[str, bool] = {}
    if pen.facts.get("returned") == "yes":
        made["returned"] = True
    if pen.facts.get("departs") == "y":
        made["departs_within_48h"] = True
    return made


def routing(pen: Pen) -> dict[str, str]:
    """The routing answers that decide which items are asked, by their ids."""
    named = {"R1": "country", "R2": "departs", "R3": "recruiter"}
    return {item: pen.facts[name] for item, name in named.items() if name in pen.facts}


def _asked(pen: Pen) -> tuple[str, ...]:
    """Items already asked, those skipped without a code among them."""
    steps = (pen.bundle.steps.get(key) for key in pen.trail)
    return tuple(step.item for step in steps if step is not None and step.item is not None)


def judge(pen: Pen, *, final: bool) -> Assessed | None:
    """Assess the answers so far and remember what the flows may ask about. None without judges."""
    if pen.judges is None:
        return None
    stage = pen.facts.get("stage")
    ctx = context(pen)
    found = pen.judges.assess(pen.answers, stage, ctx)
    result = found.to_mapping()
    changed = pen.facts.get("level") != found.level
    pen.facts["level"] = found.level
    pen.facts["why"] = " ".join(found.why)
    pen.facts["fired"] = " ".join(found.fired)
    _mark(pen, "strong", "yes" if _strong(result) else "")
    if final:
        _mark(pen, "reasons", ",".join(_reasons(pen, stage, ctx)))
    if changed or final:
        pen.emit(
            ev.RiskAssessed(
                stage=stage,
                level=found.level,
                result=result,
                answers=dict(pen.answers),
                ctx=ctx,
                final=final,
            )
        )
    return found


def after_answer(pen: Pen, item: str) -> None:
    """Called when the answer to a screening item was recorded and the next step is chosen."""
    if item == "A1":
        if pen.answers.get(item) == ("y",):
            pen.facts.pop("quiet", None)
        return
    found = judge(pen, final=False)
    if found is None:
        return
    if found.level == "IMMEDIATE":
        if pen.frame.flow not in ("result", "danger"):
            pen.jump(PLACES["immediate"])
        return
    if item[0] not in STAGE_ITEMS or pen.frame.flow == "result":
        return
    can_change = pen.judges.can_change if pen.judges else None
    stage = pen.facts.get("stage")
    if can_change is not None and not can_change(
        pen.answers,
        stage,
        context(pen),
        routing=routing(pen),
        channel=pen.channel,
        asked=_asked(pen),
    ):
        pen.facts["settled"] = "yes"
        # By SMS one question stands for the two that are not sent; it is asked in any case.
        tell = pen.channel == "sms" and stage == "C" and PLACES["rather_tell"] not in pen.told
        pen.jump(PLACES["rather_tell" if tell else "result"])
    elif found.level == "HIGH" and "asked_go_on" not in pen.facts:
        pen.facts["asked_go_on"] = "yes"
        pen.push(PLACES["go_on"])


def _mark(pen: Pen, name: str, value: str) -> None:
    if value:
        pen.facts[name] = value
    else:
        pen.facts.pop(name, None)


def _strong(result: Mapping[str, object]) -> bool:
    dimensions = result.get("dimensions")
    if not isinstance(dimensions, Mapping):
        return False
    return any(isinstance(d, Mapping) and d.get("S", 0) for d in dimensions.values())


def _reasons(pen: Pen, stage: str | None, ctx: Mapping[str, bool]) -> list[str]:
    """Text keys of at most three reasons: the person's own answers, strongest first."""
    if pen.judges is not None and pen.judges.reasons is not None:
        pairs = list(pen.judges.reasons(pen.answers, stage, ctx))
    else:
        pairs = [(item, code) for item in sorted(pen.answers) for code in pen.answers[item]]
    keys = [f"reason.{i}.{code}" for i, code in pairs if i not in NEVER_REPEATED]
    return [key for key in dict.fromkeys(keys) if key in pen.bundle.texts][:MOST_REASONS]

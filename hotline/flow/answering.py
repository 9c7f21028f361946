"""Taking an answer to the step that waits."""

import re

from hotline.core.reading import Heard, Kind, Reading
from hotline.flow import events as ev
from hotline.flow.bundle import options_on
from hotline.flow.definition import AGAIN, DONE, Option, Step
from hotline.flow.judging import after_answer
from hotline.flow.pen import MAX_ANSWER, MAX_TRAIL, Pen
from hotline.flow.walk import ask_again, carry_out, walk

KEPT = {
    "country": re.compile(r"[A-Z]{2}"),
    "number": re.compile(r"-?\d{1,12}"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
}
"""Kinds of typed answers that are coded values and may be kept as facts; no free text is."""
SKIPPED = "s"
"""The code "prefers not to answer", where an item has it."""


def take(pen: Pen, heard: Heard, reading: Reading) -> bool:
    """Record an answer and go on. False when the message holds none for this step."""
    step = pen.step
    if reading.codes:
        return _codes(pen, step, heard, reading.codes)
    if step.free in ("location", "text") and heard.kind is Kind.LOCATION:
        _value(pen, step, "shared")
        return True
    if step.free in (None, "question", "location") or reading.value is None:
        return False
    _value(pen, step, reading.value[:MAX_ANSWER])
    return True


def skip(pen: Pen) -> None:
    """SKIP: recorded as such where the item has a code for it, otherwise left out."""
    step = pen.step
    if not pen.waiting:
        ask_again(pen)
        return
    by_code = next((o for o in step.options if o.code == SKIPPED or o.means == "skip"), None)
    if by_code is not None:
        _record(pen, step, (by_code,))
        return
    if step.skip is None:
        pen.line("common.not_skipped")
        ask_again(pen)
        return
    _remember(pen, step)
    if step.item is not None:
        pen.answers.pop(step.item, None)
    _move(pen, step.skip or step.next)
    walk(pen)


def _codes(pen: Pen, step: Step, heard: Heard, codes: tuple[str, ...]) -> bool:
    if (step.dynamic or step.follow_ups) and codes[0] in pen.bundle.topics:
        pen.facts["asked"] = codes[0]
        _move(pen, step.next)
        walk(pen)
        return True
    offered = {o.code: o for o in options_on(step, pen.channel)}
    done = DONE in codes
    chosen = [offered[c] for c in codes if c in offered]
    if not chosen and not done:
        return False
    if step.multi and pen.channel == "telegram" and heard.kind is Kind.BUTTON and not done:
        (one,) = chosen[:1]
        if not one.alone:
            _mark(pen, step, one)
            return True
    if step.multi:
        marked = [offered[c] for c in pen.picked if c in offered]
        whole = [o for o in offered.values() if o in marked or o in chosen]
        if done and not whole:
            pen.line("common.marked_none")
            ask_again(pen)
            return True
        # "None of these" beside a sign: the sign counts.
        chosen = [o for o in whole if not o.alone] or chosen[:1]
    else:
        chosen = chosen[:1]
    _record(pen, step, tuple(chosen))
    return True


def _mark(pen: Pen, step: Step, option: Option) -> None:
    """One more tap: marked, or the mark taken away. The question stays open."""
    if option.code in pen.picked:
        pen.picked = tuple(c for c in pen.picked if c != option.code)
    else:
        pen.picked = (*pen.picked, option.code)
    keys = ",".join(o.label(third=pen.third) for o in step.options if o.code in pen.picked)
    shown = pen.choices(step)
    key = "common.marked" if pen.picked else "common.marked_none"
    args = {"marked": f"list:{keys}"} if pen.picked else {}
    pen.emit(ev.Said(key, step=step.key, args=args, choices=shown, multi=True))
    pen.await_answer(step, shown)


def _record(pen: Pen, step: Step, chosen: tuple[Option, ...]) -> None:
    codes = tuple(o.code for o in chosen)
    _remember(pen, step)
    pen.emit(ev.AnswerRecorded(step.key, codes, item=step.item))
    if step.item is not None:
        pen.answers[step.item] = codes
    if step.keep is not None and codes[0] != SKIPPED:
        pen.fact(step.keep, codes[0])
    for option in chosen:
        for act in option.do:
            carry_out(pen, act)
    if pen.halted:
        return
    goto = next((o.goto for o in chosen if o.goto is not None), step.next)
    _move(pen, goto)
    if step.item is not None:
        after_answer(pen, step.item)
    walk(pen)


def _value(pen: Pen, step: Step, value: str) -> None:
    """Typed words are recorded for the case; only coded values are kept in the session."""
    _remember(pen, step)
    pen.emit(ev.AnswerRecorded(step.key, (), value, item=step.item))
    shape = KEPT.get(step.free or "")
    if step.keep is not None and shape is not None and shape.fullmatch(value):
        pen.fact(step.keep, value)
    _move(pen, step.next)
    walk(pen)


def _remember(pen: Pen, step: Step) -> None:
    pen.trail = (*pen.trail[-(MAX_TRAIL - 1) :], step.key)
    if step.once:
        pen.mark(step)
    if step.silence is not None:
        pen.drop_timers()


def _move(pen: Pen, goto: str | None) -> None:
    pen.waiting = False
    pen.go(goto or AGAIN)

"""What stands in the picture of one flow: a box a step, a row for each way on."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from hotline.flow.bundle import Bundle
from hotline.flow.definition import AGAIN, RETURN, Option, Step
from hotline.flow.drawing.wording import Wording, action, condition

Label = Callable[[str], str]
"""The words of a text key, in the reader's language."""

MINUTE = 60
AGAIN_SIGN = "\N{CLOCKWISE OPEN CIRCLE ARROW}"
BACK_SIGN = "\N{LEFTWARDS ARROW WITH HOOK}"
AWAY_SIGN = "\N{NORTH EAST ARROW}"
DOWN_SIGN = "\N{RIGHTWARDS ARROW}"


@dataclass(frozen=True, slots=True)
class Row:
    """One way on. `kind`: option, branch, then, otherwise, skip, silence, call or end.

    `to` is the step it leads to (`flow.step`), None where it leads to no fixed step. `note` stands
    at the row's right end: how many people went this way, say.
    """

    kind: str
    text: str
    to: str | None = None
    sign: str = ""
    told: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One step. `kind`: ask, tell or act. `told`: some story visits it."""

    key: str
    name: str
    kind: str
    text: str
    marks: tuple[str, ...]
    rows: tuple[Row, ...]
    told: bool = True
    is_start: bool = False
    notes: tuple[str, ...] = ()


def boxes(
    bundle: Bundle,
    flow: str,
    label: Label,
    *,
    told: Collection[str] | None = None,
    wording: Wording | None = None,
    notes: Mapping[str, tuple[str, ...]] | None = None,
    row_notes: Mapping[str, str] | None = None,
) -> tuple[Box, ...]:
    """Every step of a flow, in file order. Raises `KeyError` for an unknown flow.

    `told`: places that stories visit (as from `hotline.flow.coverage`); None where no stories were
    played. `notes`: step -> lines under its text; `row_notes`: `flow.step=code` -> words.
    """
    found = bundle.flows[flow]
    words = wording or Wording()
    first = f"{flow}.{found.start}"
    return tuple(
        Box(
            step.key,
            step.name,
            "ask" if step.asks else "tell" if step.tells else "act",
            label(f"{step.key}.{step.part}") if step.asks or step.tells else "",
            tuple(_marks(step, words)),
            tuple(_rows(bundle, step, label, told, words, row_notes or {})),
            told is None or step.key in told,
            step.key == first,
            (notes or {}).get(step.key, ()),
        )
        for step in found.steps.values()
    )


def _marks(step: Step, words: Wording) -> Iterator[str]:
    if step.item:
        yield step.item
    if step.multi:
        yield words.multi
    if step.free and step.free != "question":
        yield f"{words.typed}: {step.free}"
    if step.when is not None:
        yield f"{words.only_if} {condition(step.when)}"
    for act in step.do:
        yield action(act)


def _rows(
    bundle: Bundle,
    step: Step,
    label: Label,
    told: Collection[str] | None,
    words: Wording,
    notes: Mapping[str, str],
) -> Iterator[Row]:
    def row(kind: str, text: str, goto: str | None, place: str = "") -> Row:
        to, sign = _where(bundle, step, goto, words)
        visited = told is None or not place or place in told
        return Row(kind, text, to, sign, visited, notes.get(place, ""))

    if step.when is not None and (step.otherwise or step.next):
        yield row("otherwise", words.otherwise, step.otherwise or step.next)
    for option in step.options:
        yield row(
            "option", _option(option, label), option.goto or step.next, f"{step.key}={option.code}"
        )
    if step.skip is not None:
        yield row("skip", words.skip, step.skip or step.next)
    if step.silence is not None:
        said = words.silence.format(minutes=step.silence.after_seconds // MINUTE)
        acts = ", ".join(action(act) for act in step.silence.do)
        text = f"{said}: {acts}" if acts else said
        yield row("silence", text, step.silence.goto, f"{step.key}~silence")
    for branch in step.branch:
        text = words.otherwise if branch.when is None else condition(branch.when)
        yield row("branch", text, branch.goto)
    if step.call is not None:
        yield row("call", words.calls, f"{step.call}.start")
    if step.end is not None:
        yield Row("end", words.ends)
    elif step.next and (not step.options or step.free):
        text = words.typed if step.asks else words.then
        yield row("then", text, step.next)


def _option(option: Option, label: Label) -> str:
    acts = ", ".join(action(act) for act in option.do)
    said = label(option.key)
    return f"{said} ({acts})" if acts else said


def _where(bundle: Bundle, step: Step, goto: str | None, words: Wording) -> tuple[str | None, str]:
    """The step that a target names, and how the picture says so."""
    if goto is None:
        return None, ""
    if goto == AGAIN:
        return step.key, f"{AGAIN_SIGN} {words.again}"
    if goto == RETURN:
        return None, f"{BACK_SIGN} {words.back}"
    target = bundle.steps.get(goto)
    if target is None:
        return None, f"{AWAY_SIGN} {goto}"
    if target.flow != step.flow:
        return target.key, f"{AWAY_SIGN} {target.key}"
    return target.key, f"{DOWN_SIGN} {target.name}"

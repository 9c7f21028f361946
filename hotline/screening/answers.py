"""Coded answers, checked and turned into the facts that the computation needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hotline.screening.ruleset import AGE_ITEM, MINOR, SAFE_ITEM, UNSAFE, Ruleset, Stage
from hotline.screening.signals import signals_of

Answers = Mapping[str, str | Sequence[str]]
"""Item id to one answer code or a list of codes. An absent item or empty list is no answer."""
Context = Mapping[str, object]
"""`returned` and `departs_within_48h`; only the value True counts, other keys are ignored."""

_SHOWN = 40


class InvalidAnswers(ValueError):
    """The record cannot be assessed; the text says why in a few English words.

    It repeats the unknown code: it is for whoever sent the record, not for a log.
    """


@dataclass(frozen=True, slots=True)
class Facts:
    """A record after reading: everything that can change its result, and nothing else."""

    bits: int
    stage: Stage
    child: bool
    now: bool
    soon: bool
    unsafe: bool


def codes_of(answers: Answers, item: str) -> tuple[str, ...]:
    """The codes given to an item, as a tuple; empty when there is no answer."""
    value = answers.get(item, ())
    return (value,) if isinstance(value, str) else tuple(value)


def only(answers: Answers, item: str, code: str) -> bool:
    """Whether the answer is exactly this one code, given once."""
    return codes_of(answers, item) == (code,)


def stage_of(value: object) -> Stage:
    """Raises `InvalidAnswers` for anything but "B", "C" or None."""
    known: Mapping[object, Literal["B", "C"]] = {"B": "B", "C": "C"}
    if value is None:
        return None
    if not isinstance(value, str) or value not in known:
        raise InvalidAnswers("stage must be B, C or null")
    return known[value]


def read(ruleset: Ruleset, answers: object, *, stage: object, ctx: object) -> Facts:
    """Check stage, context, every item id and every code; raises `InvalidAnswers`."""
    checked = stage_of(stage)
    if ctx is None:
        ctx = {}
    if not isinstance(ctx, Mapping):
        raise InvalidAnswers("ctx must be an object or null")
    if not isinstance(answers, Mapping):
        raise InvalidAnswers("answers must be an object")
    return Facts(
        bits=_bits(ruleset, answers),
        stage=checked,
        child=only(answers, AGE_ITEM, MINOR),
        now=ctx.get("returned") is not True,
        soon=ctx.get("departs_within_48h") is True,
        unsafe=only(answers, SAFE_ITEM, UNSAFE),
    )


def _bits(ruleset: Ruleset, answers: Mapping[object, object]) -> int:
    effects = signals_of(ruleset).effects
    bits = 0
    for item, value in answers.items():
        codes = effects.get(item) if isinstance(item, str) else None
        if codes is None:
            raise InvalidAnswers(f"unknown item {_short(item)}")
        given = (value,) if isinstance(value, str) else value
        if not isinstance(given, list | tuple):
            raise InvalidAnswers(f"item {item}: needs a code or a list of codes")
        for code in given:
            if not isinstance(code, str):
                raise InvalidAnswers(f"item {item}: needs a code or a list of codes")
            effect = codes.get(code)
            if effect is None:
                raise InvalidAnswers(f"item {item}: unknown code {_short(code)}")
            bits |= effect
    return bits


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."

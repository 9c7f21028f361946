"""The small closed language of conditions: data, never evaluated text.

    {answer: B01, in: [n, u]}   a screening answer holds one of the codes (without `in`: any)
    {fact: country, in: [KG]}   a fact has one of the values (without `in`: it is known)
    {level: [HIGH, IMMEDIATE]}  the level of the last assessment
    {fired: [EXP, COD]}         a sign of one of these dimensions was found (`any`: of any)
    {strong: "yes"}             a sign of strong weight was found
    {why: [M1]}                 one of these rules gave the level
    {reasons: "yes"}            there is at least one reason that may be repeated to the person
    {channel: sms}
    {language: [unknown]}       the person's language: ky, ru, tg or unknown
    {told: name}                the step `flow.step` has spoken before in this session
    {all: [...]}, {any: [...]}, {not: ...}

A condition is checked once when it is read: depth and size have ceilings, so none can cost more
than a bounded number of look-ups.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from hotline.flow.definition import Cond

MAX_DEPTH = 4
MAX_SIZE = 40
LEAVES = (
    "answer",
    "fact",
    "level",
    "fired",
    "strong",
    "why",
    "reasons",
    "channel",
    "language",
    "told",
)
GROUPS = ("all", "any", "not")


class Known(Protocol):
    """What a condition may look at."""

    @property
    def answers(self) -> Mapping[str, tuple[str, ...]]: ...
    @property
    def facts(self) -> Mapping[str, str]: ...
    @property
    def channel(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def told(self) -> tuple[str, ...]: ...


def holds(cond: Cond | None, known: Known) -> bool:
    """True when the condition holds; no condition always does."""
    if cond is None:
        return True
    return _TESTS[cond.op](cond, known)


def _answer(cond: Cond, known: Known) -> bool:
    given = known.answers.get(cond.name)
    return given is not None and (not cond.values or any(v in given for v in cond.values))


def _fact(cond: Cond, known: Known) -> bool:
    value = known.facts.get(cond.name)
    return value is not None and (not cond.values or value in cond.values)


def _fired(cond: Cond, known: Known) -> bool:
    signs = known.facts.get("fired", "").split()
    return bool(signs) and (
        "any" in cond.values or any(s.split(".")[0] in cond.values for s in signs)
    )


def _yes(fact: str) -> Callable[[Cond, Known], bool]:
    def test(cond: Cond, known: Known) -> bool:
        return bool(known.facts.get(fact)) == ("yes" in cond.values)

    return test


_TESTS: Mapping[str, Callable[[Cond, Known], bool]] = {
    "answer": _answer,
    "fact": _fact,
    "level": lambda c, k: k.facts.get("level") in c.values,
    "fired": _fired,
    "strong": _yes("strong"),
    "why": lambda c, k: any(w in c.values for w in k.facts.get("why", "").split()),
    "reasons": _yes("reasons"),
    "channel": lambda c, k: k.channel in c.values,
    "language": lambda c, k: (k.language or "unknown") in c.values,
    "told": lambda c, k: any(v in k.told for v in c.values),
    "all": lambda c, k: all(holds(i, k) for i in c.inner),
    "any": lambda c, k: any(holds(i, k) for i in c.inner),
    "not": lambda c, k: not holds(c.inner[0], k),
}

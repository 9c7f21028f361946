"""What an SMS really costs: the question with its numbered answers, as it leaves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from typing_extensions import override

from hotline.core.placeholders import names
from hotline.flow.bundle import Bundle
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.graph import Edges, edges, reached, speaking_on
from hotline.flow.checks.subject import Subject
from hotline.flow.contacts import Contacts
from hotline.flow.definition import Step
from hotline.flow.events import Said
from hotline.flow.render import Rendered, render

ANSWERS = 1
"""Parts that numbered answers may add to the parts declared for the question's text."""
FILLED = "0000000000"
"""Stands for whatever fills a placeholder: longer than most names, days and counts."""
NUMBER = "+996 000 000000"


class _AnyNumber(Contacts):
    """Every number may be shown and is a long one: the bound holds whatever the register says."""

    @override
    def number(self, contact: str) -> str | None:
        return NUMBER


@dataclass(frozen=True, slots=True)
class _Translated:
    """The words of a subject, as rendering wants them; English where a translation is missing."""

    subject: Subject

    def text(self, key: str, language: str | None) -> str:
        forms = self.subject.words(key, language or "").forms
        return forms[0] if forms and forms[0] else self.english(key) or ""

    def english(self, key: str) -> str | None:
        text = self.subject.bundle.texts.get(key)
        return None if text is None else text.english


def asked_parts(subject: Subject) -> Iterator[Finding]:
    """A question with its numbered answers takes no more SMS than its text declares, and one."""
    bundle = subject.bundle
    spoken = speaking_on(bundle, "sms")
    for step in bundle.every_step():
        if not step.asks or step.key not in spoken:
            continue
        key = f"{step.key}.ask"
        declared = (bundle.texts.get(f"{key}.sms") or bundle.texts[key]).parts
        for language in subject.languages():
            count = max(shown.segments for shown in _forms(subject, step, language))
            if count > declared + ANSWERS:
                yield Finding(
                    bundle.flows[step.flow].file,
                    step.line,
                    Severity.ERROR,
                    "question-parts",
                    f"{count} parts with its answers; {declared} declared, {ANSWERS} more allowed",
                    step=step.key,
                    language=language,
                    channel="sms",
                    hint="shorten the answers (`sms:`), leave some out (`only: telegram`), "
                    "or declare more `parts:`",
                )


@dataclass(frozen=True, slots=True)
class Cost:
    """The most SMS parts that one way through a flow can take, no step twice."""

    flow: str
    language: str
    parts: int
    latin: int


def costs(subject: Subject) -> tuple[Cost, ...]:
    """An upper bound for every flow and language; flows that are called are counted in.

    Steps that lead back to one another count all together, each once.
    """
    bundle = subject.bundle
    spoken = speaking_on(bundle, "sms")
    ways = edges(bundle)
    found = []
    for flow in bundle.flows.values():
        if not flow.steps:
            continue
        for language in subject.languages():
            usual = _bound(bundle, flow.name, _weights(subject, language, spoken), ways)
            short = _bound(bundle, flow.name, _weights(subject, language, spoken, latin=True), ways)
            found.append(Cost(flow.name, language, usual, short))
    return tuple(found)


def _weights(
    subject: Subject, language: str, spoken: frozenset[str], *, latin: bool = False
) -> dict[str, int]:
    return {
        step.key: max((r.segments for r in _forms(subject, step, language, latin=latin)), default=0)
        for step in subject.bundle.every_step()
        if step.key in spoken
    }


def _forms(
    subject: Subject, step: Step, language: str, *, latin: bool = False
) -> Iterator[Rendered]:
    """The step as it leaves, in every form of its text."""
    if not (step.asks or step.tells):
        return
    words = _Translated(subject)
    base = f"{step.key}.{step.part}"
    for variant in ("", *step.variants):
        key = f"{base}.{variant}" if variant else base
        filled = dict.fromkeys(names(words.text(key, language)), FILLED)
        filled |= dict.fromkeys(names(words.text(f"{key}.sms", language)), FILLED)
        choices = subject.bundle.shown[step.key, "sms", variant == "third"]
        yield render(
            Said(key, step=step.key, args=filled, choices=choices if step.asks else ()),
            words=words,
            contacts=_AnyNumber({}),
            channel="sms",
            language=language,
            latin=latin,
        )


def _bound(
    bundle: Bundle,
    flow: str,
    weights: Mapping[str, int],
    ways: Edges,
    inside: frozenset[str] = frozenset(),
) -> int:
    """The heaviest way from the flow's start over groups of steps that reach one another."""
    own = [step.key for step in bundle.flows[flow].steps.values() if step.key in weights]
    here = {key: frozenset(t for t in ways[key] if t in own) for key in own}
    after = {key: reached([key], here) for key in own}
    group = {key: frozenset(t for t in after[key] if key in after[t]) for key in own}

    def weight(key: str) -> int:
        step = bundle.steps[key]
        called = 0
        if step.call is not None and step.call not in inside:
            called = _bound(bundle, step.call, weights, ways, inside | {flow})
        return weights[key] + called

    total = {key: sum(weight(one) for one in group[key]) for key in own}
    best: dict[frozenset[str], int] = {}

    def heaviest(members: frozenset[str]) -> int:
        if members not in best:
            onward = {group[t] for key in members for t in here[key]} - {members}
            one = next(iter(members))
            best[members] = total[one] + max((heaviest(more) for more in onward), default=0)
        return best[members]

    return max((heaviest(members) for members in set(group.values())), default=0)

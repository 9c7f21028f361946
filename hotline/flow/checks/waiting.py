"""Where somebody in danger could wait for ever because nobody was called."""

from collections.abc import Iterator

from hotline.flow.bundle import PLACES
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.graph import acts, edges, resolve
from hotline.flow.checks.subject import Subject
from hotline.flow.definition import Step

DANGEROUS = ("danger", "immediate")
"""Places of the engine where silence may mean that somebody cannot write any more."""
ABOUT_A_PERSON = frozenset({"name", "surname", "phone", "address", "passport", "birthday"})
"""Names under which an answer about who somebody is would be kept."""


def strands(subject: Subject) -> Iterator[Finding]:
    """On the way from danger, a question before a person was promised must mind silence."""
    bundle = subject.bundle
    ways = edges(bundle)
    starts = (resolve(bundle, PLACES[place]) for place in DANGEROUS)
    todo = [key for key in starts if key]
    seen: set[str] = set()
    while todo:
        step = bundle.steps[todo.pop()]
        if step.key in seen or _promises(step):
            continue
        seen.add(step.key)
        if step.asks and step.silence is None:
            yield Finding(
                bundle.flows[step.flow].file,
                step.line,
                Severity.NOTICE,
                "strands",
                "asked in danger before a person is promised; silence changes nothing",
                step=step.key,
                hint="promise a person first, or add silence: {after: 10m, do: {handover: ...}}",
            )
            continue
        todo.extend(ways[step.key])


def identity(subject: Subject) -> Iterator[Finding]:
    """Nobody is asked who they are before agreeing to something: that belongs to consent."""
    bundle = subject.bundle
    for step in bundle.every_step():
        if not step.asks or step.keep not in ABOUT_A_PERSON:
            continue
        flow = bundle.flows[step.flow]
        agreed = any(act.do == "consent" for one in flow.steps.values() for act in acts(one))
        if not agreed:
            yield Finding(
                flow.file,
                step.line,
                Severity.ERROR,
                "identity",
                f"asks for {step.keep!r} in a flow that never asks for consent",
                step=step.key,
                hint="ask for agreement first, or let a person ask",
            )


def retention(subject: Subject) -> Iterator[Finding]:
    """Words that are asked for are kept for a time that the author knows."""
    for step in subject.bundle.every_step():
        if step.asks and step.free == "text" and step.kept is None:
            yield Finding(
                subject.bundle.flows[step.flow].file,
                step.line,
                Severity.ERROR,
                "retention",
                "asks for words without saying how long they are kept",
                step=step.key,
                hint="add  kept: message  (30 days) or  kept: case",
            )


def _promises(step: Step) -> bool:
    return any(act.do == "handover" for act in step.do)

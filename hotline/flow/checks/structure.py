"""Nobody can be trapped: every step can be reached, and from every step an end or a person can."""

from collections.abc import Iterator

from hotline.flow.bundle import PLACES, Bundle
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.graph import (
    acts,
    backwards,
    callers,
    circle,
    edges,
    reached,
    resolve,
    roots,
    silent_edges,
)
from hotline.flow.checks.subject import Subject
from hotline.flow.definition import RETURN, Step

PEOPLE_PLACES = ("danger", "wait", "immediate")
"""Places of the engine where a person is promised. Each must really lead to one."""


def unreachable(subject: Subject) -> Iterator[Finding]:
    """A step that nothing leads to, not even a circle of its own."""
    bundle = subject.bundle
    seen = reached(roots(bundle), edges(bundle))
    for step in bundle.every_step():
        if step.key not in seen:
            yield _at(
                bundle,
                step,
                "unreachable",
                f"{step.name!r} cannot be reached from anywhere",
                "lead to it, mark its flow `entry: true`, or take it out",
            )


def no_exit(subject: Subject) -> Iterator[Finding]:
    """A step from which neither an end nor a person can be reached."""
    bundle = subject.bundle
    exits = [step.key for step in bundle.every_step() if _is_exit(bundle, step)]
    safe = reached(exits, backwards(edges(bundle)))
    for step in bundle.every_step():
        if step.key not in safe:
            yield _at(
                bundle,
                step,
                "no-exit",
                "no way on from here reaches an end or a person",
                "add an `end:`, a `return` or a {handover: ...} to a step it leads to",
            )


def circles(subject: Subject) -> Iterator[Finding]:
    """A circle of steps in which nobody is waited for: the machine would talk for ever."""
    found = circle(silent_edges(subject.bundle))
    if found:
        step = subject.bundle.steps[found[0]]
        yield _at(
            subject.bundle,
            step,
            "circle",
            "goes round without waiting: " + " > ".join(found),
            "ask something inside the circle, or leave it",
        )


def a_person(subject: Subject) -> Iterator[Finding]:
    """HUMAN, danger and the worst result must each lead to a promise of a person."""
    bundle = subject.bundle
    ways = edges(bundle)
    for place in PEOPLE_PLACES:
        start = resolve(bundle, PLACES[place])
        if start is None:
            continue
        after = reached([start], ways)
        if not any(act.do == "handover" for key in after for act in acts(bundle.steps[key])):
            yield _at(
                bundle,
                bundle.steps[start],
                "no-person",
                f"{place}: no person is ever promised",
                "add {handover: ...} here",
            )


def timers(subject: Subject) -> Iterator[Finding]:
    """Silence must be answered where it is dangerous to wait, and never by the same question."""
    bundle = subject.bundle
    for step in bundle.every_step():
        if step.silence is None:
            continue
        goto = step.silence.goto
        target = None if goto is None else resolve(bundle, goto)
        if not step.asks:
            yield _at(
                bundle,
                step,
                "timer",
                "has a timer, but nobody is waited for here",
                "take silence: out, or ask something",
            )
        elif target == step.key:
            yield _at(
                bundle,
                step,
                "timer",
                "silence leads back to the same question",
                "lead to a step that says something else or ends",
            )


def called(subject: Subject) -> Iterator[Finding]:
    """A flow that is called must be able to come back; `return` needs somebody to return to."""
    bundle = subject.bundle
    for flow in bundle.flows.values():
        by = callers(bundle, flow.name)
        steps = list(flow.steps.values())
        returns = [step for step in steps if RETURN in step.targets()]
        if by and not returns:
            yield _at(
                bundle,
                by[0],
                "no-return",
                f"calls {flow.name!r}, which never returns",
                "use goto: instead of call:, or let the flow `return`",
            )


def removed(subject: Subject) -> Iterator[Finding]:
    """People who wait at a step that is gone, without a map that leads them on."""
    bundle = subject.bundle
    for key, count in sorted(subject.waiting.items()):
        if count > 0 and key not in bundle.steps and key not in bundle.moves:
            flow = key.partition(".")[0]
            people = "1 person waits" if count == 1 else f"{count} people wait"
            yield Finding(
                f"flows/{flow}.yaml",
                0,
                Severity.ERROR,
                "in-flight",
                f"{people} at {key!r}, which is gone",
                step=key,
                hint="give a map under moves: old step: new step",
            )


def untold(subject: Subject) -> Iterator[Finding]:
    """A step that no golden story visits."""
    if subject.told is None:
        return
    for step in subject.bundle.every_step():
        if step.key not in subject.told:
            yield _at(
                subject.bundle,
                step,
                "untold",
                "no story under tests/golden visits this step",
                "play it and save the story",
                Severity.WARNING,
            )


def items(subject: Subject) -> Iterator[Finding]:
    """A screening question must ask for an item of the ruleset, with the ruleset's own codes."""
    if subject.items is None:
        return
    for step in subject.bundle.every_step():
        if step.item is None:
            continue
        known = subject.items.get(step.item)
        if known is None:
            yield _at(subject.bundle, step, "item", f"{step.item!r} is no item of the ruleset")
            continue
        for option in step.options:
            if option.code not in known:
                yield _at(
                    subject.bundle,
                    step,
                    "item",
                    f"{step.item} has no answer {option.code!r}",
                    "codes: " + ", ".join(sorted(known)),
                )


def _is_exit(bundle: Bundle, step: Step) -> bool:
    if step.end is not None or step.dynamic:
        return True
    if any(act.do in {"handover", "hide", "show"} for act in acts(step)):
        return True
    # A flow that no step calls is started by the machine in the middle of something; coming back
    # from it is to stand where one stood before.
    return RETURN in step.targets() and not callers(bundle, step.flow)


def _at(
    bundle: Bundle,
    step: Step,
    check: str,
    message: str,
    hint: str = "",
    severity: Severity = Severity.ERROR,
) -> Finding:
    file = bundle.flows[step.flow].file
    return Finding(file, step.line, severity, check, message, step=step.key, hint=hint)

"""Flows as a graph: where each step may lead, sub-flows and returns included."""

from collections.abc import Iterable, Iterator, Mapping

from hotline.flow.bundle import PLACES, Bundle
from hotline.flow.definition import AGAIN, RETURN, Act, Cond, Step

Edges = Mapping[str, frozenset[str]]


def resolve(bundle: Bundle, target: str) -> str | None:
    """The key of the step that a target names (`flow.start` is the flow's first step)."""
    step = bundle.steps.get(target)
    return step.key if step else None


def acts(step: Step) -> Iterator[Act]:
    """Everything a step does, whichever answer is given."""
    yield from step.do
    for option in step.options:
        yield from option.do


def callers(bundle: Bundle, flow: str) -> tuple[Step, ...]:
    return tuple(step for step in bundle.every_step() if step.call == flow)


def roots(bundle: Bundle) -> frozenset[str]:
    """Steps that the machine itself leads to."""
    named = [*PLACES.values(), *bundle.moves.values()]
    named += [f"{flow.name}.start" for flow in bundle.flows.values() if flow.entry]
    named += [entry for flow in bundle.flows.values() for entry in flow.entries]
    return frozenset(key for key in (resolve(bundle, name) for name in named) if key)


def edges(bundle: Bundle) -> Edges:
    """Step -> every step that may come next, whatever is answered; calls and returns included."""
    return {step.key: frozenset(_next(bundle, step)) for step in bundle.every_step()}


def silent_edges(bundle: Bundle) -> Edges:
    """Step -> steps that may come next in the same turn, without waiting for the person.

    A call leads into its flow, and past it only where that flow can return without a wait.
    """
    through = _transparent(bundle)
    found: dict[str, frozenset[str]] = {}
    for step in bundle.every_step():
        if step.asks:
            found[step.key] = frozenset(_keys(bundle, step, _passed_over(step)))
            continue
        targets = [t for t in step.targets() if t != RETURN]
        if step.call is not None:
            past = {step.next} if step.next else set()
            kept = [t for t in targets if t not in past or step.call in through]
            targets = [*kept, f"{step.call}.start"]
        found[step.key] = frozenset(_keys(bundle, step, targets))
    return found


def reached(start: Iterable[str], ways: Edges) -> frozenset[str]:
    """Everything that can be reached from `start`, itself included."""
    seen: set[str] = set()
    todo = list(start)
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo.extend(ways.get(key, ()))
    return frozenset(seen)


def backwards(ways: Edges) -> Edges:
    """The same graph with every edge turned round."""
    turned: dict[str, set[str]] = {key: set() for key in ways}
    for key, targets in ways.items():
        for target in targets:
            turned.setdefault(target, set()).add(key)
    return {key: frozenset(found) for key, found in turned.items()}


def speaking_on(bundle: Bundle, channel: str) -> frozenset[str]:
    """Steps that can come up on a channel: those behind a branch or condition that this channel
    never passes are left out."""
    ways = {step.key: frozenset(_next(bundle, step, channel)) for step in bundle.every_step()}
    seen = reached(roots(bundle), ways)
    return frozenset(k for k in seen if decided(bundle.steps[k].when, channel) is not False)


def decided(cond: Cond | None, channel: str) -> bool | None:
    """What a condition comes to when only the channel is known; None when it depends on more."""
    if cond is None:
        return True
    if cond.op == "channel":
        return channel in cond.values
    inner = [decided(one, channel) for one in cond.inner]
    if cond.op == "not" and inner:
        return None if inner[0] is None else not inner[0]
    if cond.op == "all":
        return False if False in inner else None if None in inner else True
    if cond.op == "any":
        return True if True in inner else None if None in inner else False
    return None


def circle(ways: Edges) -> tuple[str, ...]:
    """One circle of the graph, in walking order; empty when there is none."""
    done: set[str] = set()
    for start in ways:
        if start not in done:
            found = _walk(start, ways, done)
            if found:
                return found
    return ()


def _walk(start: str, ways: Edges, done: set[str]) -> tuple[str, ...]:
    path: list[str] = [start]
    waiting = [iter(sorted(ways.get(start, ())))]
    while path:
        for target in waiting[-1]:
            if target in path:
                return (*path[path.index(target) :], target)
            if target not in done:
                path.append(target)
                waiting.append(iter(sorted(ways.get(target, ()))))
                break
        else:
            done.add(path.pop())
            waiting.pop()
    return ()


def _next(bundle: Bundle, step: Step, channel: str | None = None) -> Iterator[str]:
    targets = list(step.targets()) if channel is None else list(_targets_on(step, channel))
    if step.call is not None:
        targets.append(f"{step.call}.start")
    if RETURN in targets:
        for caller in callers(bundle, step.flow):
            targets += [t for t in (caller.next,) if t]
    yield from _keys(bundle, step, (t for t in targets if t != RETURN))


def _targets_on(step: Step, channel: str) -> Iterator[str]:
    holds = decided(step.when, channel)
    if holds is not True:
        yield from (t for t in (step.otherwise or step.next,) if t)
    if holds is False:
        return
    yield from (o.goto for o in step.options if o.goto and o.only in (None, channel))
    yield from (t for t in (step.skip, step.silence.goto if step.silence else None) if t)
    for branch in step.branch:
        taken = decided(branch.when, channel)
        if taken is not False:
            yield branch.goto
        if taken is True and branch.when is not None:
            return
    if step.next:
        yield step.next


def _keys(bundle: Bundle, step: Step, targets: Iterable[str]) -> Iterator[str]:
    for target in targets:
        key = step.key if target == AGAIN else resolve(bundle, target)
        if key is not None:
            yield key


def _passed_over(step: Step) -> Iterator[str]:
    """Where a question leads that is not asked: its condition does not hold, or it was asked."""
    if step.when is not None:
        yield from (t for t in (step.otherwise or step.next,) if t)
    if step.once and step.next:
        yield step.next


def _transparent(bundle: Bundle) -> frozenset[str]:
    """Flows that can come back to their caller without having waited."""
    found: set[str] = set()
    while True:
        more = {
            name
            for name, flow in bundle.flows.items()
            if name not in found and flow.start in flow.steps and _passes(bundle, name, found)
        }
        if not more:
            return frozenset(found)
        found |= more


def _passes(bundle: Bundle, flow: str, through: set[str]) -> bool:
    seen: set[str] = set()
    todo = [f"{flow}.{bundle.flows[flow].start}"]
    while todo:
        step = bundle.steps.get(todo.pop())
        if step is None or step.key in seen:
            continue
        seen.add(step.key)
        blocked = step.call is not None and step.call not in through
        targets = [t for t in step.targets() if not (blocked and t == step.next)]
        if step.asks:
            targets = list(_passed_over(step))
        if RETURN in targets:
            return True
        todo.extend(_keys(bundle, step, targets))
    return False

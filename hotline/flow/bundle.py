"""All flows of one revision, joined and made ready: a turn looks things up and searches nothing."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hotline.core.reading import Choice, Expects
from hotline.flow import events
from hotline.flow.definition import AGAIN, DONE, RETURN, Flow, Option, Step, Text, Topic
from hotline.flow.parse import parse, parse_moves, parse_sets
from hotline.flow.problems import FlowInvalid, Problem

CHANNELS = ("telegram", "sms")
COMMON = "common"

PLACES = {
    "start": "start.start",
    "again": "again.start",
    "menu": "menu.start",
    "danger": "danger.start",
    "wait": "wait.start",
    "waiting": "wait.waiting",
    "go_on": "result.go_on",
    "immediate": "result.immediate",
    "result": "result.start",
    "rather_tell": "work.rather_tell",
    "unsure": "unsure.start",
    "near": "near.start",
    "language": "language.start",
    "language_offer": "language.offer",
    "latin": "language.latin",
    "question": "question.answered",
    "choose": "question.choose",
    "delete": "data.delete",
}
"""Steps that the engine itself leads to. A folder of flows must have them all."""

LINES = (
    "common.neutral", "common.help", "common.stale", "common.media", "common.voice", "common.photo",
    "common.sticker", "common.contact", "common.location", "common.soft", "common.noted",
    "common.language_set", "common.first_step", "common.not_skipped", "common.marked",
    "common.marked_none", "common.marked_none",
    "common.done", "common.share_stopped", "common.started", "common.sorry", "common.topic_none",
    "common.out_of_scope", "common.checked",
)  # fmt: skip
"""Texts that the engine itself says."""

Labels = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Flows, answers and words of one revision.

    `steps` holds every step by `flow.step`, and every flow's first step also as `flow.start`.
    `shown` (by step, channel and whether it is about somebody else) and `expects` (by step and
    channel) are the options of a step, as said and as listened for.
    `topics` are the answers of the knowledge base. `moves` leads people on from removed steps.
    """

    revision: str
    flows: Mapping[str, Flow]
    steps: Mapping[str, Step]
    texts: Mapping[str, Text]
    topics: Mapping[str, Topic]
    moves: Mapping[str, str]
    shown: Mapping[tuple[str, str, bool], tuple[events.Option, ...]] = field(repr=False)
    expects: Mapping[tuple[str, str], Expects] = field(repr=False)
    topic_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    called: frozenset[str] = frozenset()  # flows that others call and that return to them

    def step(self, key: str) -> Step | None:
        return self.steps.get(key)

    def every_step(self) -> Iterator[Step]:
        """Each step once, in file order."""
        for flow in self.flows.values():
            yield from flow.steps.values()


def build(
    sources: Mapping[str, Any],
    *,
    revision: str,
    topics: Mapping[str, Topic] | None = None,
    labels: Labels | None = None,
    complete: bool = True,
) -> Bundle:
    """Parse and join flow files (name -> mapping with line numbers).

    `labels(key)` gives a text in every language (code -> text); without it only the English of the
    file is listened for. `complete=False` leaves out the check that the steps and lines which the
    engine itself uses are there (tests, the linter's small examples). Raises `FlowInvalid` with
    every problem of all files.
    """
    problems: list[Problem] = []
    sets: Mapping[str, tuple[Option, ...]] = {}
    flows: dict[str, Flow] = {}
    moves: dict[str, str] = {}
    order = sorted(sources, key=lambda name: (name != COMMON, name))
    for name in order:
        try:
            source = _mapping(name, sources[name])
            if source.get("sets") and name == COMMON:
                sets = parse_sets(source)
            flow = parse(source, sets=sets)
            moves.update(parse_moves(source))
        except FlowInvalid as invalid:
            problems.extend(invalid.problems)
            continue
        if flow.name != name:
            message = f"the file is called {name}, its flow {flow.name}"
            problems.append(Problem(flow.file, flow.line, "", "flow", message, "make them equal"))
        flows[flow.name] = flow
    texts = {key: text for flow in flows.values() for key, text in flow.texts.items()}
    steps = {step.key: step for flow in flows.values() for step in flow.steps.values()}
    for flow in flows.values():
        if flow.start in flow.steps:
            steps[f"{flow.name}.start"] = flow.steps[flow.start]
    if not problems:
        problems += _loose_ends(flows, steps, texts, moves)
    if complete and not problems:
        problems += _missing(steps, texts)
    if problems:
        raise FlowInvalid(problems)
    label = labels or (lambda key: {"en": texts[key].english} if key in texts else {})
    shown = {
        (step.key, channel, third): tuple(_shown(step, channel, third=third))
        for step in steps.values()
        for channel in CHANNELS
        for third in (False, True)
    }
    expects = {
        (step.key, channel): _expects(step, channel, label)
        for step in steps.values()
        for channel in CHANNELS
    }
    known = dict(topics or {})
    return Bundle(
        revision=revision,
        flows=flows,
        steps=steps,
        texts=texts,
        topics=known,
        moves=moves,
        shown=shown,
        expects=expects,
        called=frozenset(step.call for step in steps.values() if step.call is not None),
        topic_labels={t: dict(label(f"answers.{t}.label")) for t in known},
    )


def _mapping(name: str, source: object) -> Mapping[Any, Any]:
    if isinstance(source, Mapping):
        return source
    raise FlowInvalid([Problem(f"flows/{name}.yaml", 1, "", "", "is empty or no flow")])


def options_on(step: Step, channel: str) -> tuple[Option, ...]:
    """The options of a step that are offered on a channel."""
    return tuple(o for o in step.options if o.only in (None, channel))


def _shown(step: Step, channel: str, *, third: bool) -> Iterator[events.Option]:
    for option in options_on(step, channel):
        yield events.Option(option.code, option.label(third=third))
    if step.multi and channel == "telegram":
        # With buttons, several answers are tapped one by one; typed numbers come all at once.
        yield events.Option(DONE, f"{COMMON}.{DONE}")


def _expects(step: Step, channel: str, label: Labels) -> Expects:
    choices = tuple(
        Choice(o.code, dict(label(o.key)), (*o.synonyms, *_also(o, label)), o.means)
        for o in options_on(step, channel)
    )
    if step.multi and channel == "telegram":
        choices += (Choice(DONE, dict(label(f"{COMMON}.{DONE}"))),)
    return Expects(step=step.key, choices=choices, multi=step.multi, free=step.free)


def _also(option: Option, label: Labels) -> Iterator[str]:
    """The other labels that an option is shown by: the shorter one, and the one about others."""
    for key in (f"{option.key}.sms", f"{option.key}.third", f"{option.key}.third.sms"):
        yield from dict.fromkeys(label(key).values())


def _loose_ends(
    flows: Mapping[str, Flow],
    steps: Mapping[str, Step],
    texts: Mapping[str, Text],
    moves: Mapping[str, str],
) -> Iterator[Problem]:
    for flow in flows.values():
        for step in flow.steps.values():
            for target in step.targets():
                if target not in (RETURN, AGAIN) and target not in steps:
                    near = difflib.get_close_matches(target, steps, n=1)
                    hint = f"did you mean {near[0]!r}?" if near else ""
                    message = f"leads to {target!r}, which is no step"
                    yield Problem(flow.file, step.line, step.key, "goto", message, hint)
            if step.call is not None and (step.call not in flows or not flows[step.call].steps):
                near = difflib.get_close_matches(step.call, flows, n=1)
                hint = f"did you mean {near[0]!r}?" if near else ""
                message = f"calls {step.call!r}, which is no flow"
                yield Problem(flow.file, step.line, step.key, "call", message, hint)
            for option in step.options:
                if option.key not in texts:
                    message = f"label {option.key!r} is no text"
                    yield Problem(flow.file, option.line, step.key, option.code, message)
    for old, new in moves.items():
        if new not in steps:
            yield Problem("", 0, old, "moves", f"leads to {new!r}, which is no step")


def _missing(steps: Mapping[str, Step], texts: Mapping[str, Text]) -> Iterator[Problem]:
    for use, key in PLACES.items():
        if key not in steps:
            flow, _, name = key.partition(".")
            yield Problem(
                f"flows/{flow}.yaml", 0, key, "", f"the machine needs this step for {use!r}",
                f"add a step {name!r}",
            )  # fmt: skip
    for key in LINES:
        if key not in texts:
            yield Problem("flows/common.yaml", 0, key, "", "the machine needs this text",
                          "add it under texts:")  # fmt: skip

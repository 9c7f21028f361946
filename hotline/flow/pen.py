"""One turn while it is being written: a session taken apart, and the events so far.

The pen only knows how to speak, to move and to state facts. Walking from step to step is in
`hotline.flow.walk`, what a message means in `hotline.flow.engine`, what commands do in
`hotline.flow.orders`, screening in `hotline.flow.judging`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol

from hotline.core.reading import Choice, Expects, Heard, Reading
from hotline.flow import events as ev
from hotline.flow.bundle import PLACES, Bundle
from hotline.flow.definition import AGAIN, RETURN, Step
from hotline.flow.session import Frame, Session, Turn

MAX_STEPS = 60
"""Steps one turn may pass through. A flow that wants more is in a circle."""
MAX_STACK = 12
"""Interruptions and sub-flows open at once."""
MAX_TURNS = 500
"""Turns after which a person is offered instead of another question."""
MAX_ANSWER = 1000
"""Characters of a typed answer that is recorded (the message itself is kept whole)."""
MAX_TRAIL = 30
MAX_FOLLOW_UPS = 3

RANK = {"P0": 0, "P1": 1, "P2": 2, "P3": 3}

Answers = Mapping[str, tuple[str, ...]]
Ctx = Mapping[str, bool]


class Mode(StrEnum):
    """Who is speaking with the person: the conversation's state, as far as the engine minds."""

    BOT = "bot"
    WAITING = "waiting"  # a person is promised
    HUMAN = "human"  # a person has the conversation; the machine is mute
    QUIET = "quiet"  # stopped, hidden or closed


class Assessed(Protocol):
    """What the engine uses of an assessment."""

    @property
    def level(self) -> str: ...
    @property
    def why(self) -> tuple[str, ...]: ...
    @property
    def fired(self) -> tuple[str, ...]: ...
    def to_mapping(self) -> Mapping[str, Any]: ...


Read = Callable[[Heard, Expects], Reading]
Assess = Callable[[Answers, str | None, Ctx], Assessed]
CanChange = Callable[..., bool]
"""`(answers, stage, ctx, *, routing, channel, asked) -> bool`; `routing` holds R0 to R3 by id."""
Reasons = Callable[[Answers, str | None, Ctx], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Judges:
    """The screening, passed in as functions.

    `can_change`: whether further answers of the stage could still change the level. `reasons`: the
    (item, code) pairs that fired, strongest first. Both may be missing.
    """

    assess: Assess
    can_change: CanChange | None = None
    reasons: Reasons | None = None


class Pen:
    """Mutable, used for one turn and thrown away."""

    def __init__(self, bundle: Bundle, session: Session, *, mode: Mode = Mode.BOT) -> None:
        self.bundle = bundle
        self.session = session
        self.mode = mode
        self.stack = list(session.stack)
        self.turn = session.turn + 1
        self.language = session.language
        self.doubt = session.language_doubt
        self.channel = session.channel
        self.answers = dict(session.answers)
        self.facts = dict(session.facts)
        self.tries = session.tries
        self.offered = session.offered
        self.waiting = session.waiting
        self.ended = session.ended
        self.told = session.told
        self.picked = session.picked
        self.trail = session.trail
        self.events: list[ev.Event] = []
        self.halted = False
        self.promised = False  # a person was promised in this very turn
        self.judges: Judges | None = None
        self.path: list[str] = []

    # ------------------------------------------------------------------ where we are

    @property
    def frame(self) -> Frame:
        return self.stack[-1]

    @property
    def step(self) -> Step:
        return self.bundle.steps[f"{self.frame.flow}.{self.frame.step}"]

    @property
    def third(self) -> bool:
        """The person writes about somebody else."""
        return self.facts.get("third_party") == "yes"

    def expects(self) -> Expects:
        """What the waiting step can take; a question may come anywhere."""
        if not self.waiting:
            return Expects(language=self.language, free="question")
        known = self.bundle.expects[self.step.key, self.channel]
        if self.step.dynamic or self.step.follow_ups:
            from_offer = tuple(code for key, code in self.offered if key == self.step.key)
            topics = topic_choices(self.bundle, from_offer)
            known = replace(known, choices=(*topics, *known.choices))
        return Expects(
            known.step, known.choices, known.multi, known.free or "question", self.language
        )

    def done(self) -> Turn:
        session = Session(
            revision=self.bundle.revision,
            stack=tuple(self.stack),
            turn=self.turn,
            language=self.language,
            language_doubt=self.doubt,
            channel=self.channel,
            answers=self.answers,
            facts=self.facts,
            tries=self.tries,
            offered=self.offered,
            waiting=self.waiting,
            ended=self.ended,
            told=self.told,
            picked=self.picked,
            trail=self.trail,
        )
        return Turn(session, tuple(self.events), tuple(self.path))

    # ------------------------------------------------------------------ stating

    def emit(self, event: ev.Event) -> None:
        self.events.append(event)

    def line(self, key: str, **args: str) -> None:
        """A line of the machine's own, outside any step."""
        self.emit(ev.Said(key, args=args, neutral=self.bundle.texts[key].neutral))

    def fact(self, name: str, value: str) -> None:
        if self.facts.get(name) != value:
            self.facts[name] = value
            self.emit(ev.FactStated(name, value))

    def hand_over(
        self, klass: str, reason: str, *, silent: bool = False, topic: str | None = None
    ) -> None:
        """Promise a person. What is promised already is never lowered by the machine."""
        before = self.facts.get("class")
        if before is not None and RANK[before] < RANK[klass]:
            klass = before
        same = before == klass and silent == (self.facts.get("silent") == "yes")
        if same and not topic and (self.promised or self.mode in (Mode.WAITING, Mode.HUMAN)):
            return
        self.promised = True
        self.facts["class"] = klass
        if silent:
            self.facts["silent"] = "yes"
        else:
            self.facts.pop("silent", None)
        self.emit(ev.HandoverRequested(klass, reason, silent=silent, topic=topic))

    def hide(self) -> None:
        """Silence until the person writes. Danger already heard stays, and becomes silent."""
        if self.facts.get("class") in ("P0", "P1"):
            self.hand_over(self.facts["class"], "danger", silent=True)
        self.drop_timers()
        self.facts["quiet"] = "yes"
        self.emit(ev.Hidden())
        self.halted = True
        # Where we stood when it began: there we are found again.
        self.stack = list(self.session.stack)
        self.waiting = False

    def drop_timers(self) -> None:
        if not any(isinstance(e, ev.TimersDropped) for e in self.events):
            self.emit(ev.TimersDropped())

    def forget(self, *, stage: str) -> None:
        """Forget the answers of a stage ("all": of every one) and what was judged from them."""
        prefixes = ("A", "B", "C") if stage == "all" else (stage,)
        self.answers = {k: v for k, v in self.answers.items() if k[0] not in prefixes or k == "A1"}
        for name in ("level", "fired", "why", "strong", "reasons", "asked_go_on", "settled"):
            self.facts.pop(name, None)

    # ------------------------------------------------------------------ moving

    def target(self, goto: str) -> Frame:
        step = self.bundle.steps[goto]
        return Frame(step.flow, step.name)

    def go(self, goto: str) -> None:
        """Move within the frame (or into another flow in its place), return, or ask again."""
        self.tries = 0
        self.picked = ()
        if goto == AGAIN:
            return
        if goto == RETURN:
            self.back_out()
            return
        self.stack[-1] = self.target(goto)

    def push(self, place: str) -> None:
        """Interrupt: another flow on top, after which we come back here."""
        frame = self.target(PLACES.get(place, place))
        # The same interruption is never stacked on itself, and never too many of them.
        self.stack = [f for f in self.stack if f.flow != frame.flow] or []
        self.stack = [*self.stack[-(MAX_STACK - 1) :], frame]
        self.waiting = False
        self.tries = 0
        self.picked = ()

    def jump(self, place: str) -> None:
        """Leave everything and begin elsewhere."""
        self.stack = [self.target(PLACES.get(place, place))]
        self.trail = ()
        self.waiting = False
        self.tries = 0
        self.picked = ()

    def back_out(self) -> None:
        """Return from a flow: to the caller's next step, or to the question interrupted."""
        self.stack.pop()
        if not self.stack:
            self.stack = [self.target(PLACES["menu"])]
            return
        step = self.step
        if step.call is not None and step.next is not None:
            self.go(step.next)

    def too_far(self) -> None:
        """The ceiling: say so, promise a person, and stop asking."""
        self.stack = [self.target(PLACES["waiting"])]
        self.waiting = True
        self.halted = True
        self.hand_over("P3", "unsure")
        self.line("common.sorry")

    # ------------------------------------------------------------------ speaking

    def text_key(self, step: Step) -> str:
        """The key of a step's text, in the form for whom it is about."""
        key = f"{step.key}.{step.part}"
        if not step.variants:
            return key
        if "third" in step.variants and self.third:
            return f"{key}.third"
        if "minor" in step.variants and self.answers.get("A3") == ("minor",):
            return f"{key}.minor"
        if "plain" in step.variants and not self.facts.get("reasons"):
            return f"{key}.plain"
        return key

    def fill(self, step: Step) -> dict[str, str]:
        made: dict[str, str] = {}
        for name, value in step.args.items():
            kind, _, rest = value.partition(":")
            if kind == "fact":
                made[name] = self.facts.get(rest, "")
            elif kind == "reasons":
                made[name] = f"keys:{self.facts.get('reasons', '')}"
            else:
                made[name] = value
        return made

    def tell(self, step: Step) -> None:
        self.mark(step)
        self.emit(ev.Said(self.text_key(step), args=self.fill(step), neutral=step.neutral))

    def mark(self, step: Step) -> None:
        if step.key not in self.told:
            self.told = (*self.told, step.key)

    def ask(self, step: Step) -> None:
        """Say the question with its options, and wait."""
        if not step.once:  # a question asked once counts when it was answered
            self.mark(step)
        choices = self.choices(step)
        self.emit(
            ev.Said(
                self.text_key(step),
                step=step.key,
                args=self.fill(step),
                choices=choices,
                multi=step.multi,
                neutral=step.neutral,
            )
        )
        self.await_answer(step, choices)

    def choices(self, step: Step) -> tuple[ev.Option, ...]:
        fixed = self.bundle.shown[step.key, self.channel, self.third]
        if step.follow_ups:
            topics = self.follow_ups()
        elif step.dynamic:
            known = self.bundle.topics
            topics = tuple(t for t in self.facts.get("topics", "").split() if t in known)
        else:
            return fixed
        return (*(ev.Option(t, f"answers.{t}.label") for t in topics), *fixed)

    def follow_ups(self) -> tuple[str, ...]:
        """What people often ask after the last answer. Buttons only: by SMS each line costs. What
        goes to a person first is never offered as if it were an answer."""
        last = self.bundle.topics.get(self.facts.get("asked", ""))
        if last is None or self.channel != "telegram":
            return ()
        known = self.bundle.topics
        found = (t for t in last.follow_ups if t in known and not known[t].human_first)
        return tuple(found)[:MAX_FOLLOW_UPS]

    def await_answer(self, step: Step, choices: tuple[ev.Option, ...]) -> None:
        self.offered = tuple((step.key, c.code) for c in choices)
        self.waiting = True
        self.ended = None
        if step.silence is not None:
            self.emit(ev.TimerSet("silence", step.key, step.silence.after_seconds))


def topic_choices(bundle: Bundle, codes: tuple[str, ...]) -> tuple[Choice, ...]:
    """The topics offered, as choices: their labels in every language."""
    return tuple(Choice(c, bundle.topic_labels.get(c, {})) for c in codes if c in bundle.topics)

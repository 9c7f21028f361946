"""One contact's place in one revision: what the engine needs to go on, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hotline.flow.events import Event


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in a flow. Sub-flows put frames on a stack; the last one is where we are."""

    flow: str
    step: str


@dataclass(frozen=True, slots=True)
class Session:
    """Plain values only: a session goes through JSON between any two turns.

    `answers` holds screening items by item id; `facts` the routing and safety facts by name, and
    the last assessment (`level`, `fired`, `why`, `strong`, `class`). `tries` counts
    misunderstandings at this step. Nothing that a person typed in free text is kept here.
    """

    revision: str
    stack: tuple[Frame, ...]
    turn: int = 0
    language: str | None = None
    language_doubt: str | None = None
    channel: str = "telegram"  # "telegram" (buttons) or "sms" (numbered lines)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    tries: int = 0
    offered: tuple[tuple[str, str], ...] = ()  # numbered choices last shown: (step key, code)
    waiting: bool = False  # a step has asked and nobody has answered yet
    ended: str | None = None
    told: tuple[str, ...] = ()  # one-time lines already said, by step key
    picked: tuple[str, ...] = ()  # several answers: what is marked so far
    trail: tuple[str, ...] = ()  # steps answered in this flow, for BACK; the last ones only

    @property
    def place(self) -> Frame:
        return self.stack[-1]

    @property
    def step_key(self) -> str:
        return f"{self.place.flow}.{self.place.step}"

    def to_mapping(self) -> dict[str, Any]:
        """JSON-ready form; `from_mapping` is its inverse."""
        return {
            "revision": self.revision,
            "stack": [[f.flow, f.step] for f in self.stack],
            "turn": self.turn,
            "language": self.language,
            "language_doubt": self.language_doubt,
            "channel": self.channel,
            "answers": {k: list(v) for k, v in self.answers.items()},
            "facts": dict(self.facts),
            "tries": self.tries,
            "offered": [list(o) for o in self.offered],
            "waiting": self.waiting,
            "ended": self.ended,
            "told": list(self.told),
            "picked": list(self.picked),
            "trail": list(self.trail),
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> "Session":
        return cls(
            revision=data["revision"],
            stack=tuple(Frame(f, s) for f, s in data["stack"]),
            turn=data["turn"],
            language=data["language"],
            language_doubt=data.get("language_doubt"),
            channel=data["channel"],
            answers={k: tuple(v) for k, v in data["answers"].items()},
            facts=dict(data["facts"]),
            tries=data["tries"],
            offered=tuple((a, b) for a, b in data["offered"]),
            waiting=data["waiting"],
            ended=data["ended"],
            told=tuple(data.get("told", ())),
            picked=tuple(data.get("picked", ())),
            trail=tuple(data.get("trail", ())),
        )

    def at(self, step: str) -> "Session":
        """The same session, at another step of the same flow."""
        return replace(self, stack=(*self.stack[:-1], Frame(self.place.flow, step)), tries=0)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message or one timer brought about. `path`: the steps walked through, in order."""

    session: Session
    events: tuple[Event, ...]
    path: tuple[str, ...] = ()

"""Facts that the engine states. The shell writes them down; `conversation/apply.py` matches all.

Every event is a frozen dataclass of plain values and is JSON-ready through `to_mapping`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args


@dataclass(frozen=True, slots=True)
class Option:
    """A button or numbered line. `key` names its label, `code` is recorded when it is taken.

    `code` may be an option of the same step or, with `step` given, of another (quick replies).
    """

    code: str
    key: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A line of ours. `args` fill the text's placeholders: plain strings, `contact:<id>`
    references or `key:<text key>` (rendered in the reader's language)."""

    key: str
    step: str | None = None  # the step it belongs to, `flow.step`: prefix of the callback data
    args: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Option, ...] = ()
    multi: bool = False
    neutral: bool = False  # carries no topic: may be sent to a watched phone
    remove_keyboard: bool = False


@dataclass(frozen=True, slots=True)
class AnswerRecorded:
    """`codes` for a choice, `value` for anything typed. `item` is the screening item, if one."""

    step: str
    codes: tuple[str, ...] = ()
    value: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    step: str
    tries: int


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    language: str
    by: str  # "person" (said so), "detected", "hint"


@dataclass(frozen=True, slots=True)
class RiskAssessed:
    """`result` is the mapping of screening.md section 9; `answers` are the coded answers."""

    stage: str | None
    level: str
    result: Mapping[str, Any]
    answers: Mapping[str, tuple[str, ...]]
    ctx: Mapping[str, bool]
    final: bool


@dataclass(frozen=True, slots=True)
class DangerHeard:
    level: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandoverRequested:
    """A person is promised. `klass` is P0..P3; `silent` alerts operators but writes nothing."""

    klass: str
    reason: str  # asked | screening | danger | unsure | keyword | safe_word | rather_tell | resumed
    silent: bool = False
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class HandoverCancelled:
    pass


@dataclass(frozen=True, slots=True)
class FactStated:
    """A routing or safety fact for the case: country, stage, recruiter, third_party, age_band,
    anonymity, safe_until, urgent departure. Coded values only."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    subject: str  # key of the question asked; the shell knows the row it belongs to
    wording: str  # key of the wording shown
    revision: str


@dataclass(frozen=True, slots=True)
class ConsentRefused:
    subject: str
    wording: str
    revision: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    recipient: str | None  # None: all


@dataclass(frozen=True, slots=True)
class DataAsked:
    """WHO HAS MY DATA ("who") or DELETE MY DATA ("delete")."""

    what: str


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A question for the knowledge base. `answered` names the intent shown, None if unanswered."""

    answered: str | None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    intent: str
    helped: bool


@dataclass(frozen=True, slots=True)
class TimerSet:
    kind: str  # silence | reminder | expiry
    step: str
    after_seconds: int


@dataclass(frozen=True, slots=True)
class TimersDropped:
    pass


@dataclass(frozen=True, slots=True)
class Stopped:
    pass


@dataclass(frozen=True, slots=True)
class Hidden:
    pass


@dataclass(frozen=True, slots=True)
class StartedAgain:
    """Somebody in QUIET wrote; or, `asked`, said START: reminders and news are welcome again."""

    asked: bool = False


@dataclass(frozen=True, slots=True)
class SourceNoted:
    source: str


@dataclass(frozen=True, slots=True)
class SafeWindowOpened:
    """The person agreed that we may write here until `minutes` from now."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Ended:
    reason: str


Event = (
    Said
    | AnswerRecorded
    | NotUnderstood
    | LanguageChosen
    | RiskAssessed
    | DangerHeard
    | HandoverRequested
    | HandoverCancelled
    | FactStated
    | ConsentGiven
    | ConsentRefused
    | ConsentWithdrawn
    | DataAsked
    | QuestionAsked
    | FeedbackGiven
    | TimerSet
    | TimersDropped
    | Stopped
    | Hidden
    | StartedAgain
    | SourceNoted
    | SafeWindowOpened
    | Ended
)


_FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in (*get_args(Event), Option)}
"""Looked up once: a turn writes several events, and the general way costs as much as the turn."""


def to_mapping(event: Event) -> dict[str, Any]:
    """`{"Said": {...}}`: the shape of golden stories, with empty fields left out."""
    kind = type(event)
    made: dict[str, Any] = {}
    for name in _FIELDS[kind]:
        value = getattr(event, name)
        if value not in _EMPTY:
            made[name] = value if type(value) in _PLAIN else _plain(value)
    return {kind.__name__: made}


_EMPTY: tuple[object, ...] = (None, (), {}, False, "")
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever an event holds
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Option):
        return {"code": value.code, "key": value.key, "step": value.step}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return tuple([_plain(one) for one in value]) if kind is tuple else [*map(_plain, value)]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value

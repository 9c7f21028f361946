"""What came in (`Heard`) and what it was taken to mean (`Reading`).

`flow`, `screening` and `understanding` are strangers to each other; these values are all that they
share. The order in which a message is judged is fixed: danger and safe word, HIDE, consent and data
commands, STOP, START, LANGUAGE, HUMAN, MENU and BACK, an answer to this step, a keyword, a
question, nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a message is made of."""

    TEXT = "text"
    BUTTON = "button"  # an inline button; `Heard.button` holds `<step key>=<option code>`
    START = "start"  # /start, perhaps with a payload (`Heard.source`)
    LOCATION = "location"
    CONTACT = "contact"
    PHOTO = "photo"
    VOICE = "voice"
    FILE = "file"
    EDIT = "edit"  # an earlier message was changed; kept as a version, moves nothing
    OTHER = "other"  # stickers, polls, anything new


class Command(StrEnum):
    """Words that are understood at every step, in every language."""

    HIDE = "hide"
    STOP_SHARE = "stop_share"
    WHO_HAS_MY_DATA = "who_has_my_data"
    DELETE_MY_DATA = "delete_my_data"
    STOP = "stop"
    START = "start"
    LANGUAGE = "language"
    HUMAN = "human"
    MENU = "menu"
    BACK = "back"
    SKIP = "skip"
    LATIN = "latin"  # SMS in Latin letters, or no longer
    SAFE_WORD = "safe_word"


class DangerLevel(StrEnum):
    NONE = "none"
    SOFT = "soft"  # a fear, a "what if": answered, with the soft offer of a person
    IMMEDIATE = "immediate"


@dataclass(frozen=True, slots=True)
class Danger:
    """Signs of danger in free text. `signs` are names of signs, never the words found."""

    level: DangerLevel = DangerLevel.NONE
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as the engine sees it. `text` is already cleaned and at most 4,096 characters."""

    kind: Kind = Kind.TEXT
    text: str = ""
    button: str | None = None
    source: str | None = None  # payload of a deep link: where someone learned of us, never who
    language_hint: str | None = None  # the client's interface language, a weak sign


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a step. `labels` are its texts in every language (code -> text)."""

    code: str
    labels: Mapping[str, str] = field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    means: str | None = None  # "yes", "no", "unsure" or "skip": the common words count too


@dataclass(frozen=True, slots=True)
class Expects:
    """What the waiting step can take; `read` looks for nothing that the step has no use for."""

    step: str | None = None  # full step key `flow.step`
    choices: tuple[Choice, ...] = ()
    multi: bool = False
    free: str | None = None  # None, "text", "number", "date", "country" or "question"
    language: str | None = None  # the contact's language, where known


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate intent with its calibrated probability, 0 to 1."""

    intent: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message was taken to mean. Everything that was found is given; the engine decides."""

    command: Command | None = None
    near: Command | None = None  # nearly a command: ask "did you mean ...?"
    command_arg: str | None = None  # LANGUAGE: the code named; STOP_SHARE: the partner's words
    danger: Danger = Danger()
    codes: tuple[str, ...] = ()  # options of the step, in the order of the step
    stale_step: str | None = None  # a button of another step than the waiting one was pressed
    value: str | None = None  # free text, number, ISO date or country code
    language: str | None = None  # "ky", "ru", "tg" or "other"
    language_confidence: float = 0.0
    intents: tuple[Scored, ...] = ()  # best first, at most three
    decision: str = "none"  # "answer", "choose", "human", "out_of_scope" or "none"
    small_talk: str | None = None  # "greeting", "thanks", "goodbye", "robot", "who", "rude", ...

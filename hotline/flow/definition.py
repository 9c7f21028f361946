"""What a flow is made of, as frozen values.

`parse` makes them, `bundle` joins them, and nothing changes them afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

RETURN = "return"
"""A target: back to whoever called this flow, or to the step that was interrupted."""
AGAIN = "again"
"""A target: ask the same step once more."""
DONE = "done"
"""The code of the button that ends a question with several answers."""


@dataclass(frozen=True, slots=True)
class Text:
    """One translatable text. `role` says where it is shown.

    `role`: "line" (a message), "sms" (the shorter form of a line or label), "button" (a label),
    "help" (said when an answer was not understood), "phrase" (put into another text).
    `parts`: SMS parts it may take in any language. `topic`: False when it must not name what the
    hotline is about (it may show in a notification). `note` is for translators.
    """

    key: str
    english: str
    file: str = ""
    line: int = 0
    role: str = "line"
    note: str = ""
    critical: bool = False
    parts: int = 2
    neutral: bool = False


@dataclass(frozen=True, slots=True)
class Cond:
    """One condition. `op` is from the closed list in `hotline.flow.conditions`."""

    op: str
    name: str = ""
    values: tuple[str, ...] = ()
    inner: tuple["Cond", ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """One action. `do` is from the closed list in `hotline.flow.actions`."""

    do: str
    value: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a step. `key` names its label (`common.yes` for shared ones).

    `goto` None means the step's own `next`. `alone`: in a question with several answers it cannot
    stand beside another. `only`: offered on this channel alone.
    """

    code: str
    key: str
    goto: str | None = None
    do: tuple[Act, ...] = ()
    means: str | None = None
    synonyms: tuple[str, ...] = ()
    alone: bool = False
    only: str | None = None
    third: bool = False  # has a label of its own when the person writes about somebody else
    line: int = 0

    def label(self, *, third: bool) -> str:
        """The key of the label, for whom it is about."""
        return f"{self.key}.third" if third and self.third else self.key


@dataclass(frozen=True, slots=True)
class Branch:
    """`goto` is taken when `when` holds; None always holds."""

    when: Cond | None
    goto: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody answered within `after_seconds`: do this, and go on at `goto`.

    Without `goto` the same question stays open, and nothing is said.
    """

    after_seconds: int
    goto: str | None = None
    do: tuple[Act, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One place in a flow.

    A step with `asks` waits for an answer; with `tells` it speaks and goes on; with neither it
    only acts, branches or calls. `variants` are the forms of its text that exist ("third",
    "minor", "plain"). Order within a step: `when`, `do`, text, `branch`, `call`, `end`, `next`.
    """

    flow: str
    name: str
    line: int = 0
    asks: bool = False
    tells: bool = False
    variants: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    multi: bool = False
    free: str | None = None
    dynamic: bool = False  # the options are put together at run time (a choice of topics)
    kept: str | None = None  # how long typed words are kept: as a "message" or with the "case"
    follow_ups: bool = False  # topics that follow from the last answer are offered first
    item: str | None = None
    keep: str | None = None  # the fact that an answer is kept as
    skip: str | None = None  # where SKIP leads; "" to `next`; None: cannot be skipped
    when: Cond | None = None
    otherwise: str | None = None
    do: tuple[Act, ...] = ()
    branch: tuple[Branch, ...] = ()
    call: str | None = None
    next: str | None = None
    silence: Silence | None = None
    end: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    neutral: bool = False
    has_help: bool = False
    quiet: bool = False  # an answer is expected, but a message that is none is only noted
    once: bool = False  # said or asked at most once in a session; later passed over to `next`

    @property
    def key(self) -> str:
        """`flow.step`."""
        return f"{self.flow}.{self.name}"

    @property
    def part(self) -> str:
        return "ask" if self.asks else "tell"

    def targets(self) -> tuple[str, ...]:
        """Every place that this step names, `return` and `again` included, in file order."""
        found: list[str | None] = [o.goto for o in self.options]
        found += [b.goto for b in self.branch]
        found += [self.next, self.otherwise, self.skip or None]
        if self.silence and self.silence.goto:
            found.append(self.silence.goto)
        return tuple(dict.fromkeys(t for t in found if t))


@dataclass(frozen=True, slots=True)
class Flow:
    """One file of `flows/`. `start` is the name of its first step. `entry`: the machine itself
    starts it, so that nobody in the files needs to lead there; `entries` are further steps
    (`flow.step`) that it starts by name."""

    name: str
    file: str
    start: str
    steps: Mapping[str, Step]
    texts: Mapping[str, Text]
    about: str = ""
    entry: bool = False
    entries: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """What the engine knows of an answer of the knowledge base: its words stay in the catalogue.

    `checked_on` is the day its facts were last checked, as it is shown ("" where unknown).
    `follow_ups` are intents that people often ask about next.
    """

    intent: str
    human_first: bool = False
    has_sms: bool = False
    checked_on: str = ""
    follow_ups: tuple[str, ...] = ()

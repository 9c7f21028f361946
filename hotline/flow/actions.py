"""The closed list of what a step or an answer may do besides speaking.

Each is written in `do:` as one entry: a bare word, or a mapping whose first key is the action.

    assess                               judge the answers so far, for good
    {handover: P1, reason: screening}    promise a person (`silent: "yes"` alerts operators only)
    cancel_handover
    {fact: stage, value: B}              state a routing or safety fact
    {forget: fact}                       forget a fact within this session
    {record: B05, code: y}               an answer that need not be asked
    {restart: B}                         forget the answers and the level of a stage (`all`: of all)
    {show: asked}                        the knowledge answer whose topic the fact names
    {consent: given} / {consent: refused}
    {data: who} / {data: delete}
    {window: 60}                         we may write here for so many minutes
    {feedback: helped} / {feedback: not_helped}
    {language: ky}
    {command: near}                      carry out the command that the fact names
    hide                                 fall silent: nothing is sent until the person writes
    drop_timers
"""

ACTIONS: dict[str, tuple[str, ...]] = {
    "assess": (),
    "handover": ("reason", "silent", "topic"),
    "cancel_handover": (),
    "fact": ("value",),
    "forget": (),
    "record": ("code",),
    "restart": (),
    "show": (),
    "consent": (),
    "data": (),
    "window": (),
    "feedback": (),
    "language": (),
    "command": (),
    "hide": (),
    "drop_timers": (),
}
"""Action -> the further fields it takes."""

BARE = frozenset({"assess", "cancel_handover", "hide", "drop_timers"})
"""Actions without a value."""

CLOSED: dict[str, tuple[str, ...]] = {
    "handover": ("P0", "P1", "P2", "P3"),
    "consent": ("given", "refused"),
    "data": ("who", "delete"),
    "feedback": ("helped", "not_helped"),
    "language": ("ky", "ru", "tg"),
    "restart": ("A", "B", "C", "all"),
}
"""Action -> the only values it may have."""

REASONS = (
    "asked", "screening", "danger", "unsure", "keyword", "safe_word", "rather_tell", "resumed",
)  # fmt: skip
"""Why a person is promised."""

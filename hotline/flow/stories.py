"""Golden stories: what was heard, what happened. Keys and codes only, so one story serves every
language. The session goes through JSON between any two turns.

    flow: offer
    about: A risky offer, person asked for
    channel: telegram
    language: ky
    turns:
    - hears: start                      # /start; or text: hears: "2" picks the second answer
      happens: [{Said: {key: start.safe.ask, choices: [y, n]}}]
    - hears: {button: start.safe=y}
    - hears: {command: hide}            # a command word, in whatever language
    - hears: {danger: [violence]}       # signs of danger in free text
    - hears: {asks: check_agency}       # a question; `sure: choose` with a list offers a choice
    - hears: {says: text, value: ...}   # free text; `language:` what it is written in
    - hears: {kind: photo}
    - hears: {lapse: silence}           # the timer of the waiting step
    - hears: {call: consent, facts: {partner: ...}}
      idle: 40m                         # beside any of them: time passed, who is speaking
      mode: human                       # without it: who would speak after what happened
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hotline.core.reading import (
    Command,
    Danger,
    DangerLevel,
    Expects,
    Heard,
    Kind,
    Reading,
    Scored,
)
from hotline.flow import engine, events as ev
from hotline.flow.bundle import Bundle
from hotline.flow.definition import DONE
from hotline.flow.parse import AFTER, SECONDS
from hotline.flow.pen import Judges, Mode
from hotline.flow.session import Session, Turn

BEGAN = datetime(2026, 1, 15, 6, 0, tzinfo=UTC)
"""When stories begin. Nothing may depend on it."""

KEPT_OF_ASSESSMENT = ("stage", "level", "final")


@dataclass(frozen=True, slots=True)
class Story:
    """One story as read from its file."""

    flow: str
    name: str
    turns: tuple[Mapping[str, Any], ...]
    channel: str = "telegram"
    language: str | None = "ru"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What happened in each turn, in the shape of the files, and where the story went."""

    turns: tuple[list[dict[str, Any]], ...]
    results: tuple[Turn, ...] = field(repr=False)
    session: Session = field(repr=False)


def read_story(name: str, source: Mapping[str, Any]) -> Story:
    """A story from its mapping. Raises `ValueError` naming what is missing."""
    turns = source.get("turns")
    if not isinstance(turns, list) or not all(isinstance(turn, Mapping) for turn in turns):
        raise ValueError(f"{name}: turns: needs a list")
    return Story(
        flow=str(source.get("flow", "")),
        name=name,
        turns=tuple(turns),
        channel=str(source.get("channel", "telegram")),
        language=source.get("language", "ru"),
        about=str(source.get("about", "")),
    )


def replay(bundle: Bundle, story: Story, judges: Judges) -> Replayed:
    """Play a story through the real engine. Raises `ValueError` for a turn it cannot play."""
    session: Session | None = None
    mode = Mode.BOT
    now = BEGAN
    happened: list[list[dict[str, Any]]] = []
    results: list[Turn] = []
    for number, entry in enumerate(story.turns, 1):
        try:
            idle = seconds(str(entry.get("idle", "5s")))
            now += timedelta(seconds=idle)
            turn = one_turn(bundle, story, session, entry, judges, now=now, idle=idle, mode=mode)
        except (KeyError, ValueError, IndexError) as wrong:
            raise ValueError(f"{story.name}: turn {number}: {wrong!r}") from wrong
        mode = mode_after(turn, mode)
        session = Session.from_mapping(json.loads(json.dumps(turn.session.to_mapping())))
        happened.append([state(event) for event in turn.events])
        results.append(turn)
    if session is None:
        raise ValueError(f"{story.name}: no turns")
    return Replayed(tuple(happened), tuple(results), session)


def one_turn(
    bundle: Bundle,
    story: Story,
    session: Session | None,
    entry: Mapping[str, Any],
    judges: Judges,
    *,
    now: datetime,
    idle: float,
    mode: Mode = Mode.BOT,
) -> Turn:
    """One entry of a story, played on. `mode` is who speaks, unless the entry says otherwise."""
    hears = entry.get("hears")
    extra: dict[str, Any] = {"can_change": judges.can_change, "reasons": judges.reasons}
    if session is None:
        heard, read = hearing(hears)
        return engine.begin(
            bundle,
            heard,
            channel=story.channel,
            language=story.language,
            read=read,
            assess=judges.assess,
            now=now,
            **extra,
        )
    if isinstance(hears, Mapping) and "lapse" in hears:
        turn = int(hears.get("turn", session.turn))
        step = str(hears.get("step", session.step_key))
        return engine.lapse(bundle, session, kind=hears["lapse"], step=step, turn=turn, now=now)
    if isinstance(hears, Mapping) and "call" in hears:
        facts = {k: str(v) for k, v in (hears.get("facts") or {}).items()}
        return engine.call(bundle, session, hears["call"], facts, now=now)
    heard, read = hearing(hears)
    return engine.resume(
        bundle,
        session,
        heard,
        read=read,
        assess=judges.assess,
        now=now,
        idle_seconds=idle,
        mode=Mode(entry.get("mode", mode)),
        **extra,
    )


def mode_after(turn: Turn, mode: Mode) -> Mode:
    """Who speaks after a turn, as the conversation's own rules have it (without any operator)."""
    for event in turn.events:
        if isinstance(event, ev.HandoverRequested) and mode is not Mode.HUMAN:
            mode = Mode.WAITING
        elif isinstance(event, ev.HandoverCancelled):
            mode = Mode.BOT
        elif isinstance(event, ev.Hidden | ev.Stopped | ev.Ended):
            mode = Mode.QUIET
    if mode is Mode.QUIET and any(isinstance(e, ev.Said) and e.choices for e in turn.events):
        return Mode.WAITING if "class" in turn.session.facts else Mode.BOT
    return mode


def hearing(hears: object) -> tuple[Heard, Callable[[Heard, Expects], Reading]]:
    """What a line of a story means, without any understanding of language."""
    if hears is None or hears == "start":
        return Heard(Kind.START), lambda _h, _e: Reading()
    if isinstance(hears, str):
        return Heard(Kind.TEXT, hears), _numbers
    if not isinstance(hears, Mapping):
        raise ValueError(f"hears: {hears!r} is neither text nor a mapping")  # noqa: TRY004
    kind = Kind(hears.get("kind", "text"))
    text = str(hears.get("says", ""))
    if "button" in hears:
        return Heard(Kind.BUTTON, button=hears["button"]), _button
    reading = Reading(
        command=Command(hears["command"]) if "command" in hears else None,
        command_arg=hears.get("to"),
        near=Command(hears["near"]) if "near" in hears else None,
        danger=_danger(hears),
        value=hears.get("value"),
        language=hears.get("language"),
        language_confidence=1.0 if "language" in hears else 0.0,
        intents=tuple(Scored(topic, 0.9) for topic in _asked(hears)),
        decision=str(hears.get("sure", "answer" if "asks" in hears else "none")),
        small_talk=hears.get("talk"),
    )
    heard = Heard(kind, text, source=hears.get("source"), language_hint=hears.get("hint"))
    picks = tuple(str(code) for code in hears.get("picks", ()))
    return heard, lambda _h, _e: replace(reading, codes=picks)


def _asked(hears: Mapping[str, Any]) -> Sequence[str]:
    asks = hears.get("asks", ())
    return [asks] if isinstance(asks, str) else list(asks)


def _danger(hears: Mapping[str, Any]) -> Danger:
    for level in (DangerLevel.IMMEDIATE, DangerLevel.SOFT):
        name = "danger" if level is DangerLevel.IMMEDIATE else "fear"
        if name in hears:
            return Danger(level, tuple(hears[name]))
    return Danger()


def _numbers(heard: Heard, expects: Expects) -> Reading:
    """`2` or `1,3`: the numbered answers, as shown."""
    found: list[str] = []
    for part in heard.text.replace(",", " ").split():
        if not part.isdigit() or not 1 <= int(part) <= len(expects.choices):
            return Reading()
        found.append(expects.choices[int(part) - 1].code)
    return Reading(codes=tuple(found) if expects.multi else tuple(found[:1]))


def _button(heard: Heard, expects: Expects) -> Reading:
    step, _, code = (heard.button or "").partition("=")
    if step != expects.step or code not in {choice.code for choice in expects.choices}:
        return Reading(stale_step=step)
    return Reading(codes=(code,))


def state(event: ev.Event) -> dict[str, Any]:
    """One event in the shape of the files: short, and free of what is tested elsewhere."""
    ((name, fields),) = ev.to_mapping(event).items()
    if isinstance(event, ev.Said):
        fields.pop("step", None)
        if event.choices:
            fields["choices"] = [choice.code for choice in event.choices]
    elif isinstance(event, ev.RiskAssessed):
        fields = {k: v for k, v in fields.items() if k in KEPT_OF_ASSESSMENT}
        fields["why"] = list(event.result.get("why", ()))
    elif isinstance(event, ev.ConsentGiven | ev.ConsentRefused):
        fields.pop("revision", None)
    plain: dict[str, Any] = json.loads(json.dumps({name: fields}))
    return plain


def seconds(text: str) -> int:
    """`40m`, `2h`, `1d`, `5s`. Raises `ValueError`."""
    found = AFTER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time like 10m")
    return int(found[1]) * SECONDS[found[2]]


def taken(turn: Turn) -> list[str]:
    """Steps walked and answers taken in a turn: `flow.step` and `flow.step=code`."""
    found = list(turn.path)
    for event in turn.events:
        if isinstance(event, ev.AnswerRecorded):
            found.append(event.step)
            found += [f"{event.step}={code}" for code in event.codes if code != DONE]
    return found


def visits(story: Story, played: Replayed) -> set[str]:
    """All that a story visits, for `hotline.flow.coverage` and for the linter's untold steps."""
    found: set[str] = set()
    for entry, turn in zip(story.turns, played.results, strict=True):
        found.update(taken(turn))
        hears = entry.get("hears")
        if isinstance(hears, Mapping) and hears.get("lapse") == "silence" and turn.events:
            found.add(f"{turn.path[0] if turn.path else turn.session.step_key}~silence")
    return found

"""A conversation in the terminal, with the real engine: lines in, lines out. The shell prints them.

> 2                  an answer, as a person would type it
> :button start.safe=y
> :why               the steps of the last turn, the facts and the level
> :keys              shows the text keys beside the words, or hides them again
> :lang ky           the language of the words
> :channel sms       begins again on the other channel
> :time +40m         lets time pass; a timer that falls due goes off
> :mode human        who is speaking: bot, waiting, human, quiet
> :undo              takes the last message back
> :save not_safe     gives the story so far (`Player.story`), to be written as a golden story
> :quit
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hotline.core.reading import Expects, Heard, Kind, Reading
from hotline.flow import engine, events as ev
from hotline.flow.bundle import Bundle
from hotline.flow.contacts import Contacts
from hotline.flow.events import Said
from hotline.flow.pen import Judges, Mode, Read
from hotline.flow.render import Words, render
from hotline.flow.session import Session, Turn
from hotline.flow.stories import BEGAN, mode_after, seconds, state

CHANNELS = ("telegram", "sms")


@dataclass(frozen=True, slots=True)
class _Moment:
    """All that `:undo` brings back."""

    session: Session | None
    now: datetime
    mode: Mode
    last: Turn | None
    told: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Player:
    """One conversation being played. `heard` and `:` commands go into `hear`; lines come out.

    `saved` is the name given to `:save`, after which `story()` is to be written to a file.
    """

    bundle: Bundle
    words: Words
    contacts: Contacts
    read: Read
    judges: Judges
    channel: str = "telegram"
    language: str | None = "ru"
    now: datetime = BEGAN
    keys: bool = False
    mode: Mode = Mode.BOT
    session: Session | None = None
    last: Turn | None = None
    told: tuple[Mapping[str, Any], ...] = ()
    saved: str | None = None
    over: bool = False
    _idle: float = 5
    _past: list[_Moment] = field(default_factory=list)

    # ------------------------------------------------------------------ what is typed

    def hear(self, line: str) -> Iterator[str]:
        """One line typed; the lines to show."""
        name, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        match name:
            case ":quit" | ":q":
                self.over = True
            case ":why":
                yield from self._why()
            case ":keys":
                self.keys = not self.keys
                yield f"keys {'shown' if self.keys else 'hidden'}"
            case ":lang":
                self.language = rest or None
                yield f"language: {rest or 'unknown'}"
                yield from self._show(self.last)
            case ":channel":
                yield from self._change_channel(rest)
            case ":time":
                yield from self._pass(rest)
            case ":mode":
                yield from self._speaks(rest)
            case ":undo":
                yield from self._undo()
            case ":save":
                self.saved = rest or "story"
                yield f"saved as {self.saved}"
            case ":button":
                yield from self._message(Heard(Kind.BUTTON, button=rest), {"button": rest})
            case _ if name.startswith(":"):
                yield "commands: :why :keys :lang :channel :time :mode :undo :save :button :quit"
            case "/start":
                yield from self._message(Heard(Kind.START, source=rest or None), "start")
            case _:
                yield from self._message(Heard(Kind.TEXT, line), None)

    def story(self) -> dict[str, Any]:
        """The golden story of what was played: what was heard as codes, and what happened."""
        flow = self.session.place.flow if self.session else "start"
        return {
            "flow": flow,
            "channel": self.channel,
            "language": self.language,
            "turns": [dict(turn) for turn in self.told],
        }

    # ------------------------------------------------------------------ turns

    def _message(self, heard: Heard, hears: object) -> Iterator[str]:
        caught: list[Reading] = []

        def read(one: Heard, expects: Expects) -> Reading:
            caught.append(self.read(one, expects))
            return caught[-1]

        before = self._moment()
        if self.session is None:
            turn = engine.begin(
                self.bundle, heard, channel=self.channel, language=self.language, read=read,
                assess=self.judges.assess, now=self.now, can_change=self.judges.can_change,
                reasons=self.judges.reasons,
            )  # fmt: skip
        else:
            turn = engine.resume(
                self.bundle, self.session, heard, read=read, assess=self.judges.assess,
                now=self.now, idle_seconds=self._idle, mode=self.mode,
                can_change=self.judges.can_change, reasons=self.judges.reasons,
            )  # fmt: skip
        self._past.append(before)
        entry: dict[str, Any] = {"hears": coded(caught[-1]) if hears is None else hears}
        yield from self._happened(turn, entry)

    def _happened(self, turn: Turn, entry: dict[str, Any]) -> Iterator[str]:
        if self._idle > 5:  # noqa: PLR2004 - the pause that stories take for granted
            entry["idle"] = f"{int(self._idle)}s"
        entry["happens"] = [state(event) for event in turn.events]
        self.told = (*self.told, entry)
        self.mode = mode_after(turn, self.mode)
        self.session = Session.from_mapping(json.loads(json.dumps(turn.session.to_mapping())))
        if self.session.language is not None:
            self.language = self.session.language
        self.last = turn
        self._idle = 5
        self.now += timedelta(seconds=5)
        yield from self._show(turn)

    def _pass(self, rest: str) -> Iterator[str]:
        try:
            gone = seconds(rest.removeprefix("+"))
        except ValueError:
            yield "write  :time +10m"
            return
        self.now += timedelta(seconds=gone)
        self._idle += gone
        yield f"{rest.removeprefix('+')} later"
        timer = self._timer()
        if self.session is None or timer is None or timer.after_seconds > self._idle:
            return
        turn = engine.lapse(
            self.bundle, self.session, kind=timer.kind, step=timer.step, turn=self.session.turn,
            now=self.now,
        )  # fmt: skip
        if turn.events:
            self._past.append(self._moment())
            yield from self._happened(turn, {"hears": {"lapse": timer.kind}})

    def _timer(self) -> ev.TimerSet | None:
        found = [e for e in self.last.events if isinstance(e, ev.TimerSet)] if self.last else []
        return found[-1] if found else None

    # ------------------------------------------------------------------ showing

    def _show(self, turn: Turn | None) -> Iterator[str]:
        if turn is None:
            return
        for event in turn.events:
            if isinstance(event, Said):
                yield from self._said(event)
            else:
                yield f"   * {json.dumps(state(event), ensure_ascii=False)}"
        if not any(isinstance(e, Said) for e in turn.events):
            yield "   (nothing is said)"

    def _said(self, said: Said) -> Iterator[str]:
        shown = render(
            said,
            words=self.words,
            contacts=self.contacts,
            channel=self.channel,
            language=self.language,
        )
        size = f"  [{shown.segments} SMS]" if shown.segments else ""
        beside = f"  {said.key}" if self.keys else ""
        if not shown.parts:
            yield f" < (left out: no number to show){beside}"
        for number, part in enumerate(shown.parts, 1):
            note = f"{beside}{size}" if number == len(shown.parts) else ""
            first, *others = part.split("\n")
            yield f" < {first}{'' if others else note}"
            for place, line in enumerate(others, 1):
                yield f"   {line}{note if place == len(others) else ''}"
        for number, (data, label) in enumerate((b for row in shown.buttons for b in row), 1):
            yield f"   [{number}] {label}{f'  {data}' if self.keys else ''}"

    def _why(self) -> Iterator[str]:
        if self.last is None or self.session is None:
            yield "nothing was said yet; write /start"
            return
        yield f"walked: {' > '.join(self.last.path) or '-'}"
        yield f"waits at: {self.session.step_key if self.session.waiting else '-'}"
        yield f"places: {' / '.join(f'{f.flow}.{f.step}' for f in self.session.stack)}"
        yield f"mode: {self.mode.value}, turn {self.session.turn}"
        for name, value in sorted(self.session.facts.items()):
            yield f"  {name} = {value}"
        for item, codes in sorted(self.session.answers.items()):
            yield f"  {item}: {', '.join(codes)}"

    # ------------------------------------------------------------------ settings

    def _change_channel(self, name: str) -> Iterator[str]:
        if name not in CHANNELS:
            yield f"channels: {', '.join(CHANNELS)}"
            return
        self.channel, self.session, self.last, self.told = name, None, None, ()
        self.mode = Mode.BOT
        self._past.clear()
        yield f"channel: {name}; the conversation begins again"

    def _speaks(self, name: str) -> Iterator[str]:
        if name not in set(Mode):
            yield f"modes: {', '.join(Mode)}"
            return
        self.mode = Mode(name)
        yield f"mode: {name}"

    def _moment(self) -> _Moment:
        return _Moment(self.session, self.now, self.mode, self.last, self.told)

    def _undo(self) -> Iterator[str]:
        if not self._past:
            yield "nothing to take back"
            return
        was = self._past.pop()
        self.session, self.now, self.mode = was.session, was.now, was.mode
        self.last, self.told = was.last, was.told
        yield "taken back"
        yield from self._show(self.last)


def coded(reading: Reading) -> dict[str, Any]:
    """A reading in the shape of golden stories: codes, never the words that were typed."""
    made: dict[str, Any] = {}
    if reading.codes:
        made["picks"] = list(reading.codes)
    if reading.command:
        made["command"] = reading.command.value
    if reading.command_arg and reading.command == "language":
        made["to"] = reading.command_arg
    if reading.near:
        made["near"] = reading.near.value
    if reading.danger.level != "none":
        made["danger" if reading.danger.level == "immediate" else "fear"] = list(
            reading.danger.signs
        )
    if reading.intents:
        made["asks"] = [one.intent for one in reading.intents]
        made["sure"] = reading.decision
    return made or {"says": "x"}

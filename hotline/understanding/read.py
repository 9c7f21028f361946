"""What one message is, in the one fixed order: the function that the flow engine is given.

    understanding = Understanding.from_mapping(files.understanding, compiled)
    reading = understanding.read(heard, expects)

Everything that was found is in the `Reading`; the engine decides. Danger and commands are always
looked for; intents, which cost most, only when nothing else fits and the step takes a question.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, Self

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
from hotline.understanding import compiling, lexicon, options, values
from hotline.understanding.alarm import AlarmFinder, Limits
from hotline.understanding.commands import Called, Commands
from hotline.understanding.danger import DangerFinder
from hotline.understanding.data import BadWords
from hotline.understanding.fold import clean, skeleton
from hotline.understanding.intents import IntentFinder, Thresholds
from hotline.understanding.language import OURS, Guess, LanguageFinder
from hotline.understanding.small_talk import SmallTalk

_FREE_TEXT: Final = 4_096
_STRAY: Final = 2
_TYPED: Final = frozenset({Kind.TEXT, Kind.PHOTO, Kind.VOICE, Kind.FILE})
"""Kinds whose `text` is the person's own words (a caption is)."""


class Understanding:
    """All word lists and models, ready. Immutable, safe to share between threads."""

    __slots__ = (
        "_commands", "_danger", "_intents", "_language", "_lexicon", "_small_talk",
    )  # fmt: skip

    def __init__(
        self,
        commands: Commands,
        danger: AlarmFinder,
        words: lexicon.Lexicon,
        language: LanguageFinder,
        intents: IntentFinder,
        small_talk: SmallTalk,
    ) -> None:
        self._commands = commands
        self._danger = danger
        self._lexicon = words
        self._language = language
        self._intents = intents
        self._small_talk = small_talk

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], compiled: bytes | None = None) -> Self:
        """From the folder `flows/understanding` as nested mappings, file stems as keys.

        `compiled` is what `compiling.build(data)` gave; without it the models are trained here,
        which takes some seconds. Raises `BadWords` (the message names file and entry), and
        `compiling.Stale` when `compiled` was made from other data.
        """
        model, tables, alarm = compiling.load(compiled or compiling.build(data), data)
        return cls(
            Commands(_part(data, "commands")),
            AlarmFinder(
                DangerFinder(_part(data, "danger")),
                alarm,
                compiling.danger_concepts_of(data),
                Limits.from_mapping(_part(data, "settings")),
            ),
            lexicon.build(_part(data, "answers"), _part(data, "countries")),
            LanguageFinder(tables, _part(data, "short_words")),
            IntentFinder(
                model,
                compiling.concepts_of(data),
                Thresholds.from_mapping(_part(data, "settings")),
            ),
            SmallTalk(_part(data, "small_talk")),
        )

    def read(
        self,
        heard: Heard,
        expects: Expects,
        *,
        safe_words: tuple[str, ...] = (),
        today: dt.date | None = None,
    ) -> Reading:
        """What the message was taken to mean; never raises, whatever was typed.

        `safe_words` are the caller's own; the default ones always count. `today` gives the year to
        a date typed without one.
        """
        if heard.kind is Kind.BUTTON:
            return self._pressed(heard, expects)
        if heard.kind is Kind.START:
            return Reading(command=Command.START, command_arg=heard.source)
        if heard.kind not in _TYPED or not heard.text.strip():
            return Reading()
        folded = skeleton(heard.text)
        if self._commands.safe_word(folded, safe_words):
            return self._with_language(heard, Reading(command=Command.SAFE_WORD))
        called = self._commands.find(heard.text, folded)
        codes = options.choose(heard.text, expects.choices, self._lexicon, multi=expects.multi)
        short = len(folded.split()) <= _STRAY
        plain = bool(codes and short) or (called is not None and not called.near)
        # What is wholly a command or an answer is judged by the patterns alone.
        danger = self._danger.known(heard.text) if plain else self.danger(heard.text)
        reading = self._understood(heard, expects, folded, called, danger, codes, today)
        return self._with_language(heard, reading)

    def _understood(
        self,
        heard: Heard,
        expects: Expects,
        folded: str,
        called: Called | None,
        danger: Danger,
        codes: tuple[str, ...],
        today: dt.date | None,
    ) -> Reading:
        if called is not None and not called.near:
            if called.command is Command.SKIP and codes:
                return Reading(danger=danger, codes=codes)
            return Reading(command=called.command, command_arg=called.arg, danger=danger)
        if codes:
            return Reading(danger=danger, codes=codes)
        near = called.command if called else None
        value = self._value(heard.text, expects, today)
        intents: tuple[Scored, ...] = ()
        decision = "none"
        talk = self._small_talk.find(heard.text, folded) if near is None else None
        if expects.free == "question" and near is None and talk is None:
            intents, decision = self._question(folded, danger)
        return Reading(
            near=near,
            danger=danger,
            value=value,
            intents=intents,
            decision=decision,
            small_talk=talk if danger.level is not DangerLevel.IMMEDIATE else None,
        )

    def _question(self, folded: str, danger: Danger) -> tuple[tuple[Scored, ...], str]:
        urgent = danger.level is DangerLevel.IMMEDIATE
        if not folded or (not urgent and self._asks_nothing(folded)):
            return (), "none"
        intents, decision = self._intents.find(folded)
        if danger.level is DangerLevel.IMMEDIATE:
            decision = "human"
        return intents, decision

    def _asks_nothing(self, folded: str) -> bool:
        """Only words for yes, no, skip and numbers, or a word or two that nobody has ever asked.

        An answer that the step does not expect must not be taken for a question.
        """
        words = folded.split()
        if self._lexicon.answers_only(folded, words):
            return True
        return len(words) <= _STRAY and self._intents.strange(folded)

    def _value(self, text: str, expects: Expects, today: dt.date | None) -> str | None:
        match expects.free:
            case "text" | "question":
                return clean(text[:_FREE_TEXT]) or None
            case "number":
                return values.number(text, self._lexicon)
            case "date":
                return values.date(text, self._lexicon, today=today)
            case "country":
                return values.country(text, self._lexicon)
            case _:
                return None

    def _pressed(self, heard: Heard, expects: Expects) -> Reading:
        """A button carries `<step key>=<code>`; one of another step only shows where we are."""
        step, equals, code = (heard.button or "").rpartition("=")
        if not equals:
            return Reading()
        if step != expects.step:
            return Reading(stale_step=step, codes=(code,))
        known = {choice.code for choice in expects.choices}
        return Reading(codes=(code,)) if code in known else Reading(stale_step=step)

    def _with_language(self, heard: Heard, reading: Reading) -> Reading:
        guess = self.language(heard.text)
        return Reading(
            command=reading.command,
            near=reading.near,
            command_arg=reading.command_arg,
            danger=reading.danger,
            codes=reading.codes,
            stale_step=reading.stale_step,
            value=reading.value,
            language=guess.language,
            language_confidence=round(guess.confidence, 3),
            intents=reading.intents,
            decision=reading.decision,
            small_talk=reading.small_talk,
        )

    def language(self, text: str) -> Guess:
        """The language of a text by itself: "ky", "ru", "tg", "other" or None."""
        return self._language.find(text)

    def danger(self, text: str) -> Danger:
        """Signs of danger in a text by itself.

        Mere answers and small talk are judged by the patterns alone.
        """
        folded = skeleton(text)
        mere = self._lexicon.answers_only(folded, folded.split())
        if mere or self._small_talk.find(text, folded) is not None:
            return self._danger.known(text)
        return self._danger.find(text)

    def outside(self, text: str) -> float:
        """The probability that a text is out of scope."""
        return self._intents.outside(skeleton(text))

    def intents(self, text: str) -> tuple[tuple[Scored, ...], str]:
        """The best three intents of a text by itself, and the decision."""
        return self._question(skeleton(text), self.danger(text))


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    if not isinstance(found, Mapping):
        raise BadWords(f"{name}.yaml: missing, or no mapping")
    return found


__all__ = ["OURS", "BadWords", "Understanding"]

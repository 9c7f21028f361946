"""Words that work at every step: HIDE, STOP, HUMAN, LANGUAGE and the others.

The whole message must be the command, politeness aside; so "stop share" is never read as "stop",
and a sentence that merely holds the word never ends a conversation. Slips of the finger count where
the word list says so; otherwise they are reported as near, and the flow asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from hotline.core.reading import Command
from hotline.understanding.data import BadWords, Tree, all_texts, section, texts
from hotline.understanding.fold import clean, skeleton

FILE: Final = "commands.yaml"
_SHORT: Final = 4  # letters of a word too short for any slip but one of equal length
_LONG: Final = 9  # letters of a phrase that may hold two slips
_REST_WORDS: Final = 5  # words of a partner's name after STOP SHARE


@dataclass(frozen=True, slots=True)
class Called:
    """A command that was meant (`near` False) or nearly typed; `arg` is what it was told."""

    command: Command
    arg: str | None = None
    near: bool = False


class Commands:
    """The word list, folded. Built once; `find` is a few dictionary look-ups."""

    __slots__ = ("_exact", "_fillers", "_fuzzy", "_inside", "_ordinary", "_plain", "_typos")

    def __init__(self, tree: Tree) -> None:
        """Raises `BadWords` naming the entry when the list is misshaped or two commands collide."""
        self._plain: dict[str, Called] = {}
        self._exact: dict[str, Called] = {}
        self._typos: dict[Command, str] = {}
        self._inside: list[tuple[str, Command]] = []
        self._fillers = _folded(tree.get("fillers"), "fillers")
        self._ordinary = _folded(tree.get("ordinary"), "ordinary")
        commands = section(tree, "commands", FILE)
        for name, entry in commands.items():
            if name not in set(Command):
                raise BadWords(f"{FILE}: commands.{name}: there is no such command")
            self._learn(Command(name), entry)
        for language, phrases in section(tree, "languages", FILE).items():
            code = language if language in {"ky", "ru", "tg"} else None
            for phrase in texts(phrases, FILE, f"languages.{language}"):
                self._add(phrase, Called(Command.LANGUAGE, code), f"languages.{language}")
        missing = set(Command) - {called.command for called in self._exact.values()}
        if missing:
            raise BadWords(f"{FILE}: commands: no words for {', '.join(sorted(missing))}")
        self._fuzzy = [
            phrase
            for phrase, called in self._exact.items()
            if self._typos.get(called.command) != "exact" and len(phrase) >= _SHORT
        ]

    def _learn(self, command: Command, entry: Tree) -> None:
        where = f"commands.{command}"
        words = section(entry, "words", f"{FILE}: {where}")
        typos = entry.get("typos")
        if typos not in {"accept", "ask", "exact"}:
            raise BadWords(f"{FILE}: {where}.typos: must be accept, ask or exact")
        self._typos[command] = typos
        for phrase in all_texts(words, FILE, where):
            self._add(phrase, Called(command), where)
            if entry.get("inside"):
                self._inside.append((f" {skeleton(phrase)} ", command))

    def _add(self, phrase: str, called: Called, where: str) -> None:
        plain = clean(phrase).lower()
        folded = skeleton(phrase)
        for table, key in ((self._plain, plain), (self._exact, folded)):
            if not key:
                continue
            before = table.setdefault(key, called)
            if before.command is not called.command and {before.command, called.command} != {
                Command.LANGUAGE
            }:
                raise BadWords(f"{FILE}: {where}: {phrase!r} already means {before.command}")

    def safe_word(self, folded: str, own: tuple[str, ...] = ()) -> bool:
        """Whether a default or the caller's own safe word stands anywhere in the folded text."""
        padded = f" {folded} "
        if any(phrase in padded for phrase, _ in self._inside):
            return True
        return any(
            mine in padded for mine in (f" {skeleton(word)} " for word in own) if mine.strip()
        )

    def find(self, text: str, folded: str | None = None) -> Called | None:
        """The command that the whole text is, or nearly is. `folded` saves folding it again."""
        cleaned = clean(text)
        found = self._plain.get(cleaned.lower())
        if found is not None:
            return found
        tokens = (skeleton(text) if folded is None else folded).split()
        if cleaned.startswith("/") and tokens:
            # A Telegram command: what follows it is for the flow, "/stop please" is still a stop.
            return self._exact.get(" ".join(tokens[:3])) or self._exact.get(tokens[0])
        for core in self._cores(tokens):
            key = " ".join(core)
            if key in self._exact and not _too_short(key):
                return self._exact[key]
        with_rest = self._with_rest(cleaned, tokens)
        return with_rest or self._slip(self._cores(tokens)[-1])

    def _cores(self, tokens: list[str]) -> list[list[str]]:
        """The words as they are, without repeats, and without politeness at either end."""
        once = [word for i, word in enumerate(tokens) if i == 0 or word != tokens[i - 1]]
        bare = list(once)
        while len(bare) > 1 and bare[0] in self._fillers:
            bare.pop(0)
        while len(bare) > 1 and bare[-1] in self._fillers:
            bare.pop()
        return [tokens, once, bare]

    def _with_rest(self, cleaned: str, tokens: list[str]) -> Called | None:
        """STOP SHARE and the partner's name after it."""
        for cut in range(min(len(tokens) - 1, 6), 1, -1):
            rest = len(tokens) - cut
            found = self._exact.get(" ".join(tokens[:cut]))
            if found is not None and found.command is Command.STOP_SHARE and rest <= _REST_WORDS:
                return Called(Command.STOP_SHARE, " ".join(cleaned.split()[-rest:]))
        return None

    def _slip(self, core: list[str]) -> Called | None:
        key = " ".join(core)
        if len(key) < _SHORT or key in self._ordinary or key.isdecimal():
            return None
        allowed = 2 if len(key) >= _LONG else 1
        hits = process.extract(key, self._fuzzy, scorer=OSA.distance, score_cutoff=allowed, limit=8)
        hits = [hit for hit in hits if _plausible(key, str(hit[0]), int(hit[1]))]
        if not hits:
            return None
        best = min(hit[1] for hit in hits)
        meant = {self._exact[hit[0]].command for hit in hits if hit[1] == best}
        called = self._exact[next(hit[0] for hit in hits if hit[1] == best)]
        sure = len(meant) == 1 and len(key) > _SHORT + 1 and self._typos[called.command] == "accept"
        return called if sure else Called(called.command, called.arg, near=True)


def _too_short(key: str) -> bool:
    """One folded letter stands for too many words; those count only as they are written."""
    return len(key) < 2 and not key.isdecimal()  # noqa: PLR2004


def _plausible(key: str, phrase: str, distance: int) -> bool:
    """Whether a slip of the finger explains the difference between the two."""
    if distance == 0:
        return True
    if abs(key.count(" ") - phrase.count(" ")) > 1:
        return False
    shorter = min(len(key), len(phrase))
    if shorter <= _SHORT:
        swapped = len(key) == len(phrase) and sorted(key) == sorted(phrase)
        dropped = len(key) + 1 == len(phrase) and key[-1] == phrase[-1]
        return key[0] == phrase[0] and (swapped or dropped)
    return distance == 1 or shorter >= _LONG


def _folded(found: object, entry: str) -> frozenset[str]:
    listed = found if isinstance(found, list) else []
    phrases = [phrase for line in listed for phrase in _split(line, entry)]
    return frozenset(skeleton(phrase) for phrase in phrases)


def _split(line: object, entry: str) -> list[str]:
    if not isinstance(line, str):
        raise BadWords(f"{FILE}: {entry}: {line!r} is no text; put it in quotes")
    return [part.strip() for part in line.split(",") if part.strip()]


def from_mapping(tree: Mapping[str, object]) -> Commands:
    """The commands of a parsed `commands.yaml`. Raises `BadWords`."""
    return Commands(tree)

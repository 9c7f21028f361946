"""Command words that a text tells people to type must be words that are understood."""

import re
from collections.abc import Iterable, Iterator

from hotline.core.placeholders import PLACEHOLDER
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.subject import Subject

WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 2
"""Letters of a word in capitals; a single one only begins a sentence."""


def named_commands(subject: Subject) -> Iterator[Finding]:
    """A word in capitals that no command has would be typed in vain, perhaps in danger."""
    if not subject.reserved:
        return
    known = {word for word, _ in subject.reserved}
    for text in subject.worded():
        if not text.to_people or text.is_name:
            continue
        wanted = len(_commands(subject, text.english, known))
        for language in subject.languages() if wanted else ():
            forms = subject.words(text.key, language).forms
            given = _commands(subject, forms, known)
            if len(given) < wanted and any(forms):
                yield Finding(
                    text.file,
                    text.line,
                    Severity.ERROR,
                    "no-command",
                    f"names {len(given)} of {wanted} command words that are understood",
                    key=text.key,
                    language=language,
                    hint="in capitals, a word of flows/understanding/commands.yaml",
                )


def _commands(subject: Subject, forms: Iterable[str], known: set[str]) -> set[str]:
    """Runs of capitals that are understood as a command. Abbreviations are none."""
    return {run for form in forms for run in _capitals(form) if _understood(subject, run, known)}


def _capitals(form: str) -> tuple[str, ...]:
    """Words in capitals, as command words are written; several in a row are one command."""
    runs: list[str] = []
    end = -1
    plain = PLACEHOLDER.sub("|", form)
    for match in WORD.finditer(plain):
        if not match[0].isupper() or len(match[0]) < SHORTEST:
            continue
        if end >= 0 and not plain[end : match.start()].strip():
            runs[-1] += f" {match[0]}"
        else:
            runs.append(match[0])
        end = match.end()
    return tuple(runs)


def _understood(subject: Subject, words: str, known: set[str]) -> bool:
    """The whole run of capitals is a command, or one word of it is."""
    if subject.fold(words) in known:
        return True
    return any(subject.fold(word) in known for word in words.split())

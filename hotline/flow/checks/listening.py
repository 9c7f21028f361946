"""What people type must mean one thing: options, commands and yes-no words may not collide."""

from collections.abc import Iterator

from hotline.flow.bundle import CHANNELS, options_on
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.fit import label_text, words
from hotline.flow.checks.subject import Subject
from hotline.flow.definition import Option, Step

COMMANDS_AS_ANSWERS = frozenset({"human", "menu", "skip", "language", "back", "start"})
"""Commands that an answer may also be called: taking the one for the other harms nobody."""


def collisions(subject: Subject) -> Iterator[Finding]:
    """Two answers of one step that become the same word after folding, in any language."""
    for step in subject.bundle.every_step():
        for channel in CHANNELS:
            seen: dict[str, tuple[str, str]] = {}
            for option in options_on(step, channel):
                for language, word in _heard(subject, option, channel):
                    folded = subject.fold(word)
                    before = seen.setdefault(folded, (option.code, word))
                    if folded and before[0] != option.code:
                        yield _at(
                            subject,
                            step,
                            option,
                            "collision",
                            language,
                            channel,
                            f"{word!r} is heard like {before[1]!r} of answer {before[0]!r}",
                            "change one of the two words",
                        )


def commands(subject: Subject) -> Iterator[Finding]:
    """An answer that is also a stop, exit or data word would never be heard as an answer."""
    reserved = dict(subject.reserved)
    for step in subject.bundle.every_step():
        for option in step.options:
            for language, word in _heard(subject, option, "telegram"):
                command = reserved.get(subject.fold(word))
                if command is None or command in COMMANDS_AS_ANSWERS or _does(option, command):
                    continue
                yield _at(
                    subject,
                    step,
                    option,
                    "command",
                    language,
                    "",
                    f"{word!r} is also the command {command}",
                    "call the answer something else",
                )


def keywords(subject: Subject) -> Iterator[Finding]:
    """One word that is two commands."""
    seen: dict[str, str] = {}
    for word, command in subject.reserved:
        before = seen.setdefault(word, command)
        if before != command:
            yield Finding(
                "flows/understanding/commands.yaml",
                0,
                Severity.ERROR,
                "keyword",
                f"{word!r} is both {before} and {command}",
                hint="take one of them out",
            )


def opposites(subject: Subject) -> Iterator[Finding]:
    """A label that, as people hear it, means something else than the answer it stands for."""
    for step in subject.bundle.every_step():
        for option in step.options:
            if option.means is None:
                continue
            for language, word in _heard(subject, option, "telegram"):
                heard = subject.meanings.get(subject.fold(word), frozenset())
                if heard and option.means not in heard:
                    yield _at(
                        subject,
                        step,
                        option,
                        "opposite",
                        language,
                        "",
                        f"{word!r} means {', '.join(sorted(heard))}, the answer {option.means}",
                        "use another word",
                    )


def answer_lists(subject: Subject) -> Iterator[Finding]:
    """Every answer of a step has a label in every language: the lists are equally long."""
    for step in subject.bundle.every_step():
        for language in subject.languages():
            lost = [
                option
                for option in step.options
                if (text := label_text(subject.bundle, option.key, "telegram"))
                and not words(subject, text, language)
            ]
            if lost and len(lost) < len(step.options):
                codes = ", ".join(option.code for option in lost)
                yield _at(
                    subject,
                    step,
                    lost[0],
                    "answer-list",
                    language,
                    "",
                    f"has no label for {codes}",
                    "translate every answer",
                )


def _heard(subject: Subject, option: Option, channel: str) -> Iterator[tuple[str, str]]:
    text = label_text(subject.bundle, option.key, channel)
    if text is not None:
        for language in ("en", *subject.languages()):
            word = words(subject, text, language)
            if word:
                yield language, word
    for synonym in option.synonyms:
        yield "", synonym


def _does(option: Option, command: str) -> bool:
    """An answer that carries out the very command it is called like."""
    wanted = {
        "hide": "hide",
        "language": "language",
        "delete_my_data": "data",
        "who_has_my_data": "data",
        "human": "handover",
    }.get(command)
    return any(act.do == wanted for act in option.do) or command in (option.goto or "")


def _at(
    subject: Subject,
    step: Step,
    option: Option,
    check: str,
    language: str,
    channel: str,
    message: str,
    hint: str,
) -> Finding:
    return Finding(
        subject.bundle.flows[step.flow].file,
        option.line or step.line,
        Severity.ERROR,
        check,
        message,
        step=step.key,
        key=option.key,
        language=language,
        channel=channel,
        hint=hint,
    )

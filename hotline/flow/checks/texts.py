"""Texts and the steps that say them: nothing unused, nothing unfilled, cover where one can hide."""

from collections.abc import Iterator

from hotline.core.placeholders import names
from hotline.flow.bundle import COMMON, LINES
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.subject import Subject
from hotline.flow.definition import Step, Text

COVER = f"{COMMON}.neutral"


def unfilled(subject: Subject) -> Iterator[Finding]:
    """A placeholder of a step's text that no argument of the step fills."""
    bundle = subject.bundle
    for step in bundle.every_step():
        for text in _texts(subject, step):
            given = set(step.args)
            for name in sorted(set(names(text.english)) - given):
                if not name.startswith("contact:"):
                    yield Finding(
                        text.file,
                        text.line,
                        Severity.ERROR,
                        "unfilled",
                        f"nothing fills {{{name}}}",
                        step=step.key,
                        key=text.key,
                        hint=f"add it under args: {name}: ...",
                    )


def referred(subject: Subject) -> Iterator[Finding]:
    """Arguments that name a text or a contact must name one that exists."""
    bundle = subject.bundle
    for step in bundle.every_step():
        for name, value in step.args.items():
            kind, _, wanted = value.partition(":")
            lost = (kind == "key" and wanted not in bundle.texts) or (
                kind == "contact"
                and subject.contacts is not None
                and wanted not in subject.contacts
            )
            if lost and "{" not in wanted:
                yield Finding(
                    bundle.flows[step.flow].file,
                    step.line,
                    Severity.ERROR,
                    "reference",
                    f"argument {name!r} names {value!r}, which does not exist",
                    step=step.key,
                )


def cover(subject: Subject) -> Iterator[Finding]:
    """Where one can hide there is a line of cover, and it is marked neutral."""
    text = subject.bundle.texts.get(COVER)
    if text is not None and not text.neutral:
        yield Finding(
            text.file,
            text.line,
            Severity.ERROR,
            "cover",
            "the line of cover is not marked neutral",
            key=text.key,
            hint="add  neutral: true",
        )


def critical_lines(subject: Subject) -> Iterator[Finding]:
    """What the machine itself may have to say in an emergency must never fall to another
    language."""
    for key in (COVER, f"{COMMON}.sorry"):
        text = subject.bundle.texts.get(key)
        if text is not None and key in LINES and not text.critical:
            yield Finding(
                text.file,
                text.line,
                Severity.WARNING,
                "critical",
                "should be marked critical",
                key=key,
                hint="add  critical: true",
            )


def _texts(subject: Subject, step: Step) -> Iterator[Text]:
    bases = [f"{step.key}.{step.part}", *(f"{step.key}.{step.part}.{v}" for v in step.variants)]
    bases.append(f"{step.key}.help")
    for base in bases:
        for key in (base, f"{base}.sms"):
            text = subject.bundle.texts.get(key)
            if text is not None:
                yield text

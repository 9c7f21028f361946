"""Words that give a person away, numbers that grow old, and facts without a source."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from hotline.core.placeholders import PLACEHOLDER, names
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.subject import Subject, Worded

OWN_NUMBER = "189"
PHONE = re.compile(r"(?<![\w{])\+?\d[\d\s()\u2010-\u2013-]{5,}\d(?!\w)")
SHORT = re.compile(r"(?<![\w+.,/-])\d{3,4}(?![\w%]|[.,/-]\d)")
DATE = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{4}\b")
SOON = timedelta(days=30)
LEAST_DIGITS = 7


def must_not_say(subject: Subject) -> Iterator[Finding]:
    """Nothing that may light up on a phone says what this is about."""
    patterns = {
        language: [_pattern(entry) for entry in entries]
        for language, entries in subject.must_not_say.items()
    }
    for text, language, form in _shown(subject):
        if not text.to_people:
            continue
        for pattern in (*patterns.get("any", ()), *patterns.get(language, ())):
            found = pattern.search(form)
            if found:
                yield _on(
                    text,
                    language,
                    Severity.ERROR,
                    "must-not-say",
                    f"says {found[0]!r}, which may show on a phone",
                    "say it in other words",
                )
                break


def typed_numbers(subject: Subject) -> Iterator[Finding]:
    """A telephone number comes from the dated register, never from a text."""
    for text, language, form in _shown(subject):
        if text.is_name:
            continue  # the register itself: some offices are called by their number
        plain = DATE.sub(" ", PLACEHOLDER.sub(" ", form))
        typed = [m[0] for m in PHONE.finditer(plain) if _digits(m[0]) >= LEAST_DIGITS]
        typed += [
            m[0] for m in SHORT.finditer(plain) if m[0] != OWN_NUMBER and m[0] in subject.numbers
        ]
        if typed:
            yield _on(
                text,
                language,
                Severity.ERROR,
                "number",
                "a telephone number is typed into the text",
                "write {contact:id} instead",
            )


def contacts(subject: Subject) -> Iterator[Finding]:
    """Every {contact:id} names an entry of the register."""
    if subject.contacts is None:
        return
    for text, language, form in _shown(subject):
        for name in names(form):
            kind, _, wanted = name.partition(":")
            if kind == "contact" and wanted not in subject.contacts:
                yield _on(
                    text,
                    language,
                    Severity.ERROR,
                    "contact",
                    f"{wanted!r} is not in the register of contacts",
                    "use an id of flows/contacts.yaml",
                )


def facts(subject: Subject, *, today: date) -> Iterator[Finding]:
    """An answer past its review date blocks publishing; one without a source always does."""
    for fact in subject.facts:
        if not fact.source.strip():
            yield Finding(
                fact.file,
                fact.line,
                Severity.ERROR,
                "no-source",
                "is shown to people without a source",
                key=fact.name,
                hint="add the source's id, or take it out",
            )
        if fact.review_by is None:
            yield Finding(
                fact.file,
                fact.line,
                Severity.ERROR,
                "no-review",
                "has no date to be looked at again",
                key=fact.name,
                hint="add a review date",
            )
        elif fact.review_by < today:
            yield Finding(
                fact.file,
                fact.line,
                Severity.ERROR,
                "review",
                f"was to be looked at again by {fact.review_by.isoformat()}",
                key=fact.name,
                hint="check the fact, then move the date",
            )
        elif fact.review_by - today <= SOON:
            yield Finding(
                fact.file,
                fact.line,
                Severity.NOTICE,
                "review",
                f"is to be looked at again by {fact.review_by.isoformat()}",
                key=fact.name,
                hint="check the fact, then move the date",
            )


def _pattern(entry: str) -> re.Pattern[str]:
    """`word` matches the whole word, `stem*` every word that begins so, spaces any white space."""
    words = [re.escape(word).replace(r"\*", r"\w*") for word in entry.split()]
    return re.compile(r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)", re.IGNORECASE)


def _shown(subject: Subject) -> Iterator[tuple[Worded, str, str]]:
    for text in subject.worded():
        yield from ((text, "en", form) for form in text.english)
        for language in subject.languages():
            forms: Sequence[str] = subject.words(text.key, language).forms
            yield from ((text, language, form) for form in forms if form)


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def _on(
    text: Worded, language: str, severity: Severity, check: str, message: str, hint: str
) -> Finding:
    return Finding(
        text.file, text.line, severity, check, message, key=text.key, language=language, hint=hint
    )

"""Translations: there, fresh, whole, in the right letters and in the agreed terms."""

import re
from collections import Counter
from collections.abc import Iterator

from hotline.core.placeholders import PLACEHOLDER, names
from hotline.flow.checks.alphabets import (
    LETTERS,
    WORD,
    foreign_letters,
    is_latin,
    lacks_own_letters,
    mixed_words,
)
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.subject import Subject, Translation, Worded

BRACES = re.compile(r"[{}]")
SAME_AS_RUSSIAN = 4
"""Words from which on a Kyrgyz or Tajik text that equals the Russian one is no coincidence."""

NAMES = frozenset(
    {
        "telegram",
        "whatsapp",
        "imo",
        "viber",
        "sms",
        "stop",
        "start",
        "hide",
        "menu",
        "human",
        "id",
        "pin",
        "qr",
        "ngo",
        "iom",
        "visa",
        "pdf",
        "csv",
        "n",
    }
)
"""Words that stay as they are in every language."""


def missing(subject: Subject) -> Iterator[Finding]:
    for text, language, words in _each(subject):
        if words.is_missing:
            severity = Severity.ERROR if text.critical or text.to_people else Severity.WARNING
            yield _on(
                text,
                language,
                severity,
                "missing",
                "has no translation",
                "translate it, or import a file of words",
            )


def stale(subject: Subject) -> Iterator[Finding]:
    for text, language, words in _each(subject):
        if words.stale and not words.is_missing:
            severity = Severity.ERROR if text.critical else Severity.WARNING
            yield _on(
                text,
                language,
                severity,
                "stale",
                "the English changed after translation",
                f"change the words, or: locales confirm {text.key} --lang {language}",
            )


def placeholders(subject: Subject) -> Iterator[Finding]:
    """The same placeholders in every language; and none that is misspelt."""
    for text in subject.worded():
        for form in text.english:
            yield from _braces(text, form, "en")
    for text, language, words in _each(subject):
        wanted = Counter(names(text.english[-1]))
        for form in words.forms:
            if not form:
                continue
            yield from _braces(text, form, language)
            given = Counter(names(form))
            # A form for one may leave the number out: "a day" beside "{n} days".
            loose = len(words.forms) > 1
            lost = set(wanted) - set(given) - ({"n"} if loose else set())
            more = set(given) - set(wanted)
            if lost or more:
                what = [f"lacks {{{name}}}" for name in sorted(lost)]
                what += [f"has {{{name}}} too much" for name in sorted(more)]
                yield _on(
                    text,
                    language,
                    Severity.ERROR,
                    "placeholders",
                    ", ".join(what),
                    "use the placeholders of the English",
                )
                break


def untranslated(subject: Subject) -> Iterator[Finding]:
    """The same as the English, or as the Russian."""
    for text, language, words in _each(subject):
        for form, english in zip(words.forms, text.english, strict=False):
            if form == english and _says_something(english):
                yield _on(text, language, Severity.ERROR, "untranslated", "is still the English")
                break
        russian = subject.words(text.key, "ru")
        same = language != "ru" and bool(words.forms) and words.forms == russian.forms
        if same and len(WORD.findall(words.forms[0])) >= SAME_AS_RUSSIAN:
            yield _on(text, language, Severity.ERROR, "untranslated", "is still the Russian")


def script(subject: Subject) -> Iterator[Finding]:
    """Letters of the wrong alphabet, and Latin look-alikes inside Cyrillic words."""
    for text, language, words in _each(subject):
        if text.is_name or words.forms == text.english:
            continue  # names of offices and of languages stay as they are
        whole = " ".join(PLACEHOLDER.sub(" ", form) for form in words.forms)
        mixed = mixed_words(whole)
        if mixed:
            yield _on(
                text,
                language,
                Severity.ERROR,
                "look-alike",
                f"Latin and Cyrillic letters in one word: {mixed[0]!r}",
                "type the word anew",
            )
        foreign = foreign_letters(whole, language)
        if foreign:
            yield _on(
                text,
                language,
                Severity.ERROR,
                "script",
                "letters of another language: " + " ".join(sorted(foreign)),
            )
        elif language in LETTERS and is_latin(whole) and _says_something(whole):
            yield _on(text, language, Severity.ERROR, "script", "is not in Cyrillic letters")
        elif lacks_own_letters(whole, language):
            yield _on(
                text,
                language,
                Severity.ERROR,
                "script",
                "not one letter of its own in so long a text",
                "it may be Russian, or typed on a Russian keyboard",
            )


def glossary(subject: Subject) -> Iterator[Finding]:
    """A term of the glossary is translated as the glossary says."""
    patterns = [(term, _term_pattern(term.english)) for term in subject.glossary]
    for text in subject.worded():
        english = text.english[-1].lower()
        named = [term for term, pattern in patterns if pattern.search(english)]
        for term in named:
            for language in subject.languages():
                words = subject.words(text.key, language)
                wanted = term.words.get(language, ())
                have = [word.lower() for word in WORD.findall(" ".join(words.forms))]
                if not wanted or words.is_missing or any(_holds(have, w) for w in wanted):
                    continue
                yield _on(
                    text,
                    language,
                    Severity.WARNING,
                    "glossary",
                    f"{term.english[0]!r} is {' or '.join(wanted)} in the glossary",
                    "use the agreed term, or change the glossary",
                )


def leftover(subject: Subject) -> Iterator[Finding]:
    """Words for keys that nothing uses any more."""
    for key in subject.leftover:
        yield Finding(
            "locales/hotline.pot",
            0,
            Severity.NOTICE,
            "leftover",
            "no flow, template or page uses this key any more",
            key=key,
            hint="run: locales update",
        )


def twice(subject: Subject) -> Iterator[Finding]:
    """One key with two different English texts: one of them would never be seen."""
    seen: dict[str, Worded] = {}
    for text in subject.worded():
        before = seen.setdefault(text.key, text)
        if before.english != text.english:
            yield _on(
                text,
                "en",
                Severity.ERROR,
                "key-twice",
                f"says something else in {before.file}:{before.line}",
                "use another key",
            )


def _each(subject: Subject) -> Iterator[tuple[Worded, str, Translation]]:
    done: set[str] = set()
    for text in subject.worded():
        if text.key not in done:
            done.add(text.key)
            for language in subject.languages():
                yield text, language, subject.words(text.key, language)


def _on(
    text: Worded, language: str, severity: Severity, check: str, message: str, hint: str = ""
) -> Finding:
    return Finding(
        text.file, text.line, severity, check, message, key=text.key, language=language, hint=hint
    )


def _braces(text: Worded, form: str, language: str) -> Iterator[Finding]:
    if BRACES.search(PLACEHOLDER.sub("", form)):
        yield _on(
            text,
            language,
            Severity.ERROR,
            "placeholders",
            "a brace that is no placeholder",
            "{name}: small letters, digits and _",
        )


def _says_something(text: str) -> bool:
    """Whether anything is left to translate beside names, numbers and placeholders."""
    return any(
        len(word) > 1 and is_latin(word) and word.lower() not in NAMES
        for word in WORD.findall(PLACEHOLDER.sub(" ", text))
    )


def _term_pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    any_of = "|".join(re.escape(term.lower()) for term in terms)
    return re.compile(rf"\b(?:{any_of})(?:e?s)?\b")


def _holds(words: list[str], phrase: str) -> bool:
    """Whether the words of a term stand in a text, in this order, whatever their endings."""
    stems = [_stem(word.lower()) for word in WORD.findall(phrase)]
    place = 0
    for word in words:
        if place < len(stems) and word.startswith(stems[place]):
            place += 1
    return place == len(stems)


def _stem(word: str) -> str:
    """What the endings of all three languages leave of a word, cut on the safe side."""
    short, keep = 4, 2
    return word if len(word) < short else word[: max(short - 1, len(word) - keep)]

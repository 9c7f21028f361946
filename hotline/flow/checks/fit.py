"""What fits: a Telegram message, a button, the data behind it, the parts of an SMS."""

from collections.abc import Iterator

import smsutil

from hotline.flow.bundle import CHANNELS, Bundle, options_on
from hotline.flow.checks.alphabets import CYRILLIC
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.graph import speaking_on
from hotline.flow.checks.subject import Subject, Translation, Worded
from hotline.flow.definition import Step, Text

TELEGRAM_UNITS = 4096
"""UTF-16 units of one Telegram message."""
LABEL_CHARS = 64
"""The longest label we allow on a button. Telegram itself takes more and shows less."""
NARROW_CHARS = 28
"""What a button shows on the narrowest phones; labels must differ within it."""
CALLBACK_BYTES = 64
"""Telegram's limit for the data behind a button: `flow.step=code`."""
GSM_SINGLE = 160
FEW_STRAY = 3
"""So few characters outside the GSM alphabet are a slip of typing, not another script."""


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parts(text: str) -> int:
    """SMS parts by the GSM-7 and UCS-2 rules (160/153, 70/67)."""
    return len(smsutil.split(text).parts)


def telegram(subject: Subject) -> Iterator[Finding]:
    """No text is longer than one Telegram message."""
    for text in subject.worded():
        for language, form in _worded_forms(subject, text) if text.to_people else ():
            units = utf16_units(form)
            if units > TELEGRAM_UNITS:
                yield _about(
                    text,
                    language,
                    "telegram",
                    "too-long",
                    f"{units} units; a message holds {TELEGRAM_UNITS}",
                    "make two of it",
                )


def segments(subject: Subject) -> Iterator[Finding]:
    """No SMS takes more parts than its author declared, in any language."""
    texts = subject.bundle.texts
    silent = _never_in_sms(subject)
    for text in subject.worded():
        if text.parts is None or text.key in silent or f"{text.key}.sms" in texts:
            continue
        for language, form in _worded_forms(subject, text):
            count = parts(form)
            if count > text.parts and language != "en":
                yield _about(
                    text,
                    language,
                    "sms",
                    "segments",
                    f"{count} parts, {len(form)} characters; {text.parts} declared",
                    "shorten it, add an `sms:` form, or declare more `parts:`",
                )


def stray(subject: Subject) -> Iterator[Finding]:
    """One typographic character that makes an SMS more than twice as dear."""
    for text in subject.bundle.texts.values():
        for language, form in _forms(subject, text):
            if CYRILLIC.search(form):
                continue  # no GSM text in any case
            strange = {char for char in form if not smsutil.is_valid_gsm(char)}
            count = sum(form.count(char) for char in strange)
            if 0 < count <= FEW_STRAY and len(form) > count * 20 and language != "en":
                yield _on(
                    text,
                    language,
                    "sms",
                    Severity.WARNING,
                    "stray",
                    "only " + " ".join(sorted(strange)) + " keeps it from the GSM alphabet",
                    "use plain quotes and dashes",
                )


def labels(subject: Subject) -> Iterator[Finding]:
    """Labels fit their buttons, and differ where a narrow phone cuts them."""
    for step in subject.bundle.every_step():
        for channel in CHANNELS:
            for language in ("en", *subject.languages()):
                yield from _labels(subject, step, channel, language)


def callback_data(subject: Subject) -> Iterator[Finding]:
    for step in subject.bundle.every_step():
        for option in step.options:
            data = f"{step.key}={option.code}"
            if len(data.encode()) > CALLBACK_BYTES:
                yield Finding(
                    subject.bundle.flows[step.flow].file,
                    option.line or step.line,
                    Severity.ERROR,
                    "callback",
                    f"{len(data.encode())} bytes of {CALLBACK_BYTES}: {data}",
                    step=step.key,
                    channel="telegram",
                    hint="shorten the step's name or the code",
                )


def _labels(subject: Subject, step: Step, channel: str, language: str) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    bundle = subject.bundle
    for option in options_on(step, channel):
        text = label_text(bundle, option.key, channel)
        if text is None:
            continue
        label = words(subject, text, language)
        if not label:
            continue
        if channel == "telegram" and len(label) > LABEL_CHARS:
            yield _on(
                text,
                language,
                channel,
                Severity.ERROR,
                "label",
                f"{len(label)} characters; a button holds {LABEL_CHARS}",
                "shorten it",
            )
        cut = (
            label[:NARROW_CHARS].casefold().rstrip() if channel == "telegram" else label.casefold()
        )
        if cut in seen and seen[cut] != option.code:
            yield _on(
                text,
                language,
                channel,
                Severity.ERROR,
                "same-label",
                f"cannot be told from {seen[cut]!r} of {step.key}",
                "let the labels differ at their beginning",
            )
        seen[cut] = option.code


def label_text(bundle: Bundle, key: str, channel: str) -> Text | None:
    """The text of a label as a channel shows it: SMS may have a shorter one."""
    short = bundle.texts.get(f"{key}.sms") if channel == "sms" else None
    return short or bundle.texts.get(key)


def words(subject: Subject, text: Text, language: str) -> str:
    """A text in a language; empty where it is missing."""
    if language == "en":
        return text.english
    found = subject.words(text.key, language)
    return "" if found.is_missing else found.forms[0]


def _never_in_sms(subject: Subject) -> frozenset[str]:
    """Keys of texts whose step cannot come up on SMS."""
    bundle = subject.bundle
    spoken = speaking_on(bundle, "sms")
    silent = {step.key for step in bundle.every_step()} - spoken
    return frozenset(key for key in bundle.texts if ".".join(key.split(".")[:2]) in silent)


def _worded_forms(subject: Subject, text: Worded) -> Iterator[tuple[str, str]]:
    yield from (("en", form) for form in text.english)
    for language in subject.languages():
        forms = subject.words(text.key, language).forms
        yield from ((language, form) for form in forms if form)


def _about(
    text: Worded, language: str, channel: str, check: str, message: str, hint: str
) -> Finding:
    return Finding(
        text.file,
        text.line,
        Severity.ERROR,
        check,
        message,
        key=text.key,
        language=language,
        channel=channel,
        hint=hint,
    )


def _forms(subject: Subject, text: Text) -> Iterator[tuple[str, str]]:
    yield "en", text.english
    for language in subject.languages():
        found: Translation = subject.words(text.key, language)
        for form in found.forms:
            if form:
                yield language, form


def _on(
    text: Text,
    language: str,
    channel: str,
    severity: Severity,
    check: str,
    message: str,
    hint: str,
) -> Finding:
    return Finding(
        text.file,
        text.line,
        severity,
        check,
        message,
        key=text.key,
        language=language,
        channel=channel,
        hint=hint,
    )

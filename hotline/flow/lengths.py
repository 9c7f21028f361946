"""How much there is to read: every question as it leaves by SMS, in every language. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hotline.core.languages import LANGUAGES
from hotline.flow.bundle import Bundle
from hotline.flow.contacts import Contacts
from hotline.flow.definition import Step
from hotline.flow.events import Said
from hotline.flow.render import Words, render

SCREENING = ("start", "menu", "safety", "about", "offer", "work", "result", "again")
"""Flows whose questions lead to a result, in their order."""
MOST_PARTS = 2
FORMS = ("", "third", "minor")


@dataclass(frozen=True, slots=True)
class Length:
    """One question in one language: characters and parts of the SMS, numbered answers included.

    `form`: for whom it is worded ("", "third", "minor").
    """

    step: str
    form: str
    language: str
    characters: int
    parts: int


def lengths(
    bundle: Bundle, words: Words, contacts: Contacts, *, flows: Iterable[str] = SCREENING
) -> Iterator[Length]:
    """Every question of the flows that is asked by SMS."""
    for flow in flows:
        for step in bundle.flows[flow].steps.values():
            if (step.asks or step.item) and _by_sms(step):
                yield from _of(bundle, words, contacts, step)


def _by_sms(step: Step) -> bool:
    """The two hardest questions are not sent by SMS (screening specification, section 12)."""
    return step.item not in {"C09", "C10"}


def _of(bundle: Bundle, words: Words, contacts: Contacts, step: Step) -> Iterator[Length]:
    for form in FORMS:
        third = form == "third"
        choices = bundle.shown[step.key, "sms", third]
        worded = form in step.variants
        if form and not worded and not (third and choices != bundle.shown[step.key, "sms", False]):
            continue
        key = f"{step.key}.{step.part}" + (f".{form}" if worded else "")
        said = Said(key, step.key, choices=choices)
        for language in LANGUAGES:
            shown = render(said, words=words, contacts=contacts, channel="sms", language=language)
            count = sum(len(part) for part in shown.parts)
            yield Length(step.key, form, language, count, shown.segments)


def table(rows: Iterable[Length]) -> str:
    """A Markdown table: a line a question, characters and parts for each language."""
    found: dict[tuple[str, str], dict[str, Length]] = {}
    for row in rows:
        found.setdefault((row.step, row.form), {})[row.language] = row
    lines = [
        "| question | form | " + " | ".join(LANGUAGES) + " |",
        "|---|---|" + "---|" * len(LANGUAGES),
    ]
    for (step, form), by_language in found.items():
        cells = [f"{by_language[at].characters} / {by_language[at].parts}" for at in LANGUAGES]
        lines.append(f"| `{step}` | {form or '-'} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

"""Every text that people or staff may be shown, collected from where its author wrote it.

Flows, screening ruleset and answers under `flows/`, `locales/interface.yaml`, and the calls of
`t(...)` in templates and web modules. Together they are what the catalogues translate.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from hotline import library
from hotline.flow.bundle import Bundle, build
from hotline.flow.definition import Text
from hotline.flow.lined import Lined
from hotline.i18n import calls, wordfiles
from hotline.i18n.entries import Forms, Source
from hotline.screening.parsing import parse as parse_ruleset

INTERFACE = "locales/interface.yaml"
PAGES = "hotline/web"
ANSWER_PARTS = {"label": "label", "tell": "tell", "sms": "tell.sms"}
"""Field of an answer file -> the last part of its key."""

REPLY_NOTE = (
    "Sent by an operator, by SMS too: at most 3 parts (201 Cyrillic letters), no topic word."
)
STAFF_NOTE = "Shown to staff only."

SHOWN = {
    "line": "A message, on Telegram and in SMS.",
    "sms": "The shorter form, in SMS only.",
    "button": "A button on Telegram, at most 64 characters; a numbered line in SMS.",
    "help": "Said when an answer was not understood.",
    "phrase": "Put into another text.",
}


def collect(root: Path, bundle: Bundle, files: library.Files) -> tuple[Source, ...]:
    """All texts of the project at `root`, sorted by key.

    The first source of a key wins here; the linter reports a key that says two things.
    """
    found: dict[str, Source] = {}
    for source in every(root, bundle, files):
        found.setdefault(source.key, source)
    return tuple(found[key] for key in sorted(found))


def every(root: Path, bundle: Bundle, files: library.Files) -> Iterator[Source]:
    """All texts, those of keys that stand twice included."""
    for text in bundle.texts.values():
        yield of_text(text)
    yield from of_screening(files)
    for intent, body in files.answers.items():
        yield from of_answer(intent, body)
    yield from of_registers(files)
    yield from wordfiles.interface(root / INTERFACE, INTERFACE)
    yield from calls.from_tree(root, PAGES)


def english(root: Path, bundle: Bundle, files: library.Files) -> Mapping[str, Forms]:
    """English by key for `words.load`. Templates bring their own and are left out."""
    texts = [of_text(text) for text in bundle.texts.values()]
    texts += of_screening(files)
    for intent, body in files.answers.items():
        texts += of_answer(intent, body)
    texts += of_registers(files)
    texts += wordfiles.interface(root / INTERFACE, INTERFACE)
    return {text.key: text.english for text in texts}


def of_text(text: Text) -> Source:
    """A text of a flow, with what a translator has to know about it."""
    notes = [text.note] if text.note else []
    notes.append(SHOWN.get(text.role, ""))
    if text.role in {"line", "sms", "help"}:
        notes.append(f"SMS: at most {text.parts} {'part' if text.parts == 1 else 'parts'}"
                     f" ({_letters(text.parts)} Cyrillic letters).")  # fmt: skip
    if text.neutral:
        notes.append("Must not show what the hotline is about: somebody may be looking on.")
    note = "\n".join(note for note in notes if note)
    return Source(text.key, (text.english,), text.file, text.line, note, text.critical)


def of_screening(files: library.Files) -> Iterator[Source]:
    """What counsellors read about an assessment."""
    body = files.screening.get("screening")
    if body is not None:
        file = "flows/screening/screening.yaml"
        for key, text in parse_ruleset(body).texts.items():
            yield Source(key, (text,), file, 0, STAFF_NOTE)


def of_answer(intent: str, body: Any) -> Iterator[Source]:  # noqa: ANN401 - plain YAML
    """Label, full text and SMS text of one answer."""
    if not isinstance(body, Mapping):
        return
    file = f"flows/answers/{intent}.yaml"
    for name, part in ANSWER_PARTS.items():
        text = body.get(name)
        if isinstance(text, str) and text.strip():
            line = body.at(name) if isinstance(body, Lined) else 0
            yield Source(
                f"answers.{intent}.{part}", (text.strip(),), file, line, _answer_note(name)
            )


def of_registers(files: library.Files) -> Iterator[Source]:
    """Names of contacts, and the prepared replies of operators."""
    for row in files.contacts:
        yield from _of_row(row, "contacts", "name", "The name of an office; shown with its number.")
    body = files.others.get("replies")
    replies = (body.get("replies") or ()) if isinstance(body, Mapping) else ()
    for row in replies:
        yield from _of_row(row, "replies", "text", REPLY_NOTE)
    for topic in sorted({str(row["topic"]) for row in replies if row.get("topic")}):
        heading = topic.replace("_", " ").capitalize()
        yield Source(f"replies.topics.{topic}", (heading,), "flows/replies.yaml", 0, STAFF_NOTE)


def _of_row(row: Mapping[str, Any], register: str, part: str, note: str) -> Iterator[Source]:
    text = row.get(part)
    if isinstance(text, str) and text.strip():
        line = row.at(part) if isinstance(row, Lined) else 0
        key = f"{register}.{row.get('id')}.{part}"
        yield Source(key, (text.strip(),), f"flows/{register}.yaml", line, note)


def extract_flow(
    fileobj: IO[bytes],
    keywords: Mapping[str, object],  # noqa: ARG001 - the shape Babel calls
    comment_tags: object,  # noqa: ARG001
    options: Mapping[str, str],
) -> Iterator[tuple[int, str, tuple[str, ...], list[str]]]:
    """Babel extraction method for one flow file: `pgettext` of (key, English), line and note.

    For other gettext tools; `locales update` uses `collect`, which sees all files together.
    """
    name = options.get("name", Path(getattr(fileobj, "name", "flow.yaml")).stem)
    source = library.read_text(fileobj.read().decode("utf-8"), file=f"flows/{name}.yaml")
    for text in build({name: source}, revision="extraction", complete=False).texts.values():
        made = of_text(text)
        yield made.line, "pgettext", (made.key, *made.english), [made.note]


def _answer_note(name: str) -> str:
    if name == "label":
        return SHOWN["button"]
    return SHOWN["sms"] + " At most 3 parts (201 Cyrillic letters)." if name == "sms" else (
        "An answer on Telegram: one screen."
    )  # fmt: skip


def _letters(parts: int) -> int:
    single, each = 70, 67
    return single if parts == 1 else parts * each

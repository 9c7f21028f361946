"""Reads a whole project (flows, catalogues, lists) and runs the linter on it.

What `hotline flows lint`, `hotline locales ...` and the start of the server call.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jinja2

from hotline import library
from hotline.core.languages import LANGUAGES
from hotline.flow.bundle import Bundle, build
from hotline.flow.check import check, check_words, from_problems
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.subject import Fact, Subject, Term, Translation, Worded
from hotline.flow.lined import Lined
from hotline.flow.problems import FlowInvalid
from hotline.i18n import catalogues, sources
from hotline.i18n.entries import Entry, Source
from hotline.i18n.merge import Merged
from hotline.i18n.pofile import BrokenCatalogue
from hotline.i18n.wordfiles import BrokenWords, Value, read_lines
from hotline.screening.parsing import parse as parse_ruleset
from hotline.screening.ruleset import RulesetError
from hotline.understanding.fold import skeleton

MUST_NOT_SAY = "flows/must_not_say.yaml"
GLOSSARY = "locales/glossary.csv"
SHORTEST = 2
"""Folded words of fewer letters are no words to compare: folding makes many of them equal."""
LONGEST_SHORT = 4
"""Digits of a short telephone number."""
TO_PEOPLE = ("flows/answers/", "flows/replies.yaml")
NAMES = "flows/contacts.yaml"
ANSWER_PARTS = 3
"""SMS parts of an answer or a prepared reply."""

CannotRead = (library.Unreadable, BrokenWords, BrokenCatalogue, RulesetError,
              jinja2.TemplateSyntaxError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Project:
    """What stands in the files. `root` is the folder that holds flows/, locales/, hotline/."""

    root: Path
    files: library.Files
    bundle: Bundle
    texts: tuple[Source, ...]  # every text, keys that stand twice included

    @property
    def locales(self) -> Path:
        return self.root / "locales"

    def unique(self) -> tuple[Source, ...]:
        return tuple({text.key: text for text in reversed(self.texts)}.values())


def read(root: Path, *, complete: bool = True) -> Project:
    """Raises FlowInvalid, or one of `CannotRead`."""
    files = library.load(root / "flows")
    bundle = build(files.flows, revision=files.revision, complete=complete)
    return Project(root, files, bundle, tuple(sources.every(root, bundle, files)))


def lint(
    root: Path,
    *,
    now: datetime,
    waiting: Mapping[str, int] | None = None,
    told: frozenset[str] | None = None,
) -> tuple[Finding, ...]:
    """`hotline flows lint`. `waiting`: step -> live sessions; `told`: steps that stories visit."""
    try:
        project = read(root)
        subject = subject_of(project, waiting=waiting or {}, told=told)
    except FlowInvalid as invalid:
        return from_problems(invalid.problems)
    except CannotRead as error:
        return (_unreadable(error),)
    return check(subject, now=now)


def check_locales(root: Path) -> tuple[Finding, ...]:
    """`hotline locales check`: the words alone, and whether the catalogues are up to date."""
    try:
        project = read(root)
        subject = subject_of(project)
        current = catalogues.is_current(project.locales, project.unique())
    except FlowInvalid as invalid:
        return from_problems(invalid.problems)
    except CannotRead as error:
        return (_unreadable(error),)
    late = Finding(
        "locales/hotline.pot", 0, Severity.ERROR, "outdated",
        "the catalogues do not hold today's texts", hint="run: locales update",
    )  # fmt: skip
    return (*(() if current else (late,)), *check_words(subject))


def update_locales(root: Path) -> Mapping[str, Merged]:
    """`hotline locales update`. Raises as `read` does."""
    project = read(root, complete=False)
    return catalogues.update(project.locales, project.unique())


def import_files(
    root: Path, paths: Iterable[Path], *, overwrite: bool = False
) -> Mapping[str, catalogues.Imported]:
    """`hotline locales import`: bulk translations from YAML files, file name -> what was done.

    Catalogues are brought up to date first, and once more where a file brings the English of keys
    that only the program names. Raises as `read` does, and BrokenWords for a broken file.
    """
    locales = root / "locales"
    given = {path.name: dict(_lines(path)) for path in paths}
    update_locales(root)
    done = {n: catalogues.import_words(locales, w, overwrite=overwrite) for n, w in given.items()}
    if any(catalogues.adopt(locales, given[name], made.unknown) for name, made in done.items()):
        update_locales(root)
        again = (n for n, made in done.items() if made.unknown)
        done |= {n: catalogues.import_words(locales, given[n], overwrite=overwrite) for n in again}
    return done


def _lines(path: Path) -> Iterator[tuple[str, Value]]:
    yield from ((line.key, line.value) for line in read_lines(path))


def subject_of(
    project: Project,
    *,
    waiting: Mapping[str, int] | None = None,
    told: frozenset[str] | None = None,
) -> Subject:
    """Everything the linter looks at, in its own plain values."""
    files = project.files
    tables = {code: catalogues.read_catalogue(project.locales, code) for code in LANGUAGES}
    flow_keys = {(text.key, text.english) for text in project.bundle.texts.values()}
    others = tuple(
        _worded(text) for text in project.texts if (text.key, text.english[0]) not in flow_keys
    )
    known = {text.key for text in project.texts}
    rows = [row for row in files.contacts if isinstance(row.get("id"), str)]
    return Subject(
        project.bundle,
        translations={code: dict(_translations(entries)) for code, entries in tables.items()},
        others=others,
        leftover=_leftover(tables.values(), known),
        contacts=frozenset(str(row["id"]) for row in rows) if rows else None,
        numbers=frozenset(_short_numbers(rows)),
        must_not_say=_must_not_say(project.root),
        glossary=_glossary(project.root / GLOSSARY),
        facts=tuple(fact for name, body in files.answers.items() for fact in _facts(name, body)),
        reserved=tuple(_reserved(files.understanding.get("commands") or {})),
        meanings=_meanings(files.understanding.get("answers") or {}),
        items=_items(files),
        waiting=waiting or {},
        told=told,
        fold=skeleton,
    )


def _translations(entries: Iterable[Entry]) -> Iterator[tuple[str, Translation]]:
    for entry in entries:
        if not entry.obsolete:
            yield entry.key, Translation(entry.text, stale=entry.fuzzy)


def _leftover(tables: Iterable[Iterable[Entry]], known: set[str]) -> tuple[str, ...]:
    live = {entry.key for entries in tables for entry in entries if not entry.obsolete}
    return tuple(sorted(live - known))


def _worded(text: Source) -> Worded:
    people = text.file.startswith(TO_PEOPLE)
    in_sms = text.key.endswith(".tell.sms") or text.file == "flows/replies.yaml"
    return Worded(
        text.key,
        text.english,
        text.file,
        text.line,
        text.critical,
        to_people=people,
        parts=ANSWER_PARTS if people and in_sms else None,
        is_name=text.file == NAMES,
    )


def _short_numbers(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        digits = "".join(c for c in str(row.get("number") or "") if c.isdigit())
        if 0 < len(digits) <= LONGEST_SHORT:
            yield digits


def _must_not_say(root: Path) -> Mapping[str, tuple[str, ...]]:
    path = root / MUST_NOT_SAY
    found = library.read_file(path, root=root / "flows") if path.exists() else {}
    if not isinstance(found, Mapping):
        raise library.Unreadable(f"{MUST_NOT_SAY}: needs a list of words for each language")
    return {str(code): tuple(map(str, words or ())) for code, words in found.items()}


def _glossary(path: Path) -> tuple[Term, ...]:
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Term(_variants(row["en"]), {code: _variants(row[code]) for code in LANGUAGES})
        for row in rows
    )


def _variants(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split("|") if word.strip())


def _facts(intent: str, body: Any) -> Iterator[Fact]:  # noqa: ANN401 - plain YAML
    if not isinstance(body, Mapping):
        return
    line = body.at("review_by") if isinstance(body, Lined) else 0
    sources_ = body.get("sources") or ()
    listed = ", ".join(map(str, sources_)) if isinstance(sources_, list) else str(sources_)
    due = body.get("review_by")
    try:
        review_by = date.fromisoformat(str(due)) if due else None
    except ValueError:
        review_by = None
    yield Fact(f"answers.{intent}", f"flows/answers/{intent}.yaml", line, listed, review_by)


def _reserved(commands: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, entry in (commands.get("commands") or {}).items():
        for phrases in (entry.get("words") or {}).values():
            yield from ((skeleton(phrase), str(name)) for phrase in _long(phrases))
    for phrases in (commands.get("languages") or {}).values():
        yield from ((skeleton(phrase), "language") for phrase in _long(phrases))


def _meanings(answers: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for meaning in ("yes", "no", "unsure", "skip"):
        for phrases in (answers.get(meaning) or {}).values():
            for phrase in _long(phrases):
                found.setdefault(skeleton(phrase), set()).add(meaning)
    return {word: frozenset(meanings) for word, meanings in found.items()}


def _long(phrases: Iterable[Any]) -> Iterator[str]:
    return (str(phrase) for phrase in phrases if len(skeleton(str(phrase))) >= SHORTEST)


def _items(files: library.Files) -> Mapping[str, frozenset[str]] | None:
    body = files.screening.get("screening")
    if body is None:
        return None
    ruleset = parse_ruleset(body)
    return {
        name: frozenset(item.options) | ruleset.undetermined for name, item in ruleset.items.items()
    }


def _unreadable(error: BaseException) -> Finding:
    said = str(error)
    if isinstance(error, jinja2.TemplateSyntaxError):
        said = f"{error.filename or error.name or 'template'}:{error.lineno}: {error.message}"
    file, _, rest = said.partition(":")
    number, _, message = rest.partition(":")
    if number.strip().isdigit():
        return Finding(file, int(number), Severity.ERROR, "unreadable", message.strip())
    return Finding(file, 0, Severity.ERROR, "unreadable", rest.strip() or said)

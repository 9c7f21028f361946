"""Everything under `flows/` and `locales/`, read, checked and made ready once at start."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from hotline import library
from hotline.core.reading import Expects, Heard, Reading
from hotline.flow.bundle import Bundle, build
from hotline.flow.contacts import Contacts
from hotline.flow.definition import Topic
from hotline.flow.problems import FlowInvalid
from hotline.flow.topics import topics_of
from hotline.i18n import sources
from hotline.i18n.words import Words, load as load_words
from hotline.logs import event
from hotline.screening import parsing, versions
from hotline.screening.ruleset import Ruleset
from hotline.screening.versions import Rulesets
from hotline.understanding import compiling
from hotline.understanding.read import Understanding

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, eq=False)  # one is never equal to another: methods are cached by it
class Content:
    """What the hotline says, asks, understands and judges by."""

    files: library.Files
    words: Words
    bundle: Bundle
    rulesets: Rulesets
    contacts: Contacts

    @property
    def ruleset(self) -> Ruleset:
        """Today's screening rules."""
        return self.rulesets.current

    @property
    def frozen(self) -> dict[str, Any]:
        """The flows in the form in which a revision is stored."""
        return {"flows": plain(self.files.flows), "answers": plain(dict(self.files.answers))}

    def bundle_for(self, revision: str, frozen: Mapping[str, Any] | None) -> Bundle:
        """The flows of a revision, from what was frozen with it; today's without that."""
        if frozen is None or revision == self.bundle.revision:
            return self.bundle
        return self._older(revision, json.dumps(frozen, sort_keys=True))

    @lru_cache(maxsize=8)  # noqa: B019 - one Content lives as long as the process
    def _older(self, revision: str, text: str) -> Bundle:
        stored = json.loads(text)
        try:
            return build(
                stored["flows"],
                revision=revision,
                topics=topics(stored["answers"]),
                labels=self.words.labels,
            )
        except FlowInvalid:
            # The program has come to need a step that this revision lacks: its people go on with
            # today's flows, from the nearest step.
            event("revision.outgrown", revision=revision)
            return self.bundle


def load(
    flows_dir: Path,
    locales_dir: Path,
    *,
    demonstration: bool = False,
) -> Content:
    """Raises `FlowInvalid`, `library.Unreadable` or `RulesetError`, each naming file and line."""
    files = library.load(flows_dir)
    english_only = build(files.flows, revision=files.revision)
    english = sources.english(ROOT, english_only, files)
    words = load_words(
        locales_dir,
        english,
        on_fall=lambda fall: event("words.fell", key=fall.key, language=fall.wanted),
    )
    bundle = build(
        files.flows,
        revision=files.revision,
        topics=topics(files.answers),
        labels=words.labels,
    )
    return Content(
        files=files,
        words=words,
        bundle=bundle,
        rulesets=versions.parse_all(files.screening),
        contacts=Contacts.of(files.contacts, demonstration=demonstration),
    )


def ruleset(files: library.Files) -> Ruleset:
    """The screening rules. Raises `RulesetError`."""
    return parsing.parse(files.screening["screening"])


def topics(answers: Mapping[str, Any]) -> dict[str, Topic]:
    """What the engine needs to know of the answers: which ones go to a person first, and when
    each was checked."""
    return topics_of(answers)


def understanding(
    files: library.Files, *, cache: Path | None, tell: Callable[[str], None] | None = None
) -> Understanding:
    """The word lists and models. They are trained in some seconds and kept in `cache`."""
    data = files.understanding
    if cache is not None and cache.exists():
        try:
            return Understanding.from_mapping(data, cache.read_bytes())
        except compiling.Stale:
            pass
    if tell is not None:
        tell("Learning to tell languages and questions apart (some seconds) ...")
    compiled = compiling.build(data)
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        fresh = cache.with_suffix(".new")
        fresh.write_bytes(compiled)
        fresh.replace(cache)
    return Understanding.from_mapping(data, compiled)


def reader(known: Understanding, today: Callable[[], date]) -> Callable[[Heard, Expects], Reading]:
    """`read` as the engine wants it."""

    def read(heard: Heard, expects: Expects) -> Reading:
        return known.read(heard, expects, today=today())

    return read


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a YAML file holds
    """YAML content without its line numbers, ready for JSON."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    return value

"""The golden stories of a checkout: what they visit, and by which judges."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any, cast

from hotline import library
from hotline.bootstrap.content import ROOT, Content
from hotline.flow.bundle import Bundle
from hotline.flow.pen import Judges
from hotline.flow.stories import Replayed, Story, read_story, replay, visits
from hotline.screening.assess import assess
from hotline.screening.next_item import can_level_change
from hotline.screening.reasons import reasons
from hotline.screening.ruleset import Ruleset

STORIES = ROOT / "tests" / "golden"
"""Only in a checkout: an installed program has no stories."""


def judges_of(ruleset: Ruleset) -> Judges:
    """The screening, as the engine wants it."""
    return Judges(
        assess=lambda answers, stage, ctx: assess(
            ruleset, answers, stage=cast("Any", stage), ctx=ctx
        ),
        can_change=lambda answers, stage, ctx, **more: can_level_change(
            ruleset, answers, stage=stage, ctx=ctx, **more
        ),
        reasons=lambda answers, stage, ctx: (
            reasons(ruleset, answers, stage=cast("Any", stage), ctx=ctx, channel="telegram").answers
        ),
    )


def played(
    bundle: Bundle, ruleset: Ruleset, folder: Path = STORIES
) -> Iterator[tuple[Story, Replayed]]:
    """Every story of a folder, played on. Raises `Unreadable`, or `ValueError` for a turn that
    cannot be played."""
    judges = judges_of(ruleset)
    for path in sorted(folder.glob("*.yaml")):
        story = read_story(path.stem, library.read_file(path, root=folder))
        yield story, replay(bundle, story, judges)


def visited(bundle: Bundle, ruleset: Ruleset, folder: Path = STORIES) -> tuple[int, frozenset[str]]:
    """How many stories there are, and all that they visit."""
    found: set[str] = set()
    count = 0
    for story, made in played(bundle, ruleset, folder):
        found |= visits(story, made)
        count += 1
    return count, frozenset(found)


class Told:
    """Steps and answers that stories visit, looked up once when somebody first asks."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._lock = Lock()
        self._found: tuple[frozenset[str] | None] | None = None

    def __call__(self) -> frozenset[str] | None:
        """None where there are no stories, as in an installed program. Takes seconds at first."""
        with self._lock:
            if self._found is None:
                has_stories = any(STORIES.glob("*.yaml"))
                content = self._content
                told = visited(content.bundle, content.ruleset)[1] if has_stories else None
                self._found = (told,)
            return self._found[0]

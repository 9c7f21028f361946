"""`flows play` and `flows coverage`: try a conversation, see what no story visits."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hotline import library
from hotline.bootstrap import content as contents
from hotline.bootstrap.stories import STORIES, judges_of, visited
from hotline.cli import parts
from hotline.cli.checks import flows
from hotline.cli.console import line
from hotline.flow.coverage import coverage
from hotline.flow.play import Player


def add(app: typer.Typer) -> None:
    """`play` and `coverage` stand beside `lint` under `hotline flows`."""
    del app  # the family is added by `checks`; importing this module puts the commands into it


def _content() -> contents.Content:
    return contents.load(contents.ROOT / "flows", contents.ROOT / "locales", demonstration=True)


@flows.command("play")
def flows_play(
    lang: Annotated[str, typer.Option(help="ky, ru or tg; empty: unknown")] = "ru",
    channel: Annotated[str, typer.Option(help="telegram or sms")] = "telegram",
    save: Annotated[str, typer.Option(help="save the story under this name at the end")] = "",
) -> None:
    """Plays a conversation in the terminal with the real engine. /start begins, :quit ends."""
    found = _content()
    known = parts.understanding(parts.settings())
    today = datetime.now(UTC).date()  # noqa: TID251 - the terminal is an edge
    game = Player(
        found.bundle,
        found.words,
        found.contacts,
        contents.reader(known, lambda: today),
        judges_of(found.ruleset),
        channel=channel,
        language=lang or None,
    )
    for typed in sys.stdin:
        for shown in game.hear(typed.rstrip("\n")):
            line(shown)
        if game.saved:
            _save(game)
        if game.over:
            break
    if save and game.told:
        game.saved = save
        _save(game)


def _save(game: Player) -> None:
    name = re.sub(r"[^a-z0-9_]", "_", (game.saved or "story").lower())
    game.saved = None
    story = game.story()
    path = STORIES / f"{story['flow']}.{name}.yaml"
    library.write_story(path, story)
    line(f"written: {path.relative_to(contents.ROOT)}")


@flows.command("coverage")
def flows_coverage(
    folder: Annotated[Path, typer.Option(help="where the stories are")] = STORIES,
) -> None:
    """Names the steps, answers and silences that no golden story visits. Exit 1 if there are."""
    found = _content()
    count, seen = visited(found.bundle, found.ruleset, folder)
    covered = coverage(found.bundle, seen)
    line(f"{count} stories visit {covered.visited} of {covered.total} steps, answers and silences")
    for place in covered.missing:
        line(f"  not visited: {place}")
    if covered.missing:
        raise typer.Exit(1)

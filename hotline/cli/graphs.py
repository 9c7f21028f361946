"""`flows graph`: each flow as a picture."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.bootstrap import content as contents
from hotline.bootstrap.stories import STORIES, visited
from hotline.cli import parts
from hotline.cli.checks import flows
from hotline.cli.console import line
from hotline.config import WrongSetting
from hotline.core.languages import LANGUAGES
from hotline.flow.drawing.boxes import boxes
from hotline.flow.drawing.svg import draw


def add(app: typer.Typer) -> None:
    """`graph` stands beside `lint` under `hotline flows`."""
    del app  # the family is added by `checks`; importing this module puts the command into it


@flows.command("graph")
def flows_graph(
    flow: Annotated[str, typer.Argument(help="a flow's name; without it, every flow")] = "",
    out: Annotated[Path | None, typer.Option(help="the folder for the pictures")] = None,
    lang: Annotated[str, typer.Option(help="en, ky, ru or tg")] = "en",
) -> None:
    """Draws flows as SVG: steps, answers, silences, sub-flows; what no story visits is marked."""
    if lang not in ("en", *LANGUAGES):
        raise WrongSetting([f"--lang {lang}: one of en, {', '.join(LANGUAGES)}."])
    settings = parts.settings()
    found = contents.load(contents.ROOT / "flows", contents.ROOT / "locales", demonstration=True)
    drawn = [flow] if flow else [f.name for f in found.bundle.flows.values() if f.steps]
    if flow and not (flow in found.bundle.flows and found.bundle.flows[flow].steps):
        raise WrongSetting([f"There is no flow {flow!r} with steps under flows/."])
    told = visited(found.bundle, found.ruleset)[1] if any(STORIES.glob("*.yaml")) else None
    folder = out or Path(settings.data_dir) / "flows"
    folder.mkdir(parents=True, exist_ok=True)

    def label(key: str) -> str:
        return found.words.text(key, lang)

    for name in drawn:
        picture = draw(boxes(found.bundle, name, label, told=told), title=name)
        path = folder / f"{name}.svg"
        path.write_text(picture, encoding="utf-8")
        missing = sum(
            1 for s in found.bundle.flows[name].steps.values() if told and s.key not in told
        )
        note = f", {missing} steps that no story visits" if missing else ""
        line(f"{path}: {len(found.bundle.flows[name].steps)} steps{note}")

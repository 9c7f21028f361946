"""`flows graph`: each flow as a picture, for those who read maps better than files."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.bootstrap import content as contents
from hotline.cli.checks import flows
from hotline.cli.console import line
from hotline.cli.drawing import draw
from hotline.core.errors import NotFound
from hotline.flow.bundle import Bundle


def add(app: typer.Typer) -> None:
    """`graph` stands beside `lint` under `hotline flows`."""
    del app  # the family is added by `checks`; importing this module puts the command into it


@flows.command("graph")
def flows_graph(
    flow: Annotated[
        list[str] | None, typer.Argument(help="Names of flows; all without one")
    ] = None,
    into: Annotated[Path, typer.Option(help="Folder for the pictures")] = Path("var/graphs"),
) -> None:
    """Draws every flow as an SVG picture: steps, answers, and where they lead."""
    bundle = contents.load(contents.ROOT / "flows", contents.ROOT / "locales").bundle
    for name in flow or sorted(bundle.flows):
        path = into / f"{name}.svg"
        into.mkdir(parents=True, exist_ok=True)
        path.write_text(_picture(bundle, name), "utf-8")
        line(str(path))


def _picture(bundle: Bundle, name: str) -> str:
    found = bundle.flows.get(name)
    if found is None:
        raise NotFound(f"There is no flow {name}.")
    return draw(found)

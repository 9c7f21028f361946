"""`flows cost`: what a way through each flow costs by SMS, at most."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from hotline.bootstrap.content import ROOT
from hotline.cli.checks import flows
from hotline.cli.console import line, out, write
from hotline.flow.checks.rendered import costs
from hotline.i18n import project


def add(app: typer.Typer) -> None:
    """`cost` stands beside `lint` under `hotline flows`."""
    del app  # the family is added by `checks`; importing this module puts the command into it


@flows.command("cost")
def flows_cost(
    form: Annotated[str, typer.Option("--format", help="text or json")] = "text",
) -> None:
    """The most SMS parts that one way through each flow can take, by language and in Latin."""
    found = costs(project.subject_of(project.read(ROOT)))
    if form == "json":
        write(json.dumps([asdict(cost) for cost in found], indent=1))
        return
    languages = tuple(dict.fromkeys(cost.language for cost in found))
    table = Table("flow", *languages, *(f"{code}, Latin" for code in languages))
    for name in dict.fromkeys(cost.flow for cost in found):
        of_flow = {cost.language: cost for cost in found if cost.flow == name}
        usual = [str(of_flow[code].parts) for code in languages]
        short = [str(of_flow[code].latin) for code in languages]
        table.add_row(name, *usual, *short)
    out.print(table)
    line("Parts as networks charge them. No step twice; flows that are called are counted in.")

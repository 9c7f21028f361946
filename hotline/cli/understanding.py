"""`bench understand`: how well and how fast what people type is understood."""

import time

import typer

from hotline import library
from hotline.bootstrap.content import ROOT
from hotline.cli import parts
from hotline.cli.bench import bench
from hotline.cli.console import line
from hotline.config import WrongSetting
from hotline.understanding import evaluation

TESTS = ROOT / "tests" / "data" / "understanding"


def add(app: typer.Typer) -> None:
    del app  # the family is added by `bench`; importing this module puts the command into it


@bench.command("understand")
def bench_understand() -> None:
    """Language, question and danger on test messages that nothing was trained on, in five typing
    styles; and the time for one. The reading is docs/understanding.md."""
    if not TESTS.is_dir():
        raise WrongSetting(
            ["`hotline bench` needs a checkout of the source: the messages live in tests/data."]
        )
    known = parts.understanding(parts.settings())
    asked = library.read_file(TESTS / "questions.yaml", root=ROOT)
    feared = library.read_file(TESTS / "danger.yaml", root=ROOT)
    figures = evaluation.evaluate(known, asked, feared, clock=time.perf_counter)
    for text in evaluation.report(figures):
        line(text)

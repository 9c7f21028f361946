"""Prints how well danger is heard: `python -m tests.unit.understanding.danger_figures`.

First on held-out folds of the examples (where the thresholds of `settings.yaml` were chosen), then
on messages that taught nothing, per language and style. "heard" is immediate, "offered" is immediate
or soft: a person is offered. `--quick` leaves out the folds.
"""

# ruff: noqa: T201 - a program that prints
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from hotline import library
from hotline.core.reading import DangerLevel
from hotline.understanding import alarm_training, compiling
from hotline.understanding.danger import DangerFinder
from hotline.understanding.evaluation import LANGUAGES, STYLES, restyled
from hotline.understanding.read import Understanding

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "data" / "understanding"
FOLDS = 4
HEARD = (1.0, 0.5, 0.0, -0.3, -0.5, -1.0)


def folds(data: Mapping[str, Any]) -> None:
    found = alarm_training.messages(data[alarm_training.FOLDER], data["phrasings"])
    known = alarm_training.prepare(
        found, DangerFinder(data["danger"]), compiling.danger_concepts_of(data)
    )
    odds = alarm_training.held_out(known, FOLDS)
    kinds = np.array([message.kind for message in found])
    danger = known.target[:, 0] == 1
    print(
        f"{len(found)} examples, {FOLDS} folds, share scoring above, and above soft (model alone)"
    )
    soft_first = odds[:, 0] >= odds[:, 1]
    for limit in HEARD:
        above = (odds[:, 0] >= limit) & soft_first
        others = " ".join(
            f"{kind} {above[kinds == kind].mean():.3f}" for kind in sorted(set(kinds[~danger]))
        )
        print(f"  {limit:5.1f}: danger {above[danger].mean():.3f}  {others}")


def unseen(data: Mapping[str, Any]) -> None:
    known = Understanding.from_mapping(data, compiling.build(data))
    fresh = yaml.safe_load((TESTS / "danger_fresh.yaml").read_text(encoding="utf-8"))
    spent: list[float] = []
    for kind, by_language in fresh.items():
        for language in LANGUAGES:
            texts = by_language[language].splitlines()
            shown = []
            for style in STYLES:
                levels = []
                for at, text in enumerate(texts):
                    started = time.process_time()
                    levels.append(known.danger(restyled(text, style, at)).level)
                    spent.append(1000 * (time.process_time() - started))
                heard = sum(level is DangerLevel.IMMEDIATE for level in levels)
                offered = sum(level is not DangerLevel.NONE for level in levels)
                shown.append(f"{style} {heard / len(texts):.2f}/{offered / len(texts):.2f}")
            print(f"{kind} {language} ({len(texts)}), heard/offered: {', '.join(shown)}")
    print(f"ms: p50 {np.percentile(spent, 50):.2f} p95 {np.percentile(spent, 95):.2f}")


def main() -> None:
    data = dict(library.load(ROOT / "flows").understanding)
    if "--quick" not in sys.argv:
        folds(data)
    unseen(data)


if __name__ == "__main__":
    main()

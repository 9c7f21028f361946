"""Prints how well people are understood: `python tests/unit/understanding/evaluate.py`.

The language figures on real text need the shared evaluation set (HOTLINE_SHARED, or `../shared`
beside the project); without it that part says that it was left out.
"""

# ruff: noqa: T201 - a program that prints
import csv
import os
import time
from collections import Counter
from pathlib import Path

import yaml

from hotline import library
from hotline.understanding import compiling, evaluation
from hotline.understanding.read import Understanding

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "data" / "understanding"


def loaded() -> tuple[Understanding, dict[str, object]]:
    data = dict(library.load(ROOT / "flows").understanding)
    started = time.perf_counter()
    compiled = compiling.build(data)
    built = time.perf_counter()
    known = Understanding.from_mapping(data, compiled)
    ready = time.perf_counter()
    print(
        f"built in {built - started:.1f} s, {len(compiled) / 1e6:.1f} MB; loaded in {1000 * (ready - built):.0f} ms"
    )
    return known, data


def real_text(known: Understanding) -> None:
    shared = Path(os.environ.get("HOTLINE_SHARED", ROOT.parent / "shared"))
    path = shared / "data" / "langid_test.tsv"
    if not path.exists():
        print("language on real text: left out, the shared evaluation set is not there")
        return
    right: Counter[tuple[str, str]] = Counter()
    every: Counter[tuple[str, str]] = Counter()
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    started = time.perf_counter()
    for row in rows:
        want = row["lang"] if row["lang"] in evaluation.LANGUAGES else "other"
        every[row["style"], want] += 1
        right[row["style"], want] += known.language(row["text"]).language == want
    spent = (time.perf_counter() - started) / len(rows) * 1000
    print(f"language on real text, recall ({spent:.2f} ms each)")
    for style in dict.fromkeys(row["style"] for row in rows):
        recall = [
            right[style, lang] / every[style, lang] for lang in (*evaluation.LANGUAGES, "other")
        ]
        print(
            f"  {style:12} macro {sum(recall) / 4:.3f}  ky ru tg other "
            + " ".join(f"{r:.3f}" for r in recall)
        )


def main() -> None:
    known, data = loaded()
    asked = yaml.safe_load((TESTS / "questions.yaml").read_text(encoding="utf-8"))
    feared = yaml.safe_load((TESTS / "danger.yaml").read_text(encoding="utf-8"))
    for line in evaluation.report(
        evaluation.evaluate(known, asked, feared, clock=time.perf_counter)
    ):
        print(line)
    print(
        f"baseline, fuzzy matching, top-1 {evaluation.fuzzy_baseline(data['phrasings'], asked).text()}"
    )
    unseen = yaml.safe_load((TESTS / "danger_unseen.yaml").read_text(encoding="utf-8"))
    fresh = evaluation.evaluate(known, {}, unseen, clock=time.perf_counter)
    for language in (*evaluation.LANGUAGES, "clean", "typo"):
        recall, false = (
            fresh.shares[m, language].text() for m in ("danger recall", "danger false alarms")
        )
        print(
            f"danger, messages the list has not seen, {language}: recall {recall}, false alarms {false}"
        )
    real_text(known)


if __name__ == "__main__":
    main()

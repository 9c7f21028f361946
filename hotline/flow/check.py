"""The linter: everything that can be known of flows and words before a person meets them.

Pure. The shell reads files and catalogues (`hotline.i18n.lint`); this module judges plain values
and returns findings. Nothing is printed and nothing stops at the first mistake.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from hotline.flow.checks import (
    fit,
    listening,
    named,
    rendered,
    safety,
    structure,
    texts,
    waiting,
    words,
)
from hotline.flow.checks.finding import Finding, Severity
from hotline.flow.checks.subject import Subject
from hotline.flow.problems import Problem

Check = Callable[[Subject], Iterator[Finding]]

FLOW_CHECKS: tuple[Check, ...] = (
    structure.unreachable, structure.no_exit, structure.circles, structure.a_person,
    structure.timers, structure.called, structure.removed, structure.untold, structure.items,
    texts.unfilled, texts.referred, texts.cover, texts.critical_lines,
    listening.collisions, listening.commands, listening.keywords, listening.opposites,
    listening.answer_lists, named.named_commands,
    waiting.strands, waiting.identity, waiting.retention, rendered.asked_parts,
    fit.telegram, fit.segments, fit.stray, fit.labels, fit.callback_data,
)  # fmt: skip
"""What concerns flows."""

WORD_CHECKS: tuple[Check, ...] = (
    words.missing, words.stale, words.placeholders, words.untranslated, words.script,
    words.glossary, words.leftover, words.twice,
    safety.must_not_say, safety.typed_numbers, safety.contacts,
)  # fmt: skip
"""What concerns words, of flows and of everything else."""


def check(
    subject: Subject, *, now: datetime, checks: Iterable[Check] | None = None
) -> tuple[Finding, ...]:
    """All findings, in order of file and line. `now` is compared with review dates."""
    chosen = (*FLOW_CHECKS, *WORD_CHECKS) if checks is None else tuple(checks)
    dated = () if checks is not None else (partial(safety.facts, today=now.date()),)
    found = {finding for run in (*chosen, *dated) for finding in run(subject)}
    return tuple(sorted(found, key=Finding.sort_key))


def check_words(subject: Subject) -> tuple[Finding, ...]:
    """`locales check`: the words alone."""
    found = {finding for run in WORD_CHECKS for finding in run(subject)}
    return tuple(sorted(found, key=Finding.sort_key))


def from_problems(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    """Mistakes that already stop a file from being read, as findings."""
    return tuple(
        Finding(
            problem.file or f"flows/{problem.step.partition('.')[0]}.yaml",
            problem.line, Severity.ERROR, "flow",
            f"{problem.field}: {problem.message}" if problem.field else problem.message,
            step=problem.step, hint=problem.hint,
        )
        for problem in problems
    )  # fmt: skip


def failed(findings: Iterable[Finding]) -> bool:
    """Whether there is an error: exit status 1."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def for_people(findings: Sequence[Finding]) -> str:
    """One line a finding, and a line of counts."""
    lines = [_line(finding) for finding in findings]
    counts = Counter(finding.severity for finding in findings)
    total = ", ".join(
        f"{counts[severity]} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    )
    return "\n".join([*lines, total or "nothing found"])


def for_machines(findings: Sequence[Finding]) -> str:
    """A JSON list, one mapping a finding."""
    mappings = [finding.to_mapping() for finding in findings]
    return json.dumps(mappings, ensure_ascii=False, indent=1, sort_keys=True)


def _line(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    what = finding.key or finding.step
    tags = ", ".join(tag for tag in (finding.language, finding.channel) if tag)
    subject = f"{what} ({tags})" if tags and what else what or (f"({tags})" if tags else "")
    hint = f" [{finding.hint}]" if finding.hint else ""
    said = f"{subject}: {finding.message}" if subject else finding.message
    return f"{where}  {finding.severity:<8} {finding.check:<12} {said}{hint}"

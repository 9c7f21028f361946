"""Classes, reasons and closing of a case. Pure (operations.md 2.1 and 5)."""

from collections.abc import Iterable, Mapping

CLASSES = ("P0", "P1", "P2", "P3")

CLOSE_REASONS = (
    "advice_given",
    "referred",
    "helped_elsewhere",
    "caller_declined",
    "no_contact",
    "not_for_us",
    "test_or_spam",
    "other",
)

ANONYMITY = ("share", "line_only", "anonymous")

REASON_CODES = (
    "asked",
    "screening",
    "danger",
    "unsure",
    "keyword",
    "safe_word",
    "rather_tell",
    "resumed",
    "minor",
    "raised",
    "lowered",
    "callback",
)

_NEEDS_BY_SERVICE = {"minor": "children", "legal": "legal"}


def worst(classes: Iterable[str]) -> str:
    """The most urgent of several classes; P3 for none."""
    return min(classes, default="P3")


def merged_reasons(old: Iterable[str], new: str) -> list[str]:
    """One line a reason, in the order in which they came up."""
    reasons = list(old)
    return reasons if new in reasons else [*reasons, new]


def skills_needed(*, is_minor: bool, reasons: Iterable[str]) -> tuple[str, ...]:
    """Skills an operator should have for this case (2.5.2)."""
    names = [_NEEDS_BY_SERVICE[r] for r in reasons if r in _NEEDS_BY_SERVICE]
    if is_minor and "children" not in names:
        names.append("children")
    return tuple(names)


def may_lower(old: str, new: str, *, reason: str) -> bool:
    """Raising is free; lowering needs a written reason (2.1.1)."""
    return new <= old or bool(reason.strip())


def merged_facts(old: Mapping[str, str], name: str, value: str) -> dict[str, str]:
    """Coded facts, the newest answer wins; the order of asking is kept."""
    return {**old, name: value}

"""From a level to the class of the queue, and what a later result may do to an open entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hotline.screening.assess import Assessment
from hotline.screening.ruleset import Level

Klass = Literal["P0", "P1", "P2", "P3"]

_CLASS: Mapping[Level, Klass] = {
    "IMMEDIATE": "P0", "HIGH": "P1", "MEDIUM": "P2", "LOW": "P3", "NONE": "P3", "UNCLEAR": "P3",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueueClass:
    """`klass` is None when nobody is called: unsafe to write and no danger named.

    `silent` means that operators are told, but nobody and nothing writes to that phone until
    the person comes back or the agreed safe time is reached.
    """

    klass: Klass | None
    silent: bool


def queue_class(assessment: Assessment) -> QueueClass:
    """The class of one result; danger beats silence, and then the entry is silent."""
    quiet = assessment.action == "QUIET"
    if quiet and assessment.level != "IMMEDIATE":
        return QueueClass(None, silent=True)
    return QueueClass(_CLASS[assessment.level], silent=quiet)


def worse_of(entry: QueueClass, later: QueueClass) -> QueueClass:
    """What an open entry becomes with a later result: never lower, never louder.

    Only a person lowers a class, and only the person's return (judged elsewhere, since somebody
    else may hold the phone) ends the silence. Where no entry was open (class None) the later
    result stands alone: who was unsafe before and is safe now gets an answer.
    """
    if entry.klass is None:
        return later
    klass = entry.klass if later.klass is None else min(entry.klass, later.klass)
    return QueueClass(klass, silent=entry.silent or later.silent)

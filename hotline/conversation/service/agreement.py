"""For supervisors: do the rules and the counsellors agree, and which questions are left unanswered.

Figures only; nobody is named and small numbers are hidden (`cases.agreement.rules`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.cases.agreement import repository as judged, rules
from hotline.cases.agreement.rules import Agreement, Item
from hotline.conversation.mind import Mind
from hotline.conversation.repository import steps
from hotline.core.actor import Actor
from hotline.db.transaction import Tx

FLOWS: Final = ("safety", "about", "offer", "work")
"""Flows whose questions make up the screening."""
DAYS: Final = 90
"""One window for everybody: two of different length would show what happened between."""


@dataclass(frozen=True, slots=True)
class Figures:
    """`items` holds the questions in the order in which they are asked."""

    agreement: Agreement
    items: tuple[Item, ...]


def read(
    tx: Tx, mind: Mind, actor: Actor, *, channel: str, language: str, now: datetime
) -> Figures:
    """The figures of the last `DAYS` days. Raises `Refused`."""
    permit(actor, "figures.read")
    audit.record(
        tx, tag="case:figures:read", actor=actor, object_kind="figures", object_id="screening",
        now=now,
    )  # fmt: skip
    since = now - timedelta(days=DAYS)
    day = since.date().isoformat()
    order = {
        key: number
        for number, (key, step) in enumerate(mind.current.steps.items())
        if step.asks and step.flow in FLOWS
    }
    counts = sorted(
        (
            (row.step, row.outcome, row.count)
            for flow in FLOWS
            for row in steps.counts(tx, since=day, flow=flow)
            if row.channel == channel and row.language == language and row.step in order
        ),
        key=lambda row: order[row[0]],
    )
    return Figures(
        rules.agreement(judged.pairs(tx, since=since, demo=mind.is_demo)), rules.items(counts)
    )

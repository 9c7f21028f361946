"""How steps were asked and left, without any person: for drop-off and time per step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hotline.db import statements
from hotline.db.models.session import StepRow
from hotline.db.transaction import Tx


def add(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """All rows of one turn."""
    for row in rows:
        statements.insert(tx, StepRow, row)


@dataclass(frozen=True, slots=True)
class StepCount:
    """How often a step ended one way, and the seconds it took in all."""

    step: str
    outcome: str
    count: int
    seconds: int


def counts(
    tx: Tx,
    *,
    since: str,
    flow: str | None = None,
    channel: str | None = None,
    language: str | None = None,
) -> tuple[StepCount, ...]:
    """Counts by step and outcome from a day (ISO) on. Whoever shows them hides small numbers."""
    query = (
        sa.select(
            StepRow.step,
            StepRow.outcome,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(StepRow.seconds), 0),
        )
        .where(StepRow.day >= since)
        .group_by(StepRow.step, StepRow.outcome)
        .order_by(StepRow.step, StepRow.outcome)
    )
    if flow is not None:
        query = query.where(StepRow.step.startswith(f"{flow}.", autoescape=True))
    if channel is not None:
        query = query.where(StepRow.channel == channel)
    if language is not None:
        query = query.where(StepRow.language == language)
    return tuple(StepCount(r[0], r[1], r[2], int(r[3])) for r in tx.conn.execute(query))

"""Pairs of levels: what the rules found and what a counsellor said before she saw it."""

from datetime import datetime

import sqlalchemy as sa

from hotline.db.models.case import AssessmentRow, Case, Judgement
from hotline.db.transaction import Tx


def pairs(tx: Tx, *, since: datetime, demo: bool) -> tuple[tuple[str, str], ...]:
    """`(rules' level, counsellor's level)`: the first blind judgement of each case since then."""
    query = (
        sa.select(Judgement.case_id, AssessmentRow.level, Judgement.level)
        .join(AssessmentRow, AssessmentRow.id == Judgement.assessment_id)
        .join(Case, Case.id == Judgement.case_id)
        .where(Judgement.kind == "blind", Judgement.at >= since, Case.is_demo.is_(demo))
        .order_by(Judgement.at, Judgement.id)
    )
    first: dict[str, tuple[str, str]] = {}
    for case_id, tool, judged in tx.conn.execute(query):
        first.setdefault(case_id, (tool, judged))
    return tuple(first.values())

"""Rows of cases, assessments, judgements and notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db import statements
from hotline.db.models.case import AssessmentRow, Case, Judgement, Note
from hotline.db.models.contact import Contact, Conversation
from hotline.db.models.key import DataKey, KeyWrap
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with what opens its data key."""

    id: str
    alias: str
    conversation_id: str
    status: str
    level: str | None
    klass: str
    reasons: list[str]
    anonymity: str
    age_band: str | None
    is_minor: bool
    third_party: bool
    country: str | None
    recruiter: str | None
    facts: bytes | None
    htcds: bytes | None
    site_id: str | None
    version: int
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    is_demo: bool
    key_id: str
    wrapped: bytes
    reader: str


_COLUMNS = tuple(
    getattr(Case, name)
    for name in CaseRow.__dataclass_fields__
    if name not in {"key_id", "wrapped", "reader"}
)


def add_key(tx: Tx, *, key_id: str, owner: tuple[str, str], retention: str, now: datetime) -> None:
    """The row of a new data key; its wraps follow with `add_wrap`."""
    kind, owner_id = owner
    statements.insert(
        tx,
        DataKey,
        {
            "id": key_id,
            "owner_kind": kind,
            "owner_id": owner_id,
            "retention": retention,
            "created_at": now,
        },
    )


def add_wrap(tx: Tx, *, key_id: str, reader: str, wrapped: bytes) -> None:
    statements.insert(tx, KeyWrap, {"key_id": key_id, "reader": reader, "wrapped": wrapped})


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Case), dict(values))


_HAVE_ALIAS = tuple(
    sa.select(model.id).where(model.alias == sa.bindparam("alias"))
    for model in (Case, Conversation)
)


def alias_taken(tx: Tx, alias: str) -> bool:
    return any(statements.first(tx, query, {"alias": alias}) for query in _HAVE_ALIAS)


def by_id(tx: Tx, case_id: str, *, lock: bool = False) -> CaseRow | None:
    query = (
        sa.select(*_COLUMNS, Case.key_id, KeyWrap.wrapped, KeyWrap.reader)
        .join(KeyWrap, KeyWrap.key_id == Case.key_id)
        .where(Case.id == case_id, KeyWrap.reader.like("server:%"))
    )
    if lock and tx.dialect == "postgresql":
        query = query.with_for_update(of=Case)
    row = tx.conn.execute(query).mappings().first()
    return None if row is None else CaseRow(**row)


def open_for(tx: Tx, conversation_id: str) -> str | None:
    """The id of the conversation's open case."""
    return tx.conn.execute(
        sa.select(Case.id)
        .where(Case.conversation_id == conversation_id, Case.closed_at.is_(None))
        .order_by(Case.opened_at.desc())
        .limit(1)
    ).scalar()


def change(tx: Tx, case_id: str, **values: Any) -> None:  # noqa: ANN401 - column values
    tx.conn.execute(
        sa.update(Case).where(Case.id == case_id).values(version=Case.version + 1, **values)
    )


def change_expected(tx: Tx, case_id: str, expected: int, **values: Any) -> bool:  # noqa: ANN401
    """False when somebody else changed the case since it was read."""
    done = tx.conn.execute(
        sa.update(Case)
        .where(Case.id == case_id, Case.version == expected)
        .values(version=Case.version + 1, **values)
    )
    return done.rowcount == 1


def add_assessment(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(AssessmentRow), dict(values))


def attach_assessments(tx: Tx, conversation_id: str, case_id: str) -> None:
    """Screenings made before the case was opened belong to it."""
    tx.conn.execute(
        sa.update(AssessmentRow)
        .where(AssessmentRow.conversation_id == conversation_id, AssessmentRow.case_id.is_(None))
        .values(case_id=case_id)
    )


@dataclass(frozen=True, slots=True)
class Assessed:
    id: str
    conversation_id: str
    ruleset: str
    revision: str | None
    stage: str | None
    level: str
    answers: bytes
    result: bytes
    by: str
    final: bool
    at: datetime


def assessments(tx: Tx, conversation_id: str, *, limit: int = 20) -> tuple[Assessed, ...]:
    """Newest first."""
    query = (
        sa.select(*(getattr(AssessmentRow, name) for name in Assessed.__dataclass_fields__))
        .where(AssessmentRow.conversation_id == conversation_id)
        # One turn may judge and then end the questions: the final word comes first.
        .order_by(AssessmentRow.at.desc(), AssessmentRow.final.desc(), AssessmentRow.id)
        .limit(limit)
    )
    return tuple(Assessed(**row) for row in tx.conn.execute(query).mappings())


def contact_key(tx: Tx, conversation_id: str) -> tuple[str, bytes, str] | None:
    """`(key id, wrapped, reader)` of the contact's data key: what assessments are sealed under."""
    row = tx.conn.execute(
        sa.select(Contact.key_id, KeyWrap.wrapped, KeyWrap.reader)
        .join(Conversation, Conversation.contact_id == Contact.id)
        .join(KeyWrap, KeyWrap.key_id == Contact.key_id)
        .where(Conversation.id == conversation_id, KeyWrap.reader.like("server:%"))
    ).first()
    return None if row is None else (row[0], row[1], row[2])


def add_note(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Note), dict(values))


@dataclass(frozen=True, slots=True)
class NoteRow:
    id: str
    operator_id: str
    body: bytes
    created_at: datetime


def notes(tx: Tx, case_id: str) -> tuple[NoteRow, ...]:
    query = (
        sa.select(Note.id, Note.operator_id, Note.body, Note.created_at)
        .where(Note.case_id == case_id)
        .order_by(Note.created_at, Note.id)
    )
    return tuple(NoteRow(**row) for row in tx.conn.execute(query).mappings())


def add_judgement(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(Judgement), dict(values))


@dataclass(frozen=True, slots=True)
class JudgementRow:
    id: str
    operator_id: str
    kind: str
    level: str
    reason: bytes | None
    at: datetime


def judgements(tx: Tx, case_id: str) -> tuple[JudgementRow, ...]:
    query = (
        sa.select(*(getattr(Judgement, name) for name in JudgementRow.__dataclass_fields__))
        .where(Judgement.case_id == case_id)
        .order_by(Judgement.at, Judgement.id)
    )
    return tuple(JudgementRow(**row) for row in tx.conn.execute(query).mappings())

"""Deleting what retention says (operations.md 8.7): found in small batches, deleted by row."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hotline.db.models.case import AssessmentRow, Case, Judgement, Note
from hotline.db.models.contact import Contact, Conversation, Draft
from hotline.db.models.message import (
    Attachment,
    InboxRow,
    MessageRow,
    MessageVersion,
    OutboxRow,
    ProviderMessage,
)
from hotline.db.models.referral import Referral
from hotline.db.models.session import SessionRow, StepRow, Timer
from hotline.db.transaction import Tx

_BUSY = ("WAITING", "HUMAN", "CALLBACK_SCHEDULED")


@dataclass(frozen=True, slots=True)
class Stale:
    conversation_id: str
    contact_id: str
    key_id: str


def _held(conversation: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """A legal hold on any case of the conversation stops everything."""
    return sa.exists().where(Case.conversation_id == conversation, Case.legal_hold.is_(True))


def is_held(tx: Tx, conversation_id: str) -> bool:
    """Whether the law makes us keep something of this conversation."""
    query = sa.select(Case.id).where(
        Case.conversation_id == conversation_id, Case.legal_hold.is_(True)
    )
    return tx.conn.execute(query.limit(1)).first() is not None


def cases_without_referral(tx: Tx, conversation_id: str) -> tuple[tuple[str, str, bool], ...]:
    """`(case id, key id, is open)` of the cases whose content nobody who helps her needs."""
    live = sa.exists().where(Referral.case_id == Case.id, Referral.ended_at.is_(None))
    rows = tx.conn.execute(
        sa.select(Case.id, Case.key_id, Case.closed_at).where(
            Case.conversation_id == conversation_id, ~live
        )
    ).all()
    return tuple((row[0], row[1], row[2] is None) for row in rows)


def stale_transcripts(tx: Tx, *, before: datetime, limit: int) -> tuple[Stale, ...]:
    """Conversations without activity since `before` that still hold lines or a session."""
    has_lines = sa.exists().where(MessageRow.conversation_id == Conversation.id)
    rows = tx.conn.execute(
        sa.select(Conversation.id, Contact.id, Contact.key_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(
            Conversation.updated_at < before,
            Conversation.state.not_in(_BUSY),
            sa.or_(has_lines, Conversation.session_id.is_not(None)),
            ~_held(Conversation.id.expression),
        )
        .limit(limit)
    ).all()
    return tuple(Stale(*row) for row in rows)


def delete_transcript(tx: Tx, stale: Stale) -> None:
    """Lines, versions, files, drafts, sessions and what was sent; the coded case stays."""
    conversation = stale.conversation_id
    messages = sa.select(MessageRow.id).where(MessageRow.conversation_id == conversation)
    sent = sa.select(OutboxRow.id).where(OutboxRow.conversation_id == conversation)
    sessions = sa.select(SessionRow.id).where(SessionRow.conversation_id == conversation)
    for statement in (
        sa.delete(MessageVersion).where(MessageVersion.message_id.in_(messages)),
        sa.delete(Attachment).where(Attachment.message_id.in_(messages)),
        sa.delete(ProviderMessage).where(ProviderMessage.outbox_id.in_(sent)),
        sa.delete(OutboxRow).where(OutboxRow.conversation_id == conversation),
        sa.delete(MessageRow).where(MessageRow.conversation_id == conversation),
        sa.delete(Draft).where(Draft.conversation_id == conversation),
        sa.delete(Timer).where(Timer.subject_kind == "session", Timer.subject_id.in_(sessions)),
        sa.update(Conversation)
        .where(Conversation.id == conversation)
        .values(session_id=None, topic=None, version=Conversation.version + 1),
        sa.delete(SessionRow).where(SessionRow.conversation_id == conversation),
        sa.update(InboxRow)
        .where(InboxRow.contact_id == stale.contact_id, InboxRow.state != "new")
        .values(body=None),
    ):
        tx.conn.execute(statement)


def stale_contacts(tx: Tx, *, before: datetime, limit: int) -> tuple[Stale, ...]:
    """Contacts without activity since `before`, without an open case or a live referral."""
    open_case = sa.exists().where(Case.conversation_id == Conversation.id, Case.closed_at.is_(None))
    live = sa.exists().where(
        Referral.conversation_id == Conversation.id, Referral.ended_at.is_(None)
    )
    rows = tx.conn.execute(
        sa.select(Conversation.id, Contact.id, Contact.key_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(
            Conversation.updated_at < before,
            Conversation.state.not_in(_BUSY),
            Contact.address_index.not_like("shredded:%"),
            ~open_case,
            ~live,
            ~_held(Conversation.id.expression),
        )
        .limit(limit)
    ).all()
    return tuple(Stale(*row) for row in rows)


def stale_cases(tx: Tx, *, before: datetime, limit: int) -> tuple[tuple[str, str], ...]:
    """`(case id, key id)` of cases closed before a moment whose facts are still there."""
    rows = tx.conn.execute(
        sa.select(Case.id, Case.key_id)
        .where(Case.closed_at < before, Case.facts.is_not(None), Case.legal_hold.is_(False))
        .limit(limit)
    ).all()
    return tuple((row[0], row[1]) for row in rows)


def empty_case(tx: Tx, case_id: str) -> None:
    """Structured facts, notes and judgements go; the row stays as a tombstone for statistics."""
    for statement in (
        sa.delete(Note).where(Note.case_id == case_id),
        sa.delete(Judgement).where(Judgement.case_id == case_id),
        sa.delete(AssessmentRow).where(AssessmentRow.case_id == case_id),
        sa.update(Case)
        .where(Case.id == case_id)
        .values(facts=None, htcds=None, version=Case.version + 1),
    ):
        tx.conn.execute(statement)


def delete_steps(tx: Tx, *, before_day: str) -> int:
    return tx.conn.execute(sa.delete(StepRow).where(StepRow.day < before_day)).rowcount

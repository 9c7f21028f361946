"""What is kept for how long (operations.md 8.7), and what is destroyed when that time is over.

Every figure is a default of the project, to be confirmed under local law. A person who writes
again extends the time; a legal hold stops it.
"""

from datetime import datetime, timedelta

from hotline.audit import service as audit
from hotline.conversation.repository import contacts, retention
from hotline.conversation.rules import State
from hotline.core.actor import SYSTEM
from hotline.db.transaction import Tx

R1_TRANSCRIPT = timedelta(days=30)
R3_CASE_FACTS = timedelta(days=730)
R4_IDENTIFIERS = timedelta(days=90)
R7_STEPS = timedelta(days=365)
_BATCH = 20


def run(tx: Tx, *, now: datetime) -> int:
    """One batch; the number of things destroyed. Called again until it gives 0."""
    transcripts = retention.stale_transcripts(tx, before=now - R1_TRANSCRIPT, limit=_BATCH)
    for stale in transcripts:
        retention.delete_transcript(tx, stale)
        _note(tx, "conversation", stale.conversation_id, "r1", now)
    people = retention.stale_contacts(tx, before=now - R4_IDENTIFIERS, limit=_BATCH)
    for stale in people:
        forget_contact(tx, stale.contact_id, stale.conversation_id, stale.key_id, now=now)
        _note(tx, "conversation", stale.conversation_id, "r4", now)
    cases = retention.stale_cases(tx, before=now - R3_CASE_FACTS, limit=_BATCH)
    for case_id, key_id in cases:
        retention.empty_case(tx, case_id)
        contacts.shred_key(tx, key_id, now=now)
        _note(tx, "case", case_id, "r3", now)
    retention.delete_steps(tx, before_day=(now - R7_STEPS).date().isoformat())
    return len(transcripts) + len(people) + len(cases)


def forget_contact(
    tx: Tx, contact_id: str, conversation_id: str, key_id: str, *, now: datetime
) -> None:
    """The key goes, and with it every word and the address; the same phone begins anew."""
    contacts.change_contact(
        tx,
        contact_id,
        {
            "address_index": f"shredded:{contact_id}",
            "quiet": "deleted",
            "source": None,
            "profile": None,
            "window_until": None,
        },
    )
    contacts.shred_key(tx, key_id, now=now)
    contacts.change_conversation(
        tx,
        conversation_id,
        {"state": State.QUIET, "session_id": None, "operator_id": None, "updated_at": now},
    )


def _note(tx: Tx, kind: str, object_id: str, reason: str, now: datetime) -> None:
    audit.record(
        tx, tag="case:data:deleted", actor=SYSTEM, object_kind=kind, object_id=object_id, now=now,
        reason=reason,
    )  # fmt: skip

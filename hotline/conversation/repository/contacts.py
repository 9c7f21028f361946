"""Contacts and their conversations: found by keyed hash, locked for a turn, changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db import statements
from hotline.db.models.contact import Contact, Conversation
from hotline.db.models.key import DataKey, KeyWrap
from hotline.db.models.message import OutboxRow
from hotline.db.models.session import SessionRow
from hotline.db.statements import among
from hotline.db.transaction import Tx

_SERVER = KeyWrap.reader.like("server:%")


@dataclass(frozen=True, slots=True)
class Found:
    """A contact, its conversation and session, with what opens the data key. The order of the
    fields is that of the query."""

    contact_id: str
    conversation_id: str
    channel: str
    address: bytes
    key_id: str
    language: str | None
    latin: bool
    source: str | None
    quiet: str | None
    unasked_off: bool
    window_until: datetime | None
    last_heard_at: datetime | None
    is_demo: bool
    wrapped: bytes
    reader: str
    alias: str
    state: str
    version: int
    case_id: str | None
    session_id: str | None
    klass: str | None
    silent: bool
    rank: int
    waiting_since: datetime | None
    promised_by: datetime | None
    promise_broken: bool
    operator_id: str | None
    lease_until: datetime | None
    callback_at: datetime | None
    callback_tries: int
    site_id: str | None
    topic: str | None
    updated_at: datetime
    last_fallback_at: datetime | None
    failed_step: str | None
    session_state: bytes | None
    session_revision: str | None
    has_held: bool  # lines that wait until she writes again


_QUERY = (
    sa.select(
        Contact.id.label("contact_id"),
        Conversation.id.label("conversation_id"),
        *(
            getattr(Contact, name)
            for name in (
                "channel", "address", "key_id", "language", "latin", "source", "quiet",
                "unasked_off", "window_until", "last_heard_at", "is_demo",
            )
        ),
        KeyWrap.wrapped,
        KeyWrap.reader,
        *(
            getattr(Conversation, name)
            for name in (
                "alias", "state", "version", "case_id", "session_id", "klass", "silent", "rank",
                "waiting_since", "promised_by", "promise_broken", "operator_id", "lease_until",
                "callback_at", "callback_tries", "site_id", "topic", "updated_at",
                "last_fallback_at", "failed_step",
            )
        ),
        SessionRow.state.label("session_state"),
        SessionRow.revision.label("session_revision"),
        sa.exists()
        .where(
            OutboxRow.contact_id == Contact.id,
            among(OutboxRow.state, "new", "sending", "held"),  # the words of the index
            among(OutboxRow.state, "held"),
        )
        .label("has_held"),
    )
    .join(Conversation, Conversation.contact_id == Contact.id)
    .join(KeyWrap, KeyWrap.key_id == Contact.key_id)
    .outerjoin(SessionRow, SessionRow.id == Conversation.session_id)
    .where(_SERVER)
)  # fmt: skip


_BY_CONTACT = _QUERY.where(Contact.id == sa.bindparam("id"))
_BY_CONVERSATION = _QUERY.where(Conversation.id == sa.bindparam("id"))
_LOCKED = {
    query: query.with_for_update(of=[Contact, Conversation], key_share=True)
    for query in (_BY_CONTACT, _BY_CONVERSATION)
}


def _one(tx: Tx, query: sa.Select[*tuple[Any, ...]], value: str, *, lock: bool) -> Found | None:
    if lock and tx.dialect == "postgresql":
        query = _LOCKED[query]
    row = statements.first(tx, query, {"id": value})
    return None if row is None else Found(*row)


def by_contact(tx: Tx, contact_id: str, *, lock: bool = False) -> Found | None:
    return _one(tx, _BY_CONTACT, contact_id, lock=lock)


def by_conversation(tx: Tx, conversation_id: str, *, lock: bool = False) -> Found | None:
    return _one(tx, _BY_CONVERSATION, conversation_id, lock=lock)


@dataclass(frozen=True, slots=True)
class Address:
    """What an arriving message needs: whose it is, and the key to seal it with."""

    contact_id: str
    key_id: str
    wrapped: bytes
    reader: str


_BY_ADDRESS = (
    sa.select(Contact.id, Contact.key_id, KeyWrap.wrapped, KeyWrap.reader)
    .join(KeyWrap, KeyWrap.key_id == Contact.key_id)
    .where(
        Contact.channel == sa.bindparam("channel"),
        Contact.address_index == sa.bindparam("address_index"),
        _SERVER,
    )
)


def by_address(tx: Tx, channel: str, address_index: str) -> Address | None:
    given = {"channel": channel, "address_index": address_index}
    row = statements.first(tx, _BY_ADDRESS, given)
    return None if row is None else Address(*row)


def add_contact(tx: Tx, values: Mapping[str, Any]) -> bool:
    """False when somebody else added the same address first."""
    return statements.insert_new(tx, Contact, values)


def drop_key(tx: Tx, key_id: str) -> None:
    """Takes back a key that was made for a contact who already had one."""
    tx.conn.execute(sa.delete(KeyWrap).where(KeyWrap.key_id == key_id))
    tx.conn.execute(sa.delete(DataKey).where(DataKey.id == key_id))


def shred_key(tx: Tx, key_id: str, *, now: datetime) -> None:
    """What was sealed under this key can never be opened again."""
    tx.conn.execute(sa.delete(KeyWrap).where(KeyWrap.key_id == key_id))
    tx.conn.execute(sa.update(DataKey).where(DataKey.id == key_id).values(destroyed_at=now))


def add_conversation(tx: Tx, values: Mapping[str, Any]) -> None:
    statements.insert(tx, Conversation, values)


def change_contact(tx: Tx, contact_id: str, values: Mapping[str, Any]) -> None:
    statements.update(tx, Contact, {"id": contact_id}, values)


def change_conversation(tx: Tx, conversation_id: str, values: Mapping[str, Any]) -> None:
    statements.update(tx, Conversation, {"id": conversation_id}, values, bump="version")


def change_expected(tx: Tx, conversation_id: str, expected: int, values: Mapping[str, Any]) -> bool:
    """False when the conversation changed since it was read."""
    keys = {"id": conversation_id, "version": expected}
    return statements.update(tx, Conversation, keys, values, bump="version") == 1

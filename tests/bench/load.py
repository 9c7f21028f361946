"""Tens of thousands of stored conversations, made quickly and as the program itself would.

Every person has a key of her own, and every value of hers is sealed under it for its own place.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hotline.crypto import KeyRing, Place, new_data_key, new_id, seal
from hotline.db.models.base import Base
from hotline.db.models.contact import Contact, Conversation
from hotline.db.models.key import DataKey, KeyWrap
from hotline.db.models.message import InboxRow, MessageRow, OutboxRow
from hotline.db.models.session import SessionRow
from hotline.db.transaction import Store, Tx

_CHUNK = 2_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST_PERSON = 20_000_000
_LINES = 4
_SESSION = '{"pattern":"' + "x" * 620 + '"}'  # bytes of a session in the middle of the check
_SAID = '{"key":"safety.A2","choices":' + "x" * 210 + "}"


def store_conversations(
    store: Store, keys: KeyRing, count: int, tell: Callable[[str], None]
) -> None:
    """Writes `count` conversations of two turns: some 14 rows each."""
    for begin in range(0, count, _CHUNK):
        size = min(_CHUNK, count - begin)
        rows = _chunk(keys, begin, size)
        store.write(lambda tx, rows=rows: _insert(tx, rows))
        if begin % 10_000 == 0:
            tell(f"  {begin:,} of {count:,} conversations stored")
    if not store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(sa.text("VACUUM ANALYZE"))


def _insert(tx: Tx, rows: dict[type[Base], list[dict[str, Any]]]) -> None:
    for model, values in rows.items():
        tx.conn.execute(sa.insert(model), values)


def _chunk(keys: KeyRing, begin: int, size: int) -> dict[type[Base], list[dict[str, Any]]]:
    rows: dict[type[Base], list[dict[str, Any]]] = {
        model: []
        for model in (
            DataKey, KeyWrap, Contact, Conversation, SessionRow, InboxRow, MessageRow, OutboxRow,
        )
    }  # fmt: skip
    for number in range(begin, begin + size):
        _person(rows, keys, number)
    return rows


def _person(rows: dict[type[Base], list[dict[str, Any]]], keys: KeyRing, number: int) -> None:
    key_id, key = new_id(), new_data_key()
    contact, conversation, session = new_id(), new_id(), new_id()
    address = str(_FIRST_PERSON + number)
    at = _START + timedelta(minutes=number)
    rows[DataKey].append(
        {"id": key_id, "owner_kind": "contact", "owner_id": contact, "retention": "R1",
         "created_at": at}
    )  # fmt: skip
    rows[KeyWrap].append(
        {"key_id": key_id, "reader": keys.current, "wrapped": keys.wrap(key, key_id)}
    )
    rows[Contact].append(
        {"id": contact, "channel": "telegram", "address_index": keys.blind_index("telegram", address),
         "address": seal(key, address, Place("contacts", "address", contact)), "key_id": key_id,
         "language": ("ky", "ru", "tg")[number % 3], "created_at": at, "last_heard_at": at}
    )  # fmt: skip
    rows[Conversation].append(
        {"id": conversation, "contact_id": contact, "alias": f"stored-{number}", "state": "BOT",
         "session_id": session, "updated_at": at}
    )  # fmt: skip
    rows[SessionRow].append(
        {"id": session, "conversation_id": conversation, "revision": "stored", "flow": "safety",
         "step": "safety.A2", "turn": 2, "language": "ky",
         "state": seal(key, _SESSION, Place("sessions", "state", session)),
         "created_at": at, "updated_at": at}
    )  # fmt: skip
    for line in range(_LINES):
        message, said = new_id(), line % 2 == 1
        column = "said" if said else "body"
        sealed = seal(
            key, _SAID if said else '{"text":"салам"}', Place("messages", column, message)
        )
        rows[MessageRow].append(
            {"id": message, "conversation_id": conversation, "author": "bot" if said else "person",
             "kind": "said" if said else "text", "body": None if said else sealed,
             "said": sealed if said else None, "created_at": at}
        )  # fmt: skip
        if said:
            out = new_id()
            rows[OutboxRow].append(
                {"id": out, "contact_id": contact, "conversation_id": conversation,
                 "message_id": message, "language": "ky", "kind": "reply", "neutral": False,
                 "payload": seal(key, _SAID, Place("outbox", "payload", out)), "state": "sent",
                 "next_at": at, "created_at": at, "sent_at": at, "provider_ids": [str(number)]}
            )  # fmt: skip
        else:
            rows[InboxRow].append(
                {"id": new_id(), "channel": "telegram", "external_id": f"stored-{number}-{line}",
                 "contact_id": contact, "kind": "message", "state": "handled", "received_at": at,
                 "handled_at": at}
            )  # fmt: skip

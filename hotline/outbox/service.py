"""Writing lines into the outbox, inside whatever transaction causes them."""

import json
from datetime import datetime

from hotline.core.errors import NotFound
from hotline.crypto import KeyRing, Place, new_id, seal, unseal
from hotline.db.transaction import Tx
from hotline.flow.events import Option, Said
from hotline.outbox import repository
from hotline.outbox.repository import Destination
from hotline.outbox.rules import Kind


def said_to_json(said: Said) -> str:
    """The stored form of a line of ours: keys and arguments, no text."""
    return json.dumps(
        {
            "key": said.key,
            "step": said.step,
            "args": dict(said.args),
            "choices": [[o.code, o.key, o.step] for o in said.choices],
            "multi": said.multi,
            "neutral": said.neutral,
            "remove_keyboard": said.remove_keyboard,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def said_from_json(text: str) -> Said:
    data = json.loads(text)
    return Said(
        key=data["key"],
        step=data["step"],
        args=data["args"],
        choices=tuple(Option(*o) for o in data["choices"]),
        multi=data["multi"],
        neutral=data["neutral"],
        remove_keyboard=data["remove_keyboard"],
    )


def write_said(
    tx: Tx,
    data_key: bytes,
    to: Destination,
    said: Said,
    *,
    kind: str,
    revision: str | None,
    language: str | None,
    now: datetime,
) -> str:
    """A line of the bot and the row that sends it; the message id."""
    message_id, outbox_id = new_id(), new_id()
    text = said_to_json(said)
    repository.add(
        tx,
        {
            "id": message_id,
            "conversation_id": to.conversation_id,
            "author": "bot",
            "kind": "said",
            "said": seal(data_key, text, Place("messages", "said", message_id)),
            "created_at": now,
        },
        {
            "id": outbox_id,
            "contact_id": to.contact_id,
            "conversation_id": to.conversation_id,
            "message_id": message_id,
            "revision": revision,
            "language": language,
            "kind": kind,
            "neutral": said.neutral,
            "payload": seal(data_key, text, Place("outbox", "payload", outbox_id)),
            "state": "new",
            "next_at": now,
            "created_at": now,
        },
    )
    return message_id


def enqueue_said(
    tx: Tx,
    keys: KeyRing,
    conversation_id: str,
    said: Said,
    *,
    now: datetime,
    kind: str = Kind.UNASKED,
    revision: str | None = None,
) -> str:
    """A line that no turn of the person caused (news of a referral, a reminder); the message id."""
    to, data_key = _open(tx, keys, conversation_id)
    return write_said(
        tx, data_key, to, said, kind=kind, revision=revision, language=to.language, now=now
    )


def enqueue_words(
    tx: Tx, keys: KeyRing, conversation_id: str, text: str, *, operator_id: str, now: datetime
) -> str:
    """An operator's own words: sealed, sent in the same order as everything else."""
    to, data_key = _open(tx, keys, conversation_id)
    message_id, outbox_id = new_id(), new_id()
    words = json.dumps({"text": text}, ensure_ascii=False)
    repository.add(
        tx,
        {
            "id": message_id,
            "conversation_id": conversation_id,
            "author": "operator",
            "operator_id": operator_id,
            "kind": "text",
            "body": seal(data_key, text, Place("messages", "body", message_id)),
            "created_at": now,
        },
        {
            "id": outbox_id,
            "contact_id": to.contact_id,
            "conversation_id": conversation_id,
            "message_id": message_id,
            "language": to.language,
            "kind": Kind.OPERATOR,
            "neutral": False,
            "payload": seal(data_key, words, Place("outbox", "payload", outbox_id)),
            "state": "new",
            "next_at": now,
            "created_at": now,
        },
    )
    return message_id


def read_payload(data_key: bytes, outbox_id: str, payload: bytes) -> Said | str:
    """What a row is to send: a line of ours, or an operator's words."""
    text = unseal(data_key, payload, Place("outbox", "payload", outbox_id))
    data = json.loads(text)
    return str(data["text"]) if "text" in data else said_from_json(text)


def withdraw(tx: Tx, contact_id: str) -> int:
    """Takes back every line that waits, after STOP, HIDE or a block; how many there were."""
    return repository.withdraw(tx, contact_id)


def _open(tx: Tx, keys: KeyRing, conversation_id: str) -> tuple[Destination, bytes]:
    to = repository.destination(tx, conversation_id)
    if to is None:
        raise NotFound("There is no such conversation.")
    return to, keys.unwrap(to.wrapped, to.key_id, to.reader)

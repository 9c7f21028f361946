"""Writing down what a provider delivers, once for ever, before anything clever happens to it."""

import json
from dataclasses import dataclass
from datetime import datetime

from hotline.audit import service as audit
from hotline.cases import service as cases
from hotline.cases.tasks import repository as tasks
from hotline.channels.base import Blocked, Delivery, Inbound, Receipt
from hotline.conversation import apply as applying
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, inbox
from hotline.conversation.rules import State
from hotline.conversation.scene import Scene
from hotline.conversation.service.turn import write_back
from hotline.core.actor import PERSON
from hotline.crypto import Place, new_id, seal
from hotline.db.transaction import Tx
from hotline.outbox import repository as outbox_rows, service as outbox


@dataclass(frozen=True, slots=True)
class Taken:
    """Whose message it was, and its inbox row; `inbox_id` is None for a repeat."""

    contact_id: str | None
    inbox_id: str | None = None


def take_in(tx: Tx, mind: Mind, delivery: Delivery, *, now: datetime) -> Taken:
    """Writes one delivery into the inbox, once for ever."""
    match delivery:
        case Receipt():
            return _take_receipt(tx, delivery, now=now)
        case Blocked():
            return _take_block(tx, mind, delivery, now=now)
        case Inbound():
            return _take_message(tx, mind, delivery, now=now)


def _take_message(tx: Tx, mind: Mind, message: Inbound, *, now: datetime) -> Taken:
    owner, data_key = _owner(tx, mind, message.channel, message.address, now=now)
    inbox_id = new_id()
    place = Place("inbox", "body", inbox_id)
    is_new = inbox.add(
        tx,
        {
            "id": inbox_id,
            "channel": message.channel,
            "external_id": message.external_id,
            "contact_id": owner.contact_id,
            "kind": "message",
            "body": seal(data_key, _to_json(message), place),
            "state": "new",
            "received_at": now,
        },
    )
    return Taken(owner.contact_id, inbox_id if is_new else None)


def _take_receipt(tx: Tx, receipt: Receipt, *, now: datetime) -> Taken:
    is_new = inbox.add(
        tx,
        {
            "id": new_id(),
            "channel": receipt.channel,
            "external_id": receipt.external_id,
            "kind": "receipt",
            "state": "handled",
            "received_at": now,
            "handled_at": now,
        },
    )
    if is_new:
        outbox_id = outbox_rows.receipt(
            tx, receipt.channel, receipt.provider_id, state=receipt.state, code=receipt.code
        )
        if outbox_id is not None and receipt.state == "failed":
            tasks.add(tx, "undelivered", subject=("outbox", outbox_id), now=now,
                      details={"code": receipt.code or ""})  # fmt: skip
    return Taken(None)


def _take_block(tx: Tx, mind: Mind, block: Blocked, *, now: datetime) -> Taken:
    owner, _ = _owner(tx, mind, block.channel, block.address, now=now)
    is_new = inbox.add(
        tx,
        {
            "id": new_id(),
            "channel": block.channel,
            "external_id": block.external_id,
            "contact_id": owner.contact_id,
            "kind": "blocked",
            "state": "handled",
            "received_at": now,
            "handled_at": now,
        },
    )
    if is_new and block.blocked:
        mark_blocked(tx, mind, owner.contact_id, now=now)
    return Taken(None)


def mark_blocked(tx: Tx, mind: Mind, contact_id: str, *, now: datetime) -> None:
    """She blocked us at the provider: QUIET, waiting lines withdrawn, nothing said."""
    found = contacts.by_contact(tx, contact_id, lock=True)
    if found is None:
        return
    scene = Scene.open_without_session(mind, found, now=now)
    scene.contact["quiet"] = "blocked"
    # Whoever took the phone may have blocked us: an alarm keeps its place in the queue.
    applying.fall_silent(tx, scene, reason="blocked")
    outbox.withdraw(tx, contact_id)
    audit.record(
        tx, tag="person:conversation:blocked", actor=PERSON, object_kind="conversation",
        object_id=found.conversation_id, now=now,
    )  # fmt: skip
    write_back(tx, scene)


def _owner(
    tx: Tx, mind: Mind, channel: str, address: str, *, now: datetime
) -> tuple[contacts.Address, bytes]:
    """The contact at an address, made if there is none; and its data key."""
    index = mind.keys.blind_index(channel, address)
    found = contacts.by_address(tx, channel, index)
    if found is None:
        _add_contact(tx, mind, channel, address, index, now=now)
        found = contacts.by_address(tx, channel, index)
        if found is None:
            raise RuntimeError("a contact that was just written cannot be found")
    return found, mind.keys.unwrap(found.wrapped, found.key_id, found.reader)


def _add_contact(
    tx: Tx, mind: Mind, channel: str, address: str, index: str, *, now: datetime
) -> None:
    contact_id, conversation_id = new_id(), new_id()
    key_id, data_key = cases.make_key(
        tx, mind.keys, owner=("contact", contact_id), retention="R1", now=now
    )
    added = contacts.add_contact(
        tx,
        {
            "id": contact_id,
            "channel": channel,
            "address_index": index,
            "address": seal(data_key, address, Place("contacts", "address", contact_id)),
            "key_id": key_id,
            "created_at": now,
            "is_demo": mind.is_demo,
        },
    )
    if not added:
        contacts.drop_key(tx, key_id)
        return
    contacts.add_conversation(
        tx,
        {
            "id": conversation_id,
            "contact_id": contact_id,
            "alias": cases.unused_name(tx),
            "state": State.BOT,
            "updated_at": now,
        },
    )


def _to_json(message: Inbound) -> str:
    h = message.heard
    return json.dumps(
        {
            "kind": h.kind,
            "text": h.text,
            "button": h.button,
            "source": h.source,
            "hint": h.language_hint,
            "ref": message.message_ref,
            "edit_of": message.edit_of,
            "place": message.place,
            "media": [[m.ref, m.kind, m.mime, m.size] for m in message.media],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )

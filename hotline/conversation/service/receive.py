"""Taking in what a provider delivers, and playing the turns it causes.

A message is written down first (`take_in`) and acknowledged only when that is durable. Everything
it causes is one transaction more (`play`). Whatever raises there is undone and answered by the
plain line of `poison`, so that a message neither loops at the provider nor leaves a person in
silence.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hotline.audit import service as audit
from hotline.cases import service as cases
from hotline.cases.tasks import repository as tasks
from hotline.channels.base import Blocked, Delivery, Inbound, Receipt
from hotline.conversation import apply as applying, rules
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, inbox, lines, sessions
from hotline.conversation.rules import State
from hotline.conversation.scene import Scene, seal_session
from hotline.core.actor import PERSON, SYSTEM
from hotline.core.reading import Command, DangerLevel, Expects, Heard, Kind
from hotline.crypto import Place, new_id, seal, unseal
from hotline.db.transaction import DatabaseAway, Store, Tx
from hotline.flow import engine, events as ev
from hotline.flow.session import Session, Turn
from hotline.logs import event, failure
from hotline.outbox import repository as outbox_rows, rules as outbox_rules, service as outbox
from hotline.referrals import service as referrals

MOST_AT_ONCE = 20
"""Turns of one contact played after one delivery; the sweep does the rest."""

FALLBACK_EVERY = timedelta(minutes=10)
"""The plain line after a broken turn goes out at most this often to one person."""

MODES = {
    State.BOT: "bot",
    State.WAITING: "waiting",
    State.HUMAN: "human",
    State.CALLBACK: "quiet",
    State.CLOSED: "quiet",
    State.QUIET: "quiet",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """Whose message it was, and its inbox row; `inbox_id` is None for a repeat."""

    contact_id: str | None
    inbox_id: str | None = None


async def receive(
    store: Store, mind: Mind, delivery: Delivery, *, now: datetime, one_commit: bool
) -> None:
    """Writes a delivery down and plays what it causes. Raises `DatabaseAway` if nothing was kept.

    `one_commit`: both steps share a commit where the provider is known to try again (Telegram);
    otherwise the message is made safe before anything clever happens to it.
    """
    played: str | None = None
    if one_commit:
        taken, played = await store.awrite(lambda tx: _both(tx, mind, delivery, now))
    else:
        taken = await store.awrite(lambda tx: take_in(tx, mind, delivery, now=now))
    if taken.contact_id is None or (played is not None and played == taken.inbox_id):
        return
    try:
        await play_waiting(store, mind, taken.contact_id, now=now, until=taken.inbox_id)
    except DatabaseAway as away:
        # The message is safe; the sweep will play it.
        failure("turn.postponed", away, contact=taken.contact_id)


def _both(tx: Tx, mind: Mind, delivery: Delivery, now: datetime) -> tuple[Taken, str | None]:
    taken = take_in(tx, mind, delivery, now=now)
    if taken.contact_id is None or taken.inbox_id is None:
        return taken, None
    return taken, play_safely(tx, mind, taken.contact_id, now=now)


async def play_waiting(
    store: Store, mind: Mind, contact_id: str, *, now: datetime, until: str | None = None
) -> int:
    """Plays a contact's unhandled messages in order, up to `until` or all; how many."""
    for count in range(MOST_AT_ONCE):
        played = await store.awrite(lambda tx: play_safely(tx, mind, contact_id, now=now))
        if played is None:
            return count
        if played == until:
            return count + 1
    return MOST_AT_ONCE


def play_safely(tx: Tx, mind: Mind, contact_id: str, *, now: datetime) -> str | None:
    """One turn; if it raises, it is undone and answered plainly in the same transaction.

    The inbox row that was handled, None when there was none.
    """
    try:
        with tx.savepoint():
            return play(tx, mind, contact_id, now=now)
    except DatabaseAway:
        raise
    except Exception as error:
        if tx.is_broken(error):
            raise
        failure("turn.failed", error, contact=contact_id)
        cause = type(error).__name__
    try:
        with tx.savepoint():
            return poison(tx, mind, contact_id, cause, now=now)
    except DatabaseAway:
        raise
    except Exception as error:
        if tx.is_broken(error):
            raise
        # Even the plain answer broke: the message must still not stand in the way of the next one.
        failure("turn.lost", error, contact=contact_id)
        return _set_aside(tx, contact_id, cause, now=now)


# ------------------------------------------------------------------------ writing down


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


# ------------------------------------------------------------------------ playing a turn


def play(tx: Tx, mind: Mind, contact_id: str, *, now: datetime) -> str | None:
    """Plays the contact's oldest unhandled message; its inbox id, None when there is none."""
    found = contacts.by_contact(tx, contact_id, lock=True)
    arrived = inbox.oldest(tx, contact_id)
    if arrived is None:
        return None
    if found is None or arrived.body is None:
        # Its key or its body is destroyed: nothing can be read, and nothing may wait behind it.
        inbox.failed(tx, arrived.seq, "destroyed", now=now)
        return arrived.id
    scene = Scene.open(mind, found, now=now)
    body = json.loads(unseal(scene.data_key, arrived.body, Place("inbox", "body", arrived.id)))
    heard = Heard(
        kind=Kind(body["kind"]),
        text=body["text"],
        button=body["button"],
        source=body["source"],
        language_hint=body["hint"],
    )
    _keep_line(tx, scene, heard, body)
    turn = _think(tx, scene, heard)
    finish(tx, scene, turn)
    if any(isinstance(e, ev.DataAsked) and e.what == "who" for e in turn.events):
        _tell_who_has_data(tx, scene)
    if heard.kind is not Kind.EDIT:
        _release_held(tx, scene)
    write_back(tx, scene)
    inbox.handled(tx, arrived.seq, now=now)
    event("turn.played", conversation=found.conversation_id, events=len(turn.events))
    return arrived.id


def _think(tx: Tx, scene: Scene, heard: Heard) -> Turn:
    """What the engine says to this message. The contact wrote: silence she asked for ends here."""
    mind, found, now = scene.mind, scene.found, scene.now
    mode = MODES[State(found.state)]
    idle = (now - found.last_heard_at).total_seconds() if found.last_heard_at else 0.0
    if heard.kind is not Kind.EDIT:
        scene.contact |= {"last_heard_at": now, "quiet": None}
        urgent = found.case_id is not None and found.klass in ("P0", "P1")
        _came_back(tx, scene, urgent=urgent)
    thinking: dict[str, Any] = {
        "read": mind.read,
        "assess": mind.assess,
        "can_change": mind.can_change,
        "reasons": mind.reasons,
        "now": now,
    }
    if scene.session is None:
        return engine.begin(
            mind.current, heard, channel=found.channel, language=found.language, **thinking
        )
    bundle = bundle_of(tx, mind, scene.session)
    return engine.resume(bundle, scene.session, heard, idle_seconds=idle, mode=mode, **thinking)


def _came_back(tx: Tx, scene: Scene, *, urgent: bool) -> None:
    was = State(scene.found.state)
    applying.move(tx, scene, rules.Event.WRITES_URGENT if urgent else rules.Event.WRITES)
    scene.conversation["silent"] = False
    if scene.state == State.WAITING and was != State.WAITING:
        scene.conversation["waiting_since"] = scene.found.waiting_since or scene.now
        applying.promise(tx, scene, scene.found.klass or "P1")


def bundle_of(tx: Tx, mind: Mind, session: Session) -> Any:  # noqa: ANN401 - see Mind.bundle_for
    """The flows of the revision the session is pinned to; today's if it is gone."""
    if session.revision == mind.current.revision:
        return mind.current
    content = sessions.revision(tx, session.revision)
    if content is None:
        return mind.current
    return mind.bundle_for(session.revision, content)


def finish(tx: Tx, scene: Scene, turn: Turn) -> None:
    """The session is stored before its events, because timers and lines point to it."""
    store_session(tx, scene, turn.session)
    applying.apply(tx, scene, turn.events)


def store_session(tx: Tx, scene: Scene, session: Session) -> None:
    """Writes the session row; a first turn makes it."""
    session_id = scene.conversation.get("session_id", scene.found.session_id)
    is_new = session_id is None
    if session_id is None:
        session_id = new_id()
        scene.conversation["session_id"] = session_id
    values: dict[str, Any] = {
        "revision": session.revision,
        "flow": session.place.flow,
        "step": session.place.step,
        "turn": session.turn,
        "language": session.language,
        "state": seal_session(session, session_id, scene.data_key),
        "ended": session.ended,
        "updated_at": scene.now,
    }
    if is_new:
        sessions.add(
            tx,
            {
                "id": session_id,
                "conversation_id": scene.found.conversation_id,
                "created_at": scene.now,
                **values,
            },
        )
    else:
        sessions.change(tx, session_id, values)
    scene.session = session


def _tell_who_has_data(tx: Tx, scene: Scene) -> None:
    """Only the shell knows who was told what; the flow says it in her language.

    The names of those who help her are told only while it is fresh that she is alone with the
    phone: somebody else who holds it hears that a person will ask first (operations.md 7.5).
    """
    if scene.session is None:
        return
    if not _is_alone(tx, scene):
        bundle = bundle_of(tx, scene.mind, scene.session)
        finish(tx, scene, engine.call(bundle, scene.session, "data.private", {}, now=scene.now))
        return
    known = referrals.recipients(tx, scene.found.conversation_id, now=scene.now)
    language = scene.language or "ru"
    names = ", ".join(r.name.get(language) or r.name.get("ru") or r.code for r in known)
    facts = {"recipients": names} if names else {}
    place = "data.who" if names else "data.nobody"
    bundle = bundle_of(tx, scene.mind, scene.session)
    finish(tx, scene, engine.call(bundle, scene.session, place, facts, now=scene.now))


def _release_held(tx: Tx, scene: Scene) -> None:
    """She wrote: what waited for that may go. Not while she is being asked whether it is safe,
    because somebody else may be reading; a counsellor who is there judges for herself."""
    if not scene.found.has_held:
        return
    if scene.state == State.HUMAN or not asks_safety(tx, scene):
        outbox_rows.release_held(tx, scene.found.contact_id, now=scene.now)


def asks_safety(tx: Tx, scene: Scene) -> bool:
    """It is being asked whether it is safe to write, and nobody has answered yet."""
    if scene.session is None:
        return False
    steps = bundle_of(tx, scene.mind, scene.session).steps
    found = (steps.get(f"{frame.flow}.{frame.step}") for frame in scene.session.stack)
    return any(step is not None and step.item == "A1" for step in found)


def _is_alone(tx: Tx, scene: Scene) -> bool:
    """She said that it is safe to write, in this same conversation without a long silence, and is
    not being asked again."""
    found, session = scene.found, scene.session
    if session is None or found.last_heard_at is None or MODES[State(found.state)] == "quiet":
        return False
    is_fresh = (scene.now - found.last_heard_at).total_seconds() <= engine.IDLE
    is_safe = is_fresh and not asks_safety(tx, scene)
    return is_safe and tuple(session.answers.get("A1", ())) == ("y",)


def write_back(tx: Tx, scene: Scene) -> None:
    """What changed on the contact and the conversation, once, at the end."""
    contact = _changed(scene, scene.contact)
    if contact:
        contacts.change_contact(tx, scene.found.contact_id, contact)
    conversation = _changed(scene, {"failed_step": None, **scene.conversation})
    contacts.change_conversation(
        tx, scene.found.conversation_id, {"updated_at": scene.now, **conversation}
    )
    tx.after_commit(scene.mind.wake_console)


def _changed(scene: Scene, values: dict[str, Any]) -> dict[str, Any]:
    """What really differs: rewriting a value that is there already still costs its indexes."""
    return {
        name: value
        for name, value in values.items()
        if not hasattr(scene.found, name) or getattr(scene.found, name) != value
    }


def _keep_line(tx: Tx, scene: Scene, heard: Heard, body: dict[str, Any]) -> None:
    """What the person wrote, sealed; an edit becomes a new version of the line it changes."""
    edited = body["edit_of"]
    found, key = scene.found, scene.data_key
    words = json.dumps(
        {"text": heard.text, "button": heard.button, "place": body["place"]}, ensure_ascii=False
    )
    if heard.kind is Kind.EDIT and edited:
        known = lines.by_external(tx, found.conversation_id, edited)
        if known is not None:
            _new_version(tx, scene, known, words)
            return
    message_id = new_id()
    lines.add(
        tx,
        {
            "id": message_id,
            "conversation_id": found.conversation_id,
            "author": "person",
            "kind": heard.kind.value,
            "body": seal(key, words, Place("messages", "body", message_id)),
            "external_ref": body["ref"],
            "created_at": scene.now,
        },
    )
    for ref, kind, mime, size in body["media"]:
        attachment_id = new_id()
        too_big = size is not None and size > scene.mind.media_limit
        lines.add_attachment(
            tx,
            {
                "id": attachment_id,
                "message_id": message_id,
                "contact_id": found.contact_id,
                "ref": seal(key, ref, Place("attachments", "ref", attachment_id)),
                "kind": kind,
                "mime": mime[:80],
                "size": size,
                "state": "too_big" if too_big else "wanted",
                "created_at": scene.now,
            },
        )


def _new_version(tx: Tx, scene: Scene, known: tuple[str, int, bytes], words: str) -> None:
    message_id, version, old = known
    key = scene.data_key
    version_id = new_id()
    before = unseal(key, old, Place("messages", "body", message_id))
    lines.add_version(
        tx,
        {
            "id": version_id,
            "message_id": message_id,
            "version": version,
            "body": seal(key, before, Place("message_versions", "body", version_id)),
            "replaced_at": scene.now,
        },
    )
    body = seal(key, words, Place("messages", "body", message_id))
    lines.replace_body(tx, message_id, body, version + 1)


# ------------------------------------------------------------------------ when a turn breaks


def poison(tx: Tx, mind: Mind, contact_id: str, error: str, *, now: datetime) -> str | None:
    """Marks the message failed, answers with the plain line, and asks an operator to read it.

    What must never be lost is done all the same: silence that was asked for, danger, consent that
    was taken back.
    """
    arrived = inbox.oldest(tx, contact_id)
    found = contacts.by_contact(tx, contact_id, lock=True)
    if arrived is None or found is None:
        return None
    scene = Scene.open_without_session(mind, found, now=now)
    inbox.failed(tx, arrived.seq, error, now=now)
    tasks.add(
        tx, "read_failed", subject=("conversation", found.conversation_id), now=now,
        klass=found.klass, details={"inbox": arrived.id, "error": error},
    )  # fmt: skip
    audit.record(
        tx, tag="bot:turn:failed", actor=SYSTEM, object_kind="conversation",
        object_id=found.conversation_id, now=now,
    )  # fmt: skip
    scene.contact |= {"last_heard_at": now}
    must: tuple[ev.Event, ...] = ()
    if arrived.body is not None:
        body = json.loads(unseal(scene.data_key, arrived.body, Place("inbox", "body", arrived.id)))
        heard = Heard(kind=Kind(body["kind"]), text=body["text"], button=body["button"])
        _or_else(tx, contact_id, lambda: _keep_line(tx, scene, heard, body))
        must = _never_lost(mind, heard)
    if must:
        _or_else(tx, contact_id, lambda: applying.apply(tx, scene, must))
    _plainly(tx, scene, is_silenced=any(_silences(e) for e in must))
    _second_failure(tx, scene)
    contacts.change_contact(tx, contact_id, scene.contact)
    contacts.change_conversation(
        tx, found.conversation_id, {"updated_at": now, **scene.conversation}
    )
    tx.after_commit(mind.wake_console)
    return arrived.id


def _plainly(tx: Tx, scene: Scene, *, is_silenced: bool) -> None:
    """The plain line, at most once in a while, and never to somebody who has just asked for
    silence."""
    found, now = scene.found, scene.now
    last = found.last_fallback_at
    is_soon = last is not None and now - last < FALLBACK_EVERY
    if is_silenced or is_soon or found.state == State.HUMAN:
        return
    scene.conversation["last_fallback_at"] = now
    outbox.write_said(
        tx, scene.data_key, scene.destination, ev.Said("common.sorry"),
        kind=outbox_rules.Kind.FALLBACK, revision=None, language=scene.language, now=now,
    )  # fmt: skip
    tx.after_commit(scene.mind.wake_sender)


def _or_else(tx: Tx, contact_id: str, work: Callable[[], None]) -> None:
    """One part of the plain answer; if it breaks, the others are still done."""
    try:
        with tx.savepoint():
            work()
    except DatabaseAway:
        raise
    except Exception as error:
        if tx.is_broken(error):
            raise
        failure("turn.part_failed", error, contact=contact_id)


_WATCHED = frozenset({"observed"})


def _never_lost(mind: Mind, heard: Heard) -> tuple[ev.Event, ...]:
    """What this message asks for that may not wait until somebody has mended the flow."""
    try:
        reading = mind.read(heard, Expects())
    except Exception as error:  # noqa: BLE001 - the reading itself may be what broke
        failure("turn.unreadable", error)
        return ()
    found: list[ev.Event] = []
    order = reading.command
    is_danger = reading.danger.level is DangerLevel.IMMEDIATE and heard.kind is not Kind.BUTTON
    silences = order in {Command.STOP, Command.HIDE, Command.SAFE_WORD}
    if is_danger or order is Command.SAFE_WORD:
        silent = silences or not _WATCHED.isdisjoint(reading.danger.signs)
        reason = "safe_word" if order is Command.SAFE_WORD else "danger"
        found.append(ev.HandoverRequested("P0", reason, silent=silent))
    if order is Command.STOP:
        found.append(ev.Stopped())
    elif order is Command.HIDE:
        found.append(ev.Hidden())
    elif order is Command.STOP_SHARE:
        found.append(ev.ConsentWithdrawn(reading.command_arg or None))
    return tuple(found)


def _silences(event: ev.Event) -> bool:
    is_silent_alarm = isinstance(event, ev.HandoverRequested) and event.silent
    return is_silent_alarm or isinstance(event, ev.Stopped | ev.Hidden)


def _set_aside(tx: Tx, contact_id: str, error: str, *, now: datetime) -> str | None:
    """The last resort: the row steps aside with its body kept, and a supervisor is told."""
    arrived = inbox.oldest(tx, contact_id)
    if arrived is None:
        return None
    inbox.failed(tx, arrived.seq, error, now=now)
    tasks.add(
        tx, "read_failed", subject=("inbox", arrived.id), now=now, role="SO",
        details={"inbox": arrived.id, "error": error},
    )  # fmt: skip
    return arrived.id


def _second_failure(tx: Tx, scene: Scene) -> None:
    """A second failure at the same place hands the conversation to an operator."""
    found = scene.found
    here = found.session_id or "first"
    if scene.state != found.state:
        return  # what the message asked for has moved it already
    if found.failed_step != here:
        scene.conversation["failed_step"] = here
        return
    if found.state == State.BOT:
        opened = cases.open_or_raise(
            tx, scene.mind.keys, found.conversation_id, klass="P2", reason="unsure", facts={},
            now=scene.now, is_demo=found.is_demo,
        )  # fmt: skip
        scene.conversation |= {"case_id": opened.case_id, "klass": opened.klass}
        applying.move(tx, scene, rules.Event.HANDOVER)
        applying.promise(tx, scene, opened.klass)

"""When a turn breaks: the plain line, a task for an operator, and what must never be lost."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from hotline.audit import service as audit
from hotline.cases import service as cases
from hotline.cases.tasks import repository as tasks
from hotline.conversation import apply as applying, rules
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, inbox
from hotline.conversation.rules import State
from hotline.conversation.scene import Scene
from hotline.conversation.service.keeping import keep_line
from hotline.core.actor import SYSTEM
from hotline.core.reading import Command, DangerLevel, Expects, Heard, Kind
from hotline.crypto import Place, unseal
from hotline.db.transaction import DatabaseAway, Tx
from hotline.flow import events as ev
from hotline.logs import failure
from hotline.outbox import rules as outbox_rules, service as outbox

FALLBACK_EVERY = timedelta(minutes=10)
"""The plain line after a broken turn goes out at most this often to one person."""


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
        _or_else(tx, contact_id, lambda: keep_line(tx, scene, heard, body))
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


def set_aside(tx: Tx, contact_id: str, error: str, *, now: datetime) -> str | None:
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

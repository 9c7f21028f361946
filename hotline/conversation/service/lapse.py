"""What happens because nobody did anything in time: timers, lost leases, unread inbox rows."""

from datetime import datetime, timedelta

from hotline.audit import service as audit
from hotline.cases import service as cases
from hotline.cases.tasks import repository as tasks
from hotline.conversation import apply as applying, rules
from hotline.conversation.mind import Mind
from hotline.conversation.repository import (
    contacts,
    inbox,
    queue,
    retention as rows,
    sessions,
)
from hotline.conversation.rules import State
from hotline.conversation.scene import Scene
from hotline.conversation.service import retention
from hotline.conversation.service.turn import bundle_of, finish, write_back
from hotline.core.actor import SYSTEM
from hotline.crypto import new_id
from hotline.db.transaction import Tx
from hotline.flow import engine
from hotline.logs import failure
from hotline.outbox.rules import Kind
from hotline.referrals import service as referrals

_NEXT_DAY = timedelta(days=1)

UNREAD_AFTER = timedelta(seconds=10)
"""An inbox row older than this was left behind by a crash; the sweep plays it."""


CALLBACK_LASTS = timedelta(hours=1)
"""How long after the agreed time she may be written to."""


def due_timers(tx: Tx, *, now: datetime, lease: timedelta) -> tuple[sessions.Due, ...]:
    """Leases what is due; each is then run in a transaction of its own."""
    return sessions.claim_timers(tx, now=now, lease=lease)


def run_timer(tx: Tx, mind: Mind, timer: sessions.Due, *, now: datetime) -> None:
    """One timer, on the same path as a message. A stale one does nothing."""
    if timer.subject_kind == "session":
        done = _session_timer(tx, mind, timer, now=now)
    elif timer.subject_kind == "conversation":
        done = _conversation_timer(tx, mind, timer, now=now)
    elif timer.subject_kind == "referral":
        if not sessions.finish_timer(tx, timer.id, "fired"):
            return
        referrals.lapse(
            tx, mind.keys, referral_id=timer.subject_id, kind=timer.kind, data=timer.data or {},
            now=now,
        )  # fmt: skip
        tx.after_commit(mind.wake_console)
        tx.after_commit(mind.wake_sender)
        return
    else:
        return  # "contact" timers ask for a channel and belong to the sender
    sessions.finish_timer(tx, timer.id, "fired" if done else "stale")


def _session_timer(tx: Tx, mind: Mind, timer: sessions.Due, *, now: datetime) -> bool:
    conversation_id = sessions.conversation_of(tx, timer.subject_id)
    scene = _scene(tx, mind, conversation_id, now=now)
    if scene is None or scene.session is None:
        return False
    if scene.state not in (State.BOT, State.WAITING):
        return False  # an operator speaks, or she asked for silence
    bundle = bundle_of(tx, mind, scene.session)
    turn = engine.lapse(
        bundle,
        scene.session,
        kind=timer.kind,
        step=timer.step or "",
        turn=timer.turn or 0,
        now=now,
    )
    if not turn.events:
        return False
    scene.kind = Kind.UNASKED
    scene.lapsed = timer.kind == "silence"
    finish(tx, scene, turn)
    write_back(tx, scene)
    return True


def _conversation_timer(tx: Tx, mind: Mind, timer: sessions.Due, *, now: datetime) -> bool:
    scene = _scene(tx, mind, timer.subject_id, now=now)
    if scene is None:
        return False
    match timer.kind:
        case "promise":
            return _promise_broken(tx, scene)
        case "outcome":
            return _ask_outcome(tx, scene, str((timer.data or {}).get("referral", "")))
        case "callback":
            return _callback_due(tx, scene)
        case "shred":
            return _shred(tx, scene)
        case _:
            return False


def _promise_broken(tx: Tx, scene: Scene) -> bool:
    found = scene.found
    if found.state != State.WAITING or found.promised_by is None or found.promised_by > scene.now:
        return False
    applying.move(tx, scene, rules.Event.PROMISE_BROKEN)
    audit.record(
        tx, tag="queue:promise:broken", actor=SYSTEM, object_kind="conversation",
        object_id=found.conversation_id, now=scene.now, reason=(found.klass or "p3").lower(),
    )  # fmt: skip
    tasks.add(
        tx, "promise_broken", subject=("conversation", found.conversation_id), now=scene.now,
        role="SO", klass=found.klass,
    )  # fmt: skip
    if scene.session is not None and not found.silent:
        scene.kind = Kind.UNASKED
        bundle = bundle_of(tx, scene.mind, scene.session)
        finish(tx, scene, engine.call(bundle, scene.session, "news.late", {}, now=scene.now))
    write_back(tx, scene)
    return True


def _ask_outcome(tx: Tx, scene: Scene, referral_id: str) -> bool:
    """ "Did you get help?", some days after the partner was in touch; only when it is safe."""
    if scene.session is None:
        return False
    if scene.found.state in (State.WAITING, State.HUMAN, State.CALLBACK):
        # Somebody is speaking with her, or about to: the question can wait a day.
        sessions.add_timer(
            tx,
            {
                "id": new_id(),
                "subject_kind": "conversation",
                "subject_id": scene.found.conversation_id,
                "kind": "outcome",
                "due_at": scene.now + _NEXT_DAY,
                "state": "set",
                "data": {"referral": referral_id},
            },
        )
        return True
    if scene.found.state == State.QUIET:
        return False
    scene.kind = Kind.UNASKED
    bundle = bundle_of(tx, scene.mind, scene.session)
    facts = {"referral": referral_id}
    finish(tx, scene, engine.call(bundle, scene.session, "outcome", facts, now=scene.now))
    write_back(tx, scene)
    return True


def _callback_due(tx: Tx, scene: Scene) -> bool:
    found = scene.found
    if found.callback_at is None or found.callback_at > scene.now:
        return False
    if found.state == State.BOT and found.quiet is None:
        # She wrote in between ("thank you"): what was agreed still holds.
        event = rules.Event.HANDOVER
    elif found.state == State.CALLBACK:
        event = rules.Event.CALLBACK_DUE
    else:
        return False
    klass = rules.worse(found.klass, "P2") or "P2"
    scene.conversation |= {
        "klass": klass,
        "callback_tries": found.callback_tries + 1,
        "waiting_since": scene.now,
        "callback_at": None,
    }
    # The hour she agreed to is her safe window; it does not open a moment before.
    scene.contact["window_until"] = scene.now + CALLBACK_LASTS
    applying.move(tx, scene, event)
    applying.promise(tx, scene, klass)
    if scene.session is not None:
        scene.kind = Kind.UNASKED
        bundle = bundle_of(tx, scene.mind, scene.session)
        finish(tx, scene, engine.call(bundle, scene.session, "callback.check", {}, now=scene.now))
    write_back(tx, scene)
    return True


def _shred_later(tx: Tx, conversation_id: str, due_at: datetime) -> None:
    """The same timer anew: as long as one is set, what she wrote stays hidden."""
    sessions.add_timer(
        tx,
        {
            "id": new_id(),
            "subject_kind": "conversation",
            "subject_id": conversation_id,
            "kind": "shred",
            "due_at": due_at,
            "state": "set",
        },
    )


def _shred(tx: Tx, scene: Scene) -> bool:
    """DELETE MY DATA, a day later: the keys go, and with them every word she wrote and all that was
    written about her.

    The address index becomes a tombstone, so that the same phone begins anew. A live referral keeps
    its case and its own key: what partners hold is withdrawn by STOP SHARE, and the operator's task
    says so. A legal hold stops everything; a message that has not been read yet is read first.
    """
    found = scene.found
    if rows.is_held(tx, found.conversation_id):
        tasks.add(
            tx, "delete_asked", subject=("conversation", found.conversation_id), now=scene.now,
            role="SO",
        )  # fmt: skip
        _shred_later(tx, found.conversation_id, scene.now + applying.SHRED_AFTER)
        return True
    if inbox.oldest(tx, found.contact_id) is not None:
        _shred_later(tx, found.conversation_id, scene.now + UNREAD_AFTER)
        return True
    stale = rows.Stale(found.conversation_id, found.contact_id, found.key_id)
    rows.delete_transcript(tx, stale)
    retention.forget_contact(
        tx, found.contact_id, found.conversation_id, found.key_id, now=scene.now
    )
    for case_id, key_id, is_open in rows.cases_without_referral(tx, found.conversation_id):
        if is_open:
            cases.close(tx, SYSTEM, case_id, reason="caller_declined", now=scene.now)
        rows.empty_case(tx, case_id)
        contacts.shred_key(tx, key_id, now=scene.now)
    audit.record(
        tx, tag="case:data:deleted", actor=SYSTEM, object_kind="conversation",
        object_id=found.conversation_id, now=scene.now, reason="asked",
    )  # fmt: skip
    return True


def lost_leases(tx: Tx, mind: Mind, *, now: datetime) -> int:
    """Operators without a heartbeat: the conversation waits again, at its place, one rank up."""
    lost = queue.lost_leases(tx, now=now)
    for conversation_id in lost:
        try:
            with tx.savepoint():
                _lose_lease(tx, mind, conversation_id, now=now)
        except Exception as error:
            if tx.is_broken(error):
                raise
            # One that cannot be moved must not keep the others from waiting again.
            failure("lease.stuck", error, conversation=conversation_id)
    return len(lost)


def _lose_lease(tx: Tx, mind: Mind, conversation_id: str, *, now: datetime) -> None:
    found = contacts.by_conversation(tx, conversation_id, lock=True)
    if found is None or found.state != State.HUMAN:
        return
    if found.lease_until is None or found.lease_until >= now:
        return
    scene = Scene.open_without_session(mind, found, now=now)
    applying.move(tx, scene, rules.Event.LEASE_LOST)
    scene.conversation.setdefault("waiting_since", found.waiting_since or now)
    applying.promise(tx, scene, found.klass or "P3")
    audit.record(
        tx, tag="queue:lease:lost", actor=SYSTEM, object_kind="conversation",
        object_id=conversation_id, now=now,
    )  # fmt: skip
    write_back(tx, scene)


def unread(tx: Tx, *, now: datetime) -> tuple[str, ...]:
    """Contacts whose messages a crash left unhandled."""
    return inbox.waiting_contacts(tx, before=now - UNREAD_AFTER)


def _scene(tx: Tx, mind: Mind, conversation_id: str | None, *, now: datetime) -> Scene | None:
    if conversation_id is None:
        return None
    found = contacts.by_conversation(tx, conversation_id, lock=True)
    return None if found is None else Scene.open(mind, found, now=now)

"""One turn: the contact's oldest message, what the engine says to it, and the rows it causes."""

import json
from datetime import datetime
from typing import Any

from hotline.conversation import apply as applying, rules
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, inbox, sessions
from hotline.conversation.rules import State
from hotline.conversation.scene import Scene, seal_session
from hotline.conversation.service.keeping import keep_line
from hotline.core.reading import Heard, Kind
from hotline.crypto import Place, new_id, unseal
from hotline.db.transaction import Tx
from hotline.flow import engine, events as ev
from hotline.flow.session import Session, Turn
from hotline.logs import event
from hotline.outbox import repository as outbox_rows
from hotline.referrals import service as referrals

MODES = {
    State.BOT: "bot",
    State.WAITING: "waiting",
    State.HUMAN: "human",
    State.CALLBACK: "quiet",
    State.CLOSED: "quiet",
    State.QUIET: "quiet",
}


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
    keep_line(tx, scene, heard, body)
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

"""The operator's hand: take the next, reply, ask consent, hand back, call back, close.

Each function checks the door (`accounts.doors`) with the facts of the row it has locked: a button
that a page hides is a convenience, this is the rule.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.cases import service as cases
from hotline.cases.rules import skills_needed
from hotline.conversation import apply as applying, rules
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, queue, sessions
from hotline.conversation.rules import State
from hotline.conversation.scene import Scene
from hotline.conversation.service.turn import (
    asks_safety,
    bundle_of,
    finish,
    store_session,
    write_back,
)
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, Invalid, NotFound
from hotline.crypto import Place, SealBroken, new_id, seal, unseal
from hotline.db.transaction import Tx
from hotline.flow import engine
from hotline.flow.events import Said
from hotline.logs import failure
from hotline.outbox import service as outbox
from hotline.outbox.rules import Kind
from hotline.referrals import service as referrals

REPLY_LIMIT = 3_500
"""Characters of one reply: it must fit a Telegram message with room to spare."""

DRAFT_LIMIT = 10_000

CALLBACK_WITHIN = timedelta(days=60)
"""An agreed time further away is a mistype: nobody would be there to keep it."""


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many wait in one class and since when the longest does; `late` counts broken promises."""

    klass: str
    count: int
    longest_since: datetime | None
    late: int
    silent: int


def counts(tx: Tx) -> tuple[ClassCount, ...]:
    """The queue as operators see it: numbers by class, never a list to browse (2.3.1)."""
    rows = queue.waiting(tx)
    found = []
    for klass in rules.CLASSES:
        mine = [r for r in rows if r.klass == klass]
        found.append(
            ClassCount(
                klass,
                len(mine),
                min((r.waiting_since for r in mine), default=None),
                sum(1 for r in mine if r.promise_broken),
                sum(1 for r in mine if r.silent),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Held:
    conversation_id: str
    alias: str
    klass: str | None


def mine(tx: Tx, actor: Actor) -> tuple[Held, ...]:
    """What this operator holds now."""
    return tuple(Held(*row) for row in queue.held_by(tx, actor.id))


def take_next(tx: Tx, mind: Mind, actor: Actor, *, now: datetime, lease: timedelta) -> str | None:
    """Leases the best waiting conversation this operator may take; its id, None if there is none.

    Raises `Conflict` when she holds as many as she may.
    """
    permit(actor, "queue.take")
    holding = tuple(klass or "P3" for _, _, klass in queue.held_by(tx, actor.id))
    taker = rules.Taker(actor.id, actor.languages, actor.skills, actor.capacity, holding)
    if not rules.may_take(taker):
        raise Conflict("You hold as many conversations as you may.", key="error.queue.full")
    waiting = [
        rules.Waiting(
            r.conversation_id,
            r.klass,
            r.waiting_since,
            r.language,
            skills_needed(is_minor=bool(r.is_minor), reasons=r.reasons or ()),
            r.bonus,
            r.site_id,
            r.version,
        )
        for r in queue.waiting(tx)
    ]
    for item in rules.candidates(taker, waiting, now=now):
        values = {
            "state": State.HUMAN,
            "operator_id": actor.id,
            "lease_until": now + lease,
            "callback_at": None,  # an agreed call-back is answered by this
            "updated_at": now,
        }
        if not contacts.change_expected(tx, item.conversation_id, item.version, values):
            continue  # somebody else was quicker; the next one
        sessions.drop_timers(tx, "conversation", item.conversation_id, kinds=("promise",))
        audit.record(
            tx, tag="queue:lease:taken", actor=actor, object_kind="conversation",
            object_id=item.conversation_id, now=now, reason=item.klass.lower(),
        )  # fmt: skip
        found = contacts.by_conversation(tx, item.conversation_id)
        if found is not None and found.quiet is None and not found.silent:
            _introduce(tx, mind, actor, found, now=now)
        tx.after_commit(mind.wake_console)
        return item.conversation_id
    return None


def _introduce(tx: Tx, mind: Mind, actor: Actor, found: contacts.Found, *, now: datetime) -> None:
    """The alias is introduced; nothing is said to a phone that must stay silent, nor while it is
    not known who reads. A session that cannot be opened must not keep anybody from being helped."""
    try:
        scene = Scene.open(mind, found, now=now)
        if asks_safety(tx, scene):
            return
    except (SealBroken, ValueError, KeyError) as error:
        failure("take.session_broken", error, conversation=found.conversation_id)
        scene = Scene.open_without_session(mind, found, now=now)
    _say(tx, scene, Said("wait.joined", args={"alias": actor.alias}))


def heartbeat(
    tx: Tx, actor: Actor, conversation_id: str, *, now: datetime, lease: timedelta
) -> None:
    """Renews the lease. Raises `Conflict` when it is gone."""
    found = contacts.by_conversation(tx, conversation_id, lock=True)
    if found is None or found.state != State.HUMAN or found.operator_id != actor.id:
        raise Conflict("You no longer hold this conversation.", key="error.conversation.lost")
    contacts.change_conversation(tx, conversation_id, {"lease_until": now + lease})


def save_draft(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, text: str, *, now: datetime
) -> None:
    """Keeps what is typed but not sent, sealed, for this or the next holder."""
    scene = _held(tx, mind, actor, conversation_id, now=now, action="conversation.reply")
    _save_draft(tx, scene, actor, text)


def draft(tx: Tx, mind: Mind, actor: Actor, conversation_id: str, *, now: datetime) -> str:
    """The kept draft, empty if there is none."""
    scene = _held(tx, mind, actor, conversation_id, now=now, action="conversation.reply")
    row = queue.draft(tx, conversation_id)
    if row is None:
        return ""
    return unseal(scene.data_key, row[0], Place("drafts", "body", conversation_id))


def reply(
    tx: Tx,
    mind: Mind,
    actor: Actor,
    conversation_id: str,
    text: str,
    *,
    now: datetime,
    lease: timedelta,
) -> str:
    """Queues the operator's words; the message id. What was typed is never lost: on a refusal it
    stays as the draft, because the page keeps sending it."""
    scene = _held(tx, mind, actor, conversation_id, now=now, action="conversation.reply")
    words = text.strip()
    if not words:
        raise Invalid("The reply is empty.", key="error.reply.empty")
    if len(words) > REPLY_LIMIT:
        raise Invalid("The reply is too long.", key="error.reply.long")
    if scene.found.quiet is not None:
        raise Conflict(
            "She asked for silence: nothing may be sent until she writes.", key="error.reply.quiet"
        )
    message_id = outbox.enqueue_words(
        tx, mind.keys, conversation_id, words, operator_id=actor.id, now=now
    )
    queue.drop_draft(tx, conversation_id)
    scene.conversation["lease_until"] = now + lease
    _audit(tx, actor, "case:reply:queued", conversation_id, now=now)
    write_back(tx, scene)
    tx.after_commit(mind.wake_sender)
    return message_id


def ask_consent(tx: Tx, mind: Mind, actor: Actor, referral_id: str, *, now: datetime) -> None:
    """Puts the consent question for the referral's next partner to the person, in her language."""
    conversation_id = referrals.conversation_of(tx, referral_id)
    scene = _held(tx, mind, actor, conversation_id, now=now, action="conversation.reply")
    if scene.found.quiet is not None:
        raise Conflict("She asked for silence.", key="error.reply.quiet")
    if scene.session is None:
        raise Conflict("There is no conversation with the bot yet.")
    question = referrals.consent_question(tx, mind.keys, actor, referral_id, now=now)
    language = scene.language or "ru"
    facts = {
        "consent": referral_id,
        "partner": question.partner_name.get(language) or question.partner_name.get("ru", ""),
        "what": "list:" + ",".join(f"consent.group.{g}" for g in question.groups),
        "purpose": f"key:consent.purpose.{question.service}",
    }
    scene.kind = Kind.ASKED
    bundle = bundle_of(tx, mind, scene.session)
    finish(tx, scene, engine.call(bundle, scene.session, "consent", facts, now=now))
    write_back(tx, scene)


def hand_back(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, note: str, *, now: datetime
) -> None:
    """Gives the conversation back to the bot, which goes on where it stopped; `note` is internal
    and never reaches the bot."""
    scene = _held(tx, mind, actor, conversation_id, now=now, action="conversation.return")
    if note.strip() and scene.case_id is not None:
        cases.add_note(tx, mind.keys, actor, scene.case_id, note, now=now)
    applying.move(tx, scene, rules.Event.HAND_BACK)
    _forget_promise(tx, scene)
    _say(tx, scene, Said("wait.left", args={"alias": actor.alias}))
    _audit(tx, actor, "queue:lease:returned", conversation_id, now=now)
    write_back(tx, scene)


def release(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, *, now: datetime, draft_text: str = ""
) -> None:
    """Back to the queue at the same place (end of a shift): notes and draft travel along."""
    scene = _held(tx, mind, actor, conversation_id, now=now, action="conversation.return")
    if draft_text.strip():
        _save_draft(tx, scene, actor, draft_text)
    applying.move(tx, scene, rules.Event.RELEASE)
    applying.promise(tx, scene, scene.klass or "P3")
    _audit(tx, actor, "queue:lease:moved", conversation_id, now=now)
    write_back(tx, scene)


def schedule_callback(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, at: datetime, *, now: datetime
) -> None:
    """An agreed later contact. The time must lie ahead; the safe window opens when it has come."""
    scene = _held(tx, mind, actor, conversation_id, now=now, action="conversation.return")
    if at <= now:
        raise Invalid("The time must lie ahead.", key="error.callback.past")
    if at - now > CALLBACK_WITHIN:
        raise Invalid("Give a date and a time.", key="error.callback.unclear")
    if scene.found.callback_tries >= rules.CALLBACK_TRIES:
        raise Conflict("Three attempts were made.", key="error.callback.tries")
    applying.move(tx, scene, rules.Event.CALLBACK_SET)
    scene.conversation["callback_at"] = at
    # Until then nobody writes (operations.md 1.1): an earlier window ends, its own opens when due.
    scene.contact["window_until"] = None
    sessions.drop_timers(tx, "conversation", conversation_id, kinds=("callback",))
    sessions.add_timer(
        tx,
        {
            "id": new_id(),
            "subject_kind": "conversation",
            "subject_id": conversation_id,
            "kind": "callback",
            "due_at": at,
            "state": "set",
        },
    )
    _audit(tx, actor, "case:callback:set", conversation_id, now=now)
    local = at.astimezone(ZoneInfo(mind.zone)).strftime("%d.%m %H:%M")
    _say(tx, scene, Said("callback.agreed.tell", args={"time": local}))
    write_back(tx, scene)


def close(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, reason: str, *, now: datetime
) -> None:
    """Ends the work with a reason; the clock of retention starts."""
    scene = _held(tx, mind, actor, conversation_id, now=now, action="case.close")
    if scene.case_id is not None:
        cases.close(tx, actor, scene.case_id, reason=reason, now=now)
    applying.move(tx, scene, rules.Event.CLOSE)
    scene.conversation["case_id"] = None
    _forget_promise(tx, scene)
    queue.drop_draft(tx, conversation_id)
    write_back(tx, scene)


# ------------------------------------------------------------------------ inside


def _held(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, *, now: datetime, action: str
) -> Scene:
    """The conversation, locked, after the door: only its lease holder comes in."""
    found = contacts.by_conversation(tx, conversation_id, lock=True)
    if found is None:
        raise NotFound("There is no such conversation.")
    holder = found.operator_id if found.state == State.HUMAN else None
    permit(actor, action, lease_holder_id=holder)
    return Scene.open(mind, found, now=now)


def _say(tx: Tx, scene: Scene, said: Said) -> None:
    """A line of the machine that the operator's step brings with it."""
    if scene.found.quiet is not None:
        return
    outbox.write_said(
        tx, scene.data_key, scene.destination, said, kind=Kind.ASKED, revision=None,
        language=scene.language, now=scene.now,
    )  # fmt: skip
    tx.after_commit(scene.mind.wake_sender)


def _forget_promise(tx: Tx, scene: Scene) -> None:
    scene.conversation |= {
        "klass": None,
        "rank": 0,
        "silent": False,
        "waiting_since": None,
        "promised_by": None,
        "promise_broken": False,
    }
    sessions.drop_timers(tx, "conversation", scene.found.conversation_id, kinds=("promise",))
    if scene.session is not None:
        gone = {"class", "silent"}
        facts = {k: v for k, v in scene.session.facts.items() if k not in gone}
        store_session(tx, scene, replace(scene.session, facts=facts))


def _save_draft(tx: Tx, scene: Scene, actor: Actor, text: str) -> None:
    conversation_id = scene.found.conversation_id
    queue.save_draft(
        tx,
        {
            "conversation_id": conversation_id,
            "body": seal(
                scene.data_key, text[:DRAFT_LIMIT], Place("drafts", "body", conversation_id)
            ),
            "operator_id": actor.id,
            "updated_at": scene.now,
        },
    )


def _audit(tx: Tx, actor: Actor, tag: str, conversation_id: str, *, now: datetime) -> None:
    audit.record(
        tx, tag=tag, actor=actor, object_kind="conversation", object_id=conversation_id, now=now
    )

"""From events to rows: one `match` over everything the engine can state.

Forget an event and the type checker refuses the build (`assert_never`). Everything here happens in
the transaction of the turn; nothing is sent, only written into the outbox.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, assert_never

from hotline.audit import service as audit
from hotline.cases import service as cases
from hotline.cases.standard import service as standard
from hotline.cases.tasks import repository as tasks
from hotline.conversation import duty, rules
from hotline.conversation.repository import sessions, steps
from hotline.conversation.rules import Effect, State
from hotline.conversation.scene import Scene, open_question
from hotline.core.actor import PERSON, SYSTEM
from hotline.crypto import new_id
from hotline.db.transaction import Tx
from hotline.flow import events as ev
from hotline.outbox import service as outbox
from hotline.outbox.rules import Kind
from hotline.referrals import service as referrals

CASE_FACTS = frozenset(
    {"country", "recruiter", "third_party", "returned", "departs", "stage", "anonymity", "age_band"}
)
"""Coded facts that may leave the session for a case; nothing typed, nothing verbatim."""

_MEANT = {"u": "unsure", "s": "refused"}
"""Option codes that are answers without an answer, the same in every screening item."""

SHRED_AFTER = timedelta(hours=24)
"""DELETE MY DATA: hidden at once, shredded after this (operations.md 7.5)."""


LATE_LINES = timedelta(minutes=2)
"""A line that a provider was being asked to send while she hid is on her phone by then."""


def apply(tx: Tx, scene: Scene, events: Iterable[ev.Event]) -> None:
    """Writes every event of a turn."""
    stated = tuple(events)
    ends_in_silence = any(
        isinstance(e, ev.Stopped | ev.Hidden) or (isinstance(e, ev.HandoverRequested) and e.silent)
        for e in stated
    )
    # What a silence withdraws is what waited before it, not the one neutral line it ends with:
    # so lines are written last.
    for event in stated:
        if not isinstance(event, ev.Said):
            _one(tx, scene, event)
    if scene.case_id is not None and any(_may_propose(event) for event in stated):
        _propose(tx, scene)
    lines = _lines(tx, scene, stated)
    for said in lines:
        if scene.kind == Kind.REPLY and not ends_in_silence and _floods(scene):
            _task(tx, scene, "flood", role="SO")  # somebody looks at it: it may be a cry for help
            break
        _said(tx, scene, said, ends_in_silence=ends_in_silence)
    steps.add(tx, [*_left(scene, stated), *_asked(scene, lines)])
    scene.waited_at = open_question(scene.session)


def _floods(scene: Scene) -> bool:
    return not scene.mind.flood.allows(scene.found.contact_id, now=scene.now)


def _left(scene: Scene, stated: tuple[ev.Event, ...]) -> Iterator[dict[str, Any]]:
    """How the step that waited was left, and after how many seconds; no person in it."""
    took = max(0, min(86_400, int((scene.now - scene.found.updated_at).total_seconds())))
    for event in stated:
        if isinstance(event, ev.NotUnderstood):
            yield _step(scene, event.step, "not_understood", took)
        elif isinstance(event, ev.AnswerRecorded):
            outcome = _MEANT.get("".join(event.codes), "answered")
            yield _step(scene, event.step, outcome, took)
    answered = {e.step for e in stated if isinstance(e, ev.AnswerRecorded | ev.NotUnderstood)}
    if scene.waited_at is None or scene.waited_at in answered:
        return
    if scene.lapsed:
        yield _step(scene, scene.waited_at, "lapsed", took)
    elif scene.kind == Kind.REPLY and open_question(scene.session) != scene.waited_at:
        yield _step(scene, scene.waited_at, "moved", took)


def _asked(scene: Scene, lines: list[ev.Said]) -> Iterator[dict[str, Any]]:
    """The first asking, and apart from it every further one of the same open question."""
    for said in lines:
        if said.step is not None and said.choices:
            again = said.step == scene.waited_at and said.step == open_question(scene.session)
            yield _step(scene, said.step, "asked_again" if again else "asked", 0)


def _step(scene: Scene, step: str, outcome: str, seconds: int) -> dict[str, Any]:
    return {
        "day": scene.now.date().isoformat(),
        "step": step,
        "channel": scene.found.channel,
        "language": scene.language,
        "outcome": outcome,
        "seconds": seconds,
    }


def _lines(tx: Tx, scene: Scene, stated: tuple[ev.Event, ...]) -> list[ev.Said]:
    """The turn's lines; where a person is promised, with the honest time before the question."""
    said = [e for e in stated if isinstance(e, ev.Said)]
    promised = [e for e in stated if isinstance(e, ev.HandoverRequested) and not e.silent]
    if not promised or scene.state != State.WAITING or scene.found.state == State.WAITING:
        return said
    line = duty.promise_line(tx, scene.klass or "P3", now=scene.now, zone=scene.mind.zone)
    if line is not None:
        asks = next((n for n, e in enumerate(said) if e.choices), len(said))
        said.insert(asks, line)
    return said


def _one(tx: Tx, scene: Scene, event: ev.Event) -> None:
    match event:
        case ev.Said():
            raise AssertionError("lines are written by _lines")
        case ev.LanguageChosen(language=language):
            scene.contact["language"] = language
        case ev.RiskAssessed():
            _assessed(tx, scene, event)
        case ev.DangerHeard(level=level):
            if level == "immediate":
                _audit(tx, scene, "bot:screening:assessed", reason="danger")
        case ev.HandoverRequested():
            _handover(tx, scene, event)
        case ev.HandoverCancelled():
            _cancelled(tx, scene)
        case ev.FactStated(name="latin", value=value):
            scene.contact["latin"] = value == "yes"
        case ev.FactStated(name=name, value=value):
            if scene.case_id is not None and name in CASE_FACTS:
                cases.add_facts(tx, scene.mind.keys, scene.case_id, {name: value})
        case ev.AnswerRecorded(item="A3", codes=("minor",)) if scene.case_id is not None:
            cases.add_facts(tx, scene.mind.keys, scene.case_id, {"age_band": "minor"})
        case ev.AnswerRecorded(step="outcome.check", codes=(answer,)):
            referral_id = scene.session.facts.get("referral") if scene.session else None
            if referral_id:
                referrals.confirm(tx, referral_id, answer, now=scene.now)
        case ev.ConsentGiven() | ev.ConsentRefused():
            _consent(tx, scene, event)
        case ev.ConsentWithdrawn(recipient=recipient):
            referrals.withdraw_consent(
                tx,
                scene.found.conversation_id,
                partner_words=recipient,
                by="person",
                now=scene.now,
            )
        case ev.DataAsked(what=what):
            _data_asked(tx, scene, what)
        case ev.QuestionAsked(answered=answered):
            if answered is not None:
                scene.conversation["topic"] = answered
        case ev.TimerSet():
            _timer(tx, scene, event)
        case ev.TimersDropped():
            if scene.found.session_id is not None:
                sessions.drop_timers(tx, "session", scene.found.session_id)
        case ev.Stopped():
            _silence(tx, scene, "stop")
        case ev.Hidden():
            _silence(tx, scene, "hide")
        case ev.StartedAgain(asked=asked):
            scene.contact["quiet"] = None
            if asked:
                scene.contact["unasked_off"] = False
                _audit(tx, scene, "person:conversation:started")
        case ev.SourceNoted(source=source):
            if scene.found.source is None:
                scene.contact["source"] = source
        case ev.SafeWindowOpened(minutes=minutes):
            scene.contact["window_until"] = scene.now + timedelta(minutes=minutes)
        case ev.AnswerRecorded() | ev.NotUnderstood() | ev.FeedbackGiven() | ev.Ended():
            pass  # they live in the session; statistics read them from there
        case _:
            assert_never(event)


def _said(tx: Tx, scene: Scene, event: ev.Said, *, ends_in_silence: bool) -> None:
    kind = scene.kind
    if ends_in_silence:
        if not event.neutral:
            return  # before a silence at most one neutral line leaves
        kind = Kind.LAST
    elif scene.state == State.HUMAN and kind == Kind.REPLY:
        kind = Kind.ASKED  # the engine speaks beside a person only where a command needs it
    outbox.write_said(
        tx,
        scene.data_key,
        scene.destination,
        event,
        kind=kind,
        revision=scene.session.revision if scene.session else None,
        language=scene.language,
        now=scene.now,
    )
    tx.after_commit(scene.mind.wake_sender)


def _assessed(tx: Tx, scene: Scene, event: ev.RiskAssessed) -> None:
    cases.record_assessment(
        tx,
        scene.data_key,
        scene.found.conversation_id,
        case_id=scene.case_id,
        ruleset=scene.mind.ruleset.version,
        revision=scene.session.revision if scene.session else None,
        stage=event.stage,
        level=event.level,
        answers=event.answers,
        ctx=event.ctx,
        result=event.result,
        by="bot",
        final=event.final,
        now=scene.now,
    )
    _audit(tx, scene, "bot:screening:assessed", reason=event.level.lower())


def _may_propose(event: ev.Event) -> bool:
    """A case was opened or raised, a level found, or the way of recruitment told."""
    match event:
        case ev.RiskAssessed() | ev.HandoverRequested() | ev.FactStated(name="recruiter"):
            return True
        case _:
            return False


def _propose(tx: Tx, scene: Scene) -> None:
    """The case carries what the coded answers propose for its record (screening.md 15.2)."""
    session = scene.session
    if session is None or scene.case_id is None:
        return
    facts = session.facts
    standard.keep_proposals(
        tx,
        scene.mind.keys,
        scene.mind.ruleset,
        scene.case_id,
        answers=session.answers,
        stage=facts.get("stage"),
        ctx={
            "returned": facts.get("returned") == "yes",
            "departs_within_48h": facts.get("departs") == "y",
        },
        recruiter=facts.get("recruiter"),
        now=scene.now,
    )


def _handover(tx: Tx, scene: Scene, event: ev.HandoverRequested) -> None:
    session = scene.session
    facts = {k: v for k, v in session.facts.items() if k in CASE_FACTS} if session else {}
    if session is not None and session.answers.get("A3"):
        facts["age_band"] = session.answers["A3"][0]
    opened = cases.open_or_raise(
        tx,
        scene.mind.keys,
        scene.found.conversation_id,
        klass=event.klass,
        reason=event.reason,
        facts=facts,
        level=session.facts.get("level") if session else None,
        now=scene.now,
        is_demo=scene.found.is_demo,
        site_id=scene.found.site_id,
    )
    scene.conversation["case_id"] = opened.case_id
    if event.topic:
        scene.conversation["topic"] = event.topic
    before = scene.klass
    klass = rules.worse(before, opened.klass) or opened.klass
    move(tx, scene, rules.Event.DURESS if event.silent else rules.Event.HANDOVER)
    scene.conversation["klass"] = klass
    if event.silent:
        # Nobody writes to that phone until she comes back (screening.md 8.10, 11.2).
        scene.conversation["silent"] = True
        scene.contact["quiet"] = "silent"
        outbox.withdraw(tx, scene.found.contact_id)
        _task(tx, scene, "silent_alarm", klass="P0", role="SO")
    else:
        scene.conversation["silent"] = False
    if scene.state == State.WAITING and (before != klass or scene.found.state != State.WAITING):
        promise(tx, scene, klass)


def promise(tx: Tx, scene: Scene, klass: str) -> None:
    """A person is promised by a deadline that is written down; its breach is told (2.2.4)."""
    due = rules.promise(klass, now=scene.now)
    scene.conversation["promised_by"] = due
    scene.conversation["promise_broken"] = False
    scene.conversation.setdefault("waiting_since", scene.found.waiting_since or scene.now)
    sessions.drop_timers(tx, "conversation", scene.found.conversation_id, kinds=("promise",))
    sessions.add_timer(
        tx,
        {
            "id": new_id(),
            "subject_kind": "conversation",
            "subject_id": scene.found.conversation_id,
            "kind": "promise",
            "due_at": due,
            "state": "set",
        },
    )


def _cancelled(tx: Tx, scene: Scene) -> None:
    if scene.state != State.WAITING or scene.klass == "P0":
        return  # never automatic for P0 (operations.md 1.2, row 11)
    move(tx, scene, rules.Event.CANCEL)
    scene.conversation |= {"klass": None, "waiting_since": None, "promised_by": None}
    sessions.drop_timers(tx, "conversation", scene.found.conversation_id, kinds=("promise",))


def _consent(tx: Tx, scene: Scene, event: ev.ConsentGiven | ev.ConsentRefused) -> None:
    referrals.consent_answered(
        tx,
        scene.mind.keys,
        event.subject,
        given=isinstance(event, ev.ConsentGiven),
        level="share",
        wording=event.wording,
        revision=event.revision,
        language=scene.language,
        channel=scene.found.channel,
        now=scene.now,
    )


def _data_asked(tx: Tx, scene: Scene, what: str) -> None:
    """ "who" is answered by the shell after this turn (`service.receive`); "delete" begins here."""
    if what == "delete":
        _audit(tx, scene, "person:data:delete_asked")
        _task(tx, scene, "delete_asked", role="SO")
        sessions.add_timer(
            tx,
            {
                "id": new_id(),
                "subject_kind": "conversation",
                "subject_id": scene.found.conversation_id,
                "kind": "shred",
                "due_at": scene.now + SHRED_AFTER,
                "state": "set",
            },
        )
    else:
        _audit(tx, scene, "person:data:asked")


def _timer(tx: Tx, scene: Scene, event: ev.TimerSet) -> None:
    if scene.session is None:
        return
    session_id = scene.conversation.get("session_id", scene.found.session_id)
    sessions.add_timer(
        tx,
        {
            "id": new_id(),
            "subject_kind": "session",
            "subject_id": session_id,
            "kind": event.kind,
            "step": event.step,
            "turn": scene.session.turn,
            "due_at": scene.now + timedelta(seconds=event.after_seconds),
            "state": "set",
        },
    )


def _silence(tx: Tx, scene: Scene, why: str) -> None:
    """STOP and quick exit: silence at once, waiting lines withdrawn, consent untouched."""
    outbox.withdraw(tx, scene.found.contact_id)
    scene.contact["quiet"] = why
    scene.contact["window_until"] = None
    if why == "stop":
        scene.contact["unasked_off"] = True
        scene.conversation["callback_at"] = None
        _audit(tx, scene, "person:conversation:stopped")
    else:
        _audit(tx, scene, "person:conversation:hidden")
        _take_back_own_lines(tx, scene)
    fall_silent(tx, scene)


def is_silent_alarm(scene: Scene) -> bool:
    """Somebody in immediate danger keeps her place in the queue, silently, whatever is done to the
    phone: danger beats silence."""
    silent = bool(scene.conversation.get("silent", scene.found.silent)) or scene.klass == "P0"
    return silent and scene.state in (State.WAITING, State.HUMAN)


def fall_silent(tx: Tx, scene: Scene, *, reason: str | None = None) -> None:
    """QUIET; or, for an alarm, the same place in the queue with the mark that nobody may write."""
    if not is_silent_alarm(scene):
        move(tx, scene, rules.Event.QUIET, reason=reason)
        return
    if not scene.conversation.get("silent", scene.found.silent):
        scene.conversation["silent"] = True
        _task(tx, scene, "silent_alarm", klass="P0", role="SO")


def _take_back_own_lines(tx: Tx, scene: Scene) -> None:
    """The bot's own Telegram lines of the last 48 hours are deleted, by the other hand; and once
    more when a line that was just leaving has certainly arrived."""
    if scene.found.channel != "telegram":
        return
    for later in (timedelta(0), LATE_LINES):
        sessions.add_timer(
            tx,
            {
                "id": new_id(),
                "subject_kind": "contact",
                "subject_id": scene.found.contact_id,
                "kind": "erase",
                "due_at": scene.now + later,
                "state": "set",
            },
        )


def move(tx: Tx, scene: Scene, event: rules.Event, *, reason: str | None = None) -> None:
    """One edge of the conversation's table, with the effects that are rows, and its audit row."""
    before = scene.state
    state, effects = rules.move(before, event)
    scene.conversation["state"] = state
    for effect in effects:
        _effect(tx, scene, effect)
    if state != before:
        audit.record(
            tx,
            tag="bot:conversation:state",
            actor=SYSTEM,
            object_kind="conversation",
            object_id=scene.found.conversation_id,
            now=scene.now,
            reason=reason or event.value,
            result=state.lower()[:20],
        )


def _effect(tx: Tx, scene: Scene, effect: Effect) -> None:
    match effect:
        case Effect.UNLEASE:
            scene.conversation |= {"operator_id": None, "lease_until": None}
        case Effect.RANK_UP:
            scene.conversation["rank"] = scene.found.rank + 1
        case Effect.WITHDRAW_LINES:
            outbox.withdraw(tx, scene.found.contact_id)
        case Effect.TASK_REVIEW:
            _task(tx, scene, "review_referral")
        case Effect.ALARM:
            tx.after_commit(scene.mind.wake_console)
        case Effect.TELL_BROKEN:
            scene.conversation["promise_broken"] = True
        case Effect.PROMISE | Effect.LEASE | Effect.RESUME_BOT | Effect.RETENTION | Effect.ASK_SAFE:
            pass  # done where the numbers are known: promise, lease, the engine's own next turn
        case _:
            assert_never(effect)


def _task(tx: Tx, scene: Scene, kind: str, *, klass: str | None = None, role: str = "OP") -> None:
    tasks.add(
        tx,
        kind,
        subject=("conversation", scene.found.conversation_id),
        now=scene.now,
        klass=klass or scene.klass,
        role=role,
    )
    tx.after_commit(scene.mind.wake_console)


def _audit(tx: Tx, scene: Scene, tag: str, *, reason: str | None = None) -> None:
    audit.record(
        tx,
        tag=tag,
        actor=PERSON if tag.startswith("person:") else SYSTEM,
        object_kind="conversation",
        object_id=scene.found.conversation_id,
        now=scene.now,
        reason=reason,
    )

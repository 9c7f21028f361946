"""What may be done with a case. Functions take the transaction and never commit.

The caller (conversation, console) has passed its access door; object checks that need the row are
made here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.audit import service as audit
from hotline.cases import repository, rules
from hotline.cases.names import new_name
from hotline.cases.repository import CaseRow
from hotline.cases.standard import service as standard
from hotline.cases.standard.rules import Kept
from hotline.core.actor import SYSTEM, Actor
from hotline.core.errors import Conflict, Invalid, NotFound
from hotline.crypto import KeyRing, Place, choose, new_data_key, new_id, seal, unseal
from hotline.db.transaction import Tx
from hotline.screening.explain import Explanation, explain
from hotline.screening.htcds import Proposal, propose
from hotline.screening.ruleset import Ruleset, RulesetError
from hotline.screening.versions import Rulesets

NOTE_LIMIT = 4_000


def make_key(
    tx: Tx, keys: KeyRing, *, owner: tuple[str, str], retention: str, now: datetime
) -> tuple[str, bytes]:
    """A new data key for an owner, stored wrapped; `(key id, data key)`."""
    key_id, data_key = new_id(), new_data_key()
    repository.add_key(tx, key_id=key_id, owner=owner, retention=retention, now=now)
    repository.add_wrap(tx, key_id=key_id, reader=keys.current, wrapped=keys.wrap(data_key, key_id))
    return key_id, data_key


def unused_name(tx: Tx) -> str:
    return new_name(choose, lambda name: repository.alias_taken(tx, name))


@dataclass(frozen=True, slots=True)
class Opened:
    case_id: str
    alias: str
    klass: str
    was_new: bool


def open_or_raise(
    tx: Tx,
    keys: KeyRing,
    conversation_id: str,
    *,
    klass: str,
    reason: str,
    facts: Mapping[str, str],
    now: datetime,
    actor: Actor = SYSTEM,
    level: str | None = None,
    site_id: str | None = None,
    is_demo: bool = False,
) -> Opened:
    """The conversation's open case, opened if there is none; its class may rise, never fall.

    `facts` are coded routing and safety facts (country, recruiter, age_band, third_party ...).
    """
    case_id = repository.open_for(tx, conversation_id)
    if case_id is not None:
        case = _load(tx, case_id, lock=True)
        new_class = rules.worst((case.klass, klass))
        repository.change(
            tx,
            case_id,
            klass=new_class,
            level=level or case.level,
            reasons=rules.merged_reasons(case.reasons, reason),
            **_columns(facts, case),
        )
        _merge_facts(tx, keys, case, facts)
        if new_class != case.klass:
            audit.record(
                tx,
                tag="bot:case:classed",
                actor=actor,
                object_kind="case",
                object_id=case_id,
                now=now,
                reason=reason,
            )
        return Opened(case_id, case.alias, new_class, was_new=False)
    case_id = new_id()
    key_id, data_key = make_key(tx, keys, owner=("case", case_id), retention="R3", now=now)
    alias = unused_name(tx)
    repository.add(
        tx,
        {
            "id": case_id,
            "alias": alias,
            "conversation_id": conversation_id,
            "key_id": key_id,
            "status": "Active",
            "level": level,
            "klass": klass,
            "reasons": [reason],
            "facts": seal(data_key, json.dumps(dict(facts)), Place("cases", "facts", case_id)),
            "site_id": site_id,
            "opened_at": now,
            "is_demo": is_demo,
            **_columns(facts, None),
        },
    )
    repository.attach_assessments(tx, conversation_id, case_id)
    audit.record(
        tx, tag="bot:case:opened", actor=actor, object_kind="case", object_id=case_id, now=now,
        reason=reason,
    )  # fmt: skip
    return Opened(case_id, alias, klass, was_new=True)


def add_facts(tx: Tx, keys: KeyRing, case_id: str, facts: Mapping[str, str]) -> None:
    """Later answers about the same person."""
    case = _load(tx, case_id, lock=True)
    columns = _columns(facts, case)
    if columns:
        repository.change(tx, case_id, **columns)
    _merge_facts(tx, keys, case, facts)


def record_assessment(
    tx: Tx,
    data_key: bytes,
    conversation_id: str,
    *,
    case_id: str | None,
    ruleset: str,
    revision: str | None,
    stage: str | None,
    level: str,
    answers: Mapping[str, Any],
    ctx: Mapping[str, Any],
    result: Mapping[str, Any],
    by: str,
    final: bool,
    now: datetime,
) -> str:
    """Stores coded answers and result, sealed under the contact's key; the assessment's id."""
    assessment_id = new_id()
    given = json.dumps({"answers": {k: list(v) for k, v in answers.items()}, "ctx": dict(ctx)})
    repository.add_assessment(
        tx,
        {
            "id": assessment_id,
            "conversation_id": conversation_id,
            "case_id": case_id,
            "ruleset": ruleset,
            "revision": revision,
            "stage": stage,
            "level": level,
            "answers": seal(data_key, given, Place("assessments", "answers", assessment_id)),
            "result": seal(
                data_key, json.dumps(dict(result)), Place("assessments", "result", assessment_id)
            ),
            "by": by,
            "final": final,
            "at": now,
        },
    )
    return assessment_id


# ------------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """One screening with all that is behind it, recomputed from its coded answers.

    Explained under the ruleset that the record names, whatever is in force today; None only where
    that version is not kept. `reproduced` is False when the stored result differs from what those
    rules give: a defect that the page shows instead of hiding.
    """

    id: str
    at: datetime
    by: str
    stage: str | None
    level: str
    ruleset: str
    final: bool
    explanation: Explanation | None
    proposals: tuple[Proposal, ...]
    reproduced: bool


@dataclass(frozen=True, slots=True)
class NoteView:
    id: str
    operator_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JudgementView:
    operator_id: str
    kind: str
    level: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CasePanel:
    """Everything an operator sees of a case beside the chat."""

    id: str
    alias: str
    conversation_id: str
    status: str
    level: str | None
    klass: str
    reasons: tuple[str, ...]
    anonymity: str
    age_band: str | None
    is_minor: bool
    third_party: bool
    country: str | None
    recruiter: str | None
    facts: Mapping[str, str]
    version: int
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    screenings: tuple[AssessmentView, ...]
    notes: tuple[NoteView, ...]
    judgements: tuple[JudgementView, ...]
    htcds: tuple[Kept, ...] = ()
    withheld: bool = False  # nothing of the screening is here before a blind judgement is stored


def panel(tx: Tx, keys: KeyRing, rulesets: Rulesets, case_id: str) -> CasePanel:
    """Raises `NotFound`."""
    case = _load(tx, case_id)
    data_key = keys.unwrap(case.wrapped, case.key_id, case.reader)
    facts = _facts(case, data_key)
    return CasePanel(
        id=case.id,
        alias=case.alias,
        conversation_id=case.conversation_id,
        status=case.status,
        level=case.level,
        klass=case.klass,
        reasons=tuple(case.reasons),
        anonymity=case.anonymity,
        age_band=case.age_band,
        is_minor=case.is_minor,
        third_party=case.third_party,
        country=case.country,
        recruiter=case.recruiter,
        facts=facts,
        version=case.version,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        close_reason=case.close_reason,
        screenings=_screenings(tx, keys, rulesets, case, facts),
        notes=tuple(
            NoteView(
                n.id,
                n.operator_id,
                unseal(data_key, n.body, Place("notes", "body", n.id)),
                n.created_at,
            )
            for n in repository.notes(tx, case_id)
        ),
        judgements=tuple(
            JudgementView(
                j.operator_id,
                j.kind,
                j.level,
                unseal(data_key, j.reason, Place("judgements", "reason", j.id)) if j.reason else "",
                j.at,
            )
            for j in repository.judgements(tx, case_id)
        ),
        htcds=standard.values_of(case, data_key),
    )


def _screenings(
    tx: Tx, keys: KeyRing, rulesets: Rulesets, case: CaseRow, facts: Mapping[str, str]
) -> tuple[AssessmentView, ...]:
    owner = repository.contact_key(tx, case.conversation_id)
    if owner is None:
        return ()
    contact_key = keys.unwrap(owner[1], owner[0], owner[2])
    views = []
    for row in repository.assessments(tx, case.conversation_id):
        place = Place("assessments", "answers", row.id)
        given = json.loads(unseal(contact_key, row.answers, place))
        stored = json.loads(unseal(contact_key, row.result, Place("assessments", "result", row.id)))
        explanation: Explanation | None = None
        proposals: tuple[Proposal, ...] = ()
        ruleset = _kept(rulesets, row.ruleset)
        if ruleset is not None:
            arguments: dict[str, Any] = {"stage": row.stage, "ctx": given["ctx"]}
            routing = {"R3": facts["recruiter"]} if "recruiter" in facts else {}
            explanation = explain(ruleset, given["answers"], routing=routing, **arguments)
            proposals = propose(ruleset, given["answers"], routing=routing, **arguments)
        same = explanation is None or explanation.assessment.to_mapping() == stored
        views.append(
            AssessmentView(
                row.id,
                row.at,
                row.by,
                row.stage,
                row.level,
                row.ruleset,
                row.final,
                explanation,
                proposals,
                same,
            )
        )
    return tuple(views)


def _kept(rulesets: Rulesets, version: str) -> Ruleset | None:
    try:
        return rulesets.of(version)
    except RulesetError:
        return None


# ------------------------------------------------------------------------ writing by operators


def add_note(tx: Tx, keys: KeyRing, actor: Actor, case_id: str, text: str, *, now: datetime) -> str:
    """An internal note. Raises `Invalid` for an empty or overlong one."""
    words = text.strip()
    if not words:
        raise Invalid("The note is empty.", key="error.note.empty")
    if len(words) > NOTE_LIMIT:
        raise Invalid("The note is too long.", key="error.note.long")
    case = _load(tx, case_id)
    note_id = new_id()
    data_key = keys.unwrap(case.wrapped, case.key_id, case.reader)
    repository.add_note(
        tx,
        {
            "id": note_id,
            "case_id": case_id,
            "operator_id": actor.id,
            "body": seal(data_key, words, Place("notes", "body", note_id)),
            "created_at": now,
        },
    )
    audit.record(
        tx, tag="case:note:added", actor=actor, object_kind="case", object_id=case_id, now=now
    )
    return note_id


def change_class(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    case_id: str,
    klass: str,
    *,
    reason: str,
    expected: int,
    now: datetime,
) -> None:
    """Raises the class at once; lowering needs a written reason and is audited (2.1.1)."""
    if klass not in rules.CLASSES:
        raise Invalid("There is no such class.", key="error.case.class")
    case = _load(tx, case_id, lock=True)
    if not rules.may_lower(case.klass, klass, reason=reason):
        raise Invalid("Lowering the class needs a reason.", key="error.case.reason_needed")
    word = "raised" if klass <= case.klass else "lowered"
    changed = repository.change_expected(
        tx, case_id, expected, klass=klass, reasons=rules.merged_reasons(case.reasons, word)
    )
    if not changed:
        raise Conflict("The case changed meanwhile.", key="error.case.changed")
    _judge(tx, keys, actor, case, kind="class", level=klass, reason=reason, now=now)
    audit.record(
        tx, tag=f"case:class:{word}", actor=actor, object_kind="case", object_id=case_id, now=now,
        reason="operator",
    )  # fmt: skip


def override_level(
    tx: Tx, keys: KeyRing, actor: Actor, case_id: str, level: str, *, reason: str, now: datetime
) -> None:
    """A counsellor's own level beside the tool's; the tool's stays in the history."""
    if not reason.strip():
        raise Invalid("An override needs a reason.", key="error.case.reason_needed")
    case = _load(tx, case_id, lock=True)
    repository.change(tx, case_id, level=level)
    _judge(tx, keys, actor, case, kind="override", level=level, reason=reason, now=now)
    audit.record(
        tx, tag="case:level:overridden", actor=actor, object_kind="case", object_id=case_id,
        now=now, reason="operator",
    )  # fmt: skip


def judge_blind(
    tx: Tx, keys: KeyRing, actor: Actor, case_id: str, level: str, *, now: datetime
) -> None:
    """A counsellor's own level, given before she was shown the rules' (screening.md 20.11).

    It is stored with the screening that the person's answers had led to by then. Raises `Conflict`
    where she has judged this case before, or nothing was screened.
    """
    case = _load(tx, case_id, lock=True)
    if has_judged(tx, case_id, actor.id):
        raise Conflict("Your level is stored already.", key="error.case.judged")
    screened = repository.assessments(tx, case.conversation_id, limit=1)
    if not screened:
        raise Conflict("Nothing was screened here.", key="error.case.not_screened")
    _judge(
        tx, keys, actor, case, kind="blind", level=level, reason="", now=now,
        assessment_id=screened[0].id,
    )  # fmt: skip
    audit.record(
        tx, tag="case:level:judged", actor=actor, object_kind="case", object_id=case_id, now=now
    )


def has_judged(tx: Tx, case_id: str, operator_id: str) -> bool:
    """Whether this counsellor's blind level for the case is stored."""
    return any(
        j.kind == "blind" and j.operator_id == operator_id
        for j in repository.judgements(tx, case_id)
    )


def set_anonymity(tx: Tx, actor: Actor, case_id: str, choice: str, *, now: datetime) -> None:
    """`share`, `line_only` or `anonymous`, as the person said (operations.md 0.6)."""
    if choice not in rules.ANONYMITY:
        raise Invalid("There is no such choice.")
    repository.change(tx, case_id, anonymity=choice)
    audit.record(
        tx, tag="case:facts:changed", actor=actor, object_kind="case", object_id=case_id, now=now,
        reason=choice,
    )  # fmt: skip


def close(tx: Tx, actor: Actor, case_id: str, *, reason: str, now: datetime) -> None:
    if reason not in rules.CLOSE_REASONS:
        raise Invalid("Choose a reason for closing.", key="error.case.close_reason")
    status = "ClosedReferred" if reason == "referred" else "Closed"
    repository.change(tx, case_id, closed_at=now, close_reason=reason, status=status)
    audit.record(
        tx, tag="case:record:closed", actor=actor, object_kind="case", object_id=case_id, now=now,
        reason=reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a referral may be built from: coded values, no free text, no identifiers."""

    id: str
    alias: str
    conversation_id: str
    klass: str
    level: str | None
    anonymity: str
    age_band: str | None
    is_minor: bool
    third_party: bool
    country: str | None
    site_id: str | None
    facts: Mapping[str, str]
    is_open: bool
    is_demo: bool


def facts_of(tx: Tx, keys: KeyRing, case_id: str) -> CaseFacts:
    """Raises `NotFound`."""
    case = _load(tx, case_id)
    data_key = keys.unwrap(case.wrapped, case.key_id, case.reader)
    return CaseFacts(
        case.id, case.alias, case.conversation_id, case.klass, case.level, case.anonymity,
        case.age_band, case.is_minor, case.third_party, case.country, case.site_id,
        _facts(case, data_key), case.closed_at is None, case.is_demo,
    )  # fmt: skip


def _judge(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    case: CaseRow,
    *,
    kind: str,
    level: str,
    reason: str,
    now: datetime,
    assessment_id: str | None = None,
) -> None:
    judgement_id = new_id()
    data_key = keys.unwrap(case.wrapped, case.key_id, case.reader)
    repository.add_judgement(
        tx,
        {
            "id": judgement_id,
            "case_id": case.id,
            "assessment_id": assessment_id,
            "operator_id": actor.id,
            "kind": kind,
            "level": level,
            "reason": seal(data_key, reason, Place("judgements", "reason", judgement_id)),
            "at": now,
        },
    )


def _columns(facts: Mapping[str, str], case: CaseRow | None) -> dict[str, Any]:
    """The coded facts that have a column of their own."""
    columns: dict[str, Any] = {}
    if "country" in facts:
        columns["country"] = facts["country"]
    if "recruiter" in facts:
        columns["recruiter"] = facts["recruiter"]
    if "age_band" in facts:
        columns["age_band"] = facts["age_band"]
        columns["is_minor"] = facts["age_band"] == "minor" or bool(case and case.is_minor)
    if "third_party" in facts:
        columns["third_party"] = facts["third_party"] in {"y", "yes", "true"}
    if facts.get("anonymity") in rules.ANONYMITY:
        columns["anonymity"] = facts["anonymity"]
    return columns


def _facts(case: CaseRow, data_key: bytes) -> dict[str, str]:
    if case.facts is None:
        return {}
    found: dict[str, str] = json.loads(
        unseal(data_key, case.facts, Place("cases", "facts", case.id))
    )
    return found


def _merge_facts(tx: Tx, keys: KeyRing, case: CaseRow, facts: Mapping[str, str]) -> None:
    if not facts:
        return
    data_key = keys.unwrap(case.wrapped, case.key_id, case.reader)
    merged = {**_facts(case, data_key), **facts}
    place = Place("cases", "facts", case.id)
    repository.change(tx, case.id, facts=seal(data_key, json.dumps(merged), place))


def _load(tx: Tx, case_id: str, *, lock: bool = False) -> CaseRow:
    case = repository.by_id(tx, case_id, lock=lock)
    if case is None:
        raise NotFound("There is no such case.", key="error.case.not_found")
    return case

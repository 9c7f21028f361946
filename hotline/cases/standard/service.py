"""Keeps proposed HTCDS values in the case, sealed under its key, and takes the decisions.

Functions take the transaction and never commit. Who may decide is asked by the caller, who knows
the lease.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from hotline.audit import service as audit
from hotline.cases import repository
from hotline.cases.repository import CaseRow
from hotline.cases.standard import rules
from hotline.cases.standard.rules import Exported, Kept
from hotline.core.actor import SYSTEM, Actor
from hotline.core.errors import Conflict, Invalid, NotFound
from hotline.crypto import KeyRing, Place, seal, unseal
from hotline.db.transaction import Tx
from hotline.screening.answers import Answers
from hotline.screening.htcds import propose
from hotline.screening.ruleset import Ruleset


def keep_proposals(
    tx: Tx,
    keys: KeyRing,
    ruleset: Ruleset,
    case_id: str,
    *,
    answers: Answers,
    stage: str | None,
    ctx: Mapping[str, bool],
    recruiter: str | None,
    now: datetime,
) -> int:
    """Adds what the answers propose to what the case carries; how many values are new or changed.

    Called when a case is opened or raised and after each screening of an open one. Nothing is
    written when nothing changed.
    """
    case = _load(tx, case_id)
    if case.closed_at is not None:
        return 0
    data_key = keys.unwrap(case.wrapped, case.key_id, case.reader)
    routing = {ruleset.htcds.recruitment_routing: recruiter} if recruiter else {}
    proposals = propose(ruleset, answers, stage=stage, ctx=ctx, routing=routing)
    old = values_of(case, data_key)
    new = rules.merged(old, proposals, ruleset=ruleset.version)
    changed = len(set(new) ^ set(old))
    if changed:
        _store(tx, case, data_key, new)
        audit.record(
            tx, tag="bot:htcds:proposed", actor=SYSTEM, object_kind="case", object_id=case_id,
            now=now, reason=str(len(new)),
        )  # fmt: skip
    return changed


def values_of(case: CaseRow, data_key: bytes) -> tuple[Kept, ...]:
    """What a case carries, in the order in which it was proposed."""
    if case.htcds is None:
        return ()
    text = unseal(data_key, case.htcds, Place("cases", "htcds", case.id))
    return tuple(Kept.from_mapping(one) for one in json.loads(text))


def decide(
    tx: Tx,
    keys: KeyRing,
    actor: Actor,
    case_id: str,
    key: str,
    *,
    confirm: bool,
    chosen: Sequence[str] = (),
    now: datetime,
) -> Kept:
    """Confirms or rejects one proposed value; a decision may be changed, each is audited.

    Raises `Invalid` where one or more of the choices must be named, `Conflict` for a value that
    the case does not carry (any more).
    """
    case = _load(tx, case_id, lock=True)
    data_key = keys.unwrap(case.wrapped, case.key_id, case.reader)
    values = values_of(case, data_key)
    kept = next((v for v in values if v.key == key), None)
    if kept is None:
        raise Conflict("The case changed meanwhile.", key="error.case.changed")
    done = rules.decided(
        kept, confirm=confirm, chosen=chosen, by=actor.id, at=now.isoformat(timespec="seconds")
    )
    if done is None:
        raise Invalid("Choose at least one of the values.", key="error.choice")
    _store(tx, case, data_key, [done if v.key == key else v for v in values])
    audit.record(
        tx, tag=f"case:htcds:{done.state}", actor=actor, object_kind="case", object_id=case_id,
        now=now, reason=done.field,
    )  # fmt: skip
    return done


def export(tx: Tx, keys: KeyRing, case_id: str) -> Exported:
    """The confirmed values for a receiver who takes the list of HTCDS 2.0 only."""
    case = _load(tx, case_id)
    data_key = keys.unwrap(case.wrapped, case.key_id, case.reader)
    return rules.exported(values_of(case, data_key))


def _store(tx: Tx, case: CaseRow, data_key: bytes, values: Sequence[Kept]) -> None:
    text = json.dumps([v.to_mapping() for v in values])
    repository.change(tx, case.id, htcds=seal(data_key, text, Place("cases", "htcds", case.id)))


def _load(tx: Tx, case_id: str, *, lock: bool = False) -> CaseRow:
    case = repository.by_id(tx, case_id, lock=lock)
    if case is None:
        raise NotFound("There is no such case.", key="error.case.not_found")
    return case

"""What the lease holder writes into the case: note, class, level, the wish about sharing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hotline.accounts.doors import permit
from hotline.cases import service as cases
from hotline.cases.service import CasePanel
from hotline.cases.standard import service as standard
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts
from hotline.conversation.rules import State
from hotline.conversation.service import history
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, Invalid, NotFound
from hotline.db.transaction import Tx
from hotline.screening.ruleset import RANK

REASON_LIMIT = 1_000
"""Characters of a written reason."""


def panel(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, *, reason: str | None = None
) -> CasePanel | None:
    """The case beside the conversation, through the conversation's own door; None without one."""
    found = contacts.by_conversation(tx, conversation_id)
    if found is None:
        raise NotFound("There is no such conversation.")
    holder = found.operator_id if found.state == State.HUMAN else None
    permit(
        actor, "conversation.read", lease_holder_id=holder, site_id=found.site_id, reason=reason,
        flagged=False,
    )  # fmt: skip
    if found.case_id is None:
        return None
    shown = cases.panel(tx, mind.keys, mind.rulesets, found.case_id)
    if history.hiding(tx, conversation_id)[1] is not None:
        # She asked for deletion: class and level stay for her safety, what she told is hidden.
        return replace(shown, screenings=(), notes=(), judgements=(), facts={}, htcds=())
    if mind.blind and holder == actor.id and not _has_judged(shown, actor):
        return _withheld(shown)
    return shown


def _has_judged(panel: CasePanel, actor: Actor) -> bool:
    """Nothing to be blind to, or her own level is stored: for good, whatever is screened later."""
    return not panel.screenings or any(
        j.kind == "blind" and j.operator_id == actor.id for j in panel.judgements
    )


def _withheld(panel: CasePanel) -> CasePanel:
    """The same without anything that shows what the rules made of the answers."""
    return replace(
        panel, level=None, klass="", reasons=(), screenings=(), judgements=(), htcds=(),
        withheld=True,
    )  # fmt: skip


def judge_blind(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, level: str, *, now: datetime
) -> None:
    """A counsellor's own level, stored before she is shown the rules'. One for each counsellor.

    Raises `Conflict` when hers is stored already: she has seen the rules' level since.
    """
    if level not in RANK:
        raise Invalid("There is no such level.", key="error.choice")
    case_id = _case(tx, actor, conversation_id, "case.judge")
    cases.judge_blind(tx, mind.keys, actor, case_id, level, now=now)
    tx.after_commit(mind.wake_console)


def decide_value(
    tx: Tx,
    mind: Mind,
    actor: Actor,
    conversation_id: str,
    key: str,
    *,
    confirm: bool,
    chosen: Sequence[str] = (),
    now: datetime,
) -> None:
    """Confirms or rejects one value that the bot proposed for the case's record."""
    case_id = _case(tx, actor, conversation_id, "case.judge")
    standard.decide(tx, mind.keys, actor, case_id, key, confirm=confirm, chosen=chosen, now=now)
    tx.after_commit(mind.wake_console)


def note(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, text: str, *, now: datetime
) -> None:
    """An internal note. It has a table of its own and never reaches the bot or the person."""
    case_id = _case(tx, actor, conversation_id, "case.note")
    cases.add_note(tx, mind.keys, actor, case_id, text, now=now)
    tx.after_commit(mind.wake_console)


def change_class(
    tx: Tx,
    mind: Mind,
    actor: Actor,
    conversation_id: str,
    klass: str,
    *,
    reason: str,
    expected: int,
    now: datetime,
) -> None:
    """Raises the class at once; lowering needs a written reason (operations.md 2.1.1)."""
    found = contacts.by_conversation(tx, conversation_id, lock=True)
    current = (found.klass if found is not None else None) or "P3"
    lowers = klass > current
    case_id = _case(
        tx, actor, conversation_id, "case.lower" if lowers else "case.raise", reason=reason
    )
    _short(reason)
    cases.change_class(
        tx, mind.keys, actor, case_id, klass, reason=reason, expected=expected, now=now
    )
    contacts.change_conversation(tx, conversation_id, {"klass": klass, "updated_at": now})
    tx.after_commit(mind.wake_console)


def override_level(
    tx: Tx,
    mind: Mind,
    actor: Actor,
    conversation_id: str,
    level: str,
    *,
    reason: str,
    now: datetime,
) -> None:
    """A counsellor's own level beside the tool's."""
    if level not in RANK:
        raise Invalid("There is no such level.", key="error.choice")
    case_id = _case(tx, actor, conversation_id, "case.judge")
    _short(reason)
    if mind.blind and not cases.has_judged(tx, case_id, actor.id):
        raise Conflict("First give a level of your own.", key="error.case.judge_first")
    cases.override_level(tx, mind.keys, actor, case_id, level, reason=reason, now=now)
    tx.after_commit(mind.wake_console)


def set_anonymity(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, choice: str, *, now: datetime
) -> None:
    case_id = _case(tx, actor, conversation_id, "case.judge")
    cases.set_anonymity(tx, actor, case_id, choice, now=now)
    tx.after_commit(mind.wake_console)


def case_of(tx: Tx, actor: Actor, conversation_id: str) -> str:
    """The case of a conversation that this operator holds. Raises `Refused`, `Conflict`."""
    return _case(tx, actor, conversation_id, "case.judge")


def _case(
    tx: Tx, actor: Actor, conversation_id: str, action: str, *, reason: str | None = None
) -> str:
    found = contacts.by_conversation(tx, conversation_id, lock=True)
    if found is None:
        raise NotFound("There is no such conversation.")
    holder = found.operator_id if found.state == State.HUMAN else None
    permit(actor, action, lease_holder_id=holder, site_id=found.site_id, reason=reason)
    if found.case_id is None:
        raise Conflict("There is no open case here.", key="error.case.none")
    return found.case_id


def _short(reason: str) -> None:
    if len(reason) > REASON_LIMIT:
        raise Invalid("The reason is too long.", key="error.field_long", limit=str(REASON_LIMIT))

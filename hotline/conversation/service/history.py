"""What an operator may read of a conversation: lines, their fate, files. Every reading is audited.

Lines of the bot come as keys with arguments, so that each reader sees them in her own language.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.accounts.doors import allows, permit
from hotline.audit import service as audit
from hotline.channels.media import sniff
from hotline.conversation.apply import SHRED_AFTER
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, lines, sessions
from hotline.conversation.repository.contacts import Found
from hotline.conversation.rules import State
from hotline.core.actor import Actor
from hotline.core.errors import NotFound
from hotline.crypto import Place, unseal, unseal_bytes
from hotline.db.transaction import Tx
from hotline.flow.events import Said
from hotline.outbox.service import said_from_json


@dataclass(frozen=True, slots=True)
class FileView:
    id: str
    kind: str
    mime: str
    size: int | None
    state: str


@dataclass(frozen=True, slots=True)
class LineView:
    """One line. `said` for the bot's, `text`/`button` for a person's or an operator's.

    `sending` is the state of the outbox row (new, sending, sent, delivered, failed, held,
    withdrawn), None for what came in; `uncertain` lines may not have arrived, or twice.
    """

    seq: int
    id: str
    author: str
    operator_id: str | None
    kind: str
    text: str
    button: str | None
    place: tuple[float, float] | None
    said: Said | None
    version: int
    at: datetime
    sending: str | None
    uncertain: bool
    error: str | None
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as its page shows it. No address, ever: the alias is its name."""

    id: str
    alias: str
    state: str
    version: int
    channel: str
    language: str | None
    klass: str | None
    case_id: str | None
    is_mine: bool
    silent: bool
    quiet: str | None
    waiting_since: datetime | None
    promised_by: datetime | None
    lease_until: datetime | None
    callback_at: datetime | None
    window_until: datetime | None
    topic: str | None
    source: str | None
    last_heard_at: datetime | None
    where: str | None  # the bot's step, `flow.step`
    site_id: str | None
    lines: tuple[LineView, ...]
    destroyed_at: datetime | None = None  # she asked for deletion: until then all before is hidden


def talk(
    tx: Tx,
    mind: Mind,
    actor: Actor,
    conversation_id: str,
    *,
    now: datetime,
    reason: str | None = None,
    after: int = 0,
) -> Talk:
    """The conversation for its lease holder, or for a supervisor of the site with a reason.

    `after`: only lines with a higher number (live updates; not audited again). Raises `NotFound`,
    `Refused`.
    """
    found = contacts.by_conversation(tx, conversation_id)
    if found is None:
        raise NotFound("There is no such conversation.")
    _door(actor, found, reason)
    if after == 0:
        watched = found.operator_id != actor.id
        audit.record(
            tx,
            tag="case:conversation:watched" if watched else "case:conversation:opened",
            actor=actor,
            object_kind="conversation",
            object_id=conversation_id,
            now=now,
            reason=reason,
        )
    data_key = mind.keys.unwrap(found.wrapped, found.key_id, found.reader)
    destroyed_at, hidden_until = hiding(tx, conversation_id)
    rows = [
        row
        for row in lines.of_conversation(tx, conversation_id, after=after)
        if hidden_until is None or row.created_at > hidden_until
    ]
    files: dict[str, list[FileView]] = {}
    for kept in lines.attachments(tx, [r.id for r in rows]):
        view = FileView(kept.id, kept.kind, kept.mime, kept.size, kept.state)
        files.setdefault(kept.message_id, []).append(view)
    return Talk(
        id=found.conversation_id,
        alias=found.alias,
        state=found.state,
        version=found.version,
        channel=found.channel,
        language=found.language,
        klass=found.klass,
        case_id=found.case_id,
        is_mine=found.state == State.HUMAN and found.operator_id == actor.id,
        silent=found.silent,
        quiet=found.quiet,
        waiting_since=found.waiting_since,
        promised_by=found.promised_by,
        lease_until=found.lease_until,
        callback_at=found.callback_at,
        window_until=found.window_until,
        topic=found.topic,
        source=found.source,
        last_heard_at=found.last_heard_at,
        where=_where(found, data_key),
        site_id=found.site_id,
        lines=tuple(_line(row, data_key, files) for row in rows),
        destroyed_at=destroyed_at,
    )


def hiding(tx: Tx, conversation_id: str) -> tuple[datetime | None, datetime | None]:
    """After DELETE MY DATA: when it is destroyed, and up to when everything is hidden already."""
    destroyed_at = sessions.due_at(tx, "conversation", conversation_id, "shred")
    return destroyed_at, None if destroyed_at is None else destroyed_at - SHRED_AFTER


def file(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, attachment_id: str, *, now: datetime
) -> tuple[bytes, str]:
    """The bytes and type of a kept file, through its conversation's door.

    The type is what the bytes are, whatever the sender called them.
    """
    found = contacts.by_conversation(tx, conversation_id)
    if found is None:
        raise NotFound("There is no such file.")
    _door(actor, found, None)
    kept = lines.attachment(tx, attachment_id, conversation_id)
    is_hidden = hiding(tx, conversation_id)[1] is not None
    if kept is None or kept.content is None or kept.state != "kept" or is_hidden:
        raise NotFound("There is no such file.")
    data_key = mind.keys.unwrap(found.wrapped, found.key_id, found.reader)
    audit.record(
        tx, tag="case:file:opened", actor=actor, object_kind="conversation",
        object_id=conversation_id, now=now,
    )  # fmt: skip
    content = unseal_bytes(data_key, kept.content, Place("attachments", "content", attachment_id))
    return content, sniff(content) or "application/octet-stream"


def versions(
    tx: Tx, mind: Mind, actor: Actor, conversation_id: str, message_id: str
) -> tuple[tuple[str, datetime], ...]:
    """What a line said before it was edited, oldest first."""
    found = contacts.by_conversation(tx, conversation_id)
    if found is None:
        raise NotFound("There is no such conversation.")
    _door(actor, found, None)
    if hiding(tx, conversation_id)[1] is not None:
        return ()
    data_key = mind.keys.unwrap(found.wrapped, found.key_id, found.reader)
    shown = []
    for version_id, _, body, at in lines.versions(tx, conversation_id, message_id):
        words = unseal(data_key, body, Place("message_versions", "body", version_id))
        shown.append((str(json.loads(words)["text"]), at))
    return tuple(shown)


def may_read(actor: Actor, *, operator_id: str | None, state: str) -> bool:
    """For pages that link to a conversation."""
    holder = operator_id if state == State.HUMAN else None
    return allows(actor, "conversation.read", lease_holder_id=holder)


def _door(actor: Actor, found: Found, reason: str | None) -> None:
    permit(
        actor,
        "conversation.read",
        lease_holder_id=found.operator_id if found.state == State.HUMAN else None,
        site_id=found.site_id,
        reason=reason,
        flagged=False,
    )


def _where(found: Found, data_key: bytes) -> str | None:
    if found.session_state is None or found.session_id is None:
        return None
    place = Place("sessions", "state", found.session_id)
    stack = json.loads(unseal(data_key, found.session_state, place))["stack"]
    return ".".join(stack[-1])


def _line(row: lines.Line, data_key: bytes, files: Mapping[str, list[FileView]]) -> LineView:
    text, button, place, said = "", None, None, None
    if row.said is not None:
        said = said_from_json(unseal(data_key, row.said, Place("messages", "said", row.id)))
    elif row.body is not None:
        words = unseal(data_key, row.body, Place("messages", "body", row.id))
        if row.author == "person":
            data = json.loads(words)
            text, button, place = data["text"], data["button"], data["place"]
        else:
            text = words
    return LineView(
        row.seq, row.id, row.author, row.operator_id, row.kind, text, button,
        tuple(place) if place else None, said, row.version, row.created_at, row.sending,
        bool(row.uncertain), row.error, tuple(files.get(row.id, ())),
    )  # fmt: skip

"""One turn while it is written down: who, which session, and what has changed so far."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hotline.conversation.mind import Mind
from hotline.conversation.repository.contacts import Found
from hotline.crypto import Place, seal, unseal
from hotline.flow.session import Session
from hotline.outbox.repository import Destination
from hotline.outbox.rules import Kind


@dataclass
class Scene:
    """Collects changes to the contact and the conversation, written once at the end of the turn."""

    mind: Mind
    found: Found
    data_key: bytes
    now: datetime
    session: Session | None
    kind: str = Kind.REPLY
    waited_at: str | None = None  # the step whose question was open when the turn began
    lapsed: bool = False  # nobody answered that question in time
    contact: dict[str, Any] = field(default_factory=dict)
    conversation: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, mind: Mind, found: Found, *, now: datetime) -> "Scene":
        data_key = mind.keys.unwrap(found.wrapped, found.key_id, found.reader)
        session = read_session(found, data_key)
        return cls(mind, found, data_key, now, session, waited_at=open_question(session))

    @classmethod
    def open_without_session(cls, mind: Mind, found: Found, *, now: datetime) -> "Scene":
        """For the plain answer after a broken turn: the session itself may be what broke."""
        data_key = mind.keys.unwrap(found.wrapped, found.key_id, found.reader)
        return cls(mind, found, data_key, now, None)

    @property
    def state(self) -> str:
        """The conversation's state as of now, changes of this turn included."""
        return str(self.conversation.get("state", self.found.state))

    @property
    def klass(self) -> str | None:
        klass: str | None = self.conversation.get("klass", self.found.klass)
        return klass

    @property
    def case_id(self) -> str | None:
        case_id: str | None = self.conversation.get("case_id", self.found.case_id)
        return case_id

    @property
    def language(self) -> str | None:
        language: str | None = self.contact.get("language", self.found.language)
        return language

    @property
    def destination(self) -> Destination:
        f = self.found
        return Destination(
            f.contact_id, f.conversation_id, f.channel, self.language, f.key_id, f.wrapped, f.reader
        )


def open_question(session: Session | None) -> str | None:
    """`flow.step` of the question that waits for an answer."""
    if session is None or not session.waiting or session.ended is not None:
        return None
    return session.step_key


def read_session(found: Found, data_key: bytes) -> Session | None:
    """The stored session, None before the first turn."""
    if found.session_state is None or found.session_id is None:
        return None
    text = unseal(data_key, found.session_state, Place("sessions", "state", found.session_id))
    return Session.from_mapping(json.loads(text))


def seal_session(session: Session, session_id: str, data_key: bytes) -> bytes:
    text = json.dumps(session.to_mapping(), ensure_ascii=False, separators=(",", ":"))
    return seal(data_key, text, Place("sessions", "state", session_id))

"""What may be done with a referral."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.core.actor import Actor
from hotline.core.errors import NotFound
from hotline.crypto import KeyRing
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    """What a person is asked before anything is passed on."""

    referral_id: str
    partner_name: Mapping[str, str]
    service: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who holds something about her, for WHO HAS MY DATA."""

    code: str
    name: Mapping[str, str]
    groups: tuple[str, ...]
    since: datetime


def conversation_of(tx: Tx, referral_id: str) -> str:
    raise NotFound("There is no such referral.")


def consent_question(
    tx: Tx, keys: KeyRing, actor: Actor, referral_id: str, *, now: datetime
) -> ConsentQuestion:
    raise NotFound("There is no such referral.")


def consent_answered(
    tx: Tx,
    keys: KeyRing,
    referral_id: str,
    *,
    given: bool,
    level: str,
    wording: str,
    revision: str,
    language: str | None,
    channel: str,
    now: datetime,
) -> None:
    return None


def withdraw_consent(
    tx: Tx, conversation_id: str, *, partner_words: str | None, by: str, now: datetime
) -> tuple[str, ...]:
    return ()


def recipients(tx: Tx, conversation_id: str, *, now: datetime) -> tuple[Recipient, ...]:
    return ()


def confirm(tx: Tx, referral_id: str, answer: str, *, now: datetime) -> None:
    return None


def lapse(
    tx: Tx,
    keys: KeyRing,
    *,
    referral_id: str,
    kind: str,
    data: Mapping[str, Any],
    now: datetime,
) -> None:
    return None

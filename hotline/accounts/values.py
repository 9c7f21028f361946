"""Plain values of this package. Rows never leave the repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.core.actor import Actor


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in. `totp_secret` is sealed; `totp_last_step` is None until the second
    factor was proved once."""

    id: str
    login: str
    alias: str
    role: str
    site_id: str | None
    partner_id: str | None
    password_hash: str
    must_change: bool
    totp_secret: bytes | None
    totp_last_step: int | None
    recovery: tuple[str, ...]
    language: str
    languages: Mapping[str, int]
    skills: Mapping[str, int]
    capacity: int
    on_shift: bool
    disabled_at: datetime | None
    is_demo: bool

    @property
    def is_enrolled(self) -> bool:
        return self.totp_secret is not None and self.totp_last_step is not None

    def actor(self) -> Actor:
        return Actor(
            kind="user",
            id=self.id,
            role=self.role,
            site_id=self.site_id,
            partner_id=self.partner_id,
            alias=self.alias,
            language=self.language,
            languages=tuple(code for code, grade in self.languages.items() if grade),
            skills=tuple(code for code, grade in self.skills.items() if grade),
            capacity=self.capacity,
        )


@dataclass(frozen=True, slots=True)
class Login:
    """A signed-in browser as stored."""

    token_hash: str
    user_id: str
    second_factor: bool
    created_at: datetime
    used_at: datetime
    ended_at: datetime | None


class Stage(StrEnum):
    """What still stands between a login and the work."""

    CODE = "code"  # the password was right; the second factor is asked
    ENROL = "enrol"  # the second factor must be set up
    CHANGE = "change"  # the first password must be changed
    IN = "in"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live login. `actor` may act only at stage IN."""

    actor: Actor
    stage: Stage
    login: str
    token_hash: str
    used_at: datetime
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that was counted before its password is looked at. `wait_until`: try later."""

    login: str
    user_id: str | None
    stored: str
    subjects: Mapping[str, str] = field(default_factory=dict)
    wait_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """What a second-factor code led to. `token` is None when it was refused.

    `problem`: wrong | wait | over. `recovery` holds fresh recovery codes, shown once.
    """

    token: str | None = None
    problem: str | None = None
    recovery: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    id: str
    code: str
    name: Mapping[str, str]
    hours: Mapping[str, Any] | None
    fallback_site_id: str | None

"""Users and sites as administrators and the command line manage them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from hotline.accounts import logins, repository, second_factor
from hotline.accounts.doors import ROLES
from hotline.accounts.values import Site, User
from hotline.audit.service import record
from hotline.core.actor import SYSTEM, Actor
from hotline.core.errors import Conflict, Invalid, NotFound, Refused
from hotline.crypto import KeyRing, Place, new_id, new_token
from hotline.db.transaction import Tx

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,58}[a-z0-9]")
LANGUAGES: Final = ("ru", "ky", "tg", "en")


def add_user(
    tx: Tx,
    *,
    login: str,
    alias: str,
    role: str,
    password_hash: str,
    now: datetime,
    actor: Actor = SYSTEM,
    site_id: str | None = None,
    partner_id: str | None = None,
    language: str = "ru",
    languages: Mapping[str, int] | None = None,
    skills: Mapping[str, int] | None = None,
    must_change: bool = True,
    is_demo: bool = False,
) -> str:
    """Adds somebody and returns the id. The second factor is set up at the first sign-in.

    `languages` and `skills` map codes to grades 0 to 5. Raises `Invalid` or `Conflict`.
    """
    name = login.strip().casefold()
    if not _LOGIN.fullmatch(name):
        raise Invalid("A login is 3 to 60 small letters, digits, dots, dashes or underscores.")
    if role not in ROLES:
        raise Invalid(f"The role must be one of {', '.join(ROLES)}.")
    if (role == "NG") != (partner_id is not None):
        raise Invalid("Partner users need a partner, and only they have one.")
    if language not in LANGUAGES:
        raise Invalid(f"The language must be one of {', '.join(LANGUAGES)}.")
    if not 0 < len(alias.strip()) <= 60:  # noqa: PLR2004 - the column's width
        raise Invalid("The alias must have 1 to 60 characters.")
    if repository.user_by_login(tx, name) is not None:
        raise Conflict("There is already a user with this login. Nothing was changed.")
    user_id = new_id()
    repository.add_user(
        tx,
        {
            "id": user_id,
            "login": name,
            "alias": alias.strip(),
            "role": role,
            "site_id": site_id,
            "partner_id": partner_id,
            "password_hash": password_hash,
            "must_change": must_change,
            "language": language,
            "languages": dict(languages or {}),
            "skills": dict(skills or {}),
            "capacity": 3,
            "on_shift": False,
            "created_at": now,
            "is_demo": is_demo,
        },
    )
    _note(tx, "access:user:added", actor, user_id, now, reason=f"role:{role}")
    return user_id


def first_password() -> str:
    """A random first password, to be handed over in person and changed at the first sign-in."""
    return new_token()[:20]


def by_login(tx: Tx, login: str) -> User:
    """Raises `NotFound`."""
    user = repository.user_by_login(tx, login.strip().casefold())
    if user is None:
        raise NotFound("There is no user with this login.")
    return user


def by_id(tx: Tx, user_id: str) -> User:
    """Raises `NotFound`."""
    user = repository.user_by_id(tx, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def listed(tx: Tx, *, site_id: str | None = None, partner_id: str | None = None) -> list[User]:
    return repository.users(tx, site_id=site_id, partner_id=partner_id)


def reset_totp(tx: Tx, login: str, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Takes the second factor away and signs the user out; a new one is set up at sign-in."""
    user = by_login(tx, login)
    repository.change_user(tx, user.id, totp_secret=None, totp_last_step=None, recovery=[])
    logins.end_all(tx, user.id, now=now, actor=actor)
    _note(tx, "access:factor:reset", actor, user.id, now)


def reset_password(
    tx: Tx, login: str, *, password_hash: str, now: datetime, actor: Actor = SYSTEM
) -> None:
    """Sets a first password that must be changed, and signs the user out."""
    user = by_login(tx, login)
    repository.change_user(tx, user.id, password_hash=password_hash, must_change=True)
    logins.end_all(tx, user.id, now=now, actor=actor)
    _note(tx, "access:password:changed", actor, user.id, now, reason="reset")


def current_code(tx: Tx, keys: KeyRing, login: str, *, now: datetime) -> str:
    """The code an authenticator would show now: for demonstration accounts and for no other.

    Raises `NotFound`, and `Refused` for a real account.
    """
    user = by_login(tx, login)
    if not user.is_demo or user.totp_secret is None:
        raise Refused("Codes are printed for demonstration accounts only.")
    secret = keys.unseal_own(user.totp_secret, Place("users", "totp_secret", user.id))
    return second_factor.current(secret, now)


def set_demo_secret(tx: Tx, keys: KeyRing, user_id: str) -> None:
    """Gives a demonstration account its fixed second factor, as if set up. Raises `Refused`."""
    user = by_id(tx, user_id)
    if not user.is_demo:
        raise Refused("Only a demonstration account has a known second factor.")
    sealed = keys.seal_own(
        second_factor.demo_secret(user.login), Place("users", "totp_secret", user_id)
    )
    repository.change_user(tx, user_id, totp_secret=sealed, totp_last_step=0)


def change_role(tx: Tx, user_id: str, role: str, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Takes effect at once: every login of the user ends. Raises `Invalid`, `NotFound`."""
    user = by_id(tx, user_id)
    if role not in ROLES or "NG" in {role, user.role}:
        raise Invalid("A member of staff gets a staff role; partner users are added anew.")
    repository.change_user(tx, user_id, role=role)
    logins.end_all(tx, user_id, now=now, actor=actor)
    _note(tx, "access:role:changed", actor, user_id, now, reason=f"role:{role}")


def disable(tx: Tx, user_id: str, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """A leaver: access ends at once. Open leases are given back by whoever calls."""
    by_id(tx, user_id)
    repository.change_user(tx, user_id, disabled_at=now, on_shift=False)
    logins.end_all(tx, user_id, now=now, actor=actor)
    _note(tx, "access:user:disabled", actor, user_id, now)


def set_language(tx: Tx, actor: Actor, language: str) -> None:
    """The language of one's own pages. Raises `Invalid`."""
    if language not in LANGUAGES:
        raise Invalid("This language is not offered.")
    repository.change_user(tx, actor.id, language=language)


def set_shift(tx: Tx, actor: Actor, *, on: bool, now: datetime) -> None:
    """Coming on shift or leaving it."""
    repository.change_user(tx, actor.id, on_shift=on, seen_at=now)
    _note(tx, "access:shift:started" if on else "access:shift:ended", actor, actor.id, now)


# ------------------------------------------------------------------ sites


def add_site(
    tx: Tx,
    *,
    code: str,
    name: Mapping[str, str],
    now: datetime,
    hours: Mapping[str, Any] | None = None,
    is_demo: bool = False,
    actor: Actor = SYSTEM,
) -> str:
    """Adds a site and returns its id. `hours`: weekly windows in the hotline's time zone."""
    site_id = new_id()
    repository.add_site(
        tx,
        {
            "id": site_id,
            "code": code,
            "name": dict(name),
            "hours": None if hours is None else dict(hours),
            "is_demo": is_demo,
        },
    )
    record(
        tx,
        tag="access:site:added",
        actor=actor,
        object_kind="site",
        object_id=site_id,
        now=now,
    )
    return site_id


def sites(tx: Tx) -> list[Site]:
    return repository.sites(tx)


def _note(
    tx: Tx, tag: str, actor: Actor, user_id: str, now: datetime, *, reason: str | None = None
) -> None:
    record(
        tx,
        tag=tag,
        actor=actor,
        object_kind="user",
        object_id=user_id,
        now=now,
        reason=reason,
    )

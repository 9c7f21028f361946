"""The tables of users, logins, failures and sites. Only here they are read and written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hotline.accounts.values import Login, Site, User
from hotline.db.models import Base
from hotline.db.transaction import Tx

_users = Base.metadata.tables["users"]
_logins = Base.metadata.tables["logins"]
_failures = Base.metadata.tables["login_failures"]
_sites = Base.metadata.tables["sites"]


# ------------------------------------------------------------------ users


def add_user(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(_users).values(**values))


def user_by_login(tx: Tx, login: str) -> User | None:
    return _first_user(tx, sa.select(_users).where(_users.c.login == login))


def user_by_id(tx: Tx, user_id: str, *, lock: bool = False) -> User | None:
    """`lock`: nobody else changes this user until the transaction ends."""
    query = sa.select(_users).where(_users.c.id == user_id)
    return _first_user(tx, query.with_for_update() if lock else query)


def users(tx: Tx, *, site_id: str | None = None, partner_id: str | None = None) -> list[User]:
    """By login. With a site or a partner: only theirs."""
    query = sa.select(_users).order_by(_users.c.login)
    if site_id is not None:
        query = query.where(_users.c.site_id == site_id)
    if partner_id is not None:
        query = query.where(_users.c.partner_id == partner_id)
    return [_user(row) for row in tx.conn.execute(query)]


def change_user(tx: Tx, user_id: str, **values: Any) -> None:  # noqa: ANN401 - column values
    tx.conn.execute(sa.update(_users).where(_users.c.id == user_id).values(**values))


# ------------------------------------------------------------------ logins


def add_login(tx: Tx, login: Login) -> None:
    tx.conn.execute(
        sa.insert(_logins).values(
            token_hash=login.token_hash,
            user_id=login.user_id,
            second_factor=login.second_factor,
            created_at=login.created_at,
            used_at=login.used_at,
            ended_at=login.ended_at,
        )
    )


def login_and_user(tx: Tx, token_hash: str) -> tuple[Login, User] | None:
    """Also an ended login: whoever asks judges it."""
    query = (
        sa.select(
            _logins.c.token_hash,
            _logins.c.user_id,
            _logins.c.second_factor,
            _logins.c.created_at.label("login_created_at"),
            _logins.c.used_at,
            _logins.c.ended_at,
            _users,
        )
        .join(_users, _users.c.id == _logins.c.user_id)
        .where(_logins.c.token_hash == token_hash)
    )
    row = tx.conn.execute(query).first()
    if row is None:
        return None
    login = Login(
        token_hash=row.token_hash,
        user_id=row.user_id,
        second_factor=row.second_factor,
        created_at=row.login_created_at,
        used_at=row.used_at,
        ended_at=row.ended_at,
    )
    return login, _user(row)


def touch_login(tx: Tx, token_hash: str, now: datetime) -> None:
    live = (_logins.c.token_hash == token_hash) & _logins.c.ended_at.is_(None)
    tx.conn.execute(sa.update(_logins).where(live).values(used_at=now))


def end_login(tx: Tx, token_hash: str, now: datetime) -> bool:
    """True when it was live until now."""
    live = (_logins.c.token_hash == token_hash) & _logins.c.ended_at.is_(None)
    return bool(tx.conn.execute(sa.update(_logins).where(live).values(ended_at=now)).rowcount)


def end_logins(
    tx: Tx, user_id: str, now: datetime, *, but: str | None = None, only_pending: bool = False
) -> int:
    """Ends a user's logins, perhaps but one; the count."""
    query = sa.update(_logins).where(_logins.c.user_id == user_id, _logins.c.ended_at.is_(None))
    if but is not None:
        query = query.where(_logins.c.token_hash != but)
    if only_pending:
        query = query.where(_logins.c.second_factor.is_(False))
    return tx.conn.execute(query.values(ended_at=now)).rowcount


def forget_logins(tx: Tx, before: datetime) -> int:
    """Deletes logins and failures that rested since `before`."""
    gone = tx.conn.execute(sa.delete(_logins).where(_logins.c.used_at < before)).rowcount
    return gone + tx.conn.execute(sa.delete(_failures).where(_failures.c.last_at < before)).rowcount


# ------------------------------------------------------------------ failures


def failure(tx: Tx, subject: str) -> tuple[int, datetime, datetime | None] | None:
    """Count, moment of the last, blocked until. Locked until the transaction ends."""
    columns = (_failures.c.count.label("times"), _failures.c.last_at, _failures.c.blocked_until)
    query = sa.select(*columns).where(_failures.c.subject == subject).with_for_update()
    row = tx.conn.execute(query).first()
    return None if row is None else (row.times, row.last_at, row.blocked_until)


def begin_failure(tx: Tx, subject: str, *, new_id: str, now: datetime) -> None:
    """Makes the counter if there is none, so that two first tries at once share one."""
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    row = {"id": new_id, "subject": subject, "count": 0, "last_at": now}
    tx.conn.execute(
        insert(_failures).values(row).on_conflict_do_nothing(index_elements=["subject"])
    )


def keep_failure(
    tx: Tx, subject: str, *, count: int, now: datetime, until: datetime | None
) -> None:
    tx.conn.execute(
        sa.update(_failures)
        .where(_failures.c.subject == subject)
        .values(count=count, last_at=now, blocked_until=until)
    )


def clear_failure(tx: Tx, subject: str) -> None:
    tx.conn.execute(sa.delete(_failures).where(_failures.c.subject == subject))


# ------------------------------------------------------------------ sites


def add_site(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(_sites).values(**values))


def sites(tx: Tx) -> list[Site]:
    """By code."""
    rows = tx.conn.execute(sa.select(_sites).order_by(_sites.c.code))
    return [Site(r.id, r.code, r.name, r.hours, r.fallback_site_id) for r in rows]


def set_fallback(tx: Tx, site_id: str, fallback_site_id: str) -> None:
    query = sa.update(_sites).where(_sites.c.id == site_id)
    tx.conn.execute(query.values(fallback_site_id=fallback_site_id))


def _first_user(tx: Tx, query: sa.Select[Any]) -> User | None:
    row = tx.conn.execute(query).first()
    return None if row is None else _user(row)


def _user(row: sa.Row[Any]) -> User:
    return User(
        id=row.id,
        login=row.login,
        alias=row.alias,
        role=row.role,
        site_id=row.site_id,
        partner_id=row.partner_id,
        password_hash=row.password_hash,
        must_change=row.must_change,
        totp_secret=None if row.totp_secret is None else bytes(row.totp_secret),
        totp_last_step=row.totp_last_step,
        recovery=tuple(row.recovery or ()),
        language=row.language,
        languages=dict(row.languages or {}),
        skills=dict(row.skills or {}),
        capacity=row.capacity,
        on_shift=row.on_shift,
        disabled_at=row.disabled_at,
        is_demo=row.is_demo,
    )

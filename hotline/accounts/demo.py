"""Demonstration sites and accounts, from `flows/demo/staff.yaml`. Their passwords and second
factors are public, so nothing here is ever called outside demonstration mode."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hotline import library
from hotline.accounts import passwords, repository, users
from hotline.crypto import KeyRing
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What is printed for whoever tries the hotline."""

    login: str
    password: str
    role: str
    alias: str


def read(flows_dir: Path) -> Mapping[str, Any]:
    """The demonstration people and places. Raises `library.Unreadable`."""
    content = library.read_file(flows_dir / "demo" / "staff.yaml", root=flows_dir)
    return dict(content)


def accounts(
    content: Mapping[str, Any], partners: Mapping[str, str] | None = None
) -> tuple[DemoAccount, ...]:
    """Every demonstration account. `partners`: partner code -> name to show as the alias."""
    password = str(content["password"])
    found = [
        DemoAccount(str(row["login"]), password, str(row["role"]), str(row["alias"]))
        for row in content["staff"]
    ]
    for code, name in (partners or {}).items():
        login = _partner_login(content, code)
        found.append(DemoAccount(login, password, "NG", name[:60]))
    return tuple(found)


def seed_demo(
    tx: Tx,
    keys: KeyRing,
    content: Mapping[str, Any],
    *,
    partners: Mapping[str, tuple[str, str]],
    now: datetime,
) -> tuple[DemoAccount, ...]:
    """Adds what is missing and returns every account; safe to run at each start.

    `partners`: partner code -> (id of the partner, name to show). Operators are put on shift.
    """
    site_ids = _seed_sites(tx, content, now)
    made = accounts(content, {code: name for code, (_, name) in partners.items()})
    details = {str(row["login"]): row for row in content["staff"]}
    partner_of = {_partner_login(content, code): pair[0] for code, pair in partners.items()}
    shared_hash: str | None = None
    for account in made:
        if repository.user_by_login(tx, account.login) is not None:
            continue
        shared_hash = shared_hash or passwords.hash_password(account.password, passwords.LIGHT)
        row = details.get(account.login, content["partner_user"])
        user_id = users.add_user(
            tx,
            login=account.login,
            alias=account.alias,
            role=account.role,
            password_hash=shared_hash,
            now=now,
            site_id=site_ids.get(str(row.get("site", ""))),
            partner_id=partner_of.get(account.login),
            language=str(row.get("language", "ru")),
            languages=dict(row.get("languages", {})),
            skills=dict(row.get("skills", {})),
            must_change=False,
            is_demo=True,
        )
        users.set_demo_secret(tx, keys, user_id)
        if account.role in {"OP", "SO"}:
            repository.change_user(tx, user_id, on_shift=True)
    return made


def listed(tx: Tx) -> tuple[DemoAccount, ...]:
    """The demonstration accounts in this database, without their passwords."""
    order = {role: place for place, role in enumerate(("OP", "SO", "CO", "NG", "CE", "AU", "AD"))}
    found = [user for user in repository.users(tx) if user.is_demo and not user.disabled_at]
    found.sort(key=lambda user: (order[user.role], user.login))
    return tuple(DemoAccount(user.login, "", user.role, user.alias) for user in found)


def _seed_sites(tx: Tx, content: Mapping[str, Any], now: datetime) -> dict[str, str]:
    known = {site.code: site.id for site in repository.sites(tx)}
    added = [row for row in content["sites"] if row["code"] not in known]
    for row in added:
        known[row["code"]] = users.add_site(
            tx,
            code=str(row["code"]),
            name=dict(row["name"]),
            hours=dict(content["hours"]),
            now=now,
            is_demo=True,
        )
    for row in added:
        repository.set_fallback(tx, known[row["code"]], known[row["fallback"]])
    return known


def _partner_login(content: Mapping[str, Any], code: str) -> str:
    login = str(content["partner_user"]["login"]).replace("{code}", code)
    return login.casefold().replace(" ", "-")[:60]

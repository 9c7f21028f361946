"""The services directory: brought in from a file, verified by people, shown to the matcher."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.cases.tasks import repository as tasks
from hotline.core.actor import SYSTEM, Actor
from hotline.core.errors import Invalid, NotFound
from hotline.crypto import new_id
from hotline.db.transaction import Tx
from hotline.referrals.repository import directory as rows
from hotline.referrals.rules import listing as entries
from hotline.referrals.rules.listing import ServiceEntry
from hotline.referrals.rules.matching import is_unverified


@dataclass(frozen=True, slots=True)
class Imported:
    partners_added: int
    partners_changed: int
    services_added: int
    services_changed: int


@dataclass(frozen=True, slots=True)
class DirectoryLine:
    """One service as the hotline sees it. `unverified`: nobody looked at it for 90 days."""

    service_id: str
    partner_id: str
    name: Mapping[str, str]
    kind: str
    oblast: str
    places_free: int | None
    places_at: datetime | None
    verified_at: datetime | None
    unverified: bool


def import_directory(
    tx: Tx, content: Mapping[str, Any], *, now: datetime, is_demo: bool = False
) -> Imported:
    """Adds and changes entries; free places that a partner counted itself stay as they are.

    Nothing is written when anything is wrong: raises `Invalid` naming partner, service and field.
    """
    added = changed = services_added = services_changed = 0
    for entry in entries.read(content):
        partner_id = rows.partner_by_code(tx, entry.code)
        values = {
            "name": entry.name,
            "org_type": entry.org_type,
            "has_account": entry.has_account,
        }
        if partner_id is None:
            partner_id = new_id()
            rows.add_partner(
                tx, {"id": partner_id, "code": entry.code, "is_demo": is_demo, **values}
            )
            added += 1
        else:
            rows.change_partner(tx, partner_id, values)
            changed += 1
        for service in entry.services:
            if _service(tx, partner_id, service, now=now):
                services_added += 1
            else:
                services_changed += 1
        audit.record(
            tx, tag="content:directory:changed", actor=SYSTEM, object_kind="partner",
            object_id=partner_id, now=now,
        )  # fmt: skip
    return Imported(added, changed, services_added, services_changed)


def seed_demo_partners(tx: Tx, content: Mapping[str, Any], *, now: datetime) -> dict[str, str]:
    """Fictional partners for the demonstration: code -> id. What is there already stays.

    Raises `Invalid` for a file that does not say of itself that it is a demonstration.
    """
    if content.get("demonstration") is not True:
        raise Invalid("This directory is not marked as a demonstration.")
    known = {p.code: rows.partner_by_code(tx, p.code) for p in entries.read(content)}
    if any(partner_id is None for partner_id in known.values()):
        fresh = [p for p in content["partners"] if known[str(p["code"])] is None]
        seen = now.date().isoformat()
        fresh = [
            {**p, "services": [{"verified": seen, **service} for service in p["services"]]}
            for p in fresh
        ]
        import_directory(tx, {"partners": fresh}, now=now, is_demo=True)
    return {code: str(rows.partner_by_code(tx, code)) for code in known}


def listing(tx: Tx, *, now: datetime) -> tuple[DirectoryLine, ...]:
    """Every service with how fresh it is."""
    names = {partner_id: name for partner_id, _, name in rows.partners(tx)}
    return tuple(
        DirectoryLine(
            s.id, s.partner_id, names[s.partner_id], s.kind, s.oblast, s.places_free, s.places_at,
            s.verified_at, is_unverified(s.verified_at, now=now),
        )
        for s in rows.services(tx)
    )  # fmt: skip


def verify(tx: Tx, *, now: datetime) -> tuple[DirectoryLine, ...]:
    """Entries that nobody verified for 90 days; each becomes a task of the coordinator."""
    old = tuple(line for line in listing(tx, now=now) if line.unverified)
    for line in old:
        tasks.add(tx, "verify", subject=("service", line.service_id), now=now, role="CO")
    return old


def verify_service(tx: Tx, actor: Actor, service_id: str, *, now: datetime) -> None:
    """A coordinator asked the partner and the entry is right."""
    permit(actor, "directory.edit")
    if not any(s.id == service_id for s in rows.services(tx)):
        raise NotFound("There is no such service.")
    rows.change_service(tx, service_id, {"verified_at": now, "verified_by": actor.id})
    tasks.finish_about(tx, "verify", ("service", service_id), by=actor.id, now=now)
    audit.record(
        tx, tag="content:directory:verified", actor=actor, object_kind="service",
        object_id=service_id, now=now,
    )  # fmt: skip


def _service(tx: Tx, partner_id: str, entry: ServiceEntry, *, now: datetime) -> bool:
    """True when the service is new."""
    values: dict[str, Any] = {
        "eligibility": entry.eligibility,
        "languages": list(entry.languages),
        "district": entry.district,
        "hours": entry.hours,
        "emergency": entry.emergency,
        "places_total": entry.places_total,
        "cost": entry.cost,
        "valid_until": None if entry.valid_until is None else _midnight(entry.valid_until),
    }
    if entry.verified is not None:
        values["verified_at"] = _midnight(entry.verified)
    known = rows.service_at(tx, partner_id, entry.kind, entry.oblast)
    if known is not None:
        if known.places_at is None:
            values |= _places(entry, now)
        rows.change_service(tx, known.id, values)
        return False
    rows.add_service(
        tx,
        {
            "id": new_id(),
            "partner_id": partner_id,
            "kind": entry.kind,
            "oblast": entry.oblast,
            **values,
            **_places(entry, now),
        },
    )
    return True


def _places(entry: ServiceEntry, now: datetime) -> dict[str, Any]:
    if entry.places_free is None:
        return {}
    return {"places_free": entry.places_free, "places_at": now}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

"""Reading the services directory: every mistake is named by its place, nothing is guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from hotline.core.errors import Invalid
from hotline.referrals.rules import codes
from hotline.referrals.rules.matching import DAYS

ORG_TYPES: Final = (
    "NGO",
    "LawEnforcement",
    "HealthServiceOrganisation",
    "CentralGovernmentOrganisation",
    "LocalGovernmentOrganisation",
    "ImmigrationService",
    "LegalService",
    "CorporateBusiness",
    "SchoolOrCollege",
)
"""HTCDS 2.0, `org_Type` (IOM, CC BY 4.0)."""

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")
_SPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    kind: str
    oblast: str
    district: str | None
    languages: tuple[str, ...]
    eligibility: dict[str, Any]
    hours: dict[str, list[str]] | None
    emergency: bool
    places_total: int | None
    places_free: int | None
    cost: str
    verified: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class PartnerEntry:
    code: str
    name: dict[str, str]
    org_type: str
    has_account: bool
    services: tuple[ServiceEntry, ...]


def read(content: Mapping[str, Any]) -> tuple[PartnerEntry, ...]:
    """The entries of a directory file. Raises `Invalid` naming partner, service and field."""
    listed = content.get("partners")
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise Invalid("The directory holds no list `partners`.")
    found = tuple(_partner(row, f"partner {n}") for n, row in enumerate(listed, 1))
    twice = {p.code for p in found if sum(q.code == p.code for q in found) > 1}
    if twice:
        raise Invalid(f"The code {min(twice)} stands twice in the directory.")
    return found


def _partner(row: object, at: str) -> PartnerEntry:
    if not isinstance(row, Mapping):
        raise Invalid(f"The directory, {at}: not an entry with fields.")
    code = str(row.get("code", ""))
    if not _CODE.fullmatch(code):
        raise Invalid(f"The directory, {at}: `code` must be small letters, digits and hyphens.")
    at = f"partner {code}"
    name = row.get("name")
    if not isinstance(name, Mapping) or not all(str(name.get(c, "")) for c in ("ky", "ru", "tg")):
        raise Invalid(f"The directory, {at}: `name` is needed in ky, ru and tg.")
    listed = row.get("services")
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise Invalid(f"The directory, {at}: at least one service is needed.")
    services = tuple(_service(one, f"{at}, service {n}") for n, one in enumerate(listed, 1))
    places = [(s.kind, s.oblast) for s in services]
    if len(set(places)) != len(places):
        raise Invalid(f"The directory, {at}: a service stands twice in the same oblast.")
    return PartnerEntry(
        code=code,
        name={str(k): str(v)[:120] for k, v in name.items()},
        org_type=_one_of(row.get("org_type", "NGO"), ORG_TYPES, f"{at}: `org_type`"),
        has_account=_flag(row, "has_account", at, default=True),
        services=services,
    )


def _service(row: object, at: str) -> ServiceEntry:
    if not isinstance(row, Mapping):
        raise Invalid(f"The directory, {at}: not an entry with fields.")
    total, free = _count(row, "places_total", at), _count(row, "places_free", at)
    if total is not None and free is not None and free > total:
        raise Invalid(f"The directory, {at}: more free places than places.")
    district = row.get("district")
    return ServiceEntry(
        kind=_one_of(row.get("kind"), codes.SERVICES, f"{at}: `kind`"),
        oblast=_one_of(row.get("oblast"), codes.OBLASTS, f"{at}: `oblast`"),
        district=None if district is None else str(district)[:40],
        languages=_several(row.get("languages", ("ru",)), codes.LANGUAGES, f"{at}: `languages`"),
        eligibility=_eligibility(row.get("eligibility", {}), at),
        hours=_hours(row.get("hours"), at),
        emergency=_flag(row, "emergency", at, default=False),
        places_total=total,
        places_free=free,
        cost=_one_of(row.get("cost", "free"), ("free", "partly", "paid"), f"{at}: `cost`"),
        verified=_day(row, "verified", at),
        valid_until=_day(row, "valid_until", at),
    )


def _eligibility(value: object, at: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid(f"The directory, {at}: `eligibility` is no entry with fields.")
    known = {"sex", "ages", "children", "disability"}
    if set(value) - known:
        raise Invalid(f"The directory, {at}: `eligibility` knows only {', '.join(sorted(known))}.")
    sexes = _several(value.get("sex", ("female", "male")), ("female", "male"), f"{at}: `sex`")
    bands = ("child", "18_24", "25_plus")
    ages = _several(value.get("ages", bands[1:]), bands, f"{at}: `ages`")
    return {
        "sex": list(sexes),
        "ages": list(ages),
        "children": _flag(value, "children", at, default=False),
        "disability": _flag(value, "disability", at, default=False),
    }


def _hours(value: object, at: str) -> dict[str, list[str]] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or set(value) - set(DAYS):
        raise Invalid(f"The directory, {at}: `hours` needs days from mon to sun.")
    hours = {str(day): [str(span) for span in spans] for day, spans in value.items()}
    for day, spans in hours.items():
        if not all(_SPAN.fullmatch(span) for span in spans):
            raise Invalid(f"The directory, {at}: `hours`, {day}: write 09:00-18:00.")
    return hours


def _one_of(value: object, known: Sequence[str], what: str) -> str:
    text = str(value)
    if text not in known:
        raise Invalid(f"The directory, {what} must be one of {', '.join(known)}.")
    return text


def _several(value: object, known: Sequence[str], what: str) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise Invalid(f"The directory, {what} must be a list.")
    return tuple(_one_of(item, known, what) for item in value)


def _flag(row: Mapping[Any, Any], name: str, at: str, *, default: bool) -> bool:
    value = row.get(name, default)
    if not isinstance(value, bool):
        raise Invalid(f"The directory, {at}: `{name}` must be true or false.")
    return value


def _count(row: Mapping[Any, Any], name: str, at: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Invalid(f"The directory, {at}: `{name}` must be a whole number, 0 or more.")
    return value


def _day(row: Mapping[Any, Any], name: str, at: str) -> date | None:
    value = row.get(name)
    if value is None:
        return None
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise Invalid(f"The directory, {at}: `{name}` must be a date like 2026-11-21.") from None

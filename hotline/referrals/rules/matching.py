"""Who could help: hard filters first, then an order with its reasons (operations.md 6.2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

STALE_PLACES: Final = timedelta(hours=24)
UNKNOWN_PLACES: Final = timedelta(hours=72)
VERIFY_EVERY: Final = timedelta(days=90)
ZONE: Final = ZoneInfo("Asia/Bishkek")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NEIGHBOURS: Final[Mapping[str, frozenset[str]]] = {
    "bishkek": frozenset({"chuy"}),
    "chuy": frozenset({"bishkek", "talas", "naryn", "issyk_kul", "jalal_abad"}),
    "issyk_kul": frozenset({"chuy", "naryn"}),
    "naryn": frozenset({"chuy", "issyk_kul", "jalal_abad", "osh"}),
    "talas": frozenset({"chuy", "jalal_abad"}),
    "jalal_abad": frozenset({"osh", "osh_city", "naryn", "talas", "chuy"}),
    "osh": frozenset({"osh_city", "jalal_abad", "batken", "naryn"}),
    "osh_city": frozenset({"osh", "jalal_abad", "batken"}),
    "batken": frozenset({"osh", "osh_city"}),
}
"""Oblasts that share a border: near enough to ask next."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What is asked for, in coded values only. `languages`: those she speaks."""

    service: str
    priority: str = "normal"
    age_band: str = "unknown"
    sex: str = "unknown"
    languages: tuple[str, ...] = ()
    oblast: str = "bishkek"
    with_child: bool = False
    disability: bool = False
    medical: bool = False
    safety: str = "no_known_danger"


@dataclass(frozen=True, slots=True)
class Listing:
    """One service of one partner, as the directory holds it."""

    partner_id: str
    service_id: str
    name: Mapping[str, str]
    kind: str
    eligibility: Mapping[str, Any]
    languages: tuple[str, ...]
    oblast: str
    hours: Mapping[str, Any] | None = None
    emergency: bool = False
    places_free: int | None = None
    places_at: datetime | None = None
    verified_at: datetime | None = None
    valid_until: datetime | None = None
    slow_lately: int = 0  # offers that it let run out in the last 90 days


@dataclass(frozen=True, slots=True)
class Candidate:
    """`reasons` are codes, the deciding ones first."""

    partner_id: str
    service_id: str
    name: Mapping[str, str]
    oblast: str
    places: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """`partial` is filled only when `offers` is empty: the nearest, with what does not fit."""

    offers: tuple[Candidate, ...]
    partial: tuple[Candidate, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(order=True, frozen=True, slots=True)
class _Ranked:
    key: tuple[int, ...]
    name: str
    candidate: Candidate = field(compare=False)


def match(
    needs: Needs, listings: Iterable[Listing], *, barred: frozenset[str], now: datetime
) -> Matches:
    """`barred`: partners she refused or withdrew from, or that a complaint is about."""
    known = [
        listing
        for listing in listings
        if listing.kind == needs.service
        and listing.partner_id not in barred
        and (listing.valid_until is None or listing.valid_until > now)
    ]
    fitting = [(listing, misfits(needs, listing)) for listing in known]
    full = [listing for listing, misfit in fitting if not misfit]
    if full:
        return Matches(_ranked(needs, [(listing, ()) for listing in full], now))
    gaps = tuple(sorted({code for _, misfit in fitting for code in misfit})) or ("nobody",)
    fewest = min((len(misfit) for _, misfit in fitting), default=0)
    nearest = [(listing, misfit) for listing, misfit in fitting if len(misfit) == fewest]
    return Matches((), _ranked(needs, nearest, now), gaps)


def misfits(needs: Needs, listing: Listing) -> tuple[str, ...]:
    """Why this service is not for her; empty when it is."""
    rules = listing.eligibility
    found = []
    if needs.sex in {"female", "male"} and needs.sex not in rules.get("sex", ("female", "male")):
        found.append("no_men" if needs.sex == "male" else "no_women")
    ages = rules.get("ages", ("child", "18_24", "25_plus"))
    if needs.age_band != "unknown" and needs.age_band not in ages:
        found.append("no_minors" if needs.age_band == "child" else "no_adults")
    if needs.with_child and not rules.get("children", True):
        found.append("no_children")
    if needs.disability and not rules.get("disability", True):
        found.append("no_access")
    return tuple(found)


def places(listing: Listing, *, now: datetime) -> tuple[int | None, str]:
    """The number to reckon with and how sure it is: known, stale, unknown or none."""
    if listing.places_free is None or listing.places_at is None:
        return None, "places_unknown"
    age = now - listing.places_at
    if age > UNKNOWN_PLACES:
        return None, "places_unknown"
    if age > STALE_PLACES:
        return listing.places_free, "places_stale"
    return listing.places_free, "places_free" if listing.places_free > 0 else "places_none"


def is_open(hours: Mapping[str, Any] | None, *, now: datetime) -> bool | None:
    """Whether the office is open; None when its hours are not known."""
    if not hours:
        return None
    local = now.astimezone(ZONE)
    clock = local.strftime("%H:%M")
    for span in hours.get(DAYS[local.weekday()], ()):
        begin, _, end = str(span).partition("-")
        if begin <= clock < end:
            return True
    return False


def is_unverified(verified_at: datetime | None, *, now: datetime) -> bool:
    return verified_at is None or now - verified_at > VERIFY_EVERY


def _ranked(
    needs: Needs, found: Sequence[tuple[Listing, tuple[str, ...]]], now: datetime
) -> tuple[Candidate, ...]:
    ranked = [_rank(needs, listing, misfit, now) for listing, misfit in found]
    return tuple(entry.candidate for entry in sorted(ranked))


def _rank(needs: Needs, listing: Listing, misfit: tuple[str, ...], now: datetime) -> _Ranked:
    speaks = bool(set(needs.languages) & set(listing.languages)) or not needs.languages
    if listing.oblast == needs.oblast:
        distance, near = 0, "same_oblast"
    elif listing.oblast in NEIGHBOURS.get(needs.oblast, frozenset()):
        distance, near = 1, "next_oblast"
    else:
        distance, near = 2, "far"
    free, sure = places(listing, now=now)
    order_of_places = {"places_free": 0, "places_stale": 1, "places_unknown": 2, "places_none": 3}
    place = 3 if free == 0 else order_of_places[sure]
    opened = is_open(listing.hours, now=now)
    unverified = is_unverified(listing.verified_at, now=now)
    reasons = [
        *misfit,
        "speaks" if speaks else "interpreter",
        near,
        "places_none" if free == 0 and sure == "places_stale" else sure,
    ]
    if opened is not None:
        reasons.append("open_now" if opened else "emergency" if listing.emergency else "closed")
    if listing.slow_lately:
        reasons.append("slow_lately")
    if unverified:
        reasons.append("unverified")
    key = (
        int(unverified),
        int(not speaks),
        distance,
        place,
        int(opened is False and not listing.emergency),
        listing.slow_lately,
        0 if listing.places_at is None else int((now - listing.places_at).total_seconds() // 3600),
    )
    candidate = Candidate(
        listing.partner_id, listing.service_id, listing.name, listing.oblast, free, tuple(reasons)
    )
    return _Ranked(key, listing.service_id, candidate)

"""Who may do what, as data: action -> OR-list of AND-lists of typed conditions (operations.md 8.1).

What is not listed is denied, and a condition whose facts are missing is not met. The router asks
`may_enter` (has this role any way in at all?); the service function, which knows the object, asks
`permit` with the facts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from hotline.core.actor import Actor
from hotline.core.errors import Refused

ROLES: Final = ("OP", "SO", "CO", "NG", "CE", "AU", "AD")
"""Operator, senior operator, coordinator, NGO user, content editor, auditor, administrator."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: one of `roles`, and every condition met."""

    roles: frozenset[str]
    conditions: tuple[str, ...] = ()


def _own(actor: Actor, facts: Facts) -> bool:
    return bool(facts.get("owner_id")) and facts["owner_id"] == actor.id


def _lease(actor: Actor, facts: Facts) -> bool:
    return bool(facts.get("lease_holder_id")) and facts["lease_holder_id"] == actor.id


def _site(actor: Actor, facts: Facts) -> bool:
    """The object's site; what has no site yet belongs to the supervisors of all of them."""
    return "site_id" in facts and (facts["site_id"] is None or facts["site_id"] == actor.site_id)


def _partner(actor: Actor, facts: Facts) -> bool:
    return bool(actor.partner_id) and facts.get("partner_id") == actor.partner_id


def _other(actor: Actor, facts: Facts) -> bool:
    """Nobody approves her own request."""
    return bool(facts.get("proposer_id")) and facts["proposer_id"] != actor.id


CONDITIONS: Final[Mapping[str, Callable[[Actor, Facts], bool]]] = MappingProxyType(
    {
        "is_owner": _own,  # owner_id
        "is_lease_holder": _lease,  # lease_holder_id
        "same_site": _site,  # site_id
        "is_addressed_partner": _partner,  # partner_id
        "other_person": _other,  # proposer_id
        "reason_given": lambda _, facts: bool(facts.get("reason")),
        "case_open": lambda _, facts: facts.get("case_open") is True,
        "flagged": lambda _, facts: facts.get("flagged") is True,
        "proposed_by_senior": lambda _, facts: facts.get("proposer_role") == "SO",
        "state_allows": lambda _, facts: facts.get("state_allows") is True,
        "is_own_settings": lambda _, facts: facts.get("settings_only") is True,
    }
)


def _way(roles: str, *conditions: str) -> Way:
    return Way(frozenset(roles.split()), conditions)


_ANYBODY = "OP SO CO NG CE AU AD"

ACTIONS: Final[Mapping[str, tuple[Way, ...]]] = MappingProxyType(
    {
        # one's own account
        "account.own": (_way(_ANYBODY),),
        # conversations
        "queue.counts": (_way("OP SO CO"),),
        "queue.positions": (_way("SO"),),
        "queue.take": (_way("OP SO"),),
        "conversation.reply": (_way("OP SO", "is_lease_holder"),),
        "conversation.read": (
            _way("OP SO", "is_lease_holder"),
            _way("SO", "same_site", "reason_given"),
            _way("CO", "flagged", "reason_given"),
        ),
        "conversation.return": (_way("OP SO", "is_lease_holder"),),
        "case.note": (_way("OP SO", "is_lease_holder"),),
        "case.raise": (_way("OP SO", "is_lease_holder"), _way("SO", "same_site")),
        "case.lower": (
            _way("OP", "is_lease_holder", "reason_given"),
            _way("SO", "reason_given"),
        ),
        "case.judge": (_way("OP SO", "is_lease_holder"),),
        "case.close": (_way("OP SO", "is_lease_holder"),),
        "task.do": (_way("OP SO CO"),),
        "shift.own": (_way("OP SO"),),
        # referrals, the hotline's side
        "referral.draft": (
            _way("OP", "is_owner", "reason_given"),
            _way("OP SO", "is_lease_holder"),
            _way("SO", "same_site", "reason_given"),
            _way("CO", "reason_given"),
        ),
        "referral.recall": (
            _way("OP", "is_owner", "reason_given"),
            _way("OP", "is_lease_holder", "reason_given"),
            _way("SO", "same_site", "reason_given"),
            _way("CO", "reason_given"),
        ),
        "referral.list": (_way("OP SO CO"),),
        "override.propose": (_way("OP", "is_lease_holder"), _way("SO", "same_site")),
        "override.approve": (
            _way("SO", "other_person", "same_site"),
            _way("CO", "other_person", "proposed_by_senior"),
        ),
        "override.review": (_way("CO"),),
        "packet.read": (
            _way("OP", "is_owner"),
            _way("OP SO", "is_lease_holder"),
            _way("SO", "same_site", "reason_given"),
            _way("CO", "reason_given"),
            _way("NG", "is_addressed_partner", "state_allows"),
        ),
        # referrals, the partner's side
        "offer.list": (_way("NG"),),
        "preview.read": (_way("NG", "is_addressed_partner"),),
        "referral.answer": (_way("NG", "is_addressed_partner"),),
        "capacity.edit": (_way("NG", "is_addressed_partner"), _way("CO")),
        # identifiers
        "identifier.unmask": (
            _way("OP", "is_lease_holder", "reason_given"),
            _way("SO", "same_site", "reason_given"),
        ),
        "caller.find": (_way("OP SO", "reason_given"),),
        "identity.propose": (_way("OP", "is_lease_holder"),),
        "identity.approve": (_way("SO", "other_person"),),
        # directory and texts
        "directory.read": (_way("OP SO CO"),),
        "directory.suggest": (_way("OP SO"),),
        "directory.edit": (_way("CO"),),
        "text.write": (_way("CE"),),
        "flow.read": (_way("SO CE"),),
        "text.approve": (_way("SO CO", "other_person"),),
        # figures, audit, administration
        "figures.read": (_way("SO CO"),),
        "export.propose": (_way("SO CO"),),
        "export.approve": (_way("SO CO", "other_person"),),
        "audit.read": (_way("AU"), _way("AD", "is_own_settings")),
        "roster.edit": (_way("SO", "same_site"),),
        "staff.own": (_way("NG", "is_addressed_partner"),),
        "users.propose": (_way("AD"),),
        "users.approve": (_way("AD", "other_person"),),
    }
)


def may_enter(actor: Actor, action: str) -> bool:
    """Whether the actor's role has any way to `action`; what an unknown action never has."""
    return any(actor.role in way.roles for way in ACTIONS.get(action, ()))


def allows(actor: Actor, action: str, **facts: Any) -> bool:  # noqa: ANN401 - facts are typed by their condition
    """Whether the actor may do `action` on the object that the facts describe."""
    return any(
        actor.role in way.roles and all(_met(name, actor, facts) for name in way.conditions)
        for way in ACTIONS.get(action, ())
    )


def permit(actor: Actor, action: str, **facts: Any) -> None:  # noqa: ANN401 - facts are typed by their condition
    """Lets through or raises `Refused`. `actor` must be a signed-in user."""
    if actor.kind != "user" or not allows(actor, action, **facts):
        raise Refused("Your role does not allow this. Nothing was changed.")


def _met(name: str, actor: Actor, facts: Facts) -> bool:
    condition = CONDITIONS.get(name)
    return condition is not None and condition(actor, facts)

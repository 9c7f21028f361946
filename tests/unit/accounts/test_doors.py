"""What each role may do, cell by cell, as the table of operations has it."""

import pytest

from hotline.accounts.doors import ACTIONS, CONDITIONS, ROLES, allows, may_enter, permit
from hotline.core.actor import PERSON, SYSTEM, Actor
from hotline.core.errors import Refused

ME, OTHER = "me", "other"


def actor(role: str) -> Actor:
    partner = "p1" if role == "NG" else None
    return Actor("user", ME, role=role, site_id="s1", partner_id=partner)


LEASED = {"lease_holder_id": ME}
MY_SITE = {"site_id": "s1"}
OTHER_SITE = {"site_id": "s2"}
WHY = {"reason": "review"}
MINE = {"partner_id": "p1"}
THEIRS = {"partner_id": "p2"}

# action, facts, the roles that get through
CELLS = [
    ("queue.take", {}, "OP SO"),
    ("conversation.reply", LEASED, "OP SO"),
    ("conversation.reply", {"lease_holder_id": OTHER}, ""),
    ("conversation.reply", {"lease_holder_id": None}, ""),
    ("conversation.reply", {}, ""),
    ("conversation.read", LEASED, "OP SO"),
    ("conversation.read", {**MY_SITE, **WHY}, "SO"),
    ("conversation.read", MY_SITE, ""),
    ("conversation.read", {**OTHER_SITE, **WHY}, ""),
    ("conversation.read", {"flagged": True, **WHY, **OTHER_SITE}, "CO"),
    ("conversation.read", {"flagged": "yes", **WHY, **OTHER_SITE}, ""),
    ("case.lower", LEASED, ""),
    ("case.lower", {**LEASED, **WHY}, "OP SO"),
    ("case.lower", WHY, "SO"),
    ("referral.recall", {"owner_id": ME, **WHY}, "OP CO"),
    ("referral.recall", {**MY_SITE, **WHY}, "SO CO"),
    ("referral.recall", {"owner_id": OTHER}, ""),
    ("override.approve", {"proposer_id": ME, **MY_SITE}, ""),
    ("override.approve", {"proposer_id": OTHER, **MY_SITE}, "SO"),
    ("override.approve", {"proposer_id": OTHER, "proposer_role": "SO", **OTHER_SITE}, "CO"),
    ("referral.answer", MINE, "NG"),
    ("referral.answer", THEIRS, ""),
    ("referral.answer", {"partner_id": None}, ""),
    ("preview.read", MINE, "NG"),
    ("preview.read", THEIRS, ""),
    ("packet.read", MINE, ""),
    ("packet.read", {**MINE, "state_allows": True}, "NG"),
    ("packet.read", {**THEIRS, "state_allows": True}, ""),
    ("identifier.unmask", {**LEASED, **WHY}, "OP"),
    ("identifier.unmask", {**MY_SITE, **WHY}, "SO"),
    ("identifier.unmask", LEASED, ""),
    ("caller.find", WHY, "OP SO"),
    ("caller.find", {}, ""),
    ("directory.edit", {}, "CO"),
    ("text.write", {}, "CE"),
    ("text.approve", {"proposer_id": OTHER}, "SO CO"),
    ("text.approve", {"proposer_id": ME}, ""),
    ("audit.read", {}, "AU"),
    ("audit.read", {"settings_only": True}, "AU AD"),
    ("users.approve", {"proposer_id": OTHER}, "AD"),
    ("users.approve", {"proposer_id": ME}, ""),
    ("account.own", {}, "OP SO CO NG CE AU AD"),
    ("no.such.action", {**LEASED, **MY_SITE, **WHY}, ""),
]


@pytest.mark.parametrize(("action", "facts", "roles"), CELLS)
def test_a_cell_of_the_table(action: str, facts: dict[str, object], roles: str) -> None:
    assert [r for r in ROLES if allows(actor(r), action, **facts)] == sorted(
        roles.split(), key=ROLES.index
    )


def test_administrators_and_auditors_never_read_what_was_said() -> None:
    everything = {
        **LEASED, **MY_SITE, **WHY, "owner_id": ME, "flagged": True, "state_allows": True,
        "partner_id": None, "proposer_id": OTHER,
    }  # fmt: skip
    content = [a for a in ACTIONS if a.split(".")[0] in {"conversation", "case", "packet", "queue",
               "identifier", "caller", "preview", "offer", "referral"}]  # fmt: skip
    for role in ("AD", "AU", "CE"):
        assert [a for a in content if allows(actor(role), a, **everything)] == []


def test_partners_reach_referrals_and_their_own_account_only() -> None:
    assert {a for a in ACTIONS if may_enter(actor("NG"), a)} == {
        "account.own", "offer.list", "preview.read", "packet.read", "referral.answer",
        "capacity.edit", "staff.own",
    }  # fmt: skip


def test_only_signed_in_users_pass() -> None:
    for who in (PERSON, SYSTEM, Actor("user", "x"), Actor("user", "x", role="")):
        for action in ACTIONS:
            with pytest.raises(Refused):
                permit(who, action, **LEASED, **MY_SITE, **WHY)


def test_the_table_uses_known_roles_and_conditions() -> None:
    for action, ways in ACTIONS.items():
        assert ways, action
        for way in ways:
            assert way.roles <= set(ROLES), action
            assert set(way.conditions) <= set(CONDITIONS), action
            assert way.roles, action

"""The register of contacts and the prepared replies."""

from datetime import date

from hotline.core.languages import LANGUAGES
from hotline.flow.contacts import Contacts

STATUSES = {"verified", "old", "to_be_confirmed"}


def test_the_register_is_the_one_of_the_domain(contacts, shared):
    given = {row["id"]: row for row in shared("contacts.json")}
    assert set(contacts) == set(given)
    for name, row in contacts.items():
        for field in ("number", "country", "city", "kind", "audience", "status", "source"):
            assert row[field] == given[name][field], f"{name}.{field}"


def test_every_contact_says_how_far_it_may_be_trusted(contacts):
    for name, row in contacts.items():
        assert row["status"] in STATUSES, name
        assert row["seen"], name
        assert row["tested_on"] is None or isinstance(row["tested_on"], date), name
        assert row["number"] is None or isinstance(row["number"], str), name


def test_every_contact_has_a_name_in_every_language(contacts, text):
    for name in contacts:
        for code in LANGUAGES:
            assert text(code, f"contacts.{name}.name").strip()


def test_in_earnest_only_our_own_number_and_tested_ones_are_shown(contacts):
    shown = Contacts.of(contacts.values())
    tested = {name for name, row in contacts.items() if row["tested_on"]}
    assert {name for name in contacts if shown.number(name)} == tested | {"kg_stop_traffic_189"}


def test_prepared_replies_are_approved_and_expire(replies):
    ids = [row["id"] for row in replies]
    assert len(ids) == len(set(ids)) >= 30
    for row in replies:
        assert row["approved_version"] == row["version"], row["id"]
        assert row["approver"], row["id"]
        assert row["approved_on"] < row["expires_on"], row["id"]


def test_there_is_a_reply_for_each_hard_moment(replies):
    wanted = {
        "greeting", "safety_check", "safe_time", "delete_chat", "passport_copy", "wage_evidence",
        "consent_explain", "wait_moment", "closing", "referral_what", "night_cover", "third_party",
        "minor_first", "suicidal_first",
    }  # fmt: skip
    assert wanted <= {row["id"] for row in replies}


def test_topics_of_replies_have_names(replies, text):
    for topic in {row["topic"] for row in replies}:
        for code in LANGUAGES:
            assert text(code, f"replies.topics.{topic}")

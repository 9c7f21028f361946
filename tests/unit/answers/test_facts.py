"""Only checked, dated facts are said; everything else waits for an expert."""

from datetime import date, timedelta

import pytest

CODES = {"V", "V-old", "C", "?"}
FIELDS = {
    "answer", "group", "human_first", "splits_on", "label", "tell", "sms", "parts", "note",
    "follow_ups", "contacts", "sources", "facts", "checked_on", "review_by",
}  # fmt: skip
CHANGES_FAST = timedelta(days=100)
LONGEST = timedelta(days=366)


def every_fact(answers):
    return [(intent, fact) for intent, body in answers.items() for fact in body["facts"]]


def test_every_answer_has_all_its_fields_and_no_others(answers):
    for intent, body in answers.items():
        assert set(body) == FIELDS, intent
        assert body["answer"] == intent


def test_answers_are_the_questions_of_the_domain(answers, shared):
    questions = {row["id"]: row for row in shared("intents.json")}
    assert set(answers) == set(questions)
    for intent, row in questions.items():
        body = answers[intent]
        assert body["group"] == row["group"], intent
        assert body["human_first"] == row["human_first"], intent
        assert body["splits_on"] == row["splits_on"], intent


def test_a_fact_that_is_said_is_verified_dated_and_sourced_or_signed_by_an_expert(answers, sources):
    undated = {name for name, row in sources.items() if row["undated"]}
    for intent, fact in every_fact(answers):
        assert fact["code"] in CODES, fact["id"]
        assert isinstance(fact["said"], bool), fact["id"]
        if not fact["said"] or fact["signed_off"]:
            continue
        assert fact["code"] == "V", f"{fact['id']} is said with code {fact['code']}"
        assert fact["source"], fact["id"]
        assert not undated & set(fact["source"]), f"{fact['id']} rests on an undated source"
        assert int(str(fact["as_of"])[:4]) >= 2023, fact["id"]
        assert intent in fact["id"]


def test_every_source_is_in_the_list_of_sources(answers, sources):
    for _, fact in every_fact(answers):
        assert set(fact["source"]) <= set(sources), fact["id"]


def test_the_ids_of_facts_are_unique(answers):
    ids = [fact["id"] for _, fact in every_fact(answers)]
    assert len(ids) == len(set(ids))


def test_the_sources_of_an_answer_are_those_of_the_facts_it_says(answers):
    for intent, body in answers.items():
        said = {source for fact in body["facts"] if fact["said"] for source in fact["source"]}
        assert set(body["sources"]) == (said or {"safety_advice"}), intent


def test_every_answer_is_looked_at_again_in_time(answers):
    for intent, body in answers.items():
        checked, due = body["checked_on"], body["review_by"]
        assert isinstance(checked, date), intent
        assert checked < due <= checked + LONGEST, intent


@pytest.mark.parametrize(
    "intent", ["ru_90_days", "ru_ruid", "kz_rules", "turkey_work", "ru_patent_tj"]
)
def test_rules_that_change_often_are_looked_at_every_three_months(answers, intent):
    assert answers[intent]["review_by"] - answers[intent]["checked_on"] <= CHANGES_FAST


def test_follow_ups_and_contacts_exist(answers, contacts):
    for intent, body in answers.items():
        assert set(body["follow_ups"]) <= set(answers) - {intent}, intent
        assert set(body["contacts"]) <= set(contacts), intent


def test_every_answer_leads_on_to_somewhere(answers):
    assert [intent for intent, body in answers.items() if not body["follow_ups"]] == []

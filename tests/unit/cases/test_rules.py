"""Classes, reasons and names of cases."""

import pytest
from hypothesis import given, strategies as st

from hotline.cases import names, rules

classes = st.lists(st.sampled_from(rules.CLASSES))


@given(classes)
def test_the_most_urgent_class_wins(found) -> None:
    assert rules.worst(found) == (min(found) if found else "P3")


def test_a_reason_is_kept_once_and_in_the_order_it_came_up() -> None:
    found = rules.merged_reasons(["asked"], "danger")
    assert found == ["asked", "danger"]
    assert rules.merged_reasons(found, "asked") == found


def test_a_child_needs_somebody_who_knows_children() -> None:
    assert rules.skills_needed(is_minor=True, reasons=()) == ("children",)
    assert rules.skills_needed(is_minor=True, reasons=("minor",)) == ("children",)
    assert rules.skills_needed(is_minor=False, reasons=("asked",)) == ()


@pytest.mark.parametrize(
    ("old", "new", "reason", "may"),
    [
        ("P2", "P1", "", True),
        ("P2", "P2", "", True),
        ("P1", "P2", "", False),
        ("P1", "P2", "   ", False),
        ("P0", "P3", "spoke with her", True),
    ],
)
def test_raising_is_free_and_lowering_needs_words(old, new, reason, may) -> None:
    assert rules.may_lower(old, new, reason=reason) is may


def test_the_newest_fact_wins_and_the_old_mapping_stays_as_it_was() -> None:
    old = {"country": "RU", "stage": "before"}
    assert rules.merged_facts(old, "country", "KZ") == {"country": "KZ", "stage": "before"}
    assert old["country"] == "RU"


# ------------------------------------------------------------------ names


def test_names_are_plain_words_and_digits_that_say_nothing() -> None:
    name = names.new_name(lambda items: items[0], lambda _: False)
    word, _, digits = name.partition("-")
    assert word in names.WORDS
    assert digits == "000"
    assert len(set(names.WORDS)) == len(names.WORDS)


def test_a_name_is_found_even_when_every_short_one_is_taken() -> None:
    """The names must not run out, nor may looking for one ever stop the writer."""
    tried: list[str] = []

    def taken(name: str) -> bool:
        tried.append(name)
        return len(name.partition("-")[2]) < 6

    name = names.new_name(lambda items: items[len(tried) % len(items)], taken)
    assert len(name.partition("-")[2]) == 6
    assert len(tried) < 20
    assert len(name) <= 40

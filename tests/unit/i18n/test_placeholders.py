import pytest

from hotline.core.placeholders import fill, names


def test_names_in_order_and_as_often_as_they_stand():
    assert names("{a} {contact:iom_osh} {b_2} {a}") == ("a", "contact:iom_osh", "b_2", "a")


@pytest.mark.parametrize("text", ["{}", "{A}", "{ a }", "{a.b}", "{0}", "{a!r}", "{{a", "a}"])
def test_what_is_no_placeholder_stays(text):
    assert fill(text, {}) == text


def test_values_are_not_searched_again():
    assert fill("{a}{b}", {"a": "{b}", "b": "2"}) == "{b}2"

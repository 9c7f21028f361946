from datetime import date

from hotline.flow.topics import topics_of


def test_what_the_engine_knows_of_answers():
    found = topics_of(
        {
            "a": {"human_first": "always", "sms": "x", "checked_on": date(2026, 11, 2)},
            "b": {"human_first": "when_urgent", "checked_on": "2026-11-02"},
            "c": {"checked_on": "soon"},
            "d": None,
        }
    )
    assert (found["a"].human_first, found["a"].has_sms, found["a"].checked_on) == (
        True,
        True,
        "02.11.2026",
    )
    assert (found["b"].human_first, found["b"].checked_on) == (False, "02.11.2026")
    assert found["c"].checked_on == ""
    assert "d" not in found

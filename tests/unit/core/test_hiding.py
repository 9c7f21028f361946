"""No count under 11 is shown, and none can be worked out from what is."""

from hypothesis import given, strategies as st

from hotline.core.hiding import LEAST, shown

PARTS = st.dictionaries(st.integers(0, 6), st.integers(0, 60), min_size=1, max_size=6)


@given(PARTS)
def test_what_is_shown_is_true_and_large_enough(parts):
    for name, count in shown(parts).items():
        assert count is None or (count == parts[name] and count >= LEAST)


@given(PARTS)
def test_what_is_hidden_cannot_be_worked_out_from_the_sum(parts):
    found = shown(parts)
    hidden = [parts[name] for name, count in found.items() if count is None]
    if hidden and any(count is not None for count in found.values()):
        assert len(hidden) > 1
        assert sum(hidden) >= LEAST


def test_nothing_is_hidden_without_need():
    assert shown({"a": 11, "b": 400}) == {"a": 11, "b": 400}


def test_the_next_smallest_is_hidden_beside_a_small_one():
    assert shown({"a": 3, "b": 40, "c": 200}) == {"a": None, "b": None, "c": 200}
    assert shown({"a": 9, "b": 9, "c": 200}) == {"a": None, "b": None, "c": 200}

"""Figures of agreement: right where they are shown, and hidden where they would give somebody away."""

from collections import Counter

import pytest
from hypothesis import given, strategies as st

from hotline.cases.agreement.rules import agreement, items, kappa, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_literature(hits, of, low, high) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.00006)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_stays_a_share(case) -> None:
    hits, of = case
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1
    mirrored = wilson(of - hits, of)
    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


@pytest.mark.parametrize(("hits", "of"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_is_refused(hits, of) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(hits, of)


def test_kappa() -> None:
    # 20 both yes, 5 and 10 differ, 15 both no: observed 0.7, by chance 0.5
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([("y", "y"), ("n", "n")]) == 1
    assert kappa([]) is None
    assert kappa([("y", "y")] * 5) is None


def cases(both: int, tool: int, person: int, neither: int) -> list[tuple[str, str]]:
    return (
        [("HIGH", "IMMEDIATE")] * both
        + [("IMMEDIATE", "LOW")] * tool
        + [("MEDIUM", "HIGH")] * person
        + [("NONE", "UNCLEAR")] * neither
    )


def test_figures_of_many_cases() -> None:
    found = agreement(cases(60, 20, 15, 105))
    assert found.cases == 200
    assert found.flagged == {
        (True, True): 60, (True, False): 20, (False, True): 15, (False, False): 105
    }  # fmt: skip
    assert (found.sensitivity.percent, found.sensitivity.coarse) == (80, False)
    assert (found.sensitivity.low, found.sensitivity.high) == (69, 88)
    assert found.specificity.percent == 84
    assert found.kappa == pytest.approx(0.63, abs=0.01)


def test_few_cases_show_nothing() -> None:
    found = agreement(cases(4, 2, 1, 3))
    assert (found.cases, found.sensitivity, found.specificity, found.kappa) == (None,) * 4
    assert set(found.flagged.values()) == {None}


@given(st.tuples(*[st.integers(0, 60)] * 4))
def test_no_small_number_is_shown_or_follows_from_the_rest(counts) -> None:
    found = agreement(cases(*counts))
    real = Counter(
        {(True, True): counts[0], (True, False): counts[1], (False, True): counts[2],
         (False, False): counts[3]}
    )  # fmt: skip
    shown = {place: n for place, n in found.flagged.items() if n is not None}
    assert all(n >= 11 and n == real[place] for place, n in shown.items())
    hidden = [place for place, n in found.flagged.items() if n is None]
    if hidden and found.cases is not None and shown:
        assert len(hidden) > 1
        assert sum(real[place] for place in hidden) >= 11
    for rate in (found.sensitivity, found.specificity):
        if rate is not None and hidden:
            assert rate.coarse
            assert {rate.percent % 5, rate.low % 5, rate.high % 5} == {0}


def test_how_a_question_fares() -> None:
    (one, few) = items(
        [
            ("offer.B01", "asked", 200), ("offer.B01", "answered", 120), ("offer.B01", "unsure", 30),
            ("offer.B01", "refused", 20), ("offer.B01", "moved", 15), ("offer.B01", "lapsed", 3),
            ("offer.B01", "not_understood", 40), ("offer.B02", "asked", 10),
            ("offer.B02", "answered", 10),
        ]
    )  # fmt: skip
    assert (one.step, one.asked) == ("offer.B01", 200)
    assert one.parts == {"answered": 120, "unsure": 30, "refused": 20, "moved": 15, "left": 15}
    assert one.percent("refused") == 10
    assert few.asked is None
    assert few.percent("answered") is None


def test_one_small_part_is_not_left_over() -> None:
    (one,) = items(
        [("work.C09", "asked", 100), ("work.C09", "answered", 60), ("work.C09", "refused", 35)]
    )
    assert one.parts["left"] is None  # five
    assert sum(1 for n in one.parts.values() if n is None) > 1
    assert sum(n for n in one.parts.values() if n is not None) <= 89

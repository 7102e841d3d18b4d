"""A verdict that may be looked at daily: how often it errs where nothing differs, and how soon it finds what does."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binomtest

from recommender.evaluation.sequential import ALPHA, interval, judge, log_evidence, sign_test, throws_needed

DAILY, DAYS, SITES = 8, 125, 1_000  # digests that prefer one, a day


def throws(share: float, seed: int) -> np.ndarray:
    """Throws for b at the end of each day, (sites, days)."""
    return np.random.default_rng(seed).binomial(DAILY, share, (SITES, DAYS)).cumsum(axis=1)


def evidence(for_b: np.ndarray, share: float = 0.5) -> np.ndarray:
    """The logarithm of evidence against a share at each day's look."""
    days = DAILY * np.arange(1, DAYS + 1)
    once = {
        (int(n), int(b)): log_evidence(n - b, b, share)
        for n, column in zip(days, for_b.T, strict=True)
        for b in np.unique(column)
    }
    return np.array([[once[int(n), int(b)] for n, b in zip(days, row, strict=True)] for row in for_b])


def test_where_nothing_differs_daily_looks_err_on_one_site_in_twenty_at_most() -> None:
    for_b = throws(0.5, seed=1)
    wrong = (evidence(for_b) > np.log(1 / ALPHA)).any(axis=1).mean()
    assert wrong <= ALPHA
    daily = DAILY * np.arange(1, DAYS + 1)
    of_one_look = np.abs(for_b - daily / 2) > 1.96 * np.sqrt(daily) / 2
    assert of_one_look.any(axis=1).mean() > 4 * ALPHA  # what the usual test would do, asked daily


@pytest.mark.parametrize(("share", "within"), [(0.6, 60), (0.4, 60), (0.7, 15)])
def test_a_true_difference_is_found(share: float, within: int) -> None:
    found = (evidence(throws(share, seed=2)) > np.log(1 / ALPHA))[:, :within].any(axis=1).mean()
    assert found > 0.9


@pytest.mark.parametrize("share", [0.5, 0.55, 0.7])
def test_the_true_share_lies_in_the_interval_at_all_looks_together(share: float) -> None:
    missed = (evidence(throws(share, seed=3), share) > np.log(1 / ALPHA)).any(axis=1).mean()
    assert missed <= ALPHA


@pytest.mark.parametrize(("a", "b"), [(0, 1), (3, 3), (40, 61), (200, 300), (0, 30), (5_000, 4_900)])
def test_the_interval_is_where_the_evidence_says(a: int, b: int) -> None:
    low, high = interval(a, b)
    for border in (low, high):
        if 0 < border < 1:
            assert log_evidence(a, b, border) == pytest.approx(np.log(1 / ALPHA), abs=1e-4)
    assert low <= b / (a + b) <= high
    judged = judge(a, b)
    assert judged.is_real == (judged.p < ALPHA)


def test_both_teams_are_judged_alike() -> None:
    one, other = judge(40, 70), judge(70, 40)
    assert one.p == pytest.approx(other.p)
    assert (one.low, one.high) == (pytest.approx(1 - other.high), pytest.approx(1 - other.low))


@pytest.mark.parametrize(("a", "b"), [(0, 0), (0, 1), (7, 7), (40, 61), (300, 200)])
def test_the_sign_test_is_the_exact_one(a: int, b: int) -> None:
    assert sign_test(a, b) == pytest.approx(binomtest(b, a + b).pvalue if a + b else 1.0)


def test_nothing_is_said_of_no_throws() -> None:
    judged = judge(0, 0)
    assert (judged.low, judged.high, judged.p, judged.is_real) == (0.0, 1.0, 1.0, False)


def test_the_more_uneven_the_sooner_there_is_something_to_say() -> None:
    needed = [throws_needed(judge(50 - lead, 50 + lead), 0.1) for lead in (5, 10, 15)]
    assert all(sooner > later for sooner, later in pairwise(needed))
    assert throws_needed(judge(50, 50), 0.1) < 300
    assert needed[-1] < 250

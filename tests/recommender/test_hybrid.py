import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.hybrid import fused, ranked, standardised

SCORES = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=1, max_size=12).map(np.array)


@given(scores=SCORES, k=st.integers(0, 12))
def test_a_longer_ranking_begins_with_the_shorter_one(scores: np.ndarray, k: int) -> None:
    assert ranked(scores, k + 1)[:k].tolist() == ranked(scores, k).tolist()


@given(scores=SCORES)
def test_of_equal_scores_the_last_comes_first(scores: np.ndarray) -> None:
    assert ranked(scores, len(scores)).tolist() == sorted(range(len(scores)), key=lambda at: (-scores[at], -at))


def test_standard_scores_have_mean_0_and_deviation_1() -> None:
    found = standardised(np.array([1.0, 2.0, 6.0]))
    assert abs(found.mean()) < 1e-9
    assert abs(found.std() - 1) < 1e-9


def test_where_nothing_differs_a_side_says_nothing() -> None:
    by_meaning = np.array([0.1, 0.9, 0.4])
    assert ranked(fused(np.zeros(3), by_meaning), 3).tolist() == [1, 2, 0]
    assert fused(np.zeros(0), np.zeros(0)).tolist() == []


def test_a_paper_without_a_vector_counts_as_of_middling_meaning() -> None:
    scores = fused(np.zeros(3), np.array([0.1, 0.9, np.nan]))
    assert ranked(scores, 3).tolist() == [1, 2, 0]

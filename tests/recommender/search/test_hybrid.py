import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.index.hybrid import Scale, best, fused

SCORES = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=1, max_size=12).map(np.array)


def order(scores: np.ndarray, k: int) -> list[int]:
    return best(scores, np.arange(len(scores)), k).tolist()


@given(scores=SCORES, k=st.integers(0, 12))
def test_a_longer_order_begins_with_the_shorter_one(scores: np.ndarray, k: int) -> None:
    assert order(scores, k + 1)[:k] == order(scores, k)


@given(scores=SCORES)
def test_of_equal_scores_the_highest_key_comes_first(scores: np.ndarray) -> None:
    assert order(scores, len(scores)) == sorted(range(len(scores)), key=lambda at: (-scores[at], -at))


def test_standard_scores_have_mean_0_and_deviation_1() -> None:
    values = np.array([1.0, 2.0, 6.0], dtype=np.float32)
    found = Scale.of(values).standard(values)
    assert abs(found.mean()) < 1e-6
    assert abs(found.std() - 1) < 1e-6


def test_what_is_unknown_has_no_part_in_a_scale() -> None:
    assert Scale.of(np.array([1.0, np.nan, 3.0])) == Scale(2.0, 1.0)
    assert Scale.of(np.array([np.nan])) == Scale(0.0, 0.0)


def test_where_nothing_differs_a_side_says_nothing() -> None:
    assert Scale.of(np.ones(3)).standard(np.ones(3)).tolist() == [0, 0, 0]
    assert order(fused(np.zeros(3), np.array([-1.0, 1.0, 0.0])), 3) == [1, 2, 0]


def test_a_paper_without_a_vector_counts_as_of_middling_meaning() -> None:
    assert order(fused(np.zeros(3), np.array([-1.0, 1.0, np.nan])), 3) == [1, 2, 0]

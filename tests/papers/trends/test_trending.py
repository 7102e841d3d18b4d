"""The formula, as arithmetic."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.trends.attention import column
from papers.trends.growth import Growth, Reading, growth
from papers.trends.trending import GENERAL, SHIPPED, Grown, Usual, pace, percentiles, points, scores, usual

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
TYPICAL = Usual(pace=4, count=10)
numbers = st.lists(st.integers(0, 10**6), min_size=1, max_size=40)


def read(*readings: tuple[float, int]) -> list[Reading]:
    """Readings from (hours before noon, count)."""
    return [(NOON - timedelta(hours=hours), value) for hours, value in readings]


def grown(gain: float, hours: float, count: float) -> Grown:
    return Grown(*(np.array([value], dtype=np.float64) for value in (gain, hours, count)))


def point(gain: float, hours: float, count: float) -> float:
    return float(points(grown(gain, hours, count), TYPICAL)[0])


def test_growth_is_measured_over_about_two_days() -> None:
    found = growth(read((96, 10), (60, 30), (50, 40), (40, 60), (1, 100)), None)
    assert (found.gain, found.hours, found.count) == (60, 49, 100)


def test_votes_were_zero_when_the_paper_came_out() -> None:
    found = growth(read((10, 20)), NOON - timedelta(hours=34))
    assert (found.gain, found.hours) == (20, 24)


def test_the_first_votes_are_spread_over_a_week_at_most() -> None:
    assert growth(read((0, 20)), NOON - timedelta(days=400)).hours == 168


def test_a_vote_before_the_paper_came_out_took_no_time() -> None:
    assert growth(read((10, 20)), NOON).hours == 0


def test_one_reading_of_stars_tells_a_level_and_no_pace() -> None:
    found = growth(read((5, 9000)), None)
    assert (found.count, found.gain, found.hours) == (9000, 0, 0)


def test_a_count_that_went_down_gained_nothing() -> None:
    assert growth(read((60, 30), (0, 20)), None).gain == 0


def test_an_unwatched_count_has_the_usual_pace_and_much_watching_overrules_it() -> None:
    assert pace(grown(0, 0, 9000), TYPICAL).tolist() == [4]
    assert pace(grown(100, 24, 100), TYPICAL).tolist() == [52]
    assert pace(grown(10_000, 2400, 10_000), TYPICAL)[0] == pytest.approx(100, rel=0.02)


def test_the_usual_count_gives_no_points_and_twice_the_pace_about_one() -> None:
    assert point(4, 24, 10) == 0
    assert point(9 * 100, 2400, 10) == pytest.approx(1, abs=0.02)


def test_an_old_repository_with_many_stars_does_not_beat_one_that_gains_them() -> None:
    assert point(0, 0, 9000) < point(20, 24, 40)


def test_a_kind_that_nobody_counted_neither_helps_nor_harms() -> None:
    nothing = grown(np.nan, np.nan, np.nan)
    known = {"upvotes": grown(9, 24, 9)}
    age = np.array([2.0])
    assert scores(known, GENERAL, age) == scores(known | {"stars": nothing}, GENERAL, age)


def test_a_week_takes_one_point() -> None:
    known = {"upvotes": grown(9, 24, 9)}
    young, old = (scores(known, GENERAL, np.array([days])) for days in (1.0, 8.0))
    assert (young - old).tolist() == [pytest.approx(1)]


def test_comments_count_a_quarter() -> None:
    comments = {"comments": grown(9, 24, 9)}
    found = scores(comments, GENERAL, np.zeros(1))
    assert found[0] == pytest.approx(points(comments["comments"], GENERAL["comments"])[0] / 4)


def test_two_papers_do_not_make_a_custom_but_many_do() -> None:
    fast = Growth(500, NOON, gain=200, hours=48)
    assert usual(column([fast] * 2), GENERAL["stars"]) == GENERAL["stars"]
    assert usual(column([fast] * 40 + [None] * 9), GENERAL["stars"]) == Usual(pace=100, count=500)


@given(numbers, st.integers(0, 10**4))
def test_more_gain_in_the_same_time_never_scores_lower(gains: list[int], hours: int) -> None:
    gain = np.array(gains, dtype=np.float64)
    one = {"upvotes": Grown(gain, np.full(len(gains), float(hours)), gain)}
    found = scores(one, GENERAL, np.zeros(len(gains)))
    assert np.isfinite(found).all()
    assert (np.diff(found[np.argsort(gain, kind="stable")]) >= 0).all()


def test_a_percentile_counts_those_below_and_half_of_those_beside() -> None:
    own = np.array([0.0, 5, 5, 250])
    assert percentiles(own, own, np.ones(4, dtype=bool)).tolist() == [0.125, 0.5, 0.5, 0.875]


def test_a_paper_alone_stands_in_the_middle() -> None:
    assert percentiles(np.array([7.0]), np.array([7.0]), np.array([True])).tolist() == [0.5]


def test_a_paper_outside_the_pool_is_placed_as_if_it_were_in() -> None:
    pool = np.array([1.0, 2, 3])
    assert percentiles(np.array([0.0, 2, 9]), pool, np.zeros(3, dtype=bool)).tolist() == [0.125, 0.5, 0.875]


@given(numbers)
def test_higher_scores_never_rank_lower_and_equal_ones_rank_equal(values: list[int]) -> None:
    own = np.array(values, dtype=np.float64)
    found = percentiles(own, own, np.ones(len(own), dtype=bool))
    assert ((found > 0) & (found < 1)).all()
    assert found.mean() == pytest.approx(0.5)
    assert (np.sign(np.subtract.outer(found, found)) == np.sign(np.subtract.outer(own, own))).all()


def test_the_figures_in_use_are_the_documented_ones() -> None:
    assert (SHIPPED.prior_hours, SHIPPED.level, SHIPPED.days_a_point) == (24, 0.05, 7)
    assert SHIPPED.weights == {"upvotes": 1, "stars": 1, "comments": 0.25}

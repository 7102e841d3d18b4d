"""A reader who said how many minutes they have: the time is spent while papers are chosen."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.ranking.picks import rank
from recommender.ranking.reader import Candidates, Ranking, Reader, ReaderInterest
from tests.recommender.conftest import candidates
from tests.recommender.ranking.test_ranking import reader, spread, topic

MINUTE = 60


def timed(pool: Candidates, *seconds: int) -> Candidates:
    """These candidates, which take so long to read; the last time holds for all further ones."""
    every = [*seconds, *[seconds[-1]] * (len(pool.ids) - len(seconds))]
    return replace(pool, seconds=np.array(every, dtype=np.int64))


def with_minutes(minutes: float, *interests: ReaderInterest, **changes: object) -> Reader:
    return reader(*interests, seconds=int(minutes * MINUTE), **changes)


def time_of(ranking: Ranking, pool: Candidates) -> int:
    assert pool.seconds is not None
    return int(sum(pool.seconds[pick.at] for pick in ranking.picks))


def test_papers_are_chosen_for_as_long_as_there_is_time_for_one_more() -> None:
    pool = timed(candidates(spread(0, [0.9, 0.8, 0.7, 0.6])), 60, 90, 60, 30)
    [ranking] = rank([with_minutes(3, topic(1, 0))], pool)
    assert [pick.paper_id for pick in ranking.picks] == [100, 101, 103]
    assert time_of(ranking, pool) == 3 * MINUTE


def test_one_paper_comes_however_long_it_is() -> None:
    pool = timed(candidates(spread(0, [0.9, 0.8])), 400)
    [ranking] = rank([with_minutes(3, topic(1, 0))], pool)
    assert [pick.paper_id for pick in ranking.picks] == [100]


def test_more_papers_than_the_most_do_not_come_though_there_was_time() -> None:
    pool = timed(candidates(spread(0, [0.9, 0.8, 0.7, 0.6])), 5)
    [ranking] = rank([with_minutes(10, topic(1, 0), size=3)], pool)
    assert len(ranking.picks) == 3


def test_a_reader_who_counts_in_papers_gets_as_many_however_long_they_are() -> None:
    [ranking] = rank([reader(topic(1, 0), size=3)], timed(candidates(spread(0, [0.9, 0.8, 0.7, 0.6])), 1_000))
    assert len(ranking.picks) == 3


def test_where_nobody_knows_how_long_papers_are_their_number_counts() -> None:
    [ranking] = rank([with_minutes(1, topic(1, 0), size=3)], candidates(spread(0, [0.9, 0.8, 0.7, 0.6])))
    assert len(ranking.picks) == 3


@pytest.mark.parametrize("minutes", [3, 5, 10])
def test_no_interest_goes_without_though_another_is_nearer_to_everything(minutes: int) -> None:
    near, far = spread(0, [0.9] * 12), [*spread(1, [0.4] * 3, 40), *spread(2, [0.38] * 3, 50)]
    pool = timed(candidates([*near, *far]), 60)
    [ranking] = rank([with_minutes(minutes, topic(1, 0), topic(2, 1), topic(3, 2), size=20)], pool)
    assert {pick.interest_id for pick in ranking.picks} == {1, 2, 3}
    assert time_of(ranking, pool) == minutes * MINUTE


def test_of_more_interests_than_there_is_time_for_the_nearest_have_a_paper_each() -> None:
    vectors = [vector for one in range(6) for vector in spread(one, [0.4 + one / 20] * 2, 10 + 4 * one)]
    [ranking] = rank([with_minutes(3, *(topic(one, one) for one in range(6)))], timed(candidates(vectors), 60))
    assert [pick.interest_id for pick in ranking.picks] == [5, 4, 3]


def test_two_thirds_of_the_time_belong_to_the_interests_alike() -> None:
    pool = timed(candidates([*spread(0, [0.9] * 12), *spread(1, [0.4] * 12, 40)]), 60)
    [ranking] = rank([with_minutes(9, topic(1, 0), topic(2, 1), size=20)], pool)
    assert [pick.interest_id for pick in ranking.picks] == [1] * 6 + [2] * 3


def test_the_paper_from_outside_takes_its_time_from_the_others() -> None:
    trends = [0.99] + [0.1] * 12
    pool = timed(candidates([*spread(9, [0.9], 60), *spread(0, [0.9] * 12)], trend=trends), 60)
    [ranking] = rank([with_minutes(6, topic(1, 0), size=12, explore=True)], pool)
    assert ranking.picks[-1].explored
    assert time_of(ranking, pool) == 6 * MINUTE


def test_a_digest_of_few_minutes_belongs_to_the_interests_alone() -> None:
    pool = timed(candidates([*spread(9, [0.9], 60), *spread(0, [0.9] * 12)], trend=[0.99] + [0.1] * 12), 60)
    [ranking] = rank([with_minutes(3, topic(1, 0), size=6, explore=True)], pool)
    assert [pick.explored for pick in ranking.picks] == [False] * 3


def test_somebody_without_interests_gets_the_most_noticed_in_their_time() -> None:
    pool = timed(candidates(spread(0, [0.9, 0.8, 0.7, 0.6]), trend=[0.2, 0.9, 0.8, 0.7]), 60)
    [ranking] = rank([with_minutes(2)], pool)
    assert [pick.paper_id for pick in ranking.picks] == [101, 102]

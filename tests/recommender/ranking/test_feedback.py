"""What a reader said of papers, as numbers."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.ranking.feedback import Rated, freshness, lowered_by
from recommender.ranking.picks import rank
from recommender.vectors import unit
from tests.recommender.conftest import candidates
from tests.recommender.ranking.test_ranking import axis, picked, reader, spread, topic

NEW = np.ones(1, dtype=np.float32)


def near(number: int, cosine: float, other: int) -> np.ndarray:
    return unit(cosine * axis(number) + np.sqrt(1 - cosine**2) * axis(other))


def less(*vectors: np.ndarray, weights: np.ndarray | None = None) -> Rated:
    return Rated(np.stack(vectors), np.ones(len(vectors), dtype=np.float32) if weights is None else weights)


def test_freshness_halves_with_every_half_life_and_a_clock_gone_wrong_does_no_harm() -> None:
    assert freshness(np.array([0, 30, 60, -5], dtype=np.float32), 30) == pytest.approx([1, 0.5, 0.25, 1])


def test_relevance_falls_by_half_of_what_a_paper_is_nearer_than_a_half() -> None:
    papers = np.stack([near(0, cosine, 9) for cosine in (0.9, 0.6, 0.5, 0.2)])
    assert lowered_by(less(axis(0)), papers) == pytest.approx([0.2, 0.05, 0, 0], abs=1e-5)


def test_an_old_word_lowers_less() -> None:
    assert lowered_by(less(axis(0), weights=NEW / 4), axis(0)[np.newaxis]) == pytest.approx([0.0625])


def test_several_papers_do_not_add_up() -> None:
    assert lowered_by(less(axis(0), axis(0), axis(1)), axis(0)[np.newaxis]) == pytest.approx([0.25])


def test_nothing_said_lowers_nothing() -> None:
    assert lowered_by(None, np.stack([axis(0), axis(1)])) == pytest.approx([0, 0])


def test_less_sends_a_paper_below_the_floor_and_the_others_stay() -> None:
    pool = candidates([near(0, 0.55, 5), near(0, 0.5, 6)])
    [before] = rank([reader(topic(1, 0))], pool)
    [after] = rank([reader(topic(1, 0), less=less(near(0, 0.55, 5)))], pool)
    assert picked(before) == [100, 101]
    assert picked(after) == [101]


def test_less_holds_for_a_reader_without_interests() -> None:
    pool = replace(candidates([axis(0), axis(1)]), trend=np.array([0.6, 0.5], dtype=np.float32))
    [ranking] = rank([reader(less=less(axis(0)), size=1)], pool)
    assert picked(ranking) == [101]


def test_liked_papers_on_two_subjects_both_bring_theirs() -> None:
    pool = candidates([*spread(0, [0.8]), *spread(1, [0.8], first_filler=30)])
    [ranking] = rank([reader(topic(0, 0, 1, kind="feedback"))], pool)
    assert sorted(picked(ranking)) == [100, 101]
    assert ranking.picks[0].interest_id == 0

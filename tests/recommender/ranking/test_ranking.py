from dataclasses import replace

import numpy as np
import pytest

from recommender.ranking.interest_clusters import Subject
from recommender.ranking.picks import OFFSETS, rank
from recommender.ranking.reader import Ranking, Reader, ReaderInterest, within_limit
from recommender.vectors import unit
from recommender.words.authors import Authors
from recommender.words.phrases import Phrases
from tests.recommender.conftest import candidates, leaning


def axis(number: int) -> np.ndarray:
    return np.eye(64, dtype=np.float32)[number]


def topic(key: int, *axes: int, kind: str = "topic") -> ReaderInterest:
    return ReaderInterest(key, kind, f"interest {key}", tuple(Subject(axis(one)) for one in axes))


def reader(*interests: ReaderInterest, **changes: object) -> Reader:
    plain = Reader(key=1, interests=interests, seen=frozenset(), size=10, trend_weight=0.0, floor=0.35)
    return replace(plain, **changes)


def picked(ranking: Ranking) -> list[int]:
    return [pick.paper_id for pick in ranking.picks]


def spread(axis_: int, weights: list[float], first_filler: int = 20) -> list[np.ndarray]:
    """Vectors at those cosines to an axis, otherwise unlike each other."""
    return [leaning(axis_, weight, first_filler + at) for at, weight in enumerate(weights)]


def test_the_nearest_paper_comes_first() -> None:
    [ranking] = rank([reader(topic(7, 0))], candidates(spread(0, [0.4, 0.6, 0.5])))
    assert picked(ranking) == [101, 102, 100]
    assert ranking.picks[0].relevance == pytest.approx(0.6)
    assert ranking.picks[0].interest_id == 7


def test_nothing_below_the_floor_is_picked_and_the_best_of_it_are_near_misses() -> None:
    [ranking] = rank([reader(topic(7, 0))], candidates(spread(0, [0.5, 0.34, 0.3, 0.1])))
    assert picked(ranking) == [100]
    assert [miss.paper_id for miss in ranking.near_misses] == [101, 102]


def test_no_more_than_five_near_misses() -> None:
    [ranking] = rank([reader(topic(7, 0), size=1)], candidates(spread(0, [0.5] * 9)))
    assert len(ranking.near_misses) == 5


def test_a_paper_that_was_sent_before_is_neither_picked_nor_counted() -> None:
    [ranking] = rank([reader(topic(7, 0), seen=frozenset({100, 999}))], candidates(spread(0, [0.9, 0.5])))
    assert picked(ranking) == [101]
    assert ranking.considered == 1


def test_a_reader_gets_what_fits_the_best_interest_and_not_the_average() -> None:
    [ranking] = rank([reader(topic(1, 0), topic(2, 1), topic(3, 2))], candidates(spread(1, [0.6])))
    assert ranking.picks[0].interest_id == 2
    assert ranking.picks[0].relevance == pytest.approx(0.6)


def test_every_line_of_a_free_text_counts_for_itself() -> None:
    [ranking] = rank([reader(topic(1, 0, 1, 2, kind="text"))], candidates(spread(2, [0.5])))
    assert ranking.picks[0].relevance == pytest.approx(0.5 + OFFSETS["text"])
    assert ranking.picks[0].subject_at == 2


def test_papers_are_judged_on_the_scale_of_topics() -> None:
    [ranking] = rank([reader(topic(1, 30, kind="papers"))], candidates(spread(30, [0.6], first_filler=40)))
    assert ranking.picks[0].relevance == pytest.approx(0.6 + OFFSETS["papers"])


def library(*shares: tuple[int, float]) -> ReaderInterest:
    return ReaderInterest(1, "papers", "", tuple(Subject(axis(one), share=share) for one, share in shares))


def test_one_stray_paper_of_a_library_weighs_less_than_the_other_forty() -> None:
    pool = candidates(spread(0, [0.60]) + spread(1, [0.62], first_filler=40))
    [ranking] = rank([reader(library((0, 0.97), (1, 0.03)))], pool)
    assert picked(ranking) == [100, 101]
    assert ranking.picks[1].relevance == pytest.approx(0.62 + OFFSETS["papers"])


def test_a_fifth_of_a_library_gets_a_third_of_what_is_owed_to_it() -> None:
    pool = candidates(spread(0, [0.8] * 25, first_filler=2) + spread(1, [0.5] * 10, first_filler=30))
    [ranking] = rank([reader(library((0, 0.8), (1, 0.2)), size=20)], pool)
    assert [pick.subject_at for pick in ranking.picks].count(1) == 4


def test_stray_papers_do_not_take_the_places_of_the_many() -> None:
    strays = [(one, 0.02) for one in range(1, 8)]
    pool = candidates([leaning(0, 0.7, 20 + n) for n in range(9)] + [leaning(n, 0.7, 40 + n) for n in range(1, 8)])
    [ranking] = rank([reader(library((0, 0.86), *strays), size=6)], pool)
    assert [pick.subject_at for pick in ranking.picks].count(0) >= 4


def test_trend_reorders_by_the_readers_weight() -> None:
    pool = candidates(spread(0, [0.6, 0.55]), trend=[0.1, 0.9])
    calm, keen = rank([reader(topic(1, 0)), reader(topic(1, 0), trend_weight=1.0)], pool)
    assert picked(calm) == [100, 101]
    assert picked(keen) == [101, 100]


def test_an_unknown_trend_counts_as_the_middle() -> None:
    pool = candidates(spread(0, [0.6, 0.6, 0.6]), trend=[0.4, None, 0.6])
    [ranking] = rank([reader(topic(1, 0), trend_weight=1.0)], pool)
    assert picked(ranking) == [102, 101, 100]
    assert ranking.picks[1].trend is None


def test_trend_never_lifts_a_paper_over_the_floor() -> None:
    [ranking] = rank([reader(topic(1, 0), trend_weight=1.0)], candidates(spread(0, [0.34]), trend=[1.0]))
    assert picked(ranking) == []


def test_two_papers_on_the_same_idea_take_one_place() -> None:
    twin = unit(leaning(0, 0.6, 20) + 0.1 * axis(50))
    [ranking] = rank([reader(topic(1, 0))], candidates([leaning(0, 0.6, 20), twin, leaning(0, 0.5, 30)]))
    assert picked(ranking) == [100, 102]
    assert ranking.picks[0].folded == (101,)
    assert ranking.near_misses == ()


def test_a_varied_choice_beats_more_of_the_same() -> None:
    alike = [unit(leaning(0, 0.62, 20) + 0.3 * axis(40 + n)) for n in range(3)]
    [ranking] = rank([reader(topic(1, 0), size=2)], candidates([*alike, leaning(0, 0.56, 30)]))
    assert 103 in picked(ranking)


def test_a_minor_interest_is_not_starved_by_a_major_one() -> None:
    pool = candidates(spread(0, [0.8] * 20) + spread(1, [0.4] * 5, first_filler=45))
    [ranking] = rank([reader(topic(1, 0), topic(2, 1))], pool)
    assert [pick.interest_id for pick in ranking.picks].count(2) >= 2


def test_a_minor_interest_without_a_fitting_paper_takes_no_place() -> None:
    pool = candidates(spread(0, [0.8] * 12) + spread(1, [0.3] * 5, first_filler=45))
    [ranking] = rank([reader(topic(1, 0), topic(2, 1))], pool)
    assert {pick.interest_id for pick in ranking.picks} == {1}
    assert len(ranking.picks) == 10


def test_more_interests_than_places_still_fill_every_place() -> None:
    pool = candidates([leaning(n, 0.6, 30 + n) for n in range(12)])
    [ranking] = rank([reader(*(topic(n + 1, n) for n in range(12)), size=3)], pool)
    assert len(ranking.picks) == 3


def test_a_featured_paper_may_lie_a_little_below_the_floor_and_moves_up() -> None:
    pool = candidates(spread(0, [0.6, 0.55, 0.32, 0.2]), featured=[False, True, True, True])
    [ranking] = rank([reader(topic(1, 0))], pool)
    assert picked(ranking) == [101, 100, 102]


def test_a_reader_without_interests_gets_what_trends_and_then_what_is_new() -> None:
    pool = candidates(spread(0, [0.1] * 4), trend=[None, 0.3, 0.9, None], age=[3, 0, 5, 1])
    [ranking] = rank([reader()], pool)
    assert picked(ranking) == [102, 101, 103, 100]
    assert all(pick.interest_id is None for pick in ranking.picks)


def test_an_interest_without_vectors_yet_is_no_interest() -> None:
    bare = ReaderInterest(1, "text", "", ())
    [alone, beside] = rank([reader(bare), reader(bare, topic(2, 0))], candidates(spread(0, [0.6])))
    assert alone.picks[0].interest_id is None
    assert beside.picks[0].interest_id == 2
    assert beside.picks[0].interest_at == 1


def test_readers_of_a_batch_do_not_influence_each_other() -> None:
    pool = candidates(spread(0, [0.7, 0.5]) + spread(1, [0.6, 0.8], first_filler=40))
    readers = [reader(topic(1, 0)), reader(), reader(topic(2, 1), topic(3, 0)), reader(topic(4, 1))]
    together = rank(readers, pool)
    assert together == [rank([one], pool)[0] for one in readers]


def test_a_day_without_candidates_gives_empty_rankings() -> None:
    nothing = replace(candidates(spread(0, [0.5])), ids=np.empty(0, dtype=np.int64), vectors=np.empty((0, 64)))
    assert rank([reader(topic(1, 0)), reader()], nothing) == [Ranking((), (), 0)] * 2


def test_a_reader_who_wants_no_paper_gets_none() -> None:
    assert rank([reader(topic(1, 0), size=0)], candidates(spread(0, [0.5])))[0].picks == ()


def test_of_too_many_subjects_every_interest_keeps_its_largest() -> None:
    kept = within_limit([topic(1, *range(9)), topic(2, 20), topic(3, 30, 31)], most=6)
    assert [len(interest.subjects) for interest in kept] == [3, 1, 2]
    assert [one.vector.argmax() for one in kept[0].subjects] == [0, 1, 2]


def test_one_noticed_paper_may_come_from_outside_and_says_so() -> None:
    pool = candidates([*spread(0, [0.6] * 12), axis(50)], trend=[0.5] * 12 + [0.97])
    [ranking] = rank([reader(topic(1, 0), explore=True)], pool)
    assert [pick.explored for pick in ranking.picks] == [False] * 9 + [True]
    assert ranking.picks[-1].paper_id == 112
    assert ranking.picks[-1].interest_id is None


def test_readers_take_turns_among_the_noticed_papers_from_outside() -> None:
    pool = candidates([*spread(0, [0.6] * 4), axis(50), axis(51), axis(52)], trend=[0.5] * 4 + [0.97, 0.92, 0.3])
    rankings = rank([reader(topic(1, 0), explore=True, turn=turn) for turn in (1, 2, 3)], pool)
    assert [picked(one)[-1] for one in rankings] == [105, 104, 105]


def test_a_thin_day_has_nothing_from_outside() -> None:
    pool = candidates([*spread(0, [0.6] * 3), axis(50)], trend=[0.5] * 3 + [0.97])
    [ranking] = rank([reader(topic(1, 0), explore=True)], pool)
    assert [pick.explored for pick in ranking.picks] == [False] * 3


@pytest.mark.parametrize("why", [{"explore": False}, {"size": 4}, {"seen": frozenset({101})}])
def test_nothing_comes_from_outside_for_who_does_not_want_it(why: dict[str, object]) -> None:
    pool = candidates([*spread(0, [0.6]), axis(50)], trend=[0.5, 0.99])
    [ranking] = rank([reader(topic(1, 0), **{"explore": True, **why})], pool)
    assert [(pick.paper_id, pick.explored) for pick in ranking.picks] == [(100, False)]


def test_an_empty_day_is_not_filled_from_outside() -> None:
    [ranking] = rank([reader(topic(1, 0), explore=True)], candidates([axis(50)], trend=[0.99]))
    assert ranking.picks == ()


def by(*lists: tuple[str, ...]) -> Authors:
    return Authors(lists)


FOLLOWED = ReaderInterest(9, "author", "Ada Lovelace", ())


def test_a_followed_author_brings_a_paper_on_anything_and_it_comes_first() -> None:
    pool = replace(candidates([axis(0), axis(50)]), authors=by(("Charles Babbage",), ("Lovelace, Ada",)))
    [ranking] = rank([reader(topic(1, 0), FOLLOWED, floor=0.7)], pool)
    assert sorted(picked(ranking)) == [100, 101]
    assert ranking.picks[picked(ranking).index(101)].interest_id == 9


def test_who_follows_only_people_gets_their_papers_and_nothing_else() -> None:
    pool = replace(candidates([axis(0), axis(50)]), authors=by(("Charles Babbage",), ("Ada Lovelace",)))
    assert [picked(one) for one in rank([reader(FOLLOWED)], pool)] == [[101]]


def test_a_followed_lab_brings_its_papers() -> None:
    pool = replace(candidates([axis(0), axis(50)]), labs=Phrases(["AI at Meta", "Qwen"]))
    [ranking] = rank([reader(ReaderInterest(9, "lab", "Meta", ()))], pool)
    assert picked(ranking) == [100]


def test_a_busy_lab_gets_its_share_of_the_places_and_the_interests_theirs() -> None:
    pool = replace(candidates(spread(0, [0.5] * 8, first_filler=2) + [axis(20 + n) for n in range(9)]))
    pool = replace(pool, labs=Phrases([""] * 8 + ["Meta"] * 9))
    lab = ReaderInterest(9, "lab", "Meta", ())
    [both] = rank([reader(topic(1, 0), lab)], pool)
    assert [pick.interest_id for pick in both.picks].count(9) == 5
    [alone] = rank([reader(lab)], pool)
    assert len(alone.picks) == 9


def test_what_a_lab_had_no_place_for_comes_on_the_next_day() -> None:
    pool = replace(candidates([axis(20 + n) for n in range(9)]), labs=Phrases(["Meta"] * 9))
    lab = ReaderInterest(9, "lab", "Meta", ())
    [first] = rank([reader(topic(1, 0), lab)], pool)
    [second] = rank([reader(topic(1, 0), lab, seen=frozenset(picked(first)))], pool)
    assert sorted(picked(first) + picked(second)) == list(range(100, 109))


def test_excluded_terms_hold_for_followed_authors_too() -> None:
    pool = replace(candidates([axis(0)], texts=["a survey of robots"]), authors=by(("Ada Lovelace",)))
    assert rank([reader(FOLLOWED, excluded=("survey",))], pool)[0].picks == ()


def test_authors_of_papers_that_the_reader_knows_lift_a_paper_over_the_floor_but_not_just_any() -> None:
    pool = replace(candidates(spread(0, [0.32, 0.32, 0.1])), authors=by(("A B",), ("Ada Lovelace",), ("Ada Lovelace",)))
    [ranking] = rank([reader(topic(1, 0), people={"adalovelace": 3})], pool)
    assert picked(ranking) == [101]

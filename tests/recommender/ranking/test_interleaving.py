"""One digest of two rankings: fair to both, and with all that is promised of one ranking."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.evaluation.sequential import judge
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.interleaving import Mixed, interleaved
from recommender.ranking.picks import rank
from recommender.ranking.reader import Candidates, Ranking, Reader, ReaderInterest
from recommender.ranking.variants import AS_SHIPPED, VARIANTS, varied
from tests.recommender.conftest import candidates, leaning

A_FIRST, B_FIRST = [True] * 256, [False] * 256
FLOOR = 0.35


def topic(key: int, axis: int) -> ReaderInterest:
    return ReaderInterest(key, "topic", f"interest {key}", (Subject(np.eye(64, dtype=np.float32)[axis]),))


def reader(*interests: ReaderInterest, **changes: object) -> Reader:
    plain = Reader(key=1, interests=interests, seen=frozenset(), size=10, trend_weight=0.5, floor=FLOOR)
    return replace(plain, **changes)  # type: ignore[arg-type]


def on_axis(axis: int, weights: list[float], first_filler: int = 20) -> list[np.ndarray]:
    return [leaning(axis, weight, first_filler + at) for at, weight in enumerate(weights)]


def many(seed: int = 0, n: int = 30) -> Candidates:
    """Papers near to one axis, each otherwise on its own, with a trend that has nothing to do with nearness."""
    random = np.random.default_rng(seed)
    vectors = on_axis(0, list(random.uniform(0.3, 0.8, n)))
    return candidates(vectors, trend=list(random.uniform(0, 1, n)))


def both(person: Reader, pool: Candidates, b: str = "no trend") -> tuple[Ranking, Ranking]:
    first, second = rank([person, varied(person, b)], pool)
    return first, second


def coins(seed: int) -> list[bool]:
    return [bool(coin) for coin in np.random.default_rng(seed).integers(0, 2, 256)]


def picked(mixed: Mixed) -> list[int]:
    return [pick.paper_id for pick in mixed.ranking.picks]


def test_both_pick_in_turns_each_their_best_that_is_left() -> None:
    person = reader(topic(7, 0), size=4)
    pool = candidates(on_axis(0, [0.6, 0.59, 0.58, 0.57, 0.56]), trend=[0.0, 0.1, 0.2, 0.9, 1.0])
    a, b = both(person, pool)
    assert [pick.paper_id for pick in a.picks] == [104, 103, 102, 101]
    assert [pick.paper_id for pick in b.picks] == [100, 101, 102, 103]
    mixed = interleaved(a, b, person, pool, A_FIRST)
    assert (picked(mixed), mixed.team_a, mixed.team_b) == ([104, 100, 103, 101], (104, 103), (100, 101))
    mixed = interleaved(a, b, person, pool, B_FIRST)
    assert (picked(mixed), mixed.team_a, mixed.team_b) == ([100, 104, 101, 103], (104, 103), (100, 101))


def test_turns_in_which_both_bring_the_same_count_for_neither() -> None:
    person = reader(topic(7, 0), size=6)
    pool = candidates(on_axis(0, [0.7, 0.69, 0.5, 0.49, 0.48, 0.47]))
    [a] = rank([person], pool)
    first, second, *rest = a.picks
    b = replace(a, picks=(first, second, *reversed(rest)))
    mixed = interleaved(a, b, person, pool, coins(3))
    assert {first.paper_id, second.paper_id}.isdisjoint({*mixed.team_a, *mixed.team_b})
    assert {*mixed.team_a, *mixed.team_b} == {pick.paper_id for pick in rest}
    assert set(mixed.team_a) == {rest[0].paper_id, rest[1].paper_id}
    same = interleaved(a, a, person, pool, coins(3))
    assert (same.team_a, same.team_b) == ((), ())


def test_who_begins_is_a_coin_for_each_turn() -> None:
    person, pool = reader(topic(7, 0), size=4), many()
    a, _ = both(person, pool)
    mixed = interleaved(a, a, person, pool, [True, False, *A_FIRST], alike_counts=True)
    first, second, third, fourth = picked(mixed)
    assert (mixed.team_a, mixed.team_b) == ((first, fourth), (second, third))


def test_of_two_that_rank_alike_each_brings_a_place_as_often() -> None:
    person, pool = reader(topic(7, 0)), many()
    a, _ = both(person, pool)
    mixtures = [interleaved(a, a, person, pool, coins(seed), alike_counts=True) for seed in range(400)]
    assert all(picked(mixed) == [pick.paper_id for pick in a.picks] for mixed in mixtures)
    for pick in a.picks:
        assert 0.4 < np.mean([pick.paper_id in mixed.team_a for mixed in mixtures]) < 0.6


def test_who_reads_from_the_top_and_likes_all_alike_prefers_neither() -> None:
    person, throws, random = reader(topic(7, 0)), [0, 0, 0], np.random.default_rng(5)
    pairs = [(pool, both(person, pool)) for pool in map(many, range(40))]
    for seed in range(600):
        pool, (a, b) = pairs[seed % 40]
        mixed = interleaved(a, b, person, pool, coins(seed))
        praised = [paper for place, paper in enumerate(picked(mixed)) if random.random() < 0.5 * 0.8**place]
        lead = sum((paper in mixed.team_b) - (paper in mixed.team_a) for paper in praised)
        throws[np.sign(lead)] += 1
    _, for_b, for_a = throws
    assert for_a + for_b > 300
    assert not judge(for_a, for_b).is_real


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", [name for name in VARIANTS if name != AS_SHIPPED])
def test_whatever_is_mixed_holds_what_one_ranking_promises(seed: int, name: str) -> None:
    pool = many(seed)
    seconds = np.random.default_rng(seed).integers(30, 90, len(pool.ids))
    pool = replace(pool, seconds=seconds)
    person = reader(topic(7, 0), topic(8, 1), seen=frozenset({101, 103}), seconds=360 if seed % 2 else None)
    a, b = both(person, pool, name)
    mixed = interleaved(a, b, person, pool, coins(seed))
    assert len(set(picked(mixed))) == len(picked(mixed)) <= person.size
    assert not set(picked(mixed)) & person.seen
    assert all(pick.relevance >= FLOOR for pick in mixed.ranking.picks)
    assert abs(len(mixed.team_a) - len(mixed.team_b)) <= 1
    assert set(mixed.team_a) | set(mixed.team_b) <= set(picked(mixed))
    assert person.seconds is None or seconds[[pick.at for pick in mixed.ranking.picks]].sum() <= person.seconds
    shown = {*picked(mixed), *(paper for pick in mixed.ranking.picks for paper in pick.folded)}
    assert not {miss.paper_id for miss in mixed.ranking.near_misses} & shown


def test_no_two_papers_on_one_idea_though_each_ranking_has_another_of_them() -> None:
    twins = [leaning(0, 0.62, 20), leaning(0, 0.6, 20)]
    pool = candidates([*twins, *on_axis(0, [0.5, 0.45], 30)], trend=[0.0, 1.0, 0.5, 0.5])
    person = reader(topic(7, 0))
    a, b = both(person, pool)
    assert {a.picks[0].paper_id, b.picks[0].paper_id} == {100, 101}
    mixed = interleaved(a, b, person, pool, A_FIRST)
    assert sorted(picked(mixed)) == [101, 102, 103]
    assert mixed.ranking.picks[0].folded == (100,)


def test_every_interest_that_either_serves_has_its_first_paper() -> None:
    pool = candidates([*on_axis(0, [0.7] * 9), *on_axis(1, [0.4, 0.4], 40)], trend=[0.9] * 9 + [0.1] * 2)
    person = reader(topic(7, 0), topic(8, 1), size=4)
    a, b = both(person, pool)
    assert all(8 in {pick.interest_id for pick in ranking.picks} for ranking in (a, b))
    for seed in range(20):
        mixed = interleaved(a, b, person, pool, coins(seed))
        assert {pick.interest_id for pick in mixed.ranking.picks} == {7, 8}


def test_one_from_outside_stays_last_and_is_nobodys_merit() -> None:
    outsiders = [leaning(5, 0.9, 60), leaning(6, 0.9, 61)]
    pool = candidates([*on_axis(0, list(np.linspace(0.5, 0.7, 12))), *outsiders], trend=[0.2] * 12 + [0.99, 0.95])
    person = reader(topic(7, 0), explore=True)
    a, b = both(person, pool)
    mixed = interleaved(a, b, person, pool, coins(1))
    explored = [pick for pick in mixed.ranking.picks if pick.explored]
    assert explored == [mixed.ranking.picks[-1]]
    assert explored[0].paper_id not in {*mixed.team_a, *mixed.team_b}
    assert len(mixed.ranking.picks) == 10


def test_what_only_one_has_left_comes_and_is_nobodys_merit() -> None:
    person, pool = reader(topic(7, 0)), many()
    a, _ = both(person, pool)
    short = replace(a, picks=a.picks[:3])
    mixed = interleaved(a, short, person, pool, coins(2), alike_counts=True)
    assert len(picked(mixed)) == len(a.picks)
    assert len(mixed.team_a) == len(mixed.team_b) <= 3


def test_nothing_is_mixed_of_nothing() -> None:
    person, pool = reader(topic(7, 0)), many()
    a, _ = both(person, pool)
    nothing = Ranking((), (), a.considered)
    mixed = interleaved(a, nothing, person, pool, A_FIRST)
    assert (mixed.team_a, mixed.team_b) == ((), ())
    assert picked(mixed) == [pick.paper_id for pick in a.picks]


def test_variants_change_order_and_no_promise() -> None:
    person = reader(topic(7, 0), seen=frozenset({1}), excluded=("x",))
    for name in VARIANTS:
        other = varied(person, name)
        assert (other.floor, other.seen, other.size, other.excluded) == (FLOOR, person.seen, 10, ("x",))
        assert 0 <= other.trend_weight <= 1
    assert varied(person, AS_SHIPPED) is person


def test_more_varied_is_more_varied() -> None:
    alike = [leaning(0, 0.8, 20), *[0.9 * leaning(0, 0.8, 20) + 0.6 * leaning(0, 0.5, 21 + n) for n in range(5)]]
    alike = [one / np.linalg.norm(one) for one in alike]
    pool = candidates([*alike, *on_axis(0, [0.66, 0.64], 40)])
    person = reader(topic(7, 0), size=3)
    plain, other = both(person, pool, "more varied")
    assert [p.paper_id for p in plain.picks] != [p.paper_id for p in other.picks]

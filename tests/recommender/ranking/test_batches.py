"""A batch of readers is ranked in arrays of all of them at once: each gets what they would get alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.cosines import CosineScale
from recommender.ranking import picks
from recommender.ranking.day import MANY, Day
from recommender.ranking.diversity.likeness import BLOCK, Looked, Packed, Pooled, likeness
from recommender.ranking.diversity.variety import Pools, diverse
from recommender.ranking.feedback import Rated, multiply
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.picks import rank
from recommender.ranking.reader import Candidates, Ranking, Reader, ReaderInterest
from recommender.vectors import Matrix, unit
from recommender.words.authors import Authors
from recommender.words.phrases import Phrases
from recommender.words.terms import Texts

N, DIMENSION, CENTRES = 150, 24, 6
NAMES = ("Ada Lovelace", "Mary Somerville", "Jörg Müller", "Grace Hopper", "Charles Babbage")
KINDS = ("topic", "text", "papers", "feedback")


def around(centres: Matrix, count: int, random: np.random.Generator, apart: float = 1.0) -> Matrix:
    noise = unit(random.standard_normal((count, DIMENSION), dtype=np.float32))
    return unit(centres[random.integers(len(centres), size=count)] + apart * noise)


def day_of(centres: Matrix, random: np.random.Generator) -> Candidates:
    vectors = around(centres, N, random)
    twins = random.integers(N, size=(N // 5, 2))
    vectors[twins[:, 0]] = unit(vectors[twins[:, 1]] + 0.4 * vectors[twins[:, 0]])
    trend = np.where(random.random(N) < 0.7, random.random(N), np.nan).astype(np.float32)
    return Candidates(
        ids=random.permutation(N) + 100,
        vectors=vectors,
        trend=trend,
        featured=random.random(N) < 0.05,
        age=random.integers(7, size=N),
        texts=Texts(f"Paper {at} on word{at % 5} and word{at % 7}" for at in range(N)),
        authors=Authors([NAMES[at % 5], f"Member {at % 30}a"] for at in range(N)),
        labs=Phrases(f"Lab{at % 20}" for at in range(N)),
        works=np.where(random.random(N) < 0.2, random.integers(20, size=N), -1),
        open=random.random(N) < 0.9,
        seconds=random.integers(30, 200, size=N),
    )


def reader_of(key: int, centres: Matrix, topics: Sequence[ReaderInterest], random: np.random.Generator) -> Reader:
    interests = [topics[at] for at in random.integers(len(topics), size=random.integers(3))]
    for number in range(random.integers(3)):
        shares = random.dirichlet(np.ones(random.integers(1, 4)))
        vectors = around(centres, len(shares), random)
        subjects = [Subject(vector, share=float(share)) for vector, share in zip(vectors, shares, strict=True)]
        interests.append(ReaderInterest(10 + number, str(random.choice(KINDS[1:])), "", tuple(subjects)))
    if random.random() < 0.3:
        interests.insert(0, ReaderInterest(20, "author", str(random.choice(NAMES)), ()))
    if random.random() < 0.2:
        interests.append(ReaderInterest(21, "lab", f"Lab{random.integers(20)}", ()))
    less = Rated(around(centres, 3, random), np.array([1, 0.5, 0.2], dtype=np.float32))
    return Reader(
        key=key,
        interests=tuple(interests),
        seen=frozenset(random.integers(90, 100 + N, size=random.integers(30)).tolist()),
        size=int(random.choice([1, 3, 5, 10, 30])),
        trend_weight=float(random.choice([0, 0.5, 1])),
        floor=float(random.choice([0.2, 0.35, 0.6])),
        less=less if random.random() < 0.3 else None,
        required=("word1", "word2") if random.random() < 0.1 else (),
        excluded=("word3",) if random.random() < 0.3 else (),
        people={"adalovelace": 2, "jorgmuller": 1, "joergmueller": 1, "member3a": 4} if random.random() < 0.4 else {},
        explore=bool(random.random() < 0.5),
        turn=int(random.integers(100)),
        seconds=int(random.integers(60, 1500)) if random.random() < 0.3 else None,
        relevance_share=float(random.choice([0.8, 0.5])),
    )


def told(ranking: Ranking) -> object:
    """All of it but the scores, which may be rounded otherwise."""
    plain = [pick._replace(score=0.0, relevance=0.0) for pick in (*ranking.picks, *ranking.near_misses)]
    return plain, len(ranking.picks), ranking.considered


def numbers(ranking: Ranking) -> list[float]:
    return [number for pick in (*ranking.picks, *ranking.near_misses) for number in (pick.score, pick.relevance)]


@given(seed=st.integers(0, 10_000), count=st.integers(1, 2 * MANY))
@settings(deadline=None, max_examples=60)
def test_everybody_of_a_batch_gets_what_they_get_alone(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    centres = unit(random.standard_normal((CENTRES, DIMENSION), dtype=np.float32))
    topics = [ReaderInterest(at, "topic", "", (Subject(centre),)) for at, centre in enumerate(centres)]
    pool = day_of(centres, random)
    readers = [reader_of(key, centres, topics, random) for key in range(count)]
    together, again = rank(readers, pool), rank(readers, pool)
    # Candidates that nothing is kept with yet, so that all is worked out anew for each.
    alone = [rank([replace(reader)], replace(pool))[0] for reader in readers]
    for one, other, third in zip(together, alone, again, strict=True):
        assert told(one) == told(other) == told(third)
        assert numbers(one) == pytest.approx(numbers(other), abs=1e-5)
        assert numbers(one) == pytest.approx(numbers(third), abs=1e-5)


def test_nobody_gets_nothing() -> None:
    random = np.random.default_rng(0)
    assert rank([], day_of(np.eye(3, DIMENSION, dtype=np.float32), random)) == []


def test_relevance_to_topics_is_kept_with_the_candidates() -> None:
    random = np.random.default_rng(1)
    centres = unit(random.standard_normal((CENTRES, DIMENSION), dtype=np.float32))
    pool, subject = day_of(centres, random), Subject(centres[0])
    for kind in KINDS:
        interest = ReaderInterest(1, kind, "", (subject,))
        rank([Reader(1, (interest,), frozenset(), size=5, trend_weight=0.0, floor=0.3)], pool)
    [(kept, relevance)] = Day(pool).shared.topics.values()
    assert kept is subject
    assert relevance == pytest.approx(picks.relevance([(subject, "topic")], pool)[0])
    assert not Day(replace(pool)).shared.topics


def test_all_papers_are_compared_once_for_many_readers_where_there_are_few_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(2)
    pool = day_of(np.eye(3, DIMENSION, dtype=np.float32), random)
    few, many = random.integers(N, size=(MANY - 1, 4)), random.integers(N, size=(MANY, 4))
    assert isinstance(Day(pool).likeness(few), Pooled)
    assert isinstance(Day(pool).likeness(many), Looked)
    monkeypatch.setattr("recommender.ranking.day.MOST_ALIKE", 4 * N)
    assert isinstance(Day(replace(pool)).likeness(many), Pooled)


@given(seed=st.integers(0, 1000), line=st.sampled_from([-1.0, 0.3, 0.85]))
@settings(deadline=None, max_examples=30)
def test_what_is_looked_up_is_what_is_computed(seed: int, line: float) -> None:
    random = np.random.default_rng(seed)
    n = int(random.choice([1, 5, BLOCK + 3]))
    vectors = unit(random.standard_normal((n, 4), dtype=np.float32))
    works = random.integers(-1, 3, size=n)
    pools = np.array([random.permutation(n)[: min(n, 40)] for _ in range(3)])
    held = random.integers(pools.shape[1] + 1, size=3)
    looked, pooled = Looked(Packed(vectors, works), pools), Pooled(likeness(vectors[pools], works[pools]))
    places = random.integers(pools.shape[1], size=3)
    assert looked.to(places) == pytest.approx(pooled.to(places), abs=1e-6)
    for mine, other, count in zip(looked.first(line, held), pooled.first(line, held), held, strict=True):
        assert mine[:count].tolist() == other[:count].tolist()


def test_what_is_wanted_less_is_multiplied_at_once_and_each_keeps_their_own() -> None:
    random = np.random.default_rng(3)
    centres = unit(random.standard_normal((CENTRES, DIMENSION), dtype=np.float32))
    papers, rated = (
        around(centres, N, random),
        [Rated(around(centres, m, random), np.ones(m, dtype=np.float32)) for m in (2, 1, 3)],
    )
    multiply([*rated, None], papers)
    for one in rated:
        assert one.knows(papers)
        assert one.cosines(papers) == pytest.approx(one.vectors @ papers.T, abs=1e-6)


def plainly(
    score: list[float], subject: list[int], alike: Matrix, owed: list[int], size: int, share: float
) -> list[int]:
    """Choose for one reader, a paper at a time."""
    left, chosen = list(owed), list[int]()
    while len(chosen) < min(size, len(score)):
        tight = sum(left) >= size - len(chosen)
        rest = [at for at in range(len(score)) if at not in chosen and (left[subject[at]] or not tight)]
        nearest = {at: max([0.0, *(float(alike[at, other]) for other in chosen)]) for at in rest}
        best = max(rest, key=lambda at: share * score[at] - (1 - share) * nearest[at])
        chosen.append(best)
        left[subject[best]] = max(0, left[subject[best]] - 1)
    return chosen


@given(seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=60)
def test_readers_in_lockstep_choose_as_one_would_paper_by_paper(seed: int) -> None:
    random = np.random.default_rng(seed)
    readers, m, sizes = 4, 12, random.integers(1, 12, size=4).tolist()
    score = -np.sort(-random.random((readers, m), dtype=np.float32), axis=1)
    held = random.integers(m + 1, size=readers)
    score[np.arange(m) >= held[:, np.newaxis]] = -np.inf
    subject, alike = random.integers(3, size=(readers, m)), random.random((readers, m, m), dtype=np.float32)
    alike = np.maximum(alike, np.swapaxes(alike, 1, 2))
    owed, shares = np.zeros((readers, 3), dtype=np.int64), random.choice([0.5, 0.8], size=readers).tolist()
    for mine, its, count, size in zip(owed, subject, held, sizes, strict=True):
        fillable = np.bincount(its[:count], minlength=3)
        mine[:] = np.minimum(fillable, max(1, size // 4))
        while mine.sum() > size:
            mine[mine.argmax()] -= 1
    expected = [
        plainly(
            score[at, : held[at]].tolist(), subject[at].tolist(), alike[at], owed[at].tolist(), sizes[at], shares[at]
        )
        for at in range(readers)
    ]
    assert diverse(Pools(score, subject, Pooled(alike), CosineScale()), owed, sizes, shares) == expected

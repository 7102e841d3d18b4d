"""Replay a stretch of days: what people known by their papers would have been sent, day by day.

This uses the functions that digests are made with, without a database. People are known by the papers before the first
day; what papers are like in general is learned from those before it as well, so nothing knows what is to come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from django.conf import settings
from tqdm import tqdm

from papers.evaluation.metrics import Floats, ranks
from papers.evaluation.rows import DataUnusable
from recommender.evaluation import days, vectors_cache
from recommender.evaluation.days import Person, Recorded, Span
from recommender.evaluation.diary import Diary, Later
from recommender.evaluation.ours import drawn
from recommender.ranking import evidence, interest_clusters, picks
from recommender.ranking.interest_clusters import Background
from recommender.ranking.reader import Candidates, Reader, ReaderInterest
from recommender.vectors import Matrix
from recommender.words import authors, lexicon
from recommender.words.lexicon import Terms

SIZE, TREND_WEIGHT = 10, 0.5  # of a subscriber who changes nothing
OURS, AS_SENT, MEAN = "ours, content only", "ours, as sent", "one mean vector"


@dataclass(frozen=True, slots=True)
class World:
    """All papers with what is known of them, by position."""

    recorded: Recorded
    vectors: Matrix  # (n, d) unit rows; zeros for papers that nobody could be sent
    words: Sequence[Terms]  # (n,)
    background: Background


def replay(folder: Path, span: Span, most: int) -> list[Diary]:
    """Return the diaries of at most so many people; raise DataUnusable, encoder.ModelMissing. Shows its progress."""
    recorded = days.load(folder, span)
    people = recorded.people[:most]
    if not people or not any(len(days.positions(recorded, day)) for day in span):
        raise DataUnusable(f"{folder} holds nobody to replay, or no papers, from {span.first} to {span.last}.")
    world = world_of(recorded, people, span)
    diaries = [Diary(person, _reader(number, person, world)) for number, person in enumerate(people)]
    for day in tqdm(list(span), desc="Replaying", unit="day"):
        live(diaries, world, day)
    return diaries


def world_of(recorded: Recorded, people: Sequence[Person], span: Span) -> World:
    """Return all that is known in a span of days; encodes what these people and days have, with progress."""
    texts = [paper.text.whole() for paper in recorded.papers]
    earlier = days.before(recorded, span.first)
    vocabulary = lexicon.learn(texts[at] for at in earlier)
    sample = earlier[drawn(len(earlier))]
    wanted = np.unique(
        np.concatenate(
            [sample, *(person.library for person in people), *(days.positions(recorded, day) for day in span)]
        )
    )
    path = settings.VAR_DIR / "evaluation" / "vectors.sqlite3"
    encoded = vectors_cache.encode([texts[at] for at in wanted], settings.EMBEDDING_MODEL, path)
    vectors = np.zeros((len(texts), encoded.shape[1]), dtype=np.float32)
    vectors[wanted] = encoded
    background = Background(1, vocabulary, vectors[sample], lexicon.unit_rows([texts[at] for at in sample], vocabulary))
    return World(recorded, vectors, lexicon.stored(lexicon.unit_rows(texts, vocabulary), vocabulary), background)


def _reader(key: int, person: Person, world: World) -> Reader:
    papers = [world.recorded.papers[at] for at in person.library]
    rows = lexicon.unit_rows([paper.text.whole() for paper in papers], world.background.vocabulary)
    weights = np.ones(len(papers), dtype=np.float32)
    liked = interest_clusters.Evidence(
        [paper.text.title for paper in papers], world.vectors[person.library], rows, weights
    )
    interest = ReaderInterest(1, "papers", "", tuple(interest_clusters.of_papers(liked, world.background)))
    known = authors.people_of(paper.authors for paper in papers)
    plain = Reader(key, (interest,), frozenset(), SIZE, TREND_WEIGHT, settings.RELEVANCE_FLOOR)
    return replace(plain, people=known, seen=frozenset(person.library.tolist()))


def candidates(world: World, day: date) -> Candidates:
    """Return what could be sent on that day; papers that were on no list yet have no trend."""
    positions = days.positions(world.recorded, day)
    papers = [world.recorded.papers[one] for one in positions]
    came = [max(one for one in paper.days if one <= day) for paper in papers]
    noticed = [(one := world.recorded.listed[place]) is not None and one <= day for place in positions]
    return Candidates(
        ids=positions,
        vectors=world.vectors[positions],
        trend=np.where(noticed, world.recorded.trend[positions], np.nan).astype(np.float32),
        featured=np.zeros(len(positions), dtype=np.bool_),
        age=np.array([(day - one).days for one in came], dtype=np.int64),
        words=evidence.paper_terms([world.words[one] for one in positions]),
        authors=authors.Authors(paper.authors for paper in papers),
    )


def live(diaries: Sequence[Diary], world: World, day: date) -> None:
    """Send everybody's digest of that day."""
    pool = candidates(world, day)
    for diary, ranking in zip(diaries, picks.rank([diary.reader for diary in diaries], pool), strict=True):
        _look_at_subjects(diary, pool)
        _look_for_later(diary, world, pool)
        diary.note(ranking)
        diary.reader = replace(diary.reader, seen=diary.reader.seen | diary.shown)


def _look_at_subjects(diary: Diary, pool: Candidates) -> None:
    """Note which subjects have a candidate that fits and was not sent yet, though another subject may be nearer."""
    unseen = ~np.isin(pool.ids, list(diary.reader.seen))
    relevance = picks.relevance([(subject, "papers") for subject in diary.subjects], pool)
    fit = (relevance[:, unseen] >= diary.reader.floor).any(axis=1)
    diary.served = np.asarray(fit | diary.served if len(diary.served) else fit)


def _look_for_later(diary: Diary, world: World, pool: Candidates) -> None:
    """Note the places of the papers that the reader submitted or wrote later, where this is their first day."""
    new = [at for at in diary.person.later.tolist() if at in pool.ids and at not in diary.later]
    if not new:
        return
    orders = _orders(diary, world, pool)
    others = ~np.isin(pool.ids, [*diary.person.library, *diary.person.later])
    for at in new:
        kept = np.flatnonzero(others | (pool.ids == at))
        place = int(np.flatnonzero(pool.ids[kept] == at)[0])
        places = {name: float(ranks(-scores[kept])[place]) for name, scores in orders.items()}
        diary.later[at] = Later(places, len(kept))


def _orders(diary: Diary, world: World, pool: Candidates) -> Mapping[str, Floats]:
    plain = replace(diary.reader, people={}, trend_weight=0.0)
    mean = world.vectors[diary.person.library].mean(axis=0)
    scores_by_method = {
        OURS: picks.scores(plain, pool),
        AS_SENT: picks.scores(diary.reader, pool),
        MEAN: pool.vectors @ mean,
    }
    return {name: scores.astype(np.float64) for name, scores in scores_by_method.items()}

"""A stretch of days lived again: what people known by their papers would have been sent, day by day.

By the functions that digests are made with, without a database. People are known by the papers before the first day;
what papers are like in general is learned from those before it as well, so nothing knows what is to come.
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
from recommender import authors, evidence, lexicon, ranking, subjects
from recommender.evaluation import days, vectors_cache
from recommender.evaluation.days import Person, Recorded, Span
from recommender.evaluation.diary import Diary, Later
from recommender.evaluation.ours import drawn
from recommender.lexicon import Terms
from recommender.reader import Candidates, Reader, ReaderInterest
from recommender.subjects import Background
from recommender.vectors import Matrix

SIZE, TREND_WEIGHT = 10, 0.5  # of a subscriber who changes nothing
OURS, AS_SENT, MEAN = "ours, content only", "ours, as sent", "one mean vector"


@dataclass(frozen=True, slots=True)
class World:
    """All papers with what is known of them, by position."""

    found: Recorded
    vectors: Matrix  # (n, d) unit rows; zeros for papers that nobody could be sent
    words: Sequence[Terms]  # (n,)
    background: Background


def replay(folder: Path, span: Span, most: int) -> list[Diary]:
    """The diaries of at most so many people; raises DataUnusable, encoder.ModelMissing. Shows its progress."""
    found = days.load(folder, span)
    people = found.people[:most]
    if not people or not any(len(days.positions(found, day)) for day in span):
        raise DataUnusable(f"{folder} holds nobody to replay, or no papers, from {span.first} to {span.last}.")
    world = _world(found, people, span)
    diaries = [Diary(one, _reader(number, one, world)) for number, one in enumerate(people)]
    for day in tqdm(list(span), desc="Replaying", unit="day"):
        live(diaries, world, day)
    return diaries


def _world(found: Recorded, people: Sequence[Person], span: Span) -> World:
    texts = [paper.text.whole() for paper in found.papers]
    earlier = days.before(found, span.first)
    vocabulary = lexicon.learn(texts[at] for at in earlier)
    sample = earlier[drawn(len(earlier))]
    wanted = np.unique(
        np.concatenate([sample, *(one.library for one in people), *(days.positions(found, day) for day in span)])
    )
    path = settings.VAR_DIR / "evaluation" / "vectors.sqlite3"
    encoded = vectors_cache.encode([texts[at] for at in wanted], settings.EMBEDDING_MODEL, path)
    vectors = np.zeros((len(texts), encoded.shape[1]), dtype=np.float32)
    vectors[wanted] = encoded
    background = Background(1, vocabulary, vectors[sample], lexicon.unit_rows([texts[at] for at in sample], vocabulary))
    return World(found, vectors, lexicon.stored(lexicon.unit_rows(texts, vocabulary), vocabulary), background)


def _reader(key: int, person: Person, world: World) -> Reader:
    papers = [world.found.papers[at] for at in person.library]
    rows = lexicon.unit_rows([paper.text.whole() for paper in papers], world.background.vocabulary)
    weights = np.ones(len(papers), dtype=np.float32)
    liked = subjects.Evidence([paper.text.title for paper in papers], world.vectors[person.library], rows, weights)
    interest = ReaderInterest(1, "papers", "", tuple(subjects.of_papers(liked, world.background)))
    known = authors.people_of(paper.authors for paper in papers)
    plain = Reader(key, (interest,), frozenset(), SIZE, TREND_WEIGHT, settings.RELEVANCE_FLOOR)
    return replace(plain, people=known, seen=frozenset(person.library.tolist()))


def candidates(world: World, day: date) -> Candidates:
    """What could be sent on that day; who was not on a list yet has no trend."""
    at = days.positions(world.found, day)
    papers = [world.found.papers[one] for one in at]
    came = [max(one for one in paper.days if one <= day) for paper in papers]
    noticed = [(one := world.found.listed[place]) is not None and one <= day for place in at]
    return Candidates(
        ids=at,
        vectors=world.vectors[at],
        trend=np.where(noticed, world.found.trend[at], np.nan).astype(np.float32),
        featured=np.zeros(len(at), dtype=np.bool_),
        age=np.array([(day - one).days for one in came], dtype=np.int64),
        words=evidence.paper_terms([world.words[one] for one in at]),
        authors=authors.Authors(paper.authors for paper in papers),
    )


def live(diaries: Sequence[Diary], world: World, day: date) -> None:
    """Everybody's digest of that day."""
    pool = candidates(world, day)
    for diary, found in zip(diaries, ranking.rank([one.reader for one in diaries], pool), strict=True):
        _look_at_subjects(diary, pool)
        _look_for_later(diary, world, pool)
        diary.note(found)
        diary.reader = replace(diary.reader, seen=diary.reader.seen | diary.shown)


def _look_at_subjects(diary: Diary, pool: Candidates) -> None:
    """Which subjects have a candidate that fits and was not sent yet, whether or not another subject is nearer."""
    unseen = ~np.isin(pool.ids, list(diary.reader.seen))
    relevance = ranking.relevance([(one, ranking.OFFSETS["papers"]) for one in diary.subjects], pool)
    fit = (relevance[:, unseen] >= diary.reader.floor).any(axis=1)
    diary.served = np.asarray(fit | diary.served if len(diary.served) else fit)


def _look_for_later(diary: Diary, world: World, pool: Candidates) -> None:
    """Note the places of the papers that the reader submitted or wrote later, where this is their first day."""
    new = [at for at in diary.person.later.tolist() if at in pool.ids and at not in diary.later]
    if not new:
        return
    found = _orders(diary, world, pool)
    others = ~np.isin(pool.ids, [*diary.person.library, *diary.person.later])
    for at in new:
        kept = np.flatnonzero(others | (pool.ids == at))
        place = int(np.flatnonzero(pool.ids[kept] == at)[0])
        places = {name: float(ranks(-scores[kept])[place]) for name, scores in found.items()}
        diary.later[at] = Later(places, len(kept))


def _orders(diary: Diary, world: World, pool: Candidates) -> Mapping[str, Floats]:
    plain = replace(diary.reader, people={}, trend_weight=0.0)
    mean = world.vectors[diary.person.library].mean(axis=0)
    found = {
        OURS: ranking.scores(plain, pool),
        AS_SENT: ranking.scores(diary.reader, pool),
        MEAN: pool.vectors @ mean,
    }
    return {name: scores.astype(np.float64) for name, scores in found.items()}

"""Order the day's candidates for a batch of readers: pure arithmetic on arrays, no database and no clock."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan

import numpy as np

from recommender.ranking import evidence
from recommender.ranking.authorship import followed_names
from recommender.ranking.day import Day
from recommender.ranking.feedback import multiply
from recommender.ranking.fusion import bent, support
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.reader import Candidates, Pick, Ranking, Reader, ReaderInterest, room_of
from recommender.ranking.selection import LEAST_SIZE, POOL, Chosen, choose, is_new, outside_of, unwanted
from recommender.ranking.standing import (
    Asked,
    Facets,
    Mask,
    Places,
    Standing,
    asked,
    cold_standing,
    facets_of,
    judged,
    standing,
)
from recommender.vectors import Matrix, Vector

# A paper is more similar to any other paper than a topic's description is: on twelve days of arXiv listings the 95th
# and 99th percentiles of these similarities lie .12 to .08 apart, and the offset puts papers on the topics' scale, so
# that one floor fits. A short text is less similar to everything, by .07; but read one by one, the papers that an
# offset of as much would let in were fillers, so a text is given none.
# They are constants and not the day's own mean and deviation, because a day without one fitting paper must stay empty.
OFFSETS = {"topic": 0.0, "text": 0.0, "papers": -0.08, "feedback": -0.08}
WRITTEN = "text"  # the kind of which a paper must have words, or else be nearer
NEAR_MISSES = 5
TOPIC = "topic"  # the kind that many readers share


def rank(readers: Sequence[Reader], candidates: Candidates) -> list[Ranking]:
    """Return one Ranking for each reader, in order; one dense and one sparse product for the whole batch."""
    if not readers or not len(candidates.ids):
        return [Ranking((), (), 0) for _ in readers]
    day = Day(candidates)
    return _ranked(asked(readers, day, *_relevance_of_each(readers, day)))


def _subjects(reader: Reader) -> list[tuple[Subject, str]]:
    """Return the reader's subjects, each with its kind."""
    return [(subject, interest.kind) for interest in reader.interests for subject in interest.subjects]


def _relevance_of_each(readers: Sequence[Reader], day: Day) -> tuple[Matrix, list[int]]:
    """Return (u, n) what `relevance` returns of distinct subjects, and which of them each reader's subjects are."""
    places: dict[tuple[int, str], int] = {}
    each = dict[int, tuple[Subject, str]]()
    rows = list[int]()
    for reader in readers:
        for interest in reader.interests:
            for subject in interest.subjects:
                row = places.setdefault((id(subject), interest.kind), len(places))
                each[row] = subject, interest.kind
                rows.append(row)
    return _kept_or_new(list(each.values()), day), rows


def _kept_or_new(subjects: Sequence[tuple[Subject, str]], day: Day) -> Matrix:
    """Return (u, n) relevance; what is known of a topic from an earlier batch is not worked out again."""
    kept = [day.shared.topics.get((id(subject), kind)) for subject, kind in subjects]
    new = [at for at, known in enumerate(kept) if known is None]
    fresh = relevance([subjects[at] for at in new], day.candidates)
    for at, row in zip(new, fresh, strict=True):
        if subjects[at][1] == TOPIC:
            day.keep_topic(*subjects[at], row)
    if len(new) == len(subjects):
        return fresh
    every = np.empty((len(subjects), fresh.shape[1]), dtype=np.float32)
    every[new] = fresh
    for at, known in enumerate(kept):
        if known is not None:
            every[at] = known[1]
    return every


def relevance(subjects: Sequence[tuple[Subject, str]], candidates: Candidates) -> Matrix:
    """Return (s, n) relevance of the candidates to s subjects, each with the kind of its interest."""
    if not subjects:
        return np.empty((0, len(candidates.ids)), dtype=np.float32)
    stacked = evidence.stacked([subject for subject, _ in subjects])
    nearness = evidence.relevance(stacked, candidates.vectors, candidates.words)
    nearness += np.array([OFFSETS.get(kind, 0.0) for _, kind in subjects], dtype=np.float32)[:, np.newaxis]
    if written := [at for at, one in enumerate(subjects) if needs_words(*one, candidates)]:
        texts = evidence.stacked([subjects[at][0] for at in written])
        nearness[written] += support(evidence.words(texts, candidates.words))
    return bent(nearness)


def needs_words(subject: Subject, kind: str, candidates: Candidates) -> bool:
    """Tell whether papers without its words are less relevant: a text's, if it has words that papers are known by."""
    return kind == WRITTEN and bool(len(subject.terms.keys)) and bool(len(candidates.words.ids))


def rows_of(interest: ReaderInterest, candidates: Candidates) -> Matrix:
    """Return (s, n) relevance of the candidates to the s subjects of one interest."""
    return relevance([(subject, interest.kind) for subject in interest.subjects], candidates)


def scores(reader: Reader, candidates: Candidates) -> Vector:
    """Return the (n,) scores that order the candidates for a reader with interests, before anything is left out."""
    of_one = asked([reader], Day(candidates), relevance(_subjects(reader), candidates), range(len(_subjects(reader))))
    return judged(of_one, np.arange(len(candidates.ids)), [facets_of(reader)]).score


def rank_one(reader: Reader, day: Day, relevance_rows: Matrix) -> Ranking:
    """Rank for one reader, of whose s subjects (s, n) relevance is known."""
    return _ranked(asked([reader], day, relevance_rows, range(len(relevance_rows))))[0]


def _ranked(batch: Asked) -> list[Ranking]:
    readers, day, candidates = batch.readers, batch.day, batch.day.candidates
    multiply([reader.less for reader in readers], candidates.vectors)
    open_to = _open_to(batch)
    warm = (batch.counts > 0) | [bool(followed_names(reader)) for reader in readers]
    facets = [facets_of(reader) for reader in readers]
    known = standing(batch, facets, open_to & warm[:, np.newaxis])
    outside = outside_of(readers, day, _foreign(known, open_to & warm[:, np.newaxis]))
    if not warm.all():
        known = known.with_(_cold(batch, open_to, np.flatnonzero(~warm)))
    known = known.best_first()
    rooms = [room_of(one, candidates).beside(beyond, candidates) for one, beyond in zip(readers, outside, strict=True)]
    chosen = choose(known, facets, rooms, day)
    outside = _new(outside, chosen, known, candidates)
    picks, beyond = _picks(chosen, batch, known, facets), _outside_picks(outside, batch)
    misses = _picks(_near_misses(known, chosen, outside), batch, known, facets)
    considered = np.count_nonzero(open_to, axis=1).tolist()
    every = zip(picks, beyond, misses, considered, strict=True)
    return [Ranking((*mine, *other), tuple(missed), count) for mine, other, missed, count in every]


def _open_to(batch: Asked) -> Mask:
    """Return (r, n) which candidates each reader has not seen and allows."""
    day, candidates = batch.day, batch.day.candidates
    open_to = np.empty((len(batch.readers), batch.n), dtype=np.bool_)
    open_to[:] = True if candidates.open is None else candidates.open
    allowed = dict[tuple[tuple[str, ...], tuple[str, ...], bool], Mask]()
    for at, reader in enumerate(batch.readers):
        terms = reader.required, reader.excluded
        if any(terms):
            if (*terms, reader.plurals) not in allowed:
                mask = candidates.texts.allowed(*terms, batch.n, plurals=reader.plurals)
                allowed[*terms, reader.plurals] = mask
            open_to[at] &= allowed[*terms, reader.plurals]
        if reader.less is not None:
            open_to[at] &= ~unwanted(reader, candidates)
    owners = np.repeat(np.arange(len(batch.readers)), [len(reader.seen) for reader in batch.readers])
    places = day.places(key for reader in batch.readers for key in reader.seen)
    open_to[owners[places >= 0], places[places >= 0]] = False
    return open_to


def _foreign(known: Standing, open_to: Mask) -> Mask:
    foreign = open_to.copy()
    foreign[known.owner[known.fit], known.at[known.fit]] = False
    return foreign


def _cold(batch: Asked, open_to: Mask, owners: Places) -> Standing:
    readers = [batch.readers[at] for at in owners]
    found = cold_standing(readers, batch.day, open_to[owners], [max(POOL, 2 * reader.size) for reader in readers])
    return replace(found, owner=owners[found.owner])


def _new(
    outside: Sequence[Sequence[int]], chosen: Sequence[Sequence[Chosen]], known: Standing, candidates: Candidates
) -> list[list[int]]:
    """Keep papers from outside whose digests are long enough for one, and where it is on no idea of the others."""
    long = [at for at, mine in enumerate(chosen) if outside[at] and len(mine) >= LEAST_SIZE - 1]
    found: list[list[int]] = [[] for _ in outside]
    if long:
        papers = np.array([outside[at][0] for at in long])
        others = np.repeat(papers[:, np.newaxis], max(len(chosen[at]) for at in long), axis=1)
        for row, at in enumerate(long):
            others[row, : len(chosen[at])] = known.at[[one.pair for one in chosen[at]]]
        for at, new in zip(long, is_new(papers, others, candidates).tolist(), strict=True):
            found[at] = list(outside[at]) if new else []
    return found


def _near_misses(
    known: Standing, chosen: Sequence[Sequence[Chosen]], outside: Sequence[Sequence[int]]
) -> list[list[Chosen]]:
    """Return the best of what was not chosen, whether just below the floor or for lack of room."""
    rest = known.near.copy()
    rest[[pair for mine in chosen for one in mine for pair in (one.pair, *one.folded)]] = False
    pairs = np.flatnonzero(rest)
    owner = known.owner[pairs]
    nth = np.arange(len(pairs)) - np.searchsorted(owner, np.arange(len(chosen)))[owner]
    pairs = pairs[nth < NEAR_MISSES + 1]  # one of them may be the paper from outside
    missed: list[list[Chosen]] = [[] for _ in chosen]
    for reader, pair, at in zip(known.owner[pairs].tolist(), pairs.tolist(), known.at[pairs].tolist(), strict=True):
        if at not in outside[reader] and len(missed[reader]) < NEAR_MISSES:
            missed[reader].append(Chosen(pair))
    return missed


def _picks(
    chosen: Sequence[Sequence[Chosen]], batch: Asked, known: Standing, facets: Sequence[Facets]
) -> list[list[Pick]]:
    """Return the picks of each reader, in the same order."""
    candidates = batch.day.candidates
    part = known.take(np.array([one.pair for mine in chosen for one in mine], dtype=np.int64))
    ids, trends = candidates.ids[part.at].tolist(), candidates.trend[part.at].tolist()
    figures = (ids, part.score.tolist(), part.relevance.tolist(), trends, part.subject.tolist(), part.at.tolist())
    columns = zip(*figures, strict=True)
    picks = list[list[Pick]]()
    for reader, mine, its in zip(batch.readers, chosen, facets, strict=True):
        picks.append([])
        for one, (paper, score, relevance, trend, subject, at) in zip(mine, columns, strict=False):
            interest = its.interests[subject]
            key = None if interest is None else reader.interests[interest].id
            folded = tuple(candidates.ids[known.at[list(one.folded)]].tolist()) if one.folded else ()
            noticed = None if isnan(trend) else trend
            picks[-1].append(Pick(paper, score, relevance, noticed, key, interest, its.rows[subject], at, folded))
    return picks


def _outside_picks(outside: Sequence[Sequence[int]], batch: Asked) -> list[list[Pick]]:
    """Return the picks of papers from outside, one of a reader at most."""
    candidates, owners = batch.day.candidates, [at for at, mine in enumerate(outside) if mine]
    found = judged(batch, np.array([at * batch.n + outside[at][0] for at in owners], dtype=np.int64))
    picks: list[list[Pick]] = [[] for _ in outside]
    for owner, at, score, relevance in zip(
        owners, found.at.tolist(), found.score.tolist(), found.relevance.tolist(), strict=True
    ):
        trend = float(candidates.trend[at])
        paper, noticed = int(candidates.ids[at]), None if isnan(trend) else trend
        picks[owner].append(Pick(paper, score, relevance, noticed, None, None, 0, at, explored=True))
    return picks

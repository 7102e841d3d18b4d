"""Choose the few papers of digests by their scores: each idea once, varied, no interest starves, one from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.day import Day
from recommender.ranking.diversity.variety import Pools, diverse, owed, places_in_time, within_time
from recommender.ranking.reader import Candidates, Reader, Room
from recommender.ranking.standing import Facets, Mask, Places, Standing

POOL = 50  # how deep diversity looks; below that a paper is too far from the best to be worth its difference
# Of 2,934 papers of twelve days, the six pairs from .85 up are two papers on one idea; at .80 to .84 they differ.
NEAR_DUPLICATE = 0.85
SPARE = 2  # of a subject's papers beyond its equal share: near-duplicates may take some away
# One paper from outside a reader's interests, so that a digest does not close in on itself.
LEAST_SIZE = 5  # in a shorter digest every place belongs to the interests, and a thin day stays thin
AMONG = 10  # of the most noticed


class Chosen(NamedTuple):
    pair: int  # its place among the pairs that it was chosen from
    folded: tuple[int, ...] = ()  # places of near-duplicates and other parts of the work that gave way


def choose(standing: Standing, facets: Sequence[Facets], rooms: Sequence[Room], day: Day) -> list[list[Chosen]]:
    """Choose of the pairs that are fit, each reader's best first, what the readers' rooms hold, best first.

    Two thirds of the places are owed: every interest that has fit candidates gets the same number, and within it its
    subjects get them by their shares. Where time is what is short, each interest has its first paper before any has a
    second: to choose first and to cut what is too much would always cut the same interest. One at least is chosen.
    """
    pairs, held = _pools(standing, np.array([room.papers for room in rooms], dtype=np.int64))
    candidates, at = day.candidates, standing.at[pairs]
    alike = day.likeness(at)
    folded = _fold(alike.first(candidates.scales.alike.raw(NEAR_DUPLICATE), held), held)
    counts = np.arange(pairs.shape[1]) < held[:, np.newaxis]
    score = np.where(counts, standing.score[pairs], np.float32(-np.inf))
    for reader, others in enumerate(folded):
        for rows in others.values():
            score[reader, rows] = -np.inf
    pools = Pools(score, np.where(counts, standing.subject[pairs], 0), alike, candidates.scales.papers)
    taken = _taken(pools, facets, rooms, None if candidates.seconds is None else candidates.seconds[at])
    chosen = list[list[Chosen]]()
    for places, mine, others, scores in zip(taken, pairs.tolist(), folded, score.tolist(), strict=True):
        best_first = sorted(places, key=lambda place: -scores[place])
        chosen.append([Chosen(mine[one], tuple(mine[other] for other in others.get(one, ()))) for one in best_first])
    return chosen


def _pools(standing: Standing, sizes: Places) -> tuple[Places, Places]:
    """Return the best fit pairs of each of r readers over all and the best few of each of their subjects.

    As (r, m) places of pairs, best first, and (r,) how many of these count; the rest is some pair.
    """
    fit = np.flatnonzero(standing.fit)
    owner = standing.owner[fit]
    starts = np.searchsorted(owner, np.arange(len(sizes) + 1))
    wanted = np.arange(len(fit)) - starts[owner] < np.maximum(POOL, 2 * sizes)[owner]
    if not wanted.all():
        nth, present = _among_subjects(owner, standing.subject[fit], len(sizes))
        wanted |= nth < (sizes // np.maximum(1, present) + SPARE)[owner]
    fit, owner = fit[wanted], owner[wanted]
    held = np.bincount(owner, minlength=len(sizes))
    pairs = np.zeros((len(sizes), held.max(initial=0)), dtype=np.int64)
    pairs[np.arange(pairs.shape[1]) < held[:, np.newaxis]] = fit
    return pairs, held


def _among_subjects(owner: Places, subject: Places, readers: int) -> tuple[Places, Places]:
    """Return (p,) the how manieth of its reader's subject a pair is, and (r,) how many subjects each reader has."""
    width = subject.max(initial=0) + 1
    numbers = owner * width + subject
    order = np.argsort(numbers, kind="stable")
    counts = np.bincount(numbers, minlength=readers * width)
    nth = np.empty_like(order)
    nth[order] = np.arange(len(order)) - (np.cumsum(counts) - counts)[numbers[order]]
    return nth, np.count_nonzero(counts.reshape(readers, width), axis=1)


def _fold(first: Places, held: Places) -> list[dict[int, list[int]]]:
    """Return, for each of r pools, the rows that stand for worse ones on their ideas, and these rows.

    first (r, m) is the first row that is on one idea with each; rows are best first, of each pool (r,) so many count.
    """
    each = np.arange(first.shape[1])
    gives_way = (first < each) & (each < held[:, np.newaxis])
    folded: list[dict[int, list[int]]] = [{} for _ in held]
    for reader in np.flatnonzero(gives_way.any(axis=1)):
        gone = set[int]()
        for row in np.flatnonzero(gives_way[reader]).tolist():
            # A leader that gave way itself stands for nobody, so this row stays.
            if (leader := int(first[reader, row])) not in gone:
                folded[reader].setdefault(leader, []).append(row)
                gone.add(row)
    return folded


def _taken(
    pools: Pools, facets: Sequence[Facets], rooms: Sequence[Room], seconds: NDArray[np.int64] | None
) -> list[list[int]]:
    """Return the places in each pool of what is taken; seconds (r, m) is how long each paper takes, where known."""
    fillable = pools.fillable(max(len(mine.shares) for mine in facets)).tolist()
    sizes = [room.papers for room in rooms]
    timed = dict[int, NDArray[np.int64]]()
    for at, room in enumerate(rooms):
        if room.seconds is not None and seconds is not None:
            timed[at] = seconds[at]
            sizes[at] = places_in_time(room, seconds[at][np.isfinite(pools.score[at])])
    due = np.array([owed(*both) for both in zip(fillable, facets, sizes, strict=True)], dtype=np.int64)
    shares = [room.relevance_share for room in rooms]
    taken = diverse(pools, due.copy(), [0 if at in timed else size for at, size in enumerate(sizes)], shares)
    for at, mine in timed.items():
        taken[at] = within_time(pools.take(at), due[at], facets[at], rooms[at], mine)
    return taken


def outside_of(readers: Sequence[Reader], day: Day, foreign: Mask) -> list[list[int]]:
    """Choose one of the most noticed candidates that are foreign (r, n) for each reader who wants that; else none.

    Nobody has one whose digest has few places. Readers take turns among the best, or all would be sent the same one.
    """
    noticed = day.shared.noticed
    among, chosen = foreign[:, noticed], list[list[int]]()
    for reader, mine in zip(readers, among, strict=True):
        wants = reader.explore and day.places_for(reader) >= LEAST_SIZE
        best = np.flatnonzero(mine)[:AMONG] if wants else ()
        chosen.append([int(noticed[best[reader.turn % len(best)]])] if len(best) else [])
    return chosen


def is_new(outside: Places, chosen: Places, candidates: Candidates) -> Mask:
    """Tell of (r,) papers whether they are neither on the idea of one that was chosen nor a part of the same work.

    chosen (r, k): what the reader of each is given, or the paper itself where there is no more. By positions.
    """
    to_them = candidates.vectors[chosen] @ candidates.vectors[outside][:, :, np.newaxis]
    too_near = to_them[:, :, 0] >= candidates.scales.alike.raw(NEAR_DUPLICATE)
    if candidates.works is not None:
        works = candidates.works[outside][:, np.newaxis]
        too_near |= (candidates.works[chosen] == works) & (works >= 0)
    return np.asarray(~(too_near & (chosen != outside[:, np.newaxis])).any(axis=1))


def unwanted(reader: Reader, candidates: Candidates) -> NDArray[np.bool_]:
    """Return a mask (n,) of what is on one idea with a paper that the reader wants less of, or a part of its work."""
    mask = np.zeros(len(candidates.ids), dtype=np.bool_)
    if reader.less is None or not len(reader.less.vectors):
        return mask
    line = candidates.scales.alike.raw(NEAR_DUPLICATE)
    mask |= (reader.less.cosines(candidates.vectors) >= line).any(axis=0)
    if candidates.works is not None:
        ids = [candidates.named[paper] for paper in reader.less.papers if paper in candidates.named]
        works = candidates.works[np.isin(candidates.ids, ids)]
        mask |= np.isin(candidates.works, works[works >= 0])
    return mask

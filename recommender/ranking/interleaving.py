"""Mix two rankings for one reader by team draft, so that what the reader says of the papers compares them.

Radlinski, Kurup and Joachims, “How does clickthrough data reflect retrieval quality?”, CIKM 2008: as in a game of
children, both captains pick in turns, each their best that is still there, and a coin says who begins each turn. So
each has as many places, as high up, whatever the other does.

A turn in which both would bring the same two papers tells nothing of them, and counts for neither; else coins would
drown what little two good rankings differ in. (Chapelle, Joachims, Radlinski and Yue, “Large-scale validation and
analysis of interleaved search evaluation”, ACM TOIS 30, 2012, do so where both lists begin alike.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from recommender.ranking.diversity.likeness import likeness
from recommender.ranking.picks import NEAR_MISSES
from recommender.ranking.reader import Candidates, Pick, Ranking, Reader
from recommender.ranking.selection import LEAST_SIZE, NEAR_DUPLICATE


@dataclass(frozen=True, slots=True)
class Mixed:
    ranking: Ranking
    team_a: tuple[int, ...]  # papers that ranking a brought
    team_b: tuple[int, ...]  # the rest came once one of them had no more, or from outside: nobody's merit


def interleaved(
    a: Ranking,
    b: Ranking,
    reader: Reader,
    candidates: Candidates,
    coins: Sequence[bool],
    *,
    alike_counts: bool = False,
) -> Mixed:
    """Return one digest of two rankings of the same candidates; coins, one for each turn, say whether a begins it.

    alike_counts: turns in which both would bring the same count, too, as they must where a ranker is tried against
    itself.

    All that holds for one ranking holds for the mixture: its length, no two papers on one idea, the first paper of each
    interest before the second of any, at most one from outside.
    """
    table = _Table(a, b, reader, candidates)
    outside = table.take_one(_explored(a, b))
    teams = _drafted(table, _in_turn(a), _in_turn(b), coins, alike_counts=alike_counts)
    for pick in (*_in_turn(a), *_in_turn(b)):  # what one of them alone has left
        table.take_one([pick])
    if outside and len(table.taken) < LEAST_SIZE:
        table.taken.remove(outside)
    picks = [pick for pick in table.taken if pick is not outside] + [pick for pick in table.taken if pick is outside]
    ranking = Ranking(tuple(_without_doubles(picks)), _near_misses(a, b, picks), a.considered)
    return Mixed(ranking, *(tuple(team) for team in teams))


class _Table:
    """What was taken so far, and whether one paper more fits beside it."""

    def __init__(self, a: Ranking, b: Ranking, reader: Reader, candidates: Candidates) -> None:
        rows = list({pick.at for ranking in (a, b) for pick in ranking.picks})
        works = None if candidates.works is None else candidates.works[rows]
        self.alike = likeness(candidates.vectors[rows], works) >= candidates.scales.alike.raw(NEAR_DUPLICATE)
        self.places = {at: place for place, at in enumerate(rows)}
        self.seconds = candidates.seconds if reader.seconds is not None else None
        self.most, self.time = reader.size, reader.seconds or 0
        self.taken: list[Pick] = []

    def take_one(self, picks: Iterable[Pick]) -> Pick | None:
        """Take the first that fits, and return it."""
        pick = self.next_of(picks)
        if pick:
            self.taken.append(pick)
            self.time -= self._seconds(pick)
        return pick

    def next_of(self, picks: Iterable[Pick]) -> Pick | None:
        """Return the first that fits."""
        return next((pick for pick in picks if self._fits(pick)), None)

    @property
    def is_full(self) -> bool:
        return len(self.taken) >= self.most

    def _fits(self, pick: Pick) -> bool:
        if self.is_full or (self.taken and self._seconds(pick) > self.time):
            return False
        mine = self.alike[self.places[pick.at]]
        return not any(mine[self.places[other.at]] or pick.paper_id in other.folded for other in self.taken)

    def _seconds(self, pick: Pick) -> int:
        return 0 if self.seconds is None else int(self.seconds[pick.at])


def _drafted(
    table: _Table, a: Sequence[Pick], b: Sequence[Pick], coins: Sequence[bool], *, alike_counts: bool
) -> tuple[list[int], list[int]]:
    """Let both pick in turns until one of them has no paper left that fits; return the papers of each.

    Who has more papers has no more of a team: a turn that only one could take counts for neither, unless the digest
    was full.
    """
    teams: tuple[list[int], list[int]] = ([], [])
    for a_begins in coins:
        same, brought = True, []
        for team, picks in _order(teams, a, b, a_begins):
            same = same and _paper(table.next_of(a)) == _paper(table.next_of(b))
            if pick := table.take_one(picks):
                brought.append((team, pick.paper_id))
        if (len(brought) == len(teams) or table.is_full) and (alike_counts or not same):
            for team, paper in brought:
                team.append(paper)
        if len(brought) < len(teams):
            return teams
    return teams


def _paper(pick: Pick | None) -> int | None:
    return pick.paper_id if pick else None


def _order(
    teams: tuple[list[int], list[int]], a: Sequence[Pick], b: Sequence[Pick], a_begins: bool
) -> list[tuple[list[int], Sequence[Pick]]]:
    both = [(teams[0], a), (teams[1], b)]
    return both if a_begins else both[::-1]


def _in_turn(ranking: Ranking) -> list[Pick]:
    """Return what belongs to interests: the first of each before the second of any, else as ranked."""
    met: set[int | None] = set()
    firsts, others = list[Pick](), list[Pick]()
    for pick in ranking.picks:
        if not pick.explored:
            (others if pick.interest_at in met else firsts).append(pick)
            met.add(pick.interest_at)
    return [*firsts, *others]


def _explored(a: Ranking, b: Ranking) -> Iterator[Pick]:
    return (pick for ranking in (a, b) for pick in ranking.picks if pick.explored)


def _without_doubles(picks: Sequence[Pick]) -> Iterator[Pick]:
    """Yield the picks, each named paper on the same idea under one of them alone, and none that is a pick itself."""
    named = {pick.paper_id for pick in picks}
    for pick in picks:
        yield pick._replace(folded=tuple(paper for paper in pick.folded if paper not in named))
        named.update(pick.folded)


def _near_misses(a: Ranking, b: Ranking, picks: Sequence[Pick]) -> tuple[Pick, ...]:
    """Return the best of what either has and the mixture has not."""
    shown = {paper for pick in picks for paper in (pick.paper_id, *pick.folded)}
    rest: dict[int, Pick] = {}
    for pick in (*a.picks, *a.near_misses, *b.picks, *b.near_misses):
        if pick.paper_id not in shown and not pick.explored:
            rest.setdefault(pick.paper_id, pick._replace(folded=()))
    return tuple(sorted(rest.values(), key=lambda pick: -pick.score)[:NEAR_MISSES])

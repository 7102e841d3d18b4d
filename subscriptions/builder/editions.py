"""The digests that a reader would have got on the days of the last editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.conf import settings

from recommender.candidates import loading
from recommender.candidates.stretch import Stretch
from recommender.ranking import picks
from recommender.ranking.reader import Candidates, Ranking, Reader
from subscriptions.builder.described import Described
from subscriptions.digests.reasons import Chosen, items_of
from subscriptions.interests import readers
from subscriptions.mails.pick_cards import PickCard, cards
from subscriptions.models import Digest, DigestItem, Role, Subscriber

EDITIONS = 5


@dataclass(frozen=True, slots=True)
class Made:
    """A digest before anything is written about it."""

    day: date
    reader: Reader
    result: Ranking
    pool: Candidates


class EditionPreview:
    """The digest of one edition's day; what a page shows of its papers is read when it is asked for."""

    def __init__(self, day: date, made: Made | None = None) -> None:
        self.day, self._made = day, made

    @property
    def size(self) -> int:
        return len(self._made.result.picks) if self._made else 0

    @property
    def considered(self) -> int:
        """Count the papers that it was chosen from."""
        return self._made.result.considered if self._made else 0

    @cached_property
    def cards(self) -> tuple[PickCard, ...]:
        """Return all that a page shows of each paper; a constant number of queries."""
        return tuple(cards(items(self._made))) if self._made else ()


def made(
    described: Described,
    papers: Stretch,
    today: date,
    count: int = EDITIONS,
    *,
    seen_then: frozenset[int] | None = None,
) -> list[Made]:
    """Choose the papers of today's first digest, then of the editions before it as a reader got them day by day.

    Newest first. A first digest has the best of a week; those before it are of somebody who was a reader by then, so
    that a thin day shows as one. To such a reader no paper comes twice. seen_then: what that reader knew before all of
    them, where it is not what they know now.
    """
    days = papers.editions(today)[: count + 1 if count > 1 else 1] or [today]
    newest = _without_empty(_ranked(described, papers, today, days[0], ()), described, papers, today)
    then = described if seen_then is None else replace(described, reader=replace(described.reader, seen=seen_then))
    sent, earlier = list[int](), list[Made]()
    for day in reversed(days[1:]):
        earlier.append(_ranked(then, papers, day, day, sent))
        sent += _papers(earlier[-1])
    return [newest, *reversed(earlier)][:count]


def _ranked(described: Described, papers: Stretch, today: date, day: date, sent: Sequence[int]) -> Made:
    reader = replace(described.reader, seen=described.reader.seen.union(sent))
    window = papers.window(today, settings.CANDIDATE_DAYS)
    if not len(window.candidates.ids):
        return Made(day, reader, Ranking((), (), 0), window.candidates)
    return Made(day, reader, picks.rank_one(reader, window, described.rows), window.candidates)


def _without_empty(first: Made, described: Described, papers: Stretch, today: date) -> Made:
    """Choose by categories alone where nothing is chosen and most papers have no vector yet, as digests do."""
    if first.result.picks:
        return first
    other, is_open = loading.unembedded(today, settings.CANDIDATE_DAYS), first.pool.open
    if len(other.ids) <= (0 if is_open is None else int(is_open.sum())):
        return first
    categories = {one for known in described.known if known.interest.topic for one in known.interest.topic.categories}
    plain = readers.plain(described.reader, categories, other)
    return Made(first.day, plain, picks.rank([plain], other)[0], other)


def _papers(one: Made) -> list[int]:
    return [paper for pick in one.result.picks for paper in (pick.paper_id, *pick.folded)]


def previews(chosen: Sequence[Made]) -> tuple[EditionPreview, ...]:
    return tuple(EditionPreview(one.day, one) for one in chosen)


def items(made: Made) -> list[DigestItem]:
    """Return the unsaved items of a digest with their reasons; a constant number of queries."""
    digest, picked = Digest(subscriber=Subscriber()), made.result.picks
    chosen = [Chosen(digest, made.reader, pick, Role.PICK.value, rank) for rank, pick in enumerate(picked, 1)]
    return items_of(chosen, made.pool)

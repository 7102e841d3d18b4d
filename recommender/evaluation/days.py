"""Recorded papers by the days on which they came, and people who read some of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from papers.evaluation import rows
from papers.evaluation.metrics import Floats, Ints, ranks
from recommender.evaluation.cases import Text, text_of

PEOPLE, LISTED, ANNOUNCED = "eval/hf_readers.jsonl.gz", "papers/hf_daily.jsonl.gz", "papers/arxiv_*.jsonl.gz"
CANDIDATE_DAYS = 3  # a day and the two before it


@dataclass(frozen=True, slots=True)
class Came:
    """A paper and the days on which it could be seen first: at arXiv, on a list of trending papers, or on both."""

    text: Text
    authors: tuple[str, ...]
    days: tuple[date, ...]
    upvotes: int | None = None  # of the day of the list
    categories: frozenset[str] = frozenset()  # none where no source told


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    library: Ints  # positions of the papers before the first day, oldest first
    later: Ints  # and of those from then on


@dataclass(frozen=True, slots=True)
class Recorded:
    papers: Sequence[Came]
    days: Mapping[date, Sequence[int]]  # positions of what came on each
    trend: Floats  # (n,) percentile of the upvotes among those of the paper's list, NaN off the lists
    listed: Sequence[date | None]  # (n,) from when on that is known
    people: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Span:
    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))


def load(folder: Path, span: Span) -> Recorded:
    """Load all papers of the folder, and the people with a paper before the span; raise papers.evaluation.DataUnusable.

    People with a paper within the span stand first, and among them those with the most papers before it.
    """
    listed = dict(reversed(rows.read(folder, LISTED, _listed)))
    names = sorted(path.name for path in folder.glob(ANNOUNCED)) or ["arxiv_2026Q2.jsonl.gz"]
    announced = dict(
        identifier for name in reversed(names) for identifier in reversed(rows.read(folder, f"papers/{name}", _first))
    )
    known = {
        identifier: _both(listed.get(identifier), announced.get(identifier)) for identifier in [*listed, *announced]
    }
    position_of = {identifier: position for position, identifier in enumerate(known)}
    days = defaultdict(list)
    for identifier, paper in known.items():
        for day in paper.days:
            days[day].append(position_of[identifier])
    lists = [listed[identifier].days[0] if identifier in listed else None for identifier in known]
    people = _people(folder, position_of, span)
    return Recorded(list(known.values()), days, _trends(list(known.values()), lists), lists, people)


def positions(recorded: Recorded, day: date) -> Ints:
    """Return positions of the papers that came on that day or shortly before."""
    lately = [day - timedelta(days=number) for number in range(CANDIDATE_DAYS)]
    return np.unique(
        np.array([position for earlier in lately for position in recorded.days.get(earlier, ())], dtype=np.int64)
    )


def before(recorded: Recorded, day: date) -> Ints:
    """Return positions of the papers that came before that day."""
    return np.array(
        [position for position, paper in enumerate(recorded.papers) if min(paper.days) < day], dtype=np.int64
    )


def _listed(row: rows.Row) -> tuple[str, Came]:
    day = date.fromisoformat(row["listed_on"])
    return row["arxiv_id"], Came(text_of(row), _authors(row), (day,), int(row["upvotes"]), _categories(row))


def _first(row: rows.Row) -> tuple[str, Came]:
    day = date.fromisoformat(row["first_seen_on"])
    return row["arxiv_id"], Came(text_of(row), _authors(row), (day,), categories=_categories(row))


def _authors(row: rows.Row) -> tuple[str, ...]:
    return tuple(map(str, row.get("authors") or ()))


def _categories(row: rows.Row) -> frozenset[str]:
    return frozenset(map(str, row.get("categories") or ()))


def _both(listed: Came | None, announced: Came | None) -> Came:
    if listed is None or announced is None:
        return listed or announced  # type: ignore[return-value]  # one of them it is
    both = tuple(sorted({*listed.days, *announced.days})), listed.categories | announced.categories
    return replace(listed, days=both[0], categories=both[1])


def _trends(papers: Sequence[Came], lists: Sequence[date | None]) -> Floats:
    """Return the mid-rank, as in papers.trends.trending, among the counts of a day, which are of the same hour."""
    trend = np.full(len(papers), np.nan)
    of_day = defaultdict(list)
    for position, day in enumerate(lists):
        if day is not None:
            of_day[day].append(position)
    for same in of_day.values():
        upvotes = np.array([papers[position].upvotes for position in same], dtype=np.float64)
        trend[same] = (ranks(upvotes) - 0.5) / len(same)
    return trend


def _people(folder: Path, position_of: Mapping[str, int], span: Span) -> list[Person]:
    read = [_person(*person, position_of, span) for person in rows.read(folder, PEOPLE, _dated)]
    known = [person for person in read if len(person.library)]
    return sorted(known, key=lambda person: (not len(person.later), -len(person.library), person.name))


def _dated(row: rows.Row) -> tuple[str, dict[str, date]]:
    """Return who, and their papers, the earliest first, each with its first day."""
    papers = sorted((datetime.fromisoformat(one["at"]), one["arxiv_id"]) for one in row["papers"])
    return row["user_id"], {identifier: moment.date() for moment, identifier in reversed(papers)}


def _person(name: str, papers: Mapping[str, date], position_of: Mapping[str, int], span: Span) -> Person:
    oldest_first = [
        (position_of[identifier], day)
        for identifier, day in reversed(list(papers.items()))
        if identifier in position_of
    ]
    library = [identifier for identifier, day in oldest_first if day < span.first]
    later = [identifier for identifier, day in oldest_first if span.first <= day <= span.last]
    return Person(name, np.array(library, dtype=np.int64), np.array(later, dtype=np.int64))

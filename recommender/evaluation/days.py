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
    """All papers of the folder, and the people with a paper before the span; raises papers.evaluation.DataUnusable.

    People with a paper within the span stand first, and among them those with the most papers before it.
    """
    listed = dict(reversed(rows.read(folder, LISTED, _listed)))
    names = sorted(path.name for path in folder.glob(ANNOUNCED)) or ["arxiv_2026Q2.jsonl.gz"]
    announced = dict(one for name in reversed(names) for one in reversed(rows.read(folder, f"papers/{name}", _first)))
    known = {one: _both(listed.get(one), announced.get(one)) for one in [*listed, *announced]}
    at = {identifier: position for position, identifier in enumerate(known)}
    days = defaultdict(list)
    for identifier, paper in known.items():
        for day in paper.days:
            days[day].append(at[identifier])
    lists = [listed[one].days[0] if one in listed else None for one in known]
    people = _people(folder, at, span)
    return Recorded(list(known.values()), days, _trends(list(known.values()), lists), lists, people)


def positions(found: Recorded, day: date) -> Ints:
    """Of the papers that came on that day or shortly before."""
    lately = [day - timedelta(days=number) for number in range(CANDIDATE_DAYS)]
    return np.unique(np.array([at for one in lately for at in found.days.get(one, ())], dtype=np.int64))


def before(found: Recorded, day: date) -> Ints:
    """Positions of the papers that came before that day."""
    return np.array([at for at, paper in enumerate(found.papers) if min(paper.days) < day], dtype=np.int64)


def _listed(row: rows.Row) -> tuple[str, Came]:
    day = date.fromisoformat(row["listed_on"])
    return row["arxiv_id"], Came(text_of(row), _authors(row), (day,), int(row["upvotes"]))


def _first(row: rows.Row) -> tuple[str, Came]:
    return row["arxiv_id"], Came(text_of(row), _authors(row), (date.fromisoformat(row["first_seen_on"]),))


def _authors(row: rows.Row) -> tuple[str, ...]:
    return tuple(map(str, row.get("authors") or ()))


def _both(listed: Came | None, announced: Came | None) -> Came:
    if listed is None or announced is None:
        return listed or announced  # type: ignore[return-value]  # one of them it is
    return replace(listed, days=tuple(sorted({*listed.days, *announced.days})))


def _trends(papers: Sequence[Came], lists: Sequence[date | None]) -> Floats:
    """The mid-rank, as in papers.trending: the counts are of one hour of a day, and compare within it alone."""
    trend = np.full(len(papers), np.nan)
    of_day = defaultdict(list)
    for at, day in enumerate(lists):
        if day is not None:
            of_day[day].append(at)
    for same in of_day.values():
        upvotes = np.array([papers[at].upvotes for at in same], dtype=np.float64)
        trend[same] = (ranks(upvotes) - 0.5) / len(same)
    return trend


def _people(folder: Path, at: Mapping[str, int], span: Span) -> list[Person]:
    read = [_person(*one, at, span) for one in rows.read(folder, PEOPLE, _dated)]
    known = [one for one in read if len(one.library)]
    return sorted(known, key=lambda one: (not len(one.later), -len(one.library), one.name))


def _dated(row: rows.Row) -> tuple[str, dict[str, date]]:
    """Who, and their papers, the earliest first, each with its first day."""
    papers = sorted((datetime.fromisoformat(one["at"]), one["arxiv_id"]) for one in row["papers"])
    return row["user_id"], {identifier: moment.date() for moment, identifier in reversed(papers)}


def _person(name: str, papers: Mapping[str, date], at: Mapping[str, int], span: Span) -> Person:
    oldest_first = [(at[one], day) for one, day in reversed(list(papers.items())) if one in at]
    library = [one for one, day in oldest_first if day < span.first]
    later = [one for one, day in oldest_first if span.first <= day <= span.last]
    return Person(name, np.array(library, dtype=np.int64), np.array(later, dtype=np.int64))

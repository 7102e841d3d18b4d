"""The papers that took off after their own day, and what their counts were first and are now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from papers.models import EditionEntry, EntryReason
from papers.periods import utc_date
from papers.trends.growth import Reading
from papers.trends.readings import SHOWN, by_paper_and_kind, moment
from recommender.ranking.reader import TookOff


@dataclass(frozen=True, slots=True)
class TakeOff:
    """A paper that took off on a day, with all its readings by kind, in the order of time."""

    paper: int
    day: date
    readings: Mapping[str, Sequence[Reading]]


def load(first: date, last: date) -> list[TakeOff]:
    """Return the papers that took off on one of these days, after the one they first came; at most two queries."""
    entries = EditionEntry.objects.filter(edition__date__range=(first, last), reason=EntryReason.TOOK_OFF)
    took_off_on = F("paper__took_off_on")
    later = Q(paper__announced_on__lt=took_off_on) | Q(paper__listed_on__lt=took_off_on)
    risen = entries.filter(later, paper__took_off_on__range=(first, last)).values_list("paper", "paper__took_off_on")
    days = {paper: day for paper, day in risen.distinct() if day}
    readings: dict[int, dict[str, list[Reading]]] = defaultdict(dict)
    for paper, kind, rows in by_paper_and_kind(days):
        readings[paper][kind] = [(moment(time), value) for time, value in rows]
    return [TakeOff(paper, day, readings[paper]) for paper, day in days.items()]


def between(take_offs: Iterable[TakeOff], first: date, last: date) -> dict[int, TookOff]:
    """Return what those did that took off on one of these days, by paper, as it stood on the last of them.

    A paper without two counts of different days, or whose counts did not grow, is left out: there is nothing to say.
    """
    of_these_days = [one for one in take_offs if first <= one.day <= last]
    return {one.paper: rise for one in of_these_days if (rise := _most_telling(one.readings, last))}


def _most_telling(readings: Mapping[str, Sequence[Reading]], last: date) -> TookOff | None:
    """Return the rise of the count that multiplied most; votes where two did alike."""
    rises = [_rise(kind, readings[kind], last) for kind in SHOWN if kind in readings]
    grown = [rise for rise in rises if rise and rise.now > rise.then]
    return max(grown, key=lambda rise: (1 + rise.now) / (1 + rise.then), default=None)


def _rise(kind: str, readings: Sequence[Reading], last: date) -> TookOff | None:
    """Compare the last count of the first day (UTC) with the newest one."""
    days = {utc_date(seen_at): value for seen_at, value in readings if utc_date(seen_at) <= last}
    if len(days) < 2:
        return None
    since, newest = min(days), max(days)
    return TookOff(since, days[since], days[newest], kind)

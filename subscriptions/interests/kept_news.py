"""What happened to the papers that readers kept, and was not told to them yet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from django.db.models import F, QuerySet

from papers.models import ChangeKind
from papers.models.prepared import Prepared
from subscriptions.models import DigestItem, Feedback, FeedbackKind, Role

OLDEST = timedelta(days=30)
SAMPLES = [datetime(2000, 1, day, tzinfo=UTC) for day in range(1, 5)]
MOST = 5  # papers in a digest; the others come with the next ones

Told = set[tuple[int, int]]  # (subscriber, change)


class Change(TypedDict):
    id: int  # the key of the change, by which it is not told again
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class News:
    """A paper that a reader kept, and what happened to it since then, the newest first."""

    paper_id: int
    changes: list[Change]

    @property
    def is_withdrawal(self) -> bool:
        """Tell whether the paper was withdrawn, and did not come back since."""
        kinds = [one["kind"] for one in self.changes if one["kind"] in {ChangeKind.WITHDRAWN, ChangeKind.BACK}]
        return kinds[:1] == [ChangeKind.WITHDRAWN]


def news(subscribers: Sequence[int], now: datetime) -> dict[int, list[News]]:
    """Return, by subscriber, the news of MOST papers that they kept at most, withdrawals first, then the newest.

    That is what was noticed within the last 30 days, after the paper was kept, and is in no earlier digest of theirs.
    One query where nothing happened, two else. Subscribers without news are left out.
    """
    if not subscribers:
        return {}
    happened = _happened(subscribers, now)
    told = _told(happened) if happened else set()
    found = {reader: list(_untold(reader, papers, told)) for reader, papers in happened.items()}
    # Sorting keeps the order of those that are equal, which is that of time.
    return {reader: sorted(some, key=_later)[:MOST] for reader, some in found.items() if some}


def _later(one: News) -> bool:
    return not one.is_withdrawal


Happened = dict[int, dict[int, list[Change]]]  # by subscriber and paper


def _happened(subscribers: Collection[int], now: datetime) -> Happened:
    """Return all that happened to what they kept, papers and changes newest first."""
    found: Happened = defaultdict(lambda: defaultdict(list))
    for subscriber, paper, key, kind, detail in _newest_first(subscribers=subscribers, oldest=now - OLDEST, now=now):
        found[subscriber][paper].append({"id": key, "kind": kind, "detail": detail})
    return dict(found)


def _changes(subscribers: Collection[int], oldest: datetime, now: datetime) -> QuerySet[Feedback, Any]:
    kept = Feedback.objects.filter(
        subscriber__one_of=subscribers,
        kind=FeedbackKind.SAVE,
        paper__changes__noticed_at__gt=F("at"),
        paper__changes__noticed_at__range=(oldest, now),
    )
    columns = ("subscriber", "paper", "paper__changes", "paper__changes__kind", "paper__changes__detail")
    return kept.order_by("-paper__changes__noticed_at", "-paper__changes").values_list(*columns)


_newest_first = Prepared(
    _changes, subscribers=([1], [2]), oldest=(SAMPLES[0], SAMPLES[1]), now=(SAMPLES[2], SAMPLES[3])
)


def _told(happened: Mapping[int, Iterable[int]]) -> Told:
    """Return what the digests of these subscribers have told of these papers."""
    papers = {paper for papers in happened.values() for paper in papers}
    items = DigestItem.objects.filter(subscriber__in=happened, role=Role.NEWS, paper__in=papers).order_by()
    return {
        (subscriber, change["id"])
        for subscriber, reason in items.values_list("subscriber", "reason")
        for change in reason["changes"]
    }


def _untold(reader: int, papers: Mapping[int, Sequence[Change]], told: Told) -> Iterator[News]:
    for paper, changes in papers.items():
        if left := [change for change in changes if (reader, change["id"]) not in told]:
            yield News(paper, left)

"""What the admin's front page says: the edition of the day, what waits for a decision, and what is wrong.

Each part is for those who may see the rows that it counts, and leads to where something can be done about it. All of
it is a constant number of queries, each served by an index or on a table that stays small.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import admin
from django.db.models import Count, Exists, Model, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse

from papers.editions.lists import newest_edition
from papers.feeds.announcement_status import Announced
from papers.feeds.health import BEHIND, judge
from papers.models import Edition, EditionEntry, EntryReason, FeedState, Topic
from recommender.models import EmbeddingModel, PaperVector
from subscriptions.doctor import disk, waiting
from subscriptions.doctor.findings import Level
from subscriptions.models import (
    Control,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    EventStatus,
    Interest,
    Reach,
    Run,
)
from subscriptions.operations import health

RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Today:
    """The newest edition, and how far its papers have come."""

    edition: Edition
    counts: Mapping[str, int]  # of its papers, by what was decided about them
    without_vectors: int  # that no reader can be matched with yet
    reach: Reach | None
    announced: str  # what arXiv has announced, and when the next comes


@dataclass(frozen=True, slots=True)
class Point:
    """Something that somebody should look at, and where."""

    what: str
    url: str
    where: str
    is_bad: bool = False


def today(request: HttpRequest, now: datetime) -> Today | None:
    """Return what there is of the newest edition; None before the first one, and for who may see none."""
    edition = newest_edition(now) if _may_see(request, Edition) else None
    if edition is None:
        return None
    entries = EditionEntry.objects.filter(edition=edition, paper__withdrawn_on=None)
    vectors = PaperVector.objects.filter(model=EmbeddingModel.objects.serving(), paper=OuterRef("paper"))
    decided = Q(hidden=True) | Q(featured=True) | ~Q(note="")
    counts = entries.aggregate(
        of_all=Count("pk"),
        of_featured=Count("pk", filter=Q(featured=True)),
        of_hidden=Count("pk", filter=Q(hidden=True)),
        of_noted=Count("pk", filter=~Q(note="")),
        of_undecided=Count("pk", filter=Q(reason=EntryReason.TOOK_OFF) & ~decided),
    )
    header = Announced(now).header(())
    lacking = entries.filter(~Exists(vectors)).count()
    reach = Reach.objects.filter(edition=edition).defer("papers").first()
    return Today(edition, counts, lacking, reach, header.words if header else "")


def waits(request: HttpRequest, present: Today | None, now: datetime) -> list[Point]:
    """List what waits for somebody's decision."""
    return [*_of_edition(present), *_of_topics(request), *_of_digests(request, now), *_of_reports(request, now)]


def wrong(request: HttpRequest, now: datetime) -> list[Point]:
    """List what does not work as it should; what keeps mail from leaving stands on top of every page already."""
    return [*_of_sources(request, now), *_of_machinery(request, now), *_of_runs(request, now)]


def _of_edition(present: Today | None) -> Iterator[Point]:
    if present and (undecided := present.counts["of_undecided"]):
        desk = f"{reverse('admin:edition-desk', args=[present.edition.pk])}?show=waiting"
        yield Point(f"{_papers(undecided)} took off, and nobody has decided about them.", desk, "Desk")


def _of_topics(request: HttpRequest) -> Iterator[Point]:
    if not _may_see(request, Topic):
        return
    followed = Interest.objects.filter(topic=OuterRef("pk"))
    names = list(Topic.objects.filter(~Exists(followed), is_active=True).values_list("name", flat=True))
    if names:
        some = f"{', '.join(names[:3])}{' and others' if len(names) > 3 else ''}"
        topics = f"{len(names)} topic{' has' if len(names) == 1 else 's have'}"
        yield Point(f"{topics} no follower: {some}.", _list(Topic), "Topics")


def _of_digests(request: HttpRequest, now: datetime) -> Iterator[Point]:
    if not _may_see(request, Digest):
        return
    if count := Digest.objects.filter(status=DeliveryStatus.UNCERTAIN).count():
        digests = f"{count} digest{'' if count == 1 else 's'}"
        url = f"{_list(Digest)}?status__exact={DeliveryStatus.UNCERTAIN}"
        yield Point(f"Of {digests} nobody knows whether they left: send again, or give up.", url, "Digests")
    failed = Digest.objects.filter(status=DeliveryStatus.FAILED, finished_at__gt=now - RECENT)
    if count := failed.count():
        digests = f"{count} digest{' has' if count == 1 else 's have'}"
        url = f"{_list(Digest)}?status__exact={DeliveryStatus.FAILED}"
        yield Point(f"{digests} failed in the last seven days.", url, "Digests")


def _of_reports(request: HttpRequest, now: datetime) -> Iterator[Point]:
    given_up = DeliveryEvent.objects.filter(status=EventStatus.FAILED, received_at__gt=now - RECENT)
    if _may_see(request, DeliveryEvent) and (count := given_up.count()):
        reports = f"{count} report{'' if count == 1 else 's'}"
        url = f"{_list(DeliveryEvent)}?status__exact={EventStatus.FAILED}"
        yield Point(f"{reports} of the provider could not be read in the last seven days.", url, "Delivery events")


def _of_sources(request: HttpRequest, now: datetime) -> Iterator[Point]:
    if not _may_see(request, FeedState):
        return
    behind = Counter(
        (row.source, state) for row in FeedState.objects.order_by("source") if (state := judge(row, now)) in BEHIND
    )
    for (source, state), count in behind.items():
        parts = f" in {count} of its parts" if count > 1 else ""
        yield Point(f"The source {source} is {state}{parts}.", f"{_list(FeedState)}?source={source}", "Sources")


def _of_machinery(request: HttpRequest, now: datetime) -> Iterator[Point]:
    if not _may_see(request, Control):
        return
    sources, control = (_list(FeedState), "Sources"), (_list(Control), "Control")
    asked: list[tuple[str, Callable[[], str], tuple[str, str]]] = [
        ("Papers", health.of_papers, sources),
        ("Beat", health.of_beat, control),
    ]
    for name, ask, where in asked:
        try:
            ask()
        except health.Unready as unready:
            yield Point(f"{name}: {unready}.", *where, is_bad=True)
    for finding in (*disk.check(now), *waiting.of_forgotten(now)):
        if finding.level != Level.OK:
            yield Point(f"{finding.what} {finding.remedy}", *control, is_bad=finding.level == Level.ERROR)


def _of_runs(request: HttpRequest, now: datetime) -> Iterator[Point]:
    if _may_see(request, Run):
        for run in Run.objects.exclude(note="").filter(hour__gt=now - RECENT)[:3]:
            url = reverse("admin:subscriptions_run_change", args=[run.pk])
            yield Point(f"Run of {run}: {run.note}", url, "Run", is_bad=True)


def _papers(count: int) -> str:
    return f"{count} paper{'' if count == 1 else 's'}"


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    return bool(admin.site.get_model_admin(model).has_view_permission(request))


def _list(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

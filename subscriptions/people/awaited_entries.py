"""Entries of libraries that name papers which arXiv is asked for: judged by their titles when the papers come."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from papers.ingest.agreement import Description
from papers.models import Paper
from subscriptions.bibliographies.entries import AUTHORS, MOST_ENTRIES, Entry
from subscriptions.models import AwaitedEntry, Interest, InterestKind, LibraryUpload, Subscriber
from subscriptions.people import library
from subscriptions.people.library import Matched

KEPT = timedelta(days=40)  # arXiv is asked again for a month
AT_ONCE = 500


def note(subscriber: Subscriber, matched: Matched, now: datetime) -> None:
    """Keep what is to be compared with the papers when they come, in the caller's transaction."""
    rows = [
        AwaitedEntry(
            subscriber=subscriber,
            arxiv_id=entry.arxiv_id,
            doi=entry.doi,
            title=entry.title,
            title_key=entry.title_key[:200],
            authors=list(entry.authors),
            is_suspect=entry.arxiv_id in matched.suspects,
            noted_at=now,
        )
        for entry in matched.awaited
    ]
    AwaitedEntry.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_ONCE)


def settle() -> int:
    """Judge the entries whose papers have come, and return their number.

    What proves to name another paper leaves the library for the paper of its DOI or title, if that is here; the
    reader's page tells how many those were.
    """
    settled = 0
    while owners := list(_judgeable().order_by().values_list("subscriber", flat=True).distinct()[:AT_ONCE]):
        settled += sum(map(_settle_of, owners))
    return settled


def _judgeable() -> QuerySet[AwaitedEntry]:
    came = Paper.objects.filter(identifier=OuterRef("arxiv_id"))
    return AwaitedEntry.objects.filter(Exists(came)).order_by("arxiv_id", "pk")


@transaction.atomic
def _settle_of(owner: int) -> int:
    """Judge some entries of one person, who is locked first, as by all code that changes what is theirs."""
    Subscriber.objects.select_for_update().filter(pk=owner).first()
    rows = list(_judgeable().filter(subscriber=owner)[:AT_ONCE])
    papers = Paper.objects.filter(identifier__in={row.arxiv_id for row in rows})
    described = {paper.identifier: Description(paper.title, paper.authors[:AUTHORS]) for paper in papers}
    wrong = [row for row in rows if not _is_meant(row, described[row.arxiv_id])]
    if wrong:
        _replace(owner, wrong, kept={row.arxiv_id for row in rows if row not in wrong})
    return AwaitedEntry.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


def _is_meant(row: AwaitedEntry, paper: Description) -> bool:
    return library.is_meant(_entry(row), paper, is_suspect=row.is_suspect)


def _entry(row: AwaitedEntry) -> Entry:
    return Entry(row.arxiv_id, row.doi, row.title, row.title_key, tuple(row.authors))


def _replace(owner: int, wrong: Sequence[AwaitedEntry], kept: Collection[str]) -> None:
    """Put the papers that entries are really of in the place of those that they name, and count the entries."""
    denied = {row.arxiv_id for row in wrong}.difference(kept)
    instead = [identifier for identifier in library.otherwise([_entry(row) for row in wrong]) if identifier]
    LibraryUpload.objects.filter(subscriber=owner).update(mismatched=F("mismatched") + len(wrong))
    for interest in Interest.objects.filter(subscriber=owner, kind=InterestKind.LIBRARY):
        remaining = [identifier for identifier in interest.arxiv_ids if identifier not in denied]
        interest.arxiv_ids = list(dict.fromkeys([*remaining, *instead]))[:MOST_ENTRIES]
        if not interest.arxiv_ids:
            interest.delete()
            continue
        interest.save(update_fields=["arxiv_ids"])
        built_on_them = [vector.pk for vector in interest.vectors.all() if not denied.isdisjoint(vector.papers)]
        if built_on_them:
            interest.vectors.all().delete()

"""What a curator decides about papers in an edition; each function returns how many entries it changed."""

from django.db.models import F, OuterRef, QuerySet, Subquery

from papers.models import EditionEntry, Paper

Entries = QuerySet[EditionEntry]


def hide(entries: Entries) -> int:
    return entries.filter(hidden=False).update(hidden=True, featured=False)


def unhide(entries: Entries) -> int:
    return entries.filter(hidden=True).update(hidden=False)


def feature(entries: Entries) -> int:
    return entries.filter(featured=False).update(featured=True, hidden=False)


def unfeature(entries: Entries) -> int:
    return entries.filter(featured=True).update(featured=False)


def newest_entries(papers: QuerySet[Paper]) -> Entries:
    """Return the entry of each paper in the newest edition that holds it."""
    of_paper = EditionEntry.objects.filter(paper=OuterRef("paper")).order_by("-edition__date")
    entries = EditionEntry.objects.filter(paper__in=papers.order_by().values("pk"))
    return entries.annotate(newest=Subquery(of_paper.values("pk")[:1])).filter(pk=F("newest"))

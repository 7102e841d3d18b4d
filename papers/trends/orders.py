"""Keep in which order the lists stood on each day, so that tomorrow's pages can say what went up."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from papers.editions.lists import Listing, Span, front
from papers.models import ListOrder, Paper
from papers.periods import utc_date
from papers.text.words import FIELD_LABELS

KEPT = timedelta(days=2)


def remember(now: datetime) -> int:
    """Store the present order of each list as that of today, over an earlier one of today; return how many changed."""
    today = utc_date(now)
    stored = {(row.span, row.field): row for row in ListOrder.objects.filter(day=today)}
    changed = [row for row in _present(now) if _differs(row, stored.get((row.span, row.field)))]
    unique = ["span", "field", "day"]
    ListOrder.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=unique, update_fields=["ended_on", "papers"]
    )
    ListOrder.objects.filter(day__lt=today - KEPT).delete()
    return len(changed)


def _present(now: datetime) -> Iterator[ListOrder]:
    """Yield the order of each list that has an order; that of a field is the whole without the other fields."""
    shown, today = front(now), utc_date(now)
    fields = dict(Paper.objects.filter(trend__isnull=False).values_list("pk", "field"))
    for span in Span:
        if edition := shown.of(span):
            ranked = Listing(span, edition).ranked
            for field in ("", *FIELD_LABELS):
                keys = [key for key in ranked if not field or fields.get(key) == field]
                yield ListOrder(span=span, field=field, day=today, ended_on=edition.date, papers=keys)


def _differs(row: ListOrder, stored: ListOrder | None) -> bool:
    return stored is None or (stored.ended_on, stored.papers) != (row.ended_on, row.papers)


def before(listing: Listing, now: datetime) -> dict[int, int] | None:
    """Return the places, from 1 on, that papers had yesterday in the same list; None where that is not known.

    A list of one day that had not begun yesterday has no places of yesterday: the list of the day before was another.
    """
    rows = ListOrder.objects.filter(span=listing.span, field=listing.field, day=utc_date(now) - timedelta(days=1))
    row = rows.first()
    if row is None or listing.edition is None or (listing.span == Span.TODAY and row.ended_on != listing.edition.date):
        return None
    return {key: place for place, key in enumerate(row.papers, 1)}

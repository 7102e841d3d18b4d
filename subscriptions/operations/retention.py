"""Delete what nobody needs any longer: once a day, by the clock alone."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from papers.periods import utc_date
from subscriptions import lifecycle
from subscriptions.digests import zone_changes
from subscriptions.limits import rate_buckets
from subscriptions.models import AccountMail, AddressChange, AwaitedEntry, Consent, Departure, LibraryUpload, SignUp
from subscriptions.people import awaited_entries, library_uploads
from subscriptions.reports import events
from subscriptions.reports.safe_values import KEPT
from subscriptions.staff import throttle

AT_ONCE = 2000  # rows of a delete: a long one would keep others waiting


def purge(now: datetime) -> int:
    """Delete unconfirmed sign-ups, address changes and uploads after 7 days, and after 90 what is no longer acted upon.

    These are mails, reports, departures and staff's sign-ins. Digests have their own time and way: see old_digests.
    Returns how many rows.
    """
    unused = Q(confirmed_at__isnull=True)
    old_changes = Q(requested_at__lt=now - KEPT) | (unused & Q(requested_at__lt=now - lifecycle.CHANGE_WITHIN))
    return (
        lifecycle.forget_unconfirmed(now)
        + _delete(Consent.objects.filter(unused, requested_at__lt=now - lifecycle.CONFIRM_WITHIN))
        + _delete(AddressChange.objects.filter(old_changes))
        + _delete(AccountMail.objects.filter(created_at__lt=now - KEPT))
        + _delete(SignUp.objects.filter(requested_at__lt=now - lifecycle.CONFIRM_WITHIN))
        + _delete(LibraryUpload.objects.filter(uploaded_at__lt=now - library_uploads.KEPT))
        + _delete(AwaitedEntry.objects.filter(noted_at__lt=now - awaited_entries.KEPT))
        + _delete(Departure.objects.filter(day__lt=utc_date(now) - KEPT))
        + events.forget_old(now)
        + rate_buckets.forget_old(now)
        + zone_changes.forget_old(now)
        + throttle.forget_old(now, KEPT)
        + _delete(Session.objects.filter(expire_date__lt=now))
    )


def _delete(rows: QuerySet[Any]) -> int:
    gone = 0
    while some := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        gone += rows.model._default_manager.filter(pk__in=some).delete()[0]
    return gone

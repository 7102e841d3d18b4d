"""What nobody needs any longer goes: once a day, by the clock alone."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from subscriptions import events, lifecycle, rates
from subscriptions.models import AccountMail, AddressChange, Consent, SignUp

KEPT = timedelta(days=90)
AT_ONCE = 2000  # rows of a delete: a long one would keep others waiting


def purge(now: datetime) -> int:
    """Remove unconfirmed sign-ups and address changes after 7 days, account mails and reports after 90.

    Digests stay: they are the reader's archive, and their picks keep a paper from coming twice. How many rows went.
    """
    unused = Q(confirmed_at__isnull=True)
    old_changes = Q(requested_at__lt=now - KEPT) | (unused & Q(requested_at__lt=now - lifecycle.CHANGE_WITHIN))
    return (
        lifecycle.forget_unconfirmed(now)
        + _delete(Consent.objects.filter(unused, requested_at__lt=now - lifecycle.CONFIRM_WITHIN))
        + _delete(AddressChange.objects.filter(old_changes))
        + _delete(AccountMail.objects.filter(created_at__lt=now - KEPT))
        + _delete(SignUp.objects.filter(requested_at__lt=now - lifecycle.CONFIRM_WITHIN))
        + events.forget_old(now)
        + rates.forget_old(now)
    )


def _delete(rows: QuerySet[Any]) -> int:
    gone = 0
    while some := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        gone += rows.model._default_manager.filter(pk__in=some).delete()[0]
    return gone

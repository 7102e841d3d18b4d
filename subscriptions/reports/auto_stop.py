"""Stop all sending when too much of it bounces or is reported as spam: an operator has to look first."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from subscriptions.limits import kill_switch
from subscriptions.models import LEFT, AccountMail, Control, DeliveryEvent, Digest, Meaning, StopReason

WINDOW = timedelta(hours=24)
PLANNED_BEFORE = timedelta(hours=48)  # a digest's run begins at most so long before it is sent
LEAST_SENT = 200
LEAST_COMPLAINTS = 3


def watch(now: datetime) -> StopReason | None:
    """Stop all sending if the last 24 hours, or the time since it was resumed, were too bad; return why, if so."""
    if not Control.objects.filter(stopped_at__isnull=True).exists():
        return None
    hard, complaints = harmed(Meaning.HARD, now), harmed(Meaning.COMPLAINT, now)
    if hard and _too_many(hard, settings.BOUNCE_LIMIT, now):
        return _stop(StopReason.BOUNCES, f"{hard} addresses", now)
    if complaints >= LEAST_COMPLAINTS and _too_many(complaints, settings.COMPLAINT_LIMIT, now):
        return _stop(StopReason.COMPLAINTS, f"{complaints} readers", now)
    return None


def harmed(meaning: Meaning, now: datetime) -> int:
    """Count addresses with such a report in the window, of mails that went out since sending was last resumed."""
    reports = DeliveryEvent.objects.ours().filter(meaning=meaning, received_at__gt=now - WINDOW)
    resumed = _resumed_at()
    if resumed:
        earlier = Q(digest__claimed_at__lte=resumed) | Q(account_mail__claimed_at__lte=resumed)
        reports = reports.filter(received_at__gt=resumed).exclude(earlier)
    return reports.order_by().values("address_hash").distinct().count()


def sent(now: datetime, at_most: int) -> int:
    """Count mails handed over in the window, no further than at_most."""
    since = max(time for time in (now - WINDOW, _resumed_at()) if time)
    # By their runs, which have an index: a day's digests among a year's.
    digests = Digest.objects.filter(run__hour__gt=since - PLANNED_BEFORE, claimed_at__gt=since, status__in=LEFT)
    mails = AccountMail.objects.filter(claimed_at__gt=since, status__in=LEFT)
    return sum(rows.order_by()[:at_most].count() for rows in (digests, mails))


def _too_many(count: int, limit: float, now: datetime) -> bool:
    """Tell whether count is more than that share of what was sent, if enough was sent to speak of a share."""
    enough = int(count / limit) + 1
    sent_since = sent(now, max(LEAST_SENT, enough))
    return sent_since >= LEAST_SENT and count > limit * sent_since


def _stop(reason: StopReason, who: str, now: datetime) -> StopReason:
    limits = {StopReason.BOUNCES: settings.BOUNCE_LIMIT, StopReason.COMPLAINTS: settings.COMPLAINT_LIMIT}
    note = f"{who} within a day, more than {limits[reason]:.2%} of what was sent."
    kill_switch.stop(reason, note, now)
    return reason


def _resumed_at() -> datetime | None:
    return Control.objects.values_list("resumed_at", flat=True).first()

"""Ask readers of whom no sign came for weeks, and slow their digests down if none comes then either."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import ceil
from typing import NamedTuple, TypeAlias

from django.conf import settings
from django.db.models import Count, F, Min, Q

from subscriptions.models import LEFT, Digest, DueReader, Frequency, PastPicks, Subscriber, digests_stay
from subscriptions.people.calendar import FREQUENCY_DAYS, local_date

A_WEEK = timedelta(days=7)
Reader: TypeAlias = Subscriber | DueReader


class _Mails(NamedTuple):
    """The digests that left since the last sign."""

    left: int
    asked: date | None  # when the first of them asked


def judge(due: Sequence[Reader], now: datetime) -> None:
    """Note whom today's digests ask for a sign, and whose come weekly from today on; a query, and one for each date.

    What counts is digests that left, as many as the setting's days bring: weeks of empty days are not the reader's
    silence. The subscribers are locked by the caller, and changed in memory as well.
    """
    quiet = {one.pk: one for one in due if _may_be_silent(one, now)}
    if not quiet:
        return
    changes = defaultdict[tuple[str, date], list[int]](list)
    for key, mails in _since_the_last_sign(quiet, now).items():
        subscriber = quiet[key]
        if column := _due_change(subscriber, mails, day := _day(subscriber, now)):
            setattr(subscriber, column, day)
            changes[column, day].append(key)
    for (column, day), keys in changes.items():
        Subscriber.objects.filter(pk__in=keys).update(**{column: day})


def _day(subscriber: Reader, now: datetime) -> date:
    return local_date(subscriber.next_digest_at or now, subscriber.timezone)


def _may_be_silent(subscriber: Reader, now: datetime) -> bool:
    """Tell whether the last sign is so long ago that digests may ask, and the reader let them."""
    after, last = settings.SLOW_DOWN_AFTER_DAYS, subscriber.last_sign_on
    if not after or not subscriber.slow_down or last is None or subscriber.is_slowed:
        return False
    return subscriber.frequency in FREQUENCY_DAYS and _day(subscriber, now) - last >= timedelta(days=after)


def _since_the_last_sign(quiet: Mapping[int, Reader], now: datetime) -> dict[int, _Mails]:
    """Return, by subscriber, what left since the last sign; those without any mail are left out."""
    left = Digest.objects.filter(
        subscriber__in=quiet, status__in=LEFT, local_date__gt=F("subscriber__last_sign_on")
    ).order_by()
    asked = Min("local_date", filter=Q(local_date__gte=F("subscriber__asked_on")))
    rows = left.values_list("subscriber_id").annotate(left=Count("pk"), asked=asked)
    mails = {subscriber: _Mails(*row) for subscriber, *row in rows}
    long_quiet = [one for one in quiet.values() if one.last_sign_on and now.date() - one.last_sign_on > digests_stay()]
    return mails | _with_those_put_away(long_quiet, mails) if long_quiet else mails


def _with_those_put_away(quiet: Sequence[Reader], mails: Mapping[int, _Mails]) -> dict[int, _Mails]:
    """Add the days since the last sign on which papers came, of whose digests nothing else is left."""
    gone = PastPicks.objects.days([one.pk for one in quiet])
    added: dict[int, _Mails] = {}
    for one in quiet:
        days = [day for day in gone.get(one.pk, ()) if one.last_sign_on and day > one.last_sign_on]
        left, asked = mails.get(one.pk, _Mails(0, None))
        known = [day for day in (*days, asked) if day and one.asked_on and day >= one.asked_on]
        added[one.pk] = _Mails(left + len(days), min(known, default=None))
    return {key: some for key, some in added.items() if some.left}


def _due_change(subscriber: Reader, mails: _Mails, day: date) -> str:
    """Return the column that gets today's date, '' for none: a week lies between asking and slowing down."""
    if not subscriber.is_asked:
        days = len(FREQUENCY_DAYS[Frequency(subscriber.frequency)])
        return "asked_on" if mails.left >= ceil(settings.SLOW_DOWN_AFTER_DAYS * days / 7) else ""
    return "slowed_on" if mails.asked and day - mails.asked >= A_WEEK else ""

"""Follow a new release of time-zone rules: note which process uses which, and set readers' next hours again."""

import logging
import socket
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import Error, transaction

from papers import shared_clock, zone_rules
from subscriptions import agreement
from subscriptions.models import Control, HostRules, Subscriber, SubscriberStatus
from subscriptions.people.calendar import APART, due_instant, is_mail_day, local_date

logger = logging.getLogger(__name__)
AT_ONCE = 1000
# How often a running process notes its rules again, and for how long a note counts.
AGAIN_AFTER, BELIEVED = timedelta(days=1), timedelta(days=7)
MOVED = 2.0  # seconds by which a machine's clock has moved against the database's, when that is noted again
SCHEDULE = ("timezone", "send_hour", "frequency", "weekly_day", "slowed_on", "last_sign_on", "next_digest_at")
Move = tuple[str, int, datetime, datetime]  # zone, hour, from, to


def set_anew(now: datetime) -> int:
    """Move the next hours that newer rules have moved, and return how many. It may be killed and repeated.

    Rules older than those already used move nothing back: of two machines the newer one is right.
    """
    version, moved = zone_rules.in_use().version, 0
    note("worker", now)
    while control := Control.objects.filter(pk=1, zone_rules__lt=version, new_zone_rules__lte=version).first():
        moved += set_some_anew(control, version)
    if moved:
        logger.info("By the time zones of %s the next digests of %d readers come at another hour.", version, moved)
    return moved


@transaction.atomic
def set_some_anew(control: Control, version: str) -> int:
    """Move one batch, and note how far it came; two processes that do the same one do no harm."""
    after = control.set_anew_to if control.new_zone_rules == version else 0
    active = Subscriber.objects.filter(status=SubscriberStatus.ACTIVE, pk__gt=after).order_by("pk")
    some = list(active.only(*SCHEDULE)[:AT_ONCE])
    moved = move(some)
    unchanged = {name: getattr(control, name) for name in ("pk", "zone_rules", "new_zone_rules", "set_anew_to")}
    if some:
        Control.objects.filter(**unchanged).update(new_zone_rules=version, set_anew_to=some[-1].pk)
    else:
        Control.objects.filter(**unchanged).update(zone_rules=version, new_zone_rules="", set_anew_to=0)
    return moved


def move(subscribers: Iterable[Subscriber]) -> int:
    """Write by one query for all with the same move, and only where nobody changed anything meanwhile."""
    moves: dict[Move, list[int]] = defaultdict(list)
    known: dict[tuple[object, ...], datetime] = {}  # reckoned once for all who have the same schedule
    for subscriber in subscribers:
        if planned := subscriber.next_digest_at:
            schedule = (
                subscriber.timezone,
                subscriber.send_hour,
                subscriber.present_frequency,
                subscriber.weekly_day,
                planned,
            )
            due = known.get(schedule) or known.setdefault(schedule, nearest_due(subscriber, planned))
            if due != planned:
                moves[subscriber.timezone, subscriber.send_hour, planned, due].append(subscriber.pk)
    moved = 0
    for (zone, hour, before, after), keys in moves.items():
        unchanged = Subscriber.objects.filter(timezone=zone, send_hour=hour, next_digest_at=before, pk__in=keys)
        moved += unchanged.filter(status=SubscriberStatus.ACTIVE).update(next_digest_at=after)
    return moved


def nearest_due(subscriber: Subscriber, planned: datetime) -> datetime:
    """Return the sending hour nearest to the planned one: that of the same date, as the clocks now go.

    It may be over by a little: then the reader is due at once, and that date is not lost.
    """
    zone, hour = subscriber.timezone, subscriber.send_hour
    near = (local_date(planned, zone) + timedelta(days=apart) for apart in (-1, 0, 1))
    instants = [due_instant(day, hour, zone) for day in near if is_mail_day(subscriber, day)]
    nearest = min((each for each in instants if each), key=lambda each: abs(each - planned), default=planned)
    return nearest if abs(nearest - planned) < APART else planned


def note(kind: str, now: datetime) -> None:
    """Store which rules this kind of process uses on this machine, marks of its settings, and how far its clock is off.

    That is written once a day, and when something of it has changed.
    """
    rules, host, ahead = zone_rules.in_use(), this_host(), shared_clock.ahead().total_seconds()
    rules_in_use = {"version": rules.version, "source": rules.source[:200], "marks": agreement.marks()}
    same_clock = {"clock_ahead__gt": ahead - MOVED, "clock_ahead__lt": ahead + MOVED}
    same = HostRules.objects.filter(host=host, kind=kind, **rules_in_use, **same_clock)
    if not same.filter(noted_at__gt=now - AGAIN_AFTER).exists():
        noted_now = rules_in_use | {"clock_ahead": ahead, "noted_at": now}
        HostRules.objects.update_or_create(host=host, kind=kind, defaults=noted_now)


def this_host() -> str:
    """Return the name by which this machine notes its rules."""
    return socket.gethostname()[:100]


def note_at_start(kind: str) -> None:
    """Note the rules of a process that starts: a database that is away must not keep it from that."""
    try:
        note(kind, shared_clock.now())
    except Error as error:
        logger.warning("Which time zones this %s process goes by could not be noted: %s", kind, error)


def noted(now: datetime) -> list[HostRules]:
    """Return what was noted lately; a machine that is gone notes nothing any more."""
    return list(HostRules.objects.filter(noted_at__gt=now - BELIEVED).order_by("host", "kind"))


def forget_old(now: datetime) -> int:
    return HostRules.objects.filter(noted_at__lte=now - BELIEVED).delete()[0]

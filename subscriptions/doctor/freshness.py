"""Whether what should happen every day still happens: papers, editions, planning, runs."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q

from papers.arxiv.announcements import batch_before, batch_due
from papers.ingest import odd_dates
from papers.models import Edition, Paper
from subscriptions.doctor.findings import Finding, error, fine, warning
from subscriptions.models import Control, Frequency, Run, Subscriber, SubscriberStatus
from subscriptions.operations.health import TICK_WITHIN

PLANNED_WITHIN = timedelta(minutes=15)
# The longest that a site may be without a finished run, by the most frequent digest that it owes anybody.
RUN_WITHIN = {
    Frequency.DAILY: timedelta(hours=26),
    Frequency.WEEKDAYS: timedelta(days=2, hours=26),
    Frequency.WEEKLY: timedelta(days=6, hours=26),
}


def check(now: datetime) -> Iterator[Finding]:
    yield from of_papers(now)
    yield from of_editions(now)
    yield from of_dates(now)
    yield from of_beat(now)
    yield from of_planning(now)
    yield from of_runs(now)


def of_papers(now: datetime) -> Iterator[Finding]:
    newest = Paper.objects.order_by("-created_at").values_list("created_at", flat=True).first()
    remedy = "See Sources in the admin for the source that fails, and whether the worker of the queue sources runs."
    yield from _of_day("papers", "paper", newest and newest.date(), remedy, now)


def of_editions(now: datetime) -> Iterator[Finding]:
    newest = Edition.objects.begun(now).order_by("-date").values_list("date", flat=True).first()
    remedy = "See Sources in the admin: no announcement of arXiv has come in."
    yield from _of_day("editions", "edition", newest, remedy, now)


def of_dates(now: datetime) -> Iterator[Finding]:
    """Warn of future dates that came in before they were refused; they are ignored, but the true dates are missing."""
    odd = odd_dates.found(now)
    if not odd:
        yield fine("dates", "Nothing bears a date that is yet to come, or absurdly far back.")
        return
    yield warning(
        "dates",
        f"{', '.join(f'{number} {word}' for word, number in odd.items())} bear a date that cannot be.",
        why="They are overlooked: such papers stand in no edition that is sent or shown.",
        remedy="Run manage.py forget_odd_dates, which empties those dates; sources fill in the true ones again.",
    )


def _of_day(subject: str, noun: str, newest: date | None, remedy: str, now: datetime) -> Iterator[Finding]:
    """Judge by arXiv's calendar: of the announcements that are due, one may be late, not two."""
    if newest and newest >= batch_before(batch_due(now)):
        yield fine(subject, f"The newest {noun} is of {newest}.")
        return
    what = f"The newest {noun} is of {newest}." if newest else f"There is no {noun} at all."
    yield error(subject, what, why="Readers get thinner digests every day, and then none.", remedy=remedy)


def of_beat(now: datetime) -> Iterator[Finding]:
    last = Control.objects.values_list("last_tick_at", flat=True).first()
    if last and now - last <= TICK_WITHIN:
        yield fine("beat", f"Planning ran last at {last:%H:%M:%S} UTC.")
        return
    yield error(
        "beat",
        f"Planning ran last on {last:%d %B at %H:%M} UTC, and should every minute." if last else "It has never ticked.",
        why="Nobody is planned, nothing is swept, and no source is asked.",
        remedy="Start the process beat of the Procfile, the broker, and a worker of the queues mail and digests.",
    )


def of_planning(now: datetime) -> Iterator[Finding]:
    waiting = Subscriber.objects.due(now - PLANNED_WITHIN).count()
    if not waiting:
        yield fine("planning", "Nobody who is due waits to be planned.")
        return
    yield error(
        "planning",
        f"{waiting} subscribers were due more than 15 minutes ago and have no digest planned.",
        why="The clock that plans every minute has stopped, and nobody gets mail.",
        remedy="Start the process beat of the Procfile, and a worker of the queues mail and digests.",
    )


def of_runs(now: datetime) -> Iterator[Finding]:
    within = _longest_pause(now)
    last = Run.objects.exclude(closed_at=None).order_by("-closed_at").first()
    if within is None or (last and last.closed_at and now - last.closed_at <= within):
        yield fine("runs", f"The last one ended {last.closed_at:%d %B at %H:%M} UTC." if last else "None is owed yet.")
    else:
        ago = f"{(now - last.closed_at).total_seconds() / 3600:.0f} hours ago" if last and last.closed_at else "never"
        yield error(
            "runs",
            f"A run of digests last came to its end {ago}.",
            why="Readers have got no digests since then, or nobody knows what became of them.",
            remedy="See Runs and Digests in the admin, and whether beat and the mail workers run.",
        )
    for run in Run.objects.exclude(note="").filter(hour__gt=now - timedelta(days=7)):
        why, remedy = "Some digest was lost or counted twice.", "See the digests of that run in the admin."
        yield error(f"run of {run}", f"Its numbers do not agree: {run.note}", why=why, remedy=remedy)


def _longest_pause(now: datetime) -> timedelta | None:
    """Return how long ago the last run may be; None while nobody has been a reader for that long."""
    for frequency, within in RUN_WITHIN.items():
        comes_so = Q(frequency=frequency, slowed_on=None)
        if frequency == Frequency.WEEKLY:
            comes_so |= Q(slowed_on__isnull=False)
        readers = Subscriber.objects.filter(comes_so, status=SubscriberStatus.ACTIVE)
        if readers.filter(confirmed_at__lt=now - within).exists():
            return within
    return None

"""Count what happened on a day (UTC), from the rows that there are now. None of these numbers names anybody."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from papers.arxiv.announcements import announcement
from papers.models import Paper
from subscriptions.models import (
    LEFT,
    Consent,
    DayCount,
    DeliveryEvent,
    Departure,
    Digest,
    DigestItem,
    Fact,
    Feedback,
    Meaning,
    Role,
    Run,
    Subscriber,
    SubscriberStatus,
)

DAY = timedelta(days=1)
# A digest leaves within a day after its run; what is sent on a day was planned on it or on the day before.
PLANNED_BEFORE = DAY
ON_ARXIV, ON_A_LIST, ELSEWHERE, FETCHED = "arXiv", "Hugging Face", "other servers", "asked for"
A_BACK_FILL = timedelta(days=7)  # what is announced for longer was not waited for
OUTSIDE, NO_INTEREST = "outside", "none"

Numbers = dict[tuple[Fact, str], int]  # by fact, and which of them


def span(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and when the next one does."""
    begins = datetime.combine(day, time(), UTC)
    return begins, begins + DAY


def _within(column: str, day: date) -> Q:
    begins, ends = span(day)
    return Q(**{f"{column}__gte": begins, f"{column}__lt": ends})


def readers(day: date) -> Numbers:
    """Count readers as they are now, whatever the day: nobody can tell later how many there were."""
    states = (SubscriberStatus.ACTIVE, SubscriberStatus.PAUSED)
    return {(Fact.READERS, state.value): Subscriber.objects.filter(status=state).count() for state in states}


def readers_lately(day: date) -> Numbers:
    """Return the readers as they were counted last on that day, within the hour: a page must not count a million."""
    rows = DayCount.objects.filter(day=day, fact=Fact.READERS).values_list("of", "number")
    return {(Fact.READERS, of): number for of, number in rows} or readers(day)


def arrivals(day: date) -> Numbers:
    asked = Consent.objects.filter(_within("requested_at", day)).count()
    confirmed = Consent.objects.filter(_within("confirmed_at", day)).count()
    return {(Fact.SIGN_UPS, ""): asked, (Fact.CONFIRMED, ""): confirmed}


def departures(day: date) -> Numbers:
    return _by(Fact.LEFT, Departure.objects.filter(day=day), "reason")


def mails(day: date) -> Numbers:
    """Count digests that left, by their runs, which have an index."""
    begins, ends = span(day)
    runs = list(Run.objects.filter(hour__gte=begins - PLANNED_BEFORE, hour__lt=ends).values_list("pk", flat=True))
    left = Digest.objects.filter(_within("claimed_at", day), run__in=runs, status__in=LEFT)
    return {(Fact.MAILS, ""): left.count()}


def reports(day: date) -> Numbers:
    """Count hard bounces and complaints by when we were told."""
    harm = DeliveryEvent.objects.ours().filter(
        _within("received_at", day), meaning__in=[Meaning.HARD, Meaning.COMPLAINT]
    )
    return _by(Fact.REPORTS, harm, "meaning")


def ratings(day: date) -> Numbers:
    """Count what was said of picks on a day, by what had led to them, and the digests that it was said in."""
    picked = DigestItem.objects.filter(subscriber=OuterRef("subscriber"), paper=OuterRef("paper"), role=Role.PICK)
    kind = Case(
        When(reason__explored=True, then=Value(OUTSIDE)),
        default=Coalesce(KeyTextTransform("kind", "reason"), Value("")),
        output_field=CharField(),
    )
    said = Feedback.objects.filter(_within("at", day)).annotate(
        digest=Subquery(picked.values("digest")[:1]), why=Subquery(picked.annotate(why=kind).values("why")[:1])
    )
    of_picks = said.filter(digest__isnull=False).order_by()
    rows = of_picks.values_list("why", "kind").annotate(count=Count("pk"))
    numbers: Numbers = {(Fact.RATINGS, f"{why or NO_INTEREST} {word}"): count for why, word, count in rows}
    return numbers | {(Fact.RATED, ""): of_picks.values("digest").distinct().count()}


def papers(day: date) -> Numbers:
    """Count papers that came, by where from, and how long after their announcement; a back-fill has no latency."""
    rows = Paper.objects.filter(_within("created_at", day)).values_list(
        "identifier", "announced_on", "announced_estimated", "listed_on", "created_at"
    )
    counts: dict[str, int] = {}
    waits: dict[str, list[float]] = {}
    for row in rows:
        source, since = _where_from(*row[:4])
        counts[source] = counts.get(source, 0) + 1
        waited = row[4] - since if since else None
        if waited is not None and timedelta() <= waited < A_BACK_FILL:
            waits.setdefault(source, []).append(waited / timedelta(minutes=1))
    latencies = {(Fact.LATENCY, source): round(median(each)) for source, each in waits.items()}
    return {(Fact.PAPERS, source): count for source, count in counts.items()} | latencies


def _where_from(
    identifier: str, announced_on: date | None, estimated: bool, listed_on: date | None
) -> tuple[str, datetime | None]:
    """Return which source a paper came from, as far as its dates tell, and when it was out there to be fetched."""
    if ":" in identifier:
        return ELSEWHERE, None
    if announced_on and not estimated:
        return ON_ARXIV, announcement(announced_on - DAY)
    if listed_on:
        return ON_A_LIST, span(listed_on)[0]
    return FETCHED, None


def _by(fact: Fact, rows: QuerySet[Any], column: str) -> Numbers:
    counts = rows.order_by().values_list(column).annotate(count=Count("pk"))
    return {(fact, of): count for of, count in counts}


Counter = Callable[[date], Numbers]
AS_IT_IS: tuple[Counter, ...] = (readers,)  # of today alone
OF_A_DAY: tuple[Counter, ...] = (arrivals, departures, mails, reports, ratings, papers)
LIVE: tuple[Counter, ...] = (readers_lately, arrivals, departures)  # a few index look-ups, for a page to ask
# Their rows go with an erased person, and some after a while: a number that was counted never falls.
NEVER_FEWER = {Fact.SIGN_UPS, Fact.CONFIRMED, Fact.LEFT, Fact.MAILS, Fact.REPORTS, Fact.RATED, Fact.RATINGS}


def counted(day: date, counters: Iterable[Counter]) -> Numbers:
    numbers: Numbers = {}
    for count in counters:
        numbers |= count(day)
    return numbers

"""Numbers for Prometheus, read from the database when it asks: of the whole site, whichever process answers.

Counts stand on indexes or look at one day; no label names a person, an address or a domain.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from django.db.models import Count, Max, Min, QuerySet
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from papers.models import FeedState, Paper
from papers.shared_clock import now
from recommender.models import EmbeddingModel, PaperVector
from subscriptions.models import (
    AccountMail,
    Breaker,
    Control,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    EventStatus,
    Run,
    SendTime,
    SkipReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.signup import admission
from subscriptions.transport import send_times

KEPT = 5.0  # seconds
MANY, MANY_KEPT = 100_000, 600.0  # rows that are not counted each time, and for how many seconds their count holds
DAY = timedelta(days=1)
Family = GaugeMetricFamily
Sample = tuple[tuple[str, ...], float]
Counts = dict[tuple[str, ...], int]


def _gauge(name: str, says: str, samples: Iterable[Sample] | float | None, labels: tuple[str, ...] = ()) -> Family:
    """Return one number, or one for each combination of labels; no sample at all where it is unknown."""
    family = GaugeMetricFamily(f"paper_round_{name}", says, labels=labels)
    if isinstance(samples, int | float):
        samples = [((), float(samples))]
    for values, number in samples or []:
        family.add_metric(values, number)
    return family


_of_many: dict[str, tuple[float, Counts]] = {}  # by name, until when they hold


def _counted(name: str, count: Callable[[], Counts]) -> Counts:
    """Return counts, of many rows as they were some minutes ago: to count them reads them all."""
    until, counts = _of_many.get(name, (float("-inf"), {}))
    if monotonic() > until:
        counts = count()
        if sum(counts.values()) > MANY:
            _of_many[name] = (monotonic() + MANY_KEPT, counts)
    return counts


def _by_status() -> Counts:
    rows = Subscriber.objects.order_by().values_list("status").annotate(count=Count("pk"))
    return {(status,): count for status, count in rows}


def _of_subscribers(at: datetime) -> Iterator[Family]:
    counts = _counted("subscribers", _by_status)
    states = [((status,), counts.get((status,), 0)) for status in SubscriberStatus.values]
    yield _gauge("subscribers", "Subscribers by status.", states, ("status",))
    yield _gauge("subscribers_due", "Subscribers who are due and not planned.", Subscriber.objects.due(at).count())
    yield _gauge("suppressed_addresses", "Addresses that are never mailed.", Suppression.objects.count())


def _of_digests(at: datetime) -> Iterator[Family]:
    waiting = Digest.objects.waiting(at)
    queued = Digest.objects.planned()
    in_flight = Digest.objects.filter(status=DeliveryStatus.SENDING)
    uncertain = Digest.objects.filter(status=DeliveryStatus.UNCERTAIN)
    yield _gauge("digests_queued", "Digests that are planned.", queued.count())
    yield _gauge("digests_due", "Digests that should be on their way.", waiting.count())
    yield _gauge("oldest_due_age_seconds", "For how long the oldest of these waits.", _age(waiting, at))
    yield _gauge("digests_in_flight", "Digests that are being handed over.", in_flight.count())
    yield _gauge("digests_uncertain", "Digests of which nobody knows whether they left.", uncertain.count())
    labels = ("status", "reason")
    ended = sorted(_counted("digests of a day", lambda: _ended(at)).items())
    yield _gauge("digests_of_a_day", "Digests planned within a day, by what became of them.", ended, labels)


def _age(waiting: QuerySet[Digest] | QuerySet[AccountMail] | QuerySet[DeliveryEvent], at: datetime) -> float:
    oldest = waiting.order_by().aggregate(oldest=Min("next_attempt_at"))["oldest"]
    return (at - oldest).total_seconds() if oldest else 0.0


def _ended(at: datetime) -> Counts:
    """Return counts by status and reason, in our own words alone: a provider's are many, and may hold an address."""
    runs = list(Run.objects.filter(hour__gt=at - DAY).values_list("pk", flat=True))
    rows = Digest.objects.filter(run__in=runs).order_by().values_list("status", "reason").annotate(count=Count("pk"))
    counts: Counts = {}
    for status, reason, count in rows:
        key = (str(status), reason if reason in SkipReason.values else ("other" if reason else ""))
        counts[key] = counts.get(key, 0) + count
    for status in DeliveryStatus.values:
        counts.setdefault((str(status), ""), 0)
    return counts


def _of_account_mails(at: datetime) -> Iterator[Family]:
    waiting = AccountMail.objects.waiting(at)
    uncertain = AccountMail.objects.filter(status=DeliveryStatus.UNCERTAIN).count()
    yield _gauge("account_mails_waiting", "Confirm and account mails that wait.", waiting.count())
    yield _gauge("account_mails_oldest_age_seconds", "For how long the oldest of these waits.", _age(waiting, at))
    yield _gauge("account_mails_uncertain", "Account mails of which nobody knows whether they left.", uncertain)


def _of_sign_ups(at: datetime) -> Iterator[Family]:
    state = admission.state(at)
    yield _gauge("sign_ups_waiting", "Forms that wait for their confirm mail.", state.waiting)
    yield _gauge("sign_ups_mailed_this_hour", "Confirm mails of this hour (UTC).", state.mailed)
    yield _gauge("sign_ups_ask_for_proof", "Whether the form asks for a proof of work.", float(state.asks_for_proof))
    yield _gauge("sign_ups_alarm", "Whether a flood was noticed within this hour.", float(state.alarm))


def _of_sending(at: datetime) -> Iterator[Metric]:
    control = Control.objects.first()
    states = [((row.provider,), float(row.open_until is not None)) for row in Breaker.objects.order_by("provider")]
    yield _gauge("sending_stopped", "Whether all sending is stopped.", float(bool(control and control.stopped_at)))
    yield _gauge("breaker_open", "Whether a mail provider is left alone.", states, ("provider",))
    yield _answer_times()
    tick = control.last_tick_at if control else None
    backup = control.backed_up_at if control else None
    yield _gauge(
        "last_backup_timestamp_seconds", "When a backup was made last.", backup.timestamp() if backup else None
    )
    yield _gauge("last_tick_timestamp_seconds", "When planning ran last.", tick.timestamp() if tick else None)


def _answer_times() -> HistogramMetricFamily:
    says = "How long a mail provider takes to answer for one mail, refusals and time-outs among them."
    family = HistogramMetricFamily("paper_round_send_seconds", says, labels=("provider",))
    for provider in SendTime.objects.order_by("provider").values_list("provider", flat=True).distinct():
        buckets, seconds = send_times.buckets(provider)
        family.add_metric((provider,), buckets=buckets, sum_value=seconds)
    return family


def _of_reports(at: datetime) -> Iterator[Family]:
    waiting = DeliveryEvent.objects.filter(status=EventStatus.WAITING)
    yield _gauge("webhook_events_waiting", "Reports of the provider that wait.", waiting.count())
    oldest = waiting.order_by().aggregate(oldest=Min("next_attempt_at"))["oldest"]
    lag = max(0.0, (at - oldest).total_seconds()) if oldest else 0.0
    yield _gauge("webhook_lag_seconds", "For how long the oldest of these is due.", lag)
    given_up = DeliveryEvent.objects.filter(status=EventStatus.FAILED, received_at__gt=at - DAY).count()
    yield _gauge("webhook_events_given_up", "Reports of a day that nobody could read or knows.", given_up)


def of_runs(at: datetime) -> Iterator[Family]:
    ended = Run.objects.aggregate(last=Max("closed_at"))["last"]
    unbalanced = Run.objects.exclude(note="").filter(hour__gt=at - 7 * DAY).count()
    timestamp = ended.timestamp() if ended else None
    yield _gauge("last_run_success_timestamp", "When a run last ended whose numbers agree.", timestamp)
    oldest = Run.objects.with_digests().aggregate(oldest=Min("hour"))["oldest"]
    age = (at - oldest).total_seconds() if oldest else 0.0
    yield _gauge("oldest_digests_age_seconds", "For how long the oldest digests are kept that were not put away.", age)
    yield _gauge("runs_unbalanced", "Runs of a week whose numbers do not agree.", unbalanced)


def _papers_and_vectors() -> Counts:
    model = EmbeddingModel.objects.serving()
    vectors = PaperVector.objects.filter(model=model).count() if model else 0
    return {("papers",): Paper.objects.count(), ("vectors",): vectors}


def of_papers(at: datetime) -> Iterator[Family]:
    rows = FeedState.objects.order_by().values_list("source").annotate(last=Max("last_success_at"))
    ages = [((source,), (at - last).total_seconds()) for source, last in sorted(rows) if last]
    newest = Paper.objects.order_by("-pk").values_list("created_at", flat=True).first()
    age = (at - newest).total_seconds() if newest else None
    yield _gauge("source_age_seconds", "Since when a source has not answered well.", ages, ("source",))
    yield _gauge("newest_paper_age_seconds", "Since when no new paper has come.", age)
    counts = _counted("papers", _papers_and_vectors)
    papers, vectors = counts["papers",], counts["vectors",]
    yield _gauge("papers", "Papers.", papers)
    yield _gauge("papers_without_vector", "Papers that cannot be matched yet.", max(0, papers - vectors))


AREAS: list[Callable[[datetime], Iterator[Metric]]] = [
    _of_subscribers,
    _of_digests,
    _of_account_mails,
    _of_sign_ups,
    _of_sending,
    _of_reports,
    of_runs,
    of_papers,
]


class FromTheDatabase(Collector):
    def collect(self) -> Iterator[Metric]:
        at = now()
        for area in AREAS:
            yield from area(at)


_registry = CollectorRegistry()
_registry.register(FromTheDatabase())
_lock = Lock()
_kept: tuple[float, bytes] = (float("-inf"), b"")


def page() -> bytes:
    """Return Prometheus' text format, at most KEPT seconds old, so that nobody can load the database by asking."""
    global _kept
    with _lock:
        if monotonic() - _kept[0] > KEPT:
            text = generate_latest(_registry)
            _kept = (monotonic(), text)
        return _kept[1]

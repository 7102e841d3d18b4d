"""How many digests a second are planned, matched, written, handed over and recorded, by real workers."""

from __future__ import annotations

import os
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils.timezone import now
from kombu import Connection
from tqdm import tqdm

from recommender.benchmarks.figures import Detail, Figure
from recommender.index import scratch
from subscriptions.benchmarks import crowd, plain, servers
from subscriptions.delivery import batches
from subscriptions.digests import planning, runs
from subscriptions.models import DeliveryStatus, Digest, DigestItem, Role, Subscriber

SUBSCRIBERS, PAPERS = 20_000, 20_000
CHILDREN = 4  # as the Procfile has them
PLAIN, BARE = 2_000, 10_000  # how many are sent in the two comparisons
BATCHES = (10, 50)  # whose queries are counted
PAUSE, TICK_EVERY = 0.2, 20.0  # seconds
TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
# As in production, but for nothing of the operator's settings that would slow down or stop what is measured.
FREELY = {"SPREAD_MINUTES": "0", "EDITION_WAIT_MINUTES": "0", "PROVIDER_RATE_PER_SECOND": "0", "DEBUG": "false"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS, help=f"all due at once ({SUBSCRIBERS:,})")
    parser.add_argument("--papers", type=int, default=PAPERS, help=f"stored (default: {PAPERS:,})")
    parser.add_argument("--through", choices=["smtp", "api"], default="smtp", help="how mails leave (smtp)")
    parser.add_argument("--broker", choices=["redis", "folder"], help="default: Redis on PostgreSQL, else a folder")
    parser.add_argument("--children", type=int, default=CHILDREN, help=f"processes of the worker ({CHILDREN})")


def measure(
    *, subscribers: int, papers: int, through: str, broker: str | None, children: int, **_: Any
) -> Iterator[Figure]:
    """Measure on a database of its own, where DATABASE_URL points; raise CommandError for too small numbers."""
    if subscribers < 2 * sum(BATCHES) or papers < crowd.A_DAY:
        raise CommandError(f"There must be at least {2 * sum(BATCHES)} subscribers and {crowd.A_DAY} papers.")
    broker = broker or ("redis" if connection.vendor == "postgresql" else "folder")
    with scratch.database() as url, tempfile.TemporaryDirectory(prefix="pr") as name, ExitStack() as stack:
        folder = Path(name)
        crowd.grow(subscribers, papers, now().replace(microsecond=0))
        sink = stack.enter_context(servers.mail_server(folder))
        environment = os.environ | FREELY | {"DATABASE_URL": url, "VAR_DIR": name, "SITE_URL": settings.SITE_URL}
        environment |= {"SECRET_KEY": settings.SECRET_KEY + " of a benchmark", "INSTANCE_ID": settings.INSTANCE_ID}
        environment |= _way(through, sink, stack, folder)
        environment["REDIS_URL"] = stack.enter_context(servers.redis(folder)) if broker == "redis" else ""
        details: dict[str, Detail] = {"subscribers": subscribers, "through": through, "broker": broker}
        yield _figure(environment, folder, sink, details | {"children": children})


def _way(through: str, sink: int, stack: ExitStack, folder: Path) -> dict[str, str]:
    if through == "smtp":
        return {"EMAIL_URL": f"smtp://127.0.0.1:{sink}", "EMAIL_BACKEND": "", "ANYMAIL": "{}"}
    url = f"http://127.0.0.1:{stack.enter_context(servers.provider(folder))}/"
    anymail = f'{{"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": "{url}", "WEBHOOK_SECRET": "a:b"}}'
    return {"EMAIL_URL": "", "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "ANYMAIL": anymail}


def _figure(environment: dict[str, str], folder: Path, sink: int, details: dict[str, Detail]) -> Figure:
    details |= {"database": connection.vendor} | _queries()
    with servers.workers(int(details["children"]), environment, folder) as workers:
        rate, sent = _rate(environment)
        details["peak_mb"] = servers.peak_mb(workers)
    details["sent"] = sent
    sample = list(Digest.objects.filter(status=DeliveryStatus.SENT, run__isnull=False).values_list("pk", flat=True))
    some = sample[:500]
    details["papers_a_digest"] = DigestItem.objects.filter(digest__in=some, role=Role.PICK).count() / len(some)
    details["bytes_a_digest"] = len(plain.message_of(sample[-1]))
    details["plain"] = plain.plain_rate(sample[:PLAIN], sink)
    limit = plain.limit_rate(sample[-1], BARE, sink)
    return Figure("digests", rate, "a second", limit, rate / limit, details)


class Nowhere(BaseEmailBackend):
    """Takes mails and forgets them: for the count of queries."""

    def send_messages(self, email_messages: Any) -> int:
        return len(email_messages)


def _queries() -> dict[str, Detail]:
    """Count queries of a small batch and of a full one: what each digest adds, and what a batch costs without."""
    with override_settings(EMAIL_BACKEND="subscriptions.benchmarks.digests.Nowhere", SPREAD_MINUTES=0):
        planning.plan_some(now())
        batches.deliver_waiting(now)  # what a process does once, such as loading the candidates
        few, many = [_queries_of(size) for size in BATCHES]
    each = (many - few) / (BATCHES[1] - BATCHES[0])
    return {"queries_per_digest": each, "queries_per_batch": few - BATCHES[0] * each}


def _queries_of(size: int) -> int:
    keys = list(Digest.objects.waiting(now()).order_by("pk").values_list("pk", flat=True)[:size])
    with CaptureQueriesContext(connection) as captured:
        batches.deliver(keys, now)
    real = [one for one in captured.captured_queries if not one["sql"].startswith(TRANSACTIONS)]
    return len(real)


def _rate(environment: dict[str, str]) -> tuple[float, int]:
    """Return digests per second, from the tick that finds them due to the last record, and how many were sent."""
    before = Digest.objects.filter(status=DeliveryStatus.SENT).count()
    ticked, began = -TICK_EVERY, time.perf_counter()
    whole = _left()
    with tqdm(total=whole, desc="Delivering", disable=None) as bar:
        while left := _left():
            if time.perf_counter() - began - ticked > TICK_EVERY:
                ticked = time.perf_counter() - began
                _tick(environment)
            bar.update(whole - left - bar.n)
            time.sleep(PAUSE)
    took = time.perf_counter() - began
    sent = Digest.objects.filter(status=DeliveryStatus.SENT).count() - before
    return sent / took, sent


def _left() -> int:
    """Count what is due and not planned yet, and what is planned and has not ended."""
    return Subscriber.objects.due(now()).count() + Digest.objects.filter(status__in=runs.OPEN).count()


def _tick(environment: dict[str, str]) -> None:
    """Do what the clock of the site does every minute."""
    url = environment["REDIS_URL"] or "folder://"
    folder = {"folder": str(Path(environment["VAR_DIR"]) / "broker")}
    with Connection(url, transport_options={} if environment["REDIS_URL"] else folder) as broker:
        current_app.send_task("subscriptions.tasks.plan_due_digests", connection=broker)

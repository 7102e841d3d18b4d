"""Days of digests of many readers, made within PostgreSQL after digests that were really composed and delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from django.core.management.base import CommandError
from django.db import connection, models, transaction
from django.test.utils import override_settings
from tqdm import tqdm

from papers.models import Paper
from subscriptions.benchmarks import crowd
from subscriptions.delivery import batches
from subscriptions.digests import planning
from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest, DigestItem, Run, Subscriber

ALIVE, PAPERS = 1_000, 4_000  # readers whose digests are composed and delivered, and papers of that
TEMPLATES = 400
A_DAY = 700  # papers, as arXiv announces
LONGEST = 100  # days of papers that are made at once, so that a history can be made longer
MINUTES = 24 * 60
AT_ONCE = 100_000  # readers of a statement
MORNING = crowd.MORNING
FREELY = {"EMAIL_BACKEND": "subscriptions.benchmarks.digests.Nowhere", "SPREAD_MINUTES": 0, "EDITION_WAIT_MINUTES": 0}
SHORT = """'{"folded": []}'::jsonb"""


def deliver_really() -> int:
    """Plan, compose, write and record a digest for each of a small crowd, with a report each; return how many left."""
    crowd.grow(ALIVE, PAPERS)
    Digest.objects.all().delete()
    with override_settings(**FREELY):
        planning.plan(MORNING)
        with tqdm(total=ALIVE, desc="Delivering", disable=None) as bar:
            while sent := batches.deliver_waiting(lambda: MORNING):
                bar.update(sent)
    left = Digest.objects.filter(status=DeliveryStatus.SENT)
    DeliveryEvent.objects.bulk_create(_delivered(digest) for digest in left)
    return left.count()


def _delivered(digest: Digest) -> DeliveryEvent:
    """Return a report as most providers send it for each mail."""
    known = {"digest": digest, "subscriber_id": digest.subscriber_id, "address_hash": bytes(digest.handle)}
    words = {"provider": "Postmark", "event_type": "delivered", "meaning": "delivered", "status": "done"}
    times = {"happened_at": MORNING, "received_at": MORNING, "next_attempt_at": MORNING}
    return DeliveryEvent(**known, **words, **times, event_id=bytes(digest.handle).hex(), provider_id=str(digest.pk))


def is_begun() -> bool:
    return "bench_item" in connection.introspection.table_names()


def make(subscribers: int, days: int, items: int) -> None:
    """Make what is lacking of a history until the morning; it may be killed and called again.

    items: at most so many of a digest's, with short reasons; 0 for all, whole. Raises CommandError where it began
    otherwise.
    """
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_days (day date PRIMARY KEY, items int)")
        cursor.execute("SET session_replication_role = replica")  # references are right by construction
        if not is_begun():
            _keep_templates(items)
    _people(subscribers)
    _papers(A_DAY * max(days, LONGEST))
    for ago in tqdm(range(days, 0, -1), desc="Making days", disable=None):
        _day((MORNING - timedelta(days=ago)).date(), max(days, LONGEST) - ago, items)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")


@transaction.atomic
def _keep_templates(items: int) -> None:
    limit = f"WHERE place < {int(items)}" if items else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_digest AS SELECT *, row_number() OVER (ORDER BY id) - 1 AS n FROM subscriptions_digest"
            f" WHERE status = 'sent' ORDER BY id LIMIT {TEMPLATES}"
        )
        cursor.execute(
            "CREATE TABLE bench_item AS SELECT * FROM (SELECT i.*, t.n, row_number() OVER (PARTITION BY t.n"
            " ORDER BY i.role DESC, i.rank) - 1 AS place FROM subscriptions_digestitem i"
            f" JOIN bench_digest t ON t.id = i.digest_id) numbered {limit}"
        )
        cursor.execute("ANALYZE bench_digest, bench_item")
    for model in (DigestItem, DeliveryEvent, Digest, Run):
        model._default_manager.all().delete()


def _people(count: int) -> None:
    """Add readers like the last one, each due in a minute of the day."""
    last = Subscriber.objects.latest("pk").pk
    own = {
        "handle": "decode(md5('handle' || n), 'hex')",
        "address_hash": "decode(md5('address' || n), 'hex')",
        "email": "'many' || n || '@example.org'",
        "send_hour": f"(n % {MINUTES}) / 60",
        "next_digest_at": f"'{MORNING:%Y-%m-%d}'::timestamptz + (n % {MINUTES}) * interval '1 minute'",
    }
    have = Subscriber.objects.filter(email__startswith="many").count()
    template = f"(SELECT * FROM subscriptions_subscriber WHERE id = {last}) t"
    for start in tqdm(range(have, count, AT_ONCE), desc="Making readers", disable=None):
        _copy(Subscriber, own, f"{template}, generate_series({start}, {min(start + AT_ONCE, count) - 1}) n")


def _papers(count: int) -> None:
    have = Paper.objects.filter(identifier__startswith="past.").count()
    own = {"identifier": "'past.' || n", "title_key": "''", "trend": "NULL"}
    if have < count:
        _copy(Paper, own, f"(SELECT * FROM papers_paper ORDER BY id LIMIT 1) t, generate_series({have}, {count - 1}) n")


def _copy(model: type[models.Model], own: Mapping[str, str], source: str) -> None:
    """Insert copies of t, but for its key and the columns that have a value of their own."""
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    values = ", ".join(own.get(column, f't."{column}"') for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({quoted}) SELECT {values} FROM {source}")


def _day(day: date, number: int, items: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT items FROM bench_days WHERE day = %s OR items <> %s LIMIT 1", [day, items])
        if found := cursor.fetchone():
            if found[0] != items:
                raise CommandError(f"This history has {found[0]} items a digest: go on with as many, or begin anew.")
            return
    with transaction.atomic(), connection.cursor() as cursor:
        last = Digest.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        _digests_of(day)
        reason = SHORT if items else "i.reason"
        first = Paper.objects.filter(identifier="past.0").values_list("pk", flat=True).get() + number * A_DAY
        own = {
            "digest_id": "d.id",
            "subscriber_id": "d.subscriber_id",
            "paper_id": f"{first} + (d.subscriber_id * 7 + t.place * 19) % {A_DAY}",
            "reason": reason.replace("i.", "t."),
        }
        many = f"subscriptions_digest d JOIN bench_item t ON t.n = d.subscriber_id % {TEMPLATES} WHERE d.id > {last}"
        _copy(DigestItem, own, many)
        cursor.execute("INSERT INTO bench_days VALUES (%s, %s)", [day, items])


def _digests_of(day: date) -> None:
    midnight = datetime.combine(day, time(), UTC)
    runs = Run.objects.bulk_create(
        Run(hour=midnight + timedelta(hours=hour), closed_at=midnight + timedelta(days=1)) for hour in range(24)
    )
    due = f"'{day}'::timestamptz + (s.id % {MINUTES}) * interval '1 minute'"
    own = {
        "handle": f"decode(md5('{day}' || s.id), 'hex')",
        "subscriber_id": "s.id",
        "local_date": f"'{day}'::date",
        "run_id": f"{runs[0].pk} + (s.id % {MINUTES}) / 60",
        **dict.fromkeys(("due_at", "next_attempt_at", "claimed_at", "finished_at", "composed_at"), due),
    }
    many = f"subscriptions_subscriber s JOIN bench_digest t ON t.n = s.id % {TEMPLATES} WHERE s.email LIKE 'many%'"
    _copy(Digest, own, many)

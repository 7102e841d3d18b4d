"""Four processes plan the same readers; on a real PostgreSQL each gets one whole digest, and the run counts it once."""

from tests.racing import output, race
from tests.services import PostgresServer, migrated_database

READERS, RACERS = 700, 4

PREPARE = f"""
from datetime import datetime, UTC
from subscriptions.models import Subscriber
from subscriptions.people.addresses import address_hash
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
Subscriber.objects.bulk_create(
    Subscriber(email=f"reader{{n}}@example.org", address_hash=address_hash(f"reader{{n}}@example.org"), status="active",
               confirmed_at=now, next_digest_at=now, timezone=zone)
    for n, zone in zip(range({READERS}), ["UTC", "Asia/Tokyo"] * {READERS}))
"""

RACE = """
import sys
from datetime import datetime, UTC
from subscriptions.digests import planning
print("ready", flush=True)
sys.stdin.readline()
print(planning.plan(datetime(2026, 6, 30, 8, tzinfo=UTC)))
"""

LEFT = """
from datetime import date, datetime, UTC
from subscriptions.models import Digest, Run
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
[run] = Run.objects.all()
one = Digest.objects.select_related("subscriber").order_by("pk")[0]
same = {"status": "planned", "reason": "", "attempts": 0, "run": run, "due_at": now, "considered": 0, "provider_id": ""}
empty = dict.fromkeys(("claimed_at", "finished_at", "lease_token", "lease_until", "composed_at", "unclear_since"))
whole = Digest.objects.filter(local_date=date(2026, 6, 30), next_attempt_at__gte=now, **same)
print(whole.filter(**{f"{name}__isnull": True for name in empty}).count(), run.eligible,
      len({bytes(one) for one in Digest.objects.values_list("handle", flat=True)}),
      Digest.objects.values("subscriber").distinct().count())
from subscriptions.digests import planning
from subscriptions.models import Subscriber
Subscriber.objects.update(next_digest_at=now)
print(planning.plan(now), Digest.objects.count(), Run.objects.get().eligible)
"""


def test_each_reader_has_one_digest_and_the_run_counts_it_once(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "planning")
    output(PREPARE, DATABASE_URL=url)
    assert sum(race(RACE, RACERS, DATABASE_URL=url)) >= READERS
    first, again = output(LEFT, DATABASE_URL=url).splitlines()
    assert first.split() == [str(READERS)] * 4
    assert again.split() == [str(READERS)] * 3

"""Four processes want the same 3,000 digests; on a real PostgreSQL each digest is won exactly once."""

from tests.racing import output, race
from tests.services import PostgresServer, migrated_database

DIGESTS, RACERS = 3000, 4

PREPARE = f"""
from datetime import datetime, timedelta, UTC
from subscriptions.models import Digest, Subscriber
from subscriptions.people.addresses import address_hash
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
people = Subscriber.objects.bulk_create(
    Subscriber(email=f"reader{{n}}@example.org", address_hash=address_hash(f"reader{{n}}@example.org"), status="active",
               confirmed_at=now, next_digest_at=now) for n in range({DIGESTS}))
Digest.objects.bulk_create(
    Digest(subscriber=person, local_date=now.date(), due_at=now, next_attempt_at=now) for person in people)
Digest.objects.lease(Digest.objects.values_list("pk", flat=True), now, until=now + timedelta(days=36500))
"""

RACE = """
import random, sys
from django.utils.timezone import now
from subscriptions.models import Digest
rows = list(Digest.objects.values_list("pk", "lease_token"))
random.Random(sys.argv[-1]).shuffle(rows)
print("ready", flush=True)
sys.stdin.readline()
print(sum(Digest.objects.claim(pk, token, now()) for pk, token in rows))
"""


def test_four_processes_win_three_thousand_claims_on_three_thousand_digests(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "race")
    output(PREPARE, DATABASE_URL=url)
    wins = race(RACE, RACERS, DATABASE_URL=url)
    assert sum(wins) == DIGESTS
    assert min(wins) > 0

"""Three processes act upon the same reports at once; on a real PostgreSQL none fails, and each is done once."""

from tests.racing import output, race
from tests.services import PostgresServer, migrated_database

PEOPLE, RACERS = 60, 3

PREPARE = f"""
from datetime import datetime, timedelta, UTC
from subscriptions.models import DeliveryEvent, Digest, Subscriber
from subscriptions.people.addresses import address_hash
now = datetime.now(UTC) - timedelta(minutes=1)
people = Subscriber.objects.bulk_create(
    Subscriber(email=f"reader{{n}}@example.org", address_hash=address_hash(f"reader{{n}}@example.org"), status="active",
               confirmed_at=now - timedelta(days=1), next_digest_at=now) for n in range({PEOPLE}))
digests = Digest.objects.bulk_create(
    Digest(subscriber=person, local_date=now.date(), due_at=now, next_attempt_at=now, claimed_at=now,
           status="uncertain") for person in people)
DeliveryEvent.objects.bulk_create(
    DeliveryEvent(provider="Postmark", event_id=f"{{digest.pk}} {{meaning}}", event_type="some", digest=digest,
                  address_hash=digest.subscriber.address_hash, meaning=meaning, happened_at=now)
    for digest in digests for meaning in ("delivered", "soft bounce", "hard bounce", "complaint"))
"""

RACE = """
import random, sys
from django.utils.timezone import now
from subscriptions.reports import events
from subscriptions.models import DeliveryEvent
keys = list(DeliveryEvent.objects.values_list("pk", flat=True))
random.Random(sys.argv[-1]).shuffle(keys)
print("ready", flush=True)
sys.stdin.readline()
print(sum(events.process_one(pk, now()) for pk in keys))
"""

COUNT = """
from subscriptions.models import BounceScore, DeliveryEvent, Digest, Subscriber, Suppression
print(
    DeliveryEvent.objects.filter(status="done", attempts=0).count(),
    Digest.objects.filter(status="sent").count(),
    Subscriber.objects.filter(status="suppressed").count(),
    Suppression.objects.filter(reason="complaint").count(),
    BounceScore.objects.filter(score=1).count(),
)
"""


def test_three_processes_act_upon_the_same_reports_and_none_fails(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "events")
    output(PREPARE, DATABASE_URL=url)
    done = race(RACE, RACERS, DATABASE_URL=url)
    assert sum(done) == 4 * PEOPLE
    assert output(COUNT, DATABASE_URL=url).split() == [str(4 * PEOPLE), *[str(PEOPLE)] * 4]

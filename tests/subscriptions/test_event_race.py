"""Three processes act upon the same reports at once; on a real PostgreSQL none fails, and each is done once."""

import os
import subprocess
import sys
from contextlib import ExitStack

from tests.services import ROOT, PostgresServer, fresh_database
from tests.subscriptions.test_claim_race import line, python

PEOPLE, RACERS = 60, 3

PREPARE = f"""
from datetime import datetime, timedelta, UTC
from subscriptions.models import DeliveryEvent, Digest, Subscriber
from subscriptions.addresses import address_hash
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
from subscriptions import events
from subscriptions.models import DeliveryEvent
keys = list(DeliveryEvent.objects.values_list("pk", flat=True))
random.Random(sys.argv[-1]).shuffle(keys)
print("ready", flush=True)
sys.stdin.readline()
print(sum(events._process_one(pk, now()) for pk in keys))
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
    url = fresh_database(postgres_server, "events")
    environment = os.environ | {"DATABASE_URL": url}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with python(PREPARE, url) as prepared:
        assert prepared.wait(120) == 0
    with ExitStack() as stack:
        racers = [stack.enter_context(python(RACE, url, str(number))) for number in range(RACERS)]
        assert [line(racer) for racer in racers] == ["ready"] * RACERS
        for racer in racers:
            print("go", file=racer.stdin, flush=True)
        done = [int(line(racer)) for racer in racers]
    assert sum(done) == 4 * PEOPLE
    with python(COUNT, url) as counted:
        assert line(counted).split() == [str(4 * PEOPLE), *[str(PEOPLE)] * 4]

"""Two processes put digests away while two others choose their papers again; on a real PostgreSQL none comes twice."""

from tests.racing import output, race
from tests.services import PostgresServer, migrated_database

READERS, PAPERS, ROUNDS = 200, 4, 2

PREPARE = f"""
from datetime import datetime, timedelta, UTC
from papers.models import Paper
from subscriptions.digests import runs
from subscriptions.models import Digest, DigestItem, Subscriber
from subscriptions.people.addresses import address_hash
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
before = now - timedelta(days=100)
papers = Paper.objects.bulk_create(Paper(identifier=f"2606.{{n:05d}}", title="a") for n in range({PAPERS}))
people = Subscriber.objects.bulk_create(
    Subscriber(email=f"reader{{n}}@example.org", address_hash=address_hash(f"reader{{n}}@example.org"), status="active",
               confirmed_at=before, next_digest_at=now) for n in range({READERS}))
run = runs.of_hour(before)
runs.count_in(run, len(people))
sent = Digest.objects.bulk_create(
    Digest(subscriber=one, run=run, local_date=before.date(), due_at=before, next_attempt_at=before, claimed_at=before,
           status="sent") for one in people)
DigestItem.objects.bulk_create(
    DigestItem(digest=one, subscriber_id=one.subscriber_id, paper=paper, rank=rank, score=1, relevance=1)
    for one in sent for rank, paper in enumerate(papers))
Digest.objects.bulk_create(
    Digest(subscriber=one, local_date=now.date(), due_at=now, next_attempt_at=now) for one in people)
Digest.objects.lease(Digest.objects.values_list("pk", flat=True), now, until=now + timedelta(days=36500))
"""

RACE = f"""
import random, sys
from datetime import datetime, UTC
from django.db import IntegrityError
from papers.models import Paper
from subscriptions.digests import compose
from subscriptions.models import Digest, DigestItem
from subscriptions.operations import old_digests
now, number = datetime(2026, 6, 30, 8, tzinfo=UTC), int(sys.argv[-1])
old_digests.READERS = 7
papers = list(Paper.objects.order_by("pk"))
digests = list(Digest.objects.filter(status="planned"))
random.Random(number).shuffle(digests)

def is_stored(digest):
    chosen = random.choice(papers)
    item = DigestItem(digest=digest, subscriber_id=digest.subscriber_id, paper=chosen, rank=1, score=1, relevance=1)
    try:
        compose.store([digest], [item], digest.lease_token, now)
    except IntegrityError:
        return False
    return True

print("ready", flush=True)
sys.stdin.readline()
if number < 2:
    print(old_digests.put_away(lambda: now, 3600))
else:
    print(sum(is_stored(digest) for _ in range({ROUNDS}) for digest in digests))
"""

# What one of two had locked the other has left for the next time.
LEFT = """
from datetime import datetime, UTC
from subscriptions.digests import balance
from subscriptions.models import DigestItem, PastPicks, Run
from subscriptions.operations import old_digests
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
rest = old_digests.put_away(lambda: now, 3600)
[run] = Run.objects.all()
days = PastPicks.objects.days(PastPicks.objects.values_list("subscriber", flat=True))
print(rest, DigestItem.objects.count(), sum(len(papers) for one in days.values() for papers in one.values()), len(days),
      balance.of(Run.objects.all(), now).by_status["sent"], run.eligible)
"""


def test_nothing_comes_twice_while_digests_are_put_away(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "putaway")
    environment = {"DATABASE_URL": url, "WEB_COPY_DAYS": "90"}
    output(PREPARE, **environment)
    *gone, first, second = race(RACE, 4, **environment)
    assert (first, second) == (0, 0)
    rest, *left = map(int, output(LEFT, **environment).split())
    assert sum(gone) + rest == READERS
    assert left == [0, READERS * PAPERS, READERS, READERS, READERS]

"""Real processes plan, deliver and go back on it while the day is looked at, on PostgreSQL: it always adds up."""

from tests.racing import output, race
from tests.services import PostgresServer, migrated_database

PEOPLE, RACERS, LOOKS = 400, 3, 60

PREPARE = f"""
from datetime import datetime, UTC
from subscriptions.limits import kill_switch
from subscriptions.models import Subscriber
from subscriptions.people.addresses import address_hash
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
kill_switch.ensure()
people = Subscriber.objects.bulk_create(
    Subscriber(email=f"reader{{n}}@example.org", address_hash=address_hash(f"reader{{n}}@example.org"), status="active",
               confirmed_at=now, next_digest_at=now) for n in range({PEOPLE}))
"""

# The first looks, and says how often the day did not add up; the others plan, end and begin anew, and say how many
# of those that failed they won.
RACE = f"""
import sys
from datetime import datetime, timedelta, UTC
from subscriptions.digests import balance, planning
from subscriptions.models import Digest
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
number = int(sys.argv[-1])
print("ready", flush=True)
sys.stdin.readline()
if number == 0:
    print(sum(balance.of_day(now.date(), now).missing != 0 for _ in range({LOOKS})))
else:
    planning.PLANNED_AT_ONCE = 50
    planning.plan(now)
    keys = list(Digest.objects.order_by("pk" if number == 1 else "-pk").values_list("pk", flat=True))
    for key in keys:
        Digest.objects.drop(key, "failed", "The mail provider refused it.", now)
    print(sum(Digest.objects.begin_anew([key], now) for key in keys))
"""

LEFT = """
from datetime import datetime, UTC
from subscriptions.digests import balance
found = balance.of_day(datetime(2026, 6, 30, tzinfo=UTC).date(), datetime(2026, 6, 30, 8, tzinfo=UTC))
print(found.eligible, found.missing)
"""


def test_a_day_adds_up_at_every_moment(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "balance")
    output(PREPARE, DATABASE_URL=url)
    uneven, *begun = race(RACE, RACERS, DATABASE_URL=url)
    assert uneven == 0
    assert sum(begun) > 0
    assert output(LEFT, DATABASE_URL=url).split() == [str(PEOPLE), "0"]


AGAIN = """
import random, sys
from datetime import datetime, UTC
from subscriptions.models import Digest
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
keys = list(Digest.objects.filter(status="failed").values_list("pk", flat=True))
random.Random(sys.argv[-1]).shuffle(keys)
print("ready", flush=True)
sys.stdin.readline()
print(Digest.objects.begin_anew(keys, now))
"""

FAILED = (
    PREPARE
    + """
from subscriptions.models import Digest
Digest.objects.bulk_create(
    Digest(subscriber=one, local_date=now.date(), due_at=now, next_attempt_at=now, status="failed", reason="refused")
    for one in people)
"""
)


def test_each_failed_digest_is_begun_anew_by_one_of_four(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "anew")
    output(FAILED, DATABASE_URL=url)
    assert sum(race(AGAIN, 4, DATABASE_URL=url)) == PEOPLE

"""PostgreSQL finds one digest, or those of a lease, without reading all that wait, whatever it takes the table for."""

from tests.racing import output
from tests.services import PostgresServer, migrated_database

READERS, BATCH = 2000, 50
# The table is looked at when all of yesterday's have left; then those of today are planned.
EXPLAIN = f"""
from datetime import datetime, timedelta, UTC
from django.db import connection
from subscriptions.models import Digest, Subscriber
from subscriptions.limits import kill_switch
from subscriptions.people.addresses import address_hash
kill_switch.ensure()
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
people = Subscriber.objects.bulk_create(
    Subscriber(email=f"{{n}}@example.org", address_hash=address_hash(f"{{n}}@example.org"), status="active",
               confirmed_at=now, next_digest_at=now) for n in range({READERS}))
def planned(day, **kwargs):
    Digest.objects.bulk_create(
        Digest(subscriber=one, local_date=day.date(), due_at=day, next_attempt_at=day, **kwargs) for one in people)
planned(now - timedelta(days=1), status="sent", claimed_at=now)
with connection.cursor() as cursor:
    cursor.execute("ALTER TABLE subscriptions_digest SET (autovacuum_enabled = false)")
    cursor.execute("ANALYZE subscriptions_digest")
planned(now)

def explain(run, sql, params, many, context):
    if sql.startswith(("SELECT", "UPDATE")):
        with connection.connection.cursor() as cursor:
            print(" ".join(row[0] for row in cursor.execute("EXPLAIN " + sql, params)))
    return run(sql, params, many, context)

# Logged queries take the way of all others, on which they can be listened to.
connection.force_debug_cursor = True
keys = list(Digest.objects.planned().values_list("pk", flat=True)[:{BATCH}])
with connection.execute_wrapper(explain):
    token = Digest.objects.lease(keys, now, now + timedelta(minutes=5))
    assert len(Digest.objects.leased(token, now)) == {BATCH}
    assert Digest.objects.claim(keys[0], token, now)
    assert Digest.objects.drop(keys[1], "skipped", "late", now)
    assert Digest.objects.postpone(keys[2], "away", now)
    assert Digest.objects.release(token, keys[3:5], now) == 2
"""


def test_no_act_on_one_digest_or_lease_reads_all_that_wait(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "manywaiting")
    plans = output(EXPLAIN, DATABASE_URL=url).splitlines()
    assert len(plans) >= 6
    assert [plan for plan in plans if "waiting_of_planned" in plan or "Seq Scan on subscriptions_digest " in plan] == []

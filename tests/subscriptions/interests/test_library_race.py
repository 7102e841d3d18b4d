"""Four workers want the same uploaded files; on a real PostgreSQL each file is read once, and no interest is lost."""

from tests.racing import output, race
from tests.services import PostgresServer, migrated_database

READERS, RACERS = 40, 4

PREPARE = f"""
from django.utils.timezone import now
from subscriptions.people import library_uploads
from subscriptions.people.addresses import address_hash
from subscriptions.models import Subscriber
for n in range({READERS}):
    email = f"reader{{n}}@example.org"
    one = Subscriber.objects.create(email=email, address_hash=address_hash(email), status="active",
                                    confirmed_at=now(), next_digest_at=now())
    library_uploads.receive(one, [b"@misc{{a, ", f"eprint=2606.{{n:05d}}".encode(), b"}}"], now())
"""
RACE = """
import sys
from django.utils.timezone import now
from subscriptions.people import library_uploads
print("ready", flush=True)
sys.stdin.readline()
read = 0
while library_uploads.read_next(now):
    read += 1
print(read, flush=True)
"""
COUNT = """
from subscriptions.models import Interest, LibraryUpload
done = LibraryUpload.objects.filter(state="read", pieces=None, attempts=1, looked_up=1)
print(done.count(), Interest.objects.filter(kind="library").count(), flush=True)
"""


def test_each_file_is_read_once(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "libraries")
    environment = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:9/0"}  # no message tells of anything
    output(PREPARE, **environment)
    wins = race(RACE, RACERS, **environment)
    assert sum(wins) == READERS
    assert min(wins) > 0
    assert output(COUNT, **environment).strip() == f"{READERS} {READERS}"

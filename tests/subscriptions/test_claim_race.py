"""Four processes want the same 3,000 digests; on a real PostgreSQL each digest is won exactly once."""

import os
import subprocess
import sys
from contextlib import ExitStack

from tests.services import ROOT, PostgresServer, fresh_database

DIGESTS, RACERS = 3000, 4

PREPARE = f"""
from datetime import datetime, timedelta, UTC
from subscriptions.models import Digest, Subscriber
from subscriptions.addresses import address_hash
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


def python(code: str, url: str, *arguments: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"DATABASE_URL": url}
    script = f"import django; django.setup()\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_four_processes_win_three_thousand_claims_on_three_thousand_digests(postgres_server: PostgresServer) -> None:
    url = fresh_database(postgres_server, "race")
    environment = os.environ | {"DATABASE_URL": url}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with python(PREPARE, url) as prepared:
        assert prepared.wait(120) == 0
    with ExitStack() as stack:
        racers = [stack.enter_context(python(RACE, url, str(number))) for number in range(RACERS)]
        assert [line(racer) for racer in racers] == ["ready"] * RACERS
        for racer in racers:
            print("go", file=racer.stdin, flush=True)
        wins = [int(line(racer)) for racer in racers]
    assert sum(wins) == DIGESTS
    assert min(wins) > 0


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()

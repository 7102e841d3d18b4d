"""Four curators press at the same time; on a real PostgreSQL each act is kept once, and each is undone once."""

from tests.racing import output, race
from tests.services import PostgresServer, migrated_database

PAPERS, RACERS = 40, 4

PREPARE = f"""
from datetime import date
from django.contrib.auth.models import User
from papers.models import Edition, EditionEntry, Paper
edition = Edition.objects.create(date=date(2026, 6, 30))
for n in range({PAPERS}):
    paper = Paper.objects.create(identifier=f"2606.{{n:05d}}", title=f"Paper {{n}}")
    EditionEntry.objects.create(edition=edition, paper=paper)
for n in range({RACERS}):
    User.objects.create(username=f"curator{{n}}")
"""
# Half of them feature what the others hide; each sees the entry as it was, and is told where another was faster.
RACE = """
import sys
from django.contrib.auth.models import User
from django.utils.timezone import now
from papers.editions import curation
from papers.models import Decision, EditionEntry, Verb
number = int(sys.argv[1])
me, verb = User.objects.get(username=f"curator{number}"), [Verb.FEATURE, Verb.HIDE][number % 2]
seen = [(entry, curation.mark(entry)) for entry in EditionEntry.objects.order_by("pk")]
print("ready", flush=True)
sys.stdin.readline()
done = 0
for entry, mark in seen:
    try:
        done += len(curation.act(entry, verb, by=me, now=now(), seen=mark))
    except curation.DecidedMeanwhile:
        pass
print(done, flush=True)
"""
UNDO = """
import sys
from django.utils.timezone import now
from papers.editions import curation
from papers.models import Decision
decisions = list(Decision.objects.order_by("pk"))
print("ready", flush=True)
sys.stdin.readline()
print(sum(curation.undo(decision, by=None, now=now()) for decision in decisions), flush=True)
"""
COUNT = """
from django.db.models import Q
from papers.models import Decision, EditionEntry
decided = EditionEntry.objects.filter(Q(hidden=True) | Q(featured=True))
print(Decision.objects.count(), decided.count(), Decision.objects.standing().count(), flush=True)
"""


def test_who_was_faster_decides_and_each_act_is_undone_once(postgres_server: PostgresServer) -> None:
    environment = {"DATABASE_URL": migrated_database(postgres_server, "decisions")}
    output(PREPARE, **environment)
    assert sum(race(RACE, RACERS, **environment)) == PAPERS
    assert output(COUNT, **environment).split() == [str(PAPERS)] * 3
    assert sum(race(UNDO, RACERS, **environment)) == PAPERS
    assert output(COUNT, **environment).split() == [str(PAPERS), "0", "0"]

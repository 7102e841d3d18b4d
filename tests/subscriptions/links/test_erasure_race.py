"""People are erased while their digests are composed and sent; on a real PostgreSQL neither trips over the other."""

from tests.racing import output, python, start
from tests.services import PostgresServer, migrated_database

READERS, ERASED = 300, 100
MAILS_GO_NOWHERE = {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend", "EDITION_WAIT_MINUTES": "0"}

PREPARE = f"""
from datetime import timedelta
from django.utils.timezone import now
from subscriptions.limits import kill_switch
from subscriptions import lifecycle
from subscriptions.digests import planning
from subscriptions.people.addresses import address_hash
from subscriptions.models import Digest, Interest, Subscriber
from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.models import EmbeddingModel, PaperVector, TopicVector
from tests.subscriptions.conftest import axis
from django.conf import settings
kill_switch.ensure()
model = EmbeddingModel.objects.create(name=settings.EMBEDDING_MODEL, dimension=8, serving=True)
topic = Topic.objects.create(slug="topic", name="Topic", field="cs", description="…")
TopicVector.objects.create(topic=topic, model=model, vector=axis(0), text_hash=b"x" * 16)
edition = Edition.objects.create(date=now().date())
for number in range(20):
    paper = Paper.objects.create(identifier=f"2606.{{number:05d}}", title=f"Paper {{number}}", abstract="It finds.")
    EditionEntry.objects.create(edition=edition, paper=paper)
    PaperVector.objects.create(paper=paper, model=model, vector=axis(0, 0.1 + number / 10), text_hash=b"x" * 16,
                               paper_updated_at=paper.updated_at)
due = now() - timedelta(minutes=30)
people = Subscriber.objects.bulk_create(
    Subscriber(email=f"reader{{n}}@example.org", address_hash=address_hash(f"reader{{n}}@example.org"),
               status="active", confirmed_at=due, next_digest_at=due, send_hour=due.hour) for n in range({READERS}))
Interest.objects.bulk_create(Interest(subscriber=one, kind="topic", topic=topic) for one in people)
planning.plan(now())
Digest.objects.update(next_attempt_at=due)
"""
DELIVER = """
import sys
from django.utils.timezone import now
from subscriptions.delivery import batches
from subscriptions.models import Digest
print("ready", flush=True)
sys.stdin.readline()
while Digest.objects.waiting(now()).exists():
    batches.deliver_waiting(now)
"""
ERASE = f"""
import sys
from subscriptions import lifecycle
from subscriptions.models import Subscriber
people = list(Subscriber.objects.order_by("pk")[::{READERS // ERASED}])
print("ready", flush=True)
sys.stdin.readline()
assert all([lifecycle.erase(person) for person in people])
"""
COUNT = """
from subscriptions.models import Digest, DigestItem, Run, Subscriber
run = Run.objects.get()
print(Subscriber.objects.count(), Digest.objects.filter(status="sent").count(), run.eligible,
      run.erased + run.digests.count(), DigestItem.objects.exclude(digest__status="sent").count())
"""


def test_erasing_and_delivering_at_once_lose_nobody_else_and_leave_nothing(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "erasure")
    environment = MAILS_GO_NOWHERE | {"DATABASE_URL": url}
    output(PREPARE, **environment)
    with (
        python(DELIVER, **environment) as first,
        python(DELIVER, **environment) as second,
        python(ERASE, **environment) as eraser,
    ):
        racers = (first, second, eraser)
        start(racers)
        assert [racer.wait() for racer in racers] == [0, 0, 0]
    people, sent, eligible, accounted, loose_items = map(int, output(COUNT, **environment).split())
    assert people == sent == READERS - ERASED
    assert eligible == accounted == READERS
    assert loose_items == 0

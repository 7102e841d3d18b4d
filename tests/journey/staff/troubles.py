"""A day with trouble: a provider that refuses and loses mails, and a source that does not answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from papers.feeds import feed_states
from papers.models import Paper
from recommender.candidates import kept_stretch
from subscriptions.models import Breaker, Consent, Digest, Subscriber
from subscriptions.transport import outcomes
from tests.subscriptions.conftest import MORNING, axis, deliver_due

LATER = MORNING + timedelta(minutes=40)
SAID = {
    "failed": f"{outcomes.SAID[outcomes.SendResult.REFUSED_MESSAGE]} (AnymailRequestsAPIError 413).",
    "uncertain": f"{outcomes.SAID[outcomes.SendResult.AMBIGUOUS]} (ReadTimeout).",
}


@pytest.fixture
def people(
    some_papers: list[Paper], make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> list[Subscriber]:
    """Six whose mail left, is lost or failed, at a provider that has trouble, and a source that does not answer."""
    kept_stretch.forget()
    people = [make_subscriber(f"reader{number}@mathematics.example.org", follows=(0, 4)) for number in range(6)]
    for person in people:
        agreed = {"requested_at": MORNING - timedelta(days=9), "confirmed_at": MORNING - timedelta(days=8)}
        Consent.objects.create(subscriber=person, form_text_hash="f" * 64, email=person.email, **agreed)
    deliver_due()
    for number, vector in ((91, axis(0, 0.3)), (92, axis(4, 0.2)), (93, axis(7))):
        make_paper(number, vector, title=f"A paper of the next day, number {number}")
    for status, chosen in (("failed", people[:2]), ("uncertain", people[2:4])):
        Digest.objects.filter(subscriber__in=chosen).update(status=status, reason=SAID[status], provider_id="")
    Breaker.objects.create(
        provider="postmark", failures=7, open_until=LATER + timedelta(minutes=5), reason="503", changed_at=MORNING
    )
    away = {"last_attempt_at": LATER, "last_success_at": MORNING - timedelta(hours=3), "items": 31, "usual_items": 40.0}
    feed_states.note(
        "huggingface", "", error="huggingface answered 503 three times: it allows no more for now.", **away
    )
    feed_states.note("arxiv", "", last_attempt_at=LATER, last_success_at=LATER, seconds=4.2, items=900, usual_items=850)
    for number in range(3):
        feed_states.note("arxiv", f"cs.A{number}", last_success_at=LATER, last_batch_on=MORNING.date(), items=20)
    return people

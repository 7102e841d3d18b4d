"""One subscriber who has done everything that leaves a trace."""

from datetime import datetime, timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from papers.models import Paper, Topic
from recommender.models import EmbeddingModel
from subscriptions import lifecycle
from subscriptions.delivery import batches, outbox
from subscriptions.interests import feedback
from subscriptions.lifecycle import Wishes
from subscriptions.models import (
    AccountMail,
    AwaitedEntry,
    BounceScore,
    Comparison,
    Consent,
    DeliveryEvent,
    Experiment,
    FrozenMail,
    InterestVector,
    PastPicks,
    Role,
    Subscriber,
    TasteVector,
)
from subscriptions.models.past_picks import shelved
from subscriptions.people import library_uploads, private_feeds
from subscriptions.people.addresses import address_hash
from subscriptions.signup import admission
from subscriptions.signup.admission import Sender
from tests.subscriptions.conftest import axis, plan

OLD, NEW = "Zyzzyva.Old@Quokka.example", "Zyzzyva.New@quokka.example"


def live(now: datetime) -> Subscriber:
    """Sign up, read a digest and rate it, move to another address; now is the sending hour, some papers must exist."""
    wishes = Wishes(topics=tuple(Topic.objects.values_list("pk", flat=True)[:2]), texts=("whale song",))
    before = now - timedelta(days=1)
    lifecycle.sign_up(OLD, wishes, form_text_hash="hash", now=before, network="192.0.2.7")
    outbox.send_waiting(lambda: before)
    lifecycle.confirm(Consent.objects.get(email=OLD.lower()), before)
    subscriber = Subscriber.objects.get(email=OLD.lower())
    _learn(subscriber, now)
    _read_a_digest(subscriber, now)
    _move(subscriber, now)
    _be_looked_at(subscriber)
    admission.receive(NEW.lower(), Wishes(), Sender("192.0.2.7", "192.0.2.7"), form_text_hash="hash", now=now)
    return Subscriber.objects.get(pk=subscriber.pk)


def _learn(subscriber: Subscriber, now: datetime) -> None:
    model = EmbeddingModel.objects.serving()
    interest = subscriber.interests.get(text="whale song")
    InterestVector.objects.create(interest=interest, model=model, vector=axis(0))
    TasteVector.objects.create(subscriber=subscriber, model=model, vector=axis(1), liked=False, said_at=now)
    AwaitedEntry.objects.create(subscriber=subscriber, arxiv_id="2106.01234", title=f"Notes of {OLD}", noted_at=now)
    private_feeds.make(subscriber, now)
    library_uploads.receive(subscriber, [f"@misc{{a, title={{Notes of {OLD}}}}}".encode()], now)


def _read_a_digest(subscriber: Subscriber, now: datetime) -> None:
    Subscriber.objects.filter(pk=subscriber.pk).update(next_digest_at=now)
    batches.deliver(plan(now), lambda: now)
    digest = subscriber.digests.get()
    feedback.rate(digest, {digest.items.filter(role=Role.PICK)[0].paper.identifier: "more"}, now)
    for number, digest_of_event in enumerate([digest, None]):  # a report may name nothing but the address
        DeliveryEvent.objects.create(
            digest=digest_of_event,
            subscriber=subscriber if digest_of_event else None,
            address_hash=address_hash(OLD),
            provider="test",
            event_id=f"{subscriber.pk}.{number}",
            event_type="delivered",
            happened_at=now,
        )
    experiment, _ = Experiment.objects.get_or_create(
        name="trend", defaults={"ranker_a": "as shipped", "ranker_b": "no trend", "started_at": now}
    )
    Comparison.objects.create(experiment=experiment, digest=digest, team_a=[1], team_b=[2], made_at=now)
    FrozenMail.objects.create(digest=digest, provider="test", frozen_at=now, content=b"x")
    earlier = shelved([(Paper.objects.latest("pk").pk, now.date() - timedelta(days=400))])
    for shelf, picks in earlier.items():
        PastPicks.objects.create(subscriber=subscriber, shelf=shelf, picks=picks.tobytes())


def _move(subscriber: Subscriber, now: datetime) -> None:
    lifecycle.ask_for_address(subscriber, NEW, now)
    assert lifecycle.apply_change(subscriber.address_changes.get(), form_text_hash="hash", now=now)
    for address in (OLD, NEW):
        BounceScore.objects.create(address_hash=address_hash(address), score=0.5, counted_on=now.date())
    AccountMail.objects.filter(subscriber=subscriber).update(reason=f"mailbox of {OLD} is full")


def _be_looked_at(subscriber: Subscriber) -> None:
    """By an operator, whose log names people."""
    operator, _ = User.objects.get_or_create(username="operator")
    LogEntry.objects.create(
        user=operator,
        content_type=ContentType.objects.get_for_model(Subscriber),
        object_id=subscriber.pk,
        object_repr=OLD.lower(),
        action_flag=CHANGE,
        change_message=f'[{{"changed": {{"name": "consent", "object": "{NEW}", "fields": ["source"]}}}}]',
    )

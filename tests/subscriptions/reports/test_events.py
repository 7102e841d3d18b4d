"""Stored reports are acted upon in any order, any number of times, and none stands in another's way."""

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from subscriptions import lifecycle
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    BounceScore,
    Consent,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    EventStatus,
    Meaning,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.people.addresses import address_hash
from subscriptions.reports import events
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.reports.provider_reports import KINDS, PROVIDERS, TOPIC, Mail, Post, anymail_of, postmark

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
]
NOW = Mail().at + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def a_minute_later(settings: Settings) -> Any:
    settings.ANYMAIL, settings.SES_TOPIC_ARNS = anymail_of("postmark") | anymail_of("mailgun"), [TOPIC]
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def make_digest(make_subscriber: Callable[..., Subscriber]) -> Callable[..., Digest]:
    def make(email: str = "ada@example.org", status: str = DeliveryStatus.UNCERTAIN) -> Digest:
        return Digest.objects.create(
            subscriber=make_subscriber(email, follows=()),
            local_date=MORNING.date(),
            due_at=MORNING,
            next_attempt_at=MORNING,
            claimed_at=MORNING,
            status=status,
        )

    return make


def about(digest: Digest, **fields: Any) -> Mail:
    return Mail(recipient=digest.subscriber.email, handle=bytes(digest.handle).hex(), **fields)


def process(*posts: Post) -> int:
    for post in posts:
        assert post.send() == 200
    return events.process(lambda: NOW)


@pytest.mark.parametrize("status", [DeliveryStatus.UNCERTAIN, DeliveryStatus.SENDING, DeliveryStatus.PLANNED])
@pytest.mark.parametrize("kind", KINDS)
def test_any_report_on_what_became_of_a_mail_settles_that_it_left(
    make_digest: Callable[..., Digest], status: str, kind: str
) -> None:
    """Planned: it was uncertain, and waits to be sent a second time."""
    digest = make_digest(status=status)
    process(postmark(kind, about(digest)))
    digest.refresh_from_db()
    assert digest.status == DeliveryStatus.SENT


@pytest.mark.parametrize("status", [DeliveryStatus.FAILED, DeliveryStatus.SKIPPED])
def test_what_has_ended_otherwise_stays_as_it_is(make_digest: Callable[..., Digest], status: str) -> None:
    digest = make_digest()
    Digest.objects.update(status=status, reason="some")
    process(postmark("delivered", about(digest)))
    digest.refresh_from_db()
    assert digest.status == status


def test_a_digest_that_was_never_handed_over_is_not_settled(make_digest: Callable[..., Digest]) -> None:
    digest = make_digest(status=DeliveryStatus.PLANNED)
    Digest.objects.update(claimed_at=None)
    process(postmark("delivered", about(digest)))
    digest.refresh_from_db()
    assert digest.status == DeliveryStatus.PLANNED


def test_a_report_settles_an_uncertain_account_mail(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    consent = Consent.objects.create(subscriber=subscriber, form_text_hash="", requested_at=MORNING)
    mail = AccountMail.objects.create(
        subscriber=subscriber,
        consent=consent,
        kind=AccountMailKind.CONFIRM,
        next_attempt_at=MORNING,
        claimed_at=MORNING,
        status=DeliveryStatus.UNCERTAIN,
    )
    post = postmark("delivered", Mail())
    process(Post(post.provider, post.body.replace(b"{}", b'{"account_mail": "%d"}' % mail.pk), post.headers))
    mail.refresh_from_db()
    assert mail.status == DeliveryStatus.SENT
    assert DeliveryEvent.objects.get().account_mail == mail


def test_an_address_that_nobody_has_is_left_alone() -> None:
    """It is of no mail of ours: another site on the same account may mail whom it likes."""
    assert process(postmark("hard", Mail("stranger@example.org"))) == 0
    stored = DeliveryEvent.objects.get()
    assert (stored.status, stored.address_hash, stored.subscriber) == (EventStatus.FOREIGN, None, None)
    assert not Suppression.objects.exists()


def test_no_address_is_stored_with_a_report(make_digest: Callable[..., Digest]) -> None:
    post = postmark("hard", about(make_digest()))
    told = b'{"Details": "550 5.1.1 <ada@example.org>: unknown", "Description": "ada@example.org is gone", '
    process(Post(post.provider, told + post.body[1:], post.headers))
    stored = DeliveryEvent.objects.values().get()
    assert not any("ada@" in str(value) for value in stored.values())
    assert stored["description"] == "…@… is gone"


@pytest.mark.parametrize("kind", ["opened", "clicked"])
def test_nobody_is_watched_reading(make_digest: Callable[..., Digest], kind: str) -> None:
    post = postmark("delivered", about(make_digest()))
    record = {"opened": b"Open", "clicked": b"Click"}[kind]
    assert Post(post.provider, post.body.replace(b'"Delivery"', b'"%s"' % record), post.headers).send() == 200
    assert not DeliveryEvent.objects.exists()


def poisoned() -> DeliveryEvent:
    """An event of a mail of ours that no code can act upon: there is no such meaning."""
    known = {"status": SubscriberStatus.ACTIVE, "confirmed_at": MORNING, "next_digest_at": MORNING}
    reader = Subscriber.objects.create(email="poison@example.org", address_hash=b"poison", **known)
    moments = {"local_date": MORNING.date(), "due_at": MORNING, "next_attempt_at": MORNING}
    return DeliveryEvent.objects.create(
        digest=Digest.objects.create(subscriber=reader, **moments),
        provider="Postmark",
        event_id="poison",
        event_type="bounced",
        meaning="poison",
        happened_at=MORNING,
    )


def test_a_poison_event_is_counted_given_up_and_delays_nobody(make_digest: Callable[..., Digest]) -> None:
    poison, digest = poisoned(), make_digest()
    assert process(postmark("delivered", about(digest))) == 1
    for day in range(1, 10):
        events.process(lambda day=day: NOW + timedelta(days=day))  # type: ignore[misc]
    poison.refresh_from_db()
    assert (poison.status, poison.attempts) == (EventStatus.FAILED, 5)
    assert "poison" in poison.error


def test_an_operator_sees_what_was_given_up_and_has_it_tried_again(admin_client: Client) -> None:
    poison = poisoned()
    for day in range(5):
        events.process(lambda day=day: NOW + timedelta(days=day))  # type: ignore[misc]
    url = reverse("admin:subscriptions_deliveryevent_changelist")
    assert "ValueError" in admin_client.get(url, {"status__exact": "failed"}).content.decode()
    DeliveryEvent.objects.update(meaning=Meaning.NOTHING)
    admin_client.post(url, {"action": "process_again", "_selected_action": [poison.pk]})
    assert events.process(lambda: NOW) == 1


def test_events_are_forgotten_after_ninety_days(make_digest: Callable[..., Digest]) -> None:
    process(postmark("soft", about(make_digest())))
    assert events.forget_old(NOW + timedelta(days=89)) == 0
    assert BounceScore.objects.count() == 1
    assert events.forget_old(NOW + timedelta(days=91)) == 1
    assert not BounceScore.objects.exists()


PEOPLE = {
    "delivered": (SubscriberStatus.ACTIVE, None),
    "soft": (SubscriberStatus.ACTIVE, None),
    "hard": (SubscriberStatus.SUPPRESSED, Meaning.HARD),
    "complaint": (SubscriberStatus.SUPPRESSED, Meaning.COMPLAINT),
}


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_each_provider_three_times_shuffled_with_a_poison_event(
    make_digest: Callable[..., Digest], provider: str, settings: Settings
) -> None:
    settings.ANYMAIL = anymail_of(provider)
    poisoned()
    digests = {kind: make_digest(f"{kind}@example.org") for kind in KINDS}
    mails = {kind: about(digest, number=10 + KINDS.index(kind), signed_at=NOW) for kind, digest in digests.items()}
    posts = [PROVIDERS[provider](kind, mail) for kind, mail in mails.items()] * 3
    Random(provider).shuffle(posts)
    for post in posts:
        assert post.send() in {200, 400}
        events.process(lambda: NOW)
    assert DeliveryEvent.objects.exclude(event_id="poison").count() == len(KINDS)
    for kind, (status, reason) in PEOPLE.items():
        person = Subscriber.objects.get(email=f"{kind}@example.org")
        found = Suppression.objects.filter(address_hash=person.address_hash).first()
        assert (person.status, found.reason if found else None) == (status, reason)


@given(order=st.permutations([*KINDS, *KINDS, *KINDS]), cuts=st.sets(st.integers(0, 11)))
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_end_is_the_same_in_any_order_and_in_any_batches(
    make_digest: Callable[..., Digest], order: list[str], cuts: set[int]
) -> None:
    Subscriber.objects.all().delete()
    for model in (DeliveryEvent, Suppression, BounceScore):
        model.objects.all().delete()
    digest = make_digest()
    poisoned()
    for place, kind in enumerate(order):
        assert postmark(kind, about(digest)).send() == 200
        if place in cuts:
            events.process(lambda: NOW)
    events.process(lambda: NOW)
    digest.refresh_from_db()
    assert digest.status == DeliveryStatus.SENT
    assert digest.subscriber.status == SubscriberStatus.SUPPRESSED
    assert Suppression.objects.get().reason == Meaning.COMPLAINT
    assert BounceScore.objects.get().score == 1.0
    assert DeliveryEvent.objects.filter(status=EventStatus.DONE).count() == len(KINDS)


@pytest.mark.parametrize(("moved_after", "suppressed"), [(timedelta(hours=1), 0), (timedelta(hours=-1), 1)])
def test_a_report_that_names_no_address_is_about_the_one_that_was_mailed(
    make_digest: Callable[..., Digest], moved_after: timedelta, suppressed: int
) -> None:
    digest = make_digest()
    digest.subscriber.address_changes.create(
        new_email="ada@example.org", requested_at=MORNING, confirmed_at=MORNING + moved_after
    )
    post = postmark("complaint", about(digest))
    process(Post(post.provider, post.body.replace(b'"Email"', b'"Other"'), post.headers))
    assert Suppression.objects.count() == suppressed
    assert DeliveryEvent.objects.get().subscriber == digest.subscriber


@pytest.mark.parametrize(("back_after", "suppressed"), [(timedelta(hours=1), 0), (timedelta(hours=-1), 1)])
def test_one_of_a_digest_that_went_to_an_address_which_was_taken_back_since_is_not_about_the_former_one(
    make_digest: Callable[..., Digest], back_after: timedelta, suppressed: int
) -> None:
    digest = make_digest()
    before = MORNING - timedelta(days=1)
    digest.subscriber.address_changes.create(
        new_email="second@example.org",
        old_email="ada@example.org",
        requested_at=before,
        confirmed_at=before,
        taken_back_at=MORNING + back_after,
    )
    post = postmark("hard", about(digest))
    process(Post(post.provider, post.body.replace(b'"Email"', b'"Other"'), post.headers))
    assert Suppression.objects.count() == suppressed


@pytest.mark.parametrize("named", [True, False])
def test_a_note_to_the_former_address_that_bounces_is_not_held_against_the_new_one(
    make_digest: Callable[..., Digest], named: bool
) -> None:
    reader = make_digest().subscriber
    assert lifecycle.ask_for_address(reader, "ada.new@example.org", MORNING)
    assert lifecycle.apply_change(reader.address_changes.get(), form_text_hash="hash", now=MORNING)
    note = AccountMail.objects.get(kind=AccountMailKind.ADDRESS_CHANGED)
    post = postmark("hard", Mail(recipient="ada@example.org"))
    report = json.loads(post.body) | {"Metadata": {"account_mail": str(note.pk)}}
    if not named:
        del report["Email"]
    process(Post(post.provider, json.dumps(report).encode(), post.headers))
    reader.refresh_from_db()
    assert (reader.email, reader.status) == ("ada.new@example.org", SubscriberStatus.ACTIVE)
    assert bytes(Suppression.objects.get().address_hash) == address_hash("ada@example.org")


def test_a_report_of_the_future_is_one_of_now(make_digest: Callable[..., Digest]) -> None:
    process(postmark("hard", about(make_digest(), at=NOW + timedelta(days=400))))
    assert DeliveryEvent.objects.get().happened_at == NOW


def test_a_report_costs_few_queries(
    make_digest: Callable[..., Digest], django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    digest = make_digest()
    with django_assert_max_num_queries(8):
        assert postmark("delivered", about(digest)).send() == 200
    with django_assert_max_num_queries(9):
        assert events.process(lambda: NOW) == 1

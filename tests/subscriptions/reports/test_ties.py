"""Which mail a report is about: by our metadata, by our Message-ID or tag in it, by the provider's id of it."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions import lifecycle
from subscriptions.handles import account_mail_handle
from subscriptions.mails.emails import account_mail, digest_message
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
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
from subscriptions.reports import auto_stop, bounces, events
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.reports import poison
from tests.subscriptions.reports.provider_reports import TOPIC, Mail
from tests.subscriptions.reports.samples.forms import Sample, event_of
from tests.subscriptions.reports.samples.kinds import samples

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
]
AT = Mail().at
# Of each provider: where its reports hold the id that it gave the mail, and what a sample calls it.
IDS = {
    "amazon_ses": "0102-1-000000",
    "brevo": "<of-no-use@papers.example.org>",
    "mailgun": "<of-no-use@papers.example.org>",
    "mailersend": "m1",
    "mailjet": "7000000000000001",
    "mailtrap": "mt-1",
    "mandrill": "md1",
    "postal": "9001",
    "postmark": "pm-1",
    "resend": "re-1",
    "sendgrid": "any-1",
    "sparkpost": "sp-1",
    "unisender_go": "job-1",
}


@pytest.fixture(autouse=True)
def a_site_that_hears_all(settings: Settings) -> Iterator[None]:
    settings.ANYMAIL, settings.SES_TOPIC_ARNS = poison.KEYS, [TOPIC]
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber]) -> Digest:
    return Digest.objects.create(
        subscriber=make_subscriber(follows=()),
        local_date=MORNING.date(),
        due_at=MORNING,
        next_attempt_at=MORNING,
        claimed_at=MORNING,
        status=DeliveryStatus.UNCERTAIN,
    )


def kind(provider: str, meaning: Meaning) -> Sample:
    return next(each for each in samples() if each.provider == provider and each.meaning == meaning)


def post(provider: str, meaning: Meaning, mail: Mail, changed: Callable[[Any], Any] = lambda event: event) -> None:
    event = changed(event_of(kind(provider, meaning), mail))
    assert poison.post_of(provider, [event], mail).send() == 200


def processed(at: datetime = AT) -> None:
    events.process(lambda: at)


def nobody_was_touched(reader: Subscriber) -> bool:
    reader.refresh_from_db()
    return reader.status == SubscriberStatus.ACTIVE and not Suppression.objects.exists()


def without_words_of_ours(handle: str) -> Callable[[Any], Any]:
    """An event in which no value holds the handle: another event set, a mail sent without it."""
    return lambda event: json.loads(json.dumps(event).replace(handle, "of-no-use"))


@pytest.mark.parametrize("provider", sorted(IDS))
def test_a_digest_is_found_by_the_providers_id_among_the_mails_of_its_reader(provider: str, digest: Digest) -> None:
    Digest.objects.update(status=DeliveryStatus.SENT, provider_id=IDS[provider])
    handle = bytes(digest.handle).hex()
    post(provider, Meaning.HARD, Mail(handle=handle), without_words_of_ours(handle))
    processed()
    digest.subscriber.refresh_from_db()
    assert digest.subscriber.status == SubscriberStatus.SUPPRESSED
    assert (DeliveryEvent.objects.get().digest, DeliveryEvent.objects.get().status) == (digest, EventStatus.DONE)


def test_the_same_id_at_somebody_else_ties_nothing(digest: Digest, make_subscriber: Callable[..., Subscriber]) -> None:
    Digest.objects.update(status=DeliveryStatus.SENT, provider_id=IDS["postmark"])
    bob = make_subscriber("bob@example.org", follows=())
    post("postmark", Meaning.HARD, Mail(recipient="bob@example.org", handle="ab" * 16))
    processed()
    assert nobody_was_touched(bob)
    assert nobody_was_touched(digest.subscriber)


def test_a_report_that_is_faster_than_the_record_of_the_id_waits_for_it(digest: Digest) -> None:
    Digest.objects.update(status=DeliveryStatus.SENDING)
    handle = bytes(digest.handle).hex()
    post("resend", Meaning.HARD, Mail(handle=handle), without_words_of_ours(handle))
    processed()
    assert DeliveryEvent.objects.get().status == EventStatus.WAITING
    assert nobody_was_touched(digest.subscriber)
    Digest.objects.record_sent(digest.pk, AT, IDS["resend"])
    processed(AT + timedelta(seconds=30))  # not yet
    assert DeliveryEvent.objects.get().status == EventStatus.WAITING
    processed(AT + timedelta(minutes=1))
    assert DeliveryEvent.objects.get().status == EventStatus.DONE
    digest.subscriber.refresh_from_db()
    assert digest.subscriber.status == SubscriberStatus.SUPPRESSED


def test_it_waits_no_longer_than_a_mail_may_be_in_flight(digest: Digest, settings: Settings) -> None:
    handle = bytes(digest.handle).hex()
    post("resend", Meaning.HARD, Mail(handle=handle), without_words_of_ours(handle))
    for minute in range(settings.UNCERTAIN_AFTER_SECONDS // 60 + 1):
        processed(AT + timedelta(minutes=minute))
    assert DeliveryEvent.objects.get().status == EventStatus.FOREIGN
    assert nobody_was_touched(digest.subscriber)
    digest.refresh_from_db()
    assert digest.status == DeliveryStatus.UNCERTAIN


def test_what_waits_or_is_foreign_counts_neither_for_the_score_nor_for_the_stop(digest: Digest) -> None:
    handle = bytes(digest.handle).hex()
    for number in range(30):
        post("sparkpost", Meaning.HARD, Mail(handle=handle, number=number), without_words_of_ours(handle))
    assert auto_stop.harmed(Meaning.HARD, AT) == 0
    bounces.refused(digest.subscriber.email, "5.2.2", AT)
    digest.subscriber.refresh_from_db()
    assert digest.subscriber.status == SubscriberStatus.ACTIVE


def moved(reader: Subscriber) -> None:
    assert lifecycle.ask_for_address(reader, "ada.new@example.org", AT)
    assert lifecycle.apply_change(reader.address_changes.get(), form_text_hash="hash", now=AT)


def test_a_digest_of_one_who_moved_is_found_by_its_id_and_the_former_address_is_judged(digest: Digest) -> None:
    Digest.objects.update(status=DeliveryStatus.SENT, provider_id=IDS["postmark"])
    handle, reader = bytes(digest.handle).hex(), digest.subscriber
    moved(reader)
    post("postmark", Meaning.HARD, Mail(handle=handle), without_words_of_ours(handle))
    processed()
    reader.refresh_from_db()
    assert (reader.email, reader.status) == ("ada.new@example.org", SubscriberStatus.ACTIVE)
    assert bytes(Suppression.objects.get().address_hash) == address_hash("ada@example.org")


@pytest.mark.parametrize("provider", ["postal", "mailersend", "amazon_ses", "resend", "mailgun", "brevo", "sendgrid"])
def test_an_uncertain_digest_is_settled_by_our_handle_where_metadata_do_not_come_back(
    provider: str, digest: Digest
) -> None:
    post(provider, Meaning.DELIVERED, Mail(handle=bytes(digest.handle).hex()))
    processed()
    digest.refresh_from_db()
    assert digest.status == DeliveryStatus.SENT


def test_a_handle_in_what_another_mail_server_says_ties_nothing(
    digest: Digest, make_subscriber: Callable[..., Subscriber]
) -> None:
    """Who was forwarded a digest knows its handle, and may run a mail server that says it."""
    make_subscriber("mallory@example.com", follows=())
    handle = bytes(digest.handle).hex()
    said = {"event": "MessageSent", "payload": {"status": "Sent", "output": f"250 took <{handle}@papers.example.org>"}}
    mail = Mail(recipient="mallory@example.com", handle="cd" * 16)
    assert poison.post_of("postal", [event_of(Sample("postal", "said", said, "delivered"), mail)], mail).send() == 200
    processed()
    digest.refresh_from_db()
    assert digest.status == DeliveryStatus.UNCERTAIN


def account_mail_to(reader: Subscriber, **fields: Any) -> AccountMail:
    return AccountMail.objects.create(
        subscriber=reader,
        kind=AccountMailKind.WELCOME,
        next_attempt_at=MORNING,
        claimed_at=MORNING,
        status=DeliveryStatus.UNCERTAIN,
        **fields,
    )


@pytest.mark.parametrize("provider", ["postal", "mailersend"])
def test_an_account_mail_is_found_by_its_handle(provider: str, make_subscriber: Callable[..., Subscriber]) -> None:
    mail = account_mail_to(make_subscriber(follows=()))
    post(provider, Meaning.DELIVERED, Mail(handle=account_mail_handle(mail.pk)))
    processed()
    mail.refresh_from_db()
    assert mail.status == DeliveryStatus.SENT


def test_an_account_mail_of_another_site_with_the_same_number_is_none_of_ours(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    ada, bob = make_subscriber(follows=()), make_subscriber("bob@example.org", follows=())
    mail = account_mail_to(ada)
    named = {"Metadata": {"account_mail": str(mail.pk)}}
    post("postmark", Meaning.HARD, Mail(recipient="bob@example.org"), lambda event: event | named)
    processed()
    mail.refresh_from_db()
    assert mail.status == DeliveryStatus.UNCERTAIN
    assert nobody_was_touched(bob)


@pytest.mark.parametrize(("backend", "tagged"), [("mailersend", True), ("postmark", False), ("postal", False)])
def test_a_mail_bears_its_handle_as_a_tag_where_nothing_else_comes_back(
    backend: str, tagged: bool, settings: Settings, make_subscriber: Callable[..., Subscriber], digest: Digest
) -> None:
    settings.EMAIL_BACKEND = f"anymail.backends.{backend}.EmailBackend"
    mail = account_mail_to(digest.subscriber)
    sent = vars(account_mail(mail, AT))["tags"]
    assert sent == ["account-welcome", *([account_mail_handle(mail.pk)] if tagged else [])]
    handle = bytes(digest.handle).hex()
    assert vars(digest_message(digest, [], AT))["tags"] == ["digest", *([handle] if tagged else [])]


@pytest.mark.parametrize("metadata", [None, [], "text", {"digest": None}, {"digest": 7}, {"account_mail": [1]}])
def test_metadata_of_another_form_are_nobodys(metadata: Any, digest: Digest) -> None:
    post("postmark", Meaning.DELIVERED, Mail(), lambda event: event | {"Metadata": metadata})
    processed()
    with_error = DeliveryEvent.objects.exclude(error="")
    assert not with_error.exists() or isinstance(metadata, (list, str))  # which Anymail itself cannot read
    assert nobody_was_touched(digest.subscriber)


def test_who_was_erased_is_not_found_again(digest: Digest) -> None:
    mail = Mail(handle=bytes(digest.handle).hex())
    lifecycle.erase(digest.subscriber)
    post("postmark", Meaning.HARD, mail)
    processed(now())
    stored = DeliveryEvent.objects.get()
    assert (stored.status, stored.address_hash) == (EventStatus.FOREIGN, None)
    assert not Suppression.objects.exists()

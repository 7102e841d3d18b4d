"""Batches as large as providers send them, with events among them that do not belong there: nothing else is lost."""

import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest, EventStatus, Meaning, Subscriber
from subscriptions.people.addresses import address_hash
from subscriptions.reports import events
from subscriptions.reports.guard import MOST_BYTES
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.reports import poison
from tests.subscriptions.reports.provider_reports import BASIC, KEY, TOPIC, Mail, Post
from tests.subscriptions.reports.samples.forms import Event, Sample, event_of
from tests.subscriptions.reports.samples.kinds import samples

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
]
AT = Mail().at
# What the provider documents as the most of one post; of those that name no number, enough to be a crowd.
GREATEST = {
    "brevo": 500,
    "mailtrap": 500,
    "mandrill": 1000,
    "mailjet": 200,
    "sendgrid": 200,
    "sparkpost": 200,
    "unisender_go": 200,
}
INCOMING: dict[str, Event] = {
    "amazon_ses": {"notificationType": "Received", "mail": {"messageId": "in"}, "receipt": {}},
    "brevo": {"items": [{"Uuid": ["u"], "Headers": {}}]},
    "mailersend": {"type": "inbound.message", "data": {"id": "in", "raw": "From: a@example.com"}},
    "mailtrap": {"event": "inbound.message_received", "event_id": "in", "timestamp": 1, "inbox_id": 2},
    "mandrill": {
        "event": "inbound",
        "ts": 1,
        "msg": {"raw_msg": "From: a@example.com\n\nhello", "email": "us@example.org"},
    },
    "mailjet": {"Sender": "a@example.com", "Recipient": "us@example.org", "Headers": {}, "Parts": []},
    "postal": {"id": 1, "rcpt_to": "us@example.org", "mail_from": "a@example.com", "message": "From: a@example.com"},
    "postmark": {"FromFull": {"Email": "a@example.com"}, "TextBody": "hello"},
    "sendgrid": {"headers": "From: a@example.com", "to": "us@example.org"},
    "sparkpost": {"msys": {"relay_message": {"protocol": "smtp", "content": {}, "rcpt_to": "us@example.org"}}},
    "unisender_go": {"inbound": "From: a@example.com"},
}


@pytest.fixture(autouse=True)
def a_site_that_hears_all(settings: Settings) -> Iterator[None]:
    settings.ANYMAIL, settings.SES_TOPIC_ARNS = poison.KEYS, [TOPIC]
    with time_machine.travel(AT, tick=False):
        yield


def digests(count: int) -> list[Digest]:
    """Of as many readers; of none it is known whether it left."""
    addresses = [f"reader{number}@example.org" for number in range(count)]
    readers = Subscriber.objects.bulk_create(
        Subscriber(
            email=address,
            address_hash=address_hash(address),
            status="active",
            confirmed_at=MORNING,
            next_digest_at=MORNING,
        )
        for address in addresses
    )
    moments = {"due_at": MORNING, "next_attempt_at": MORNING, "claimed_at": MORNING}
    return Digest.objects.bulk_create(
        Digest(subscriber=reader, local_date=MORNING.date(), status=DeliveryStatus.UNCERTAIN, **moments)
        for reader in readers
    )


def delivered(provider: str) -> Sample:
    return next(each for each in samples() if each.provider == provider and each.meaning == Meaning.DELIVERED)


def events_about(provider: str, mails: list[Digest]) -> list[Event]:
    about = enumerate(mails, start=1)
    return [
        event_of(delivered(provider), Mail(digest.subscriber.email, bytes(digest.handle).hex(), number))
        for number, digest in about
    ]


def batch(provider: str, sent: list[Any]) -> Post:
    post = poison.post_of(provider, sent, Mail())
    return Post(provider, json.dumps(sent).encode(), post.headers) if provider == "brevo" else post


@pytest.mark.parametrize("provider", sorted(GREATEST))
def test_the_greatest_batch_is_stored_whole_and_settles_each_of_its_mails(provider: str) -> None:
    mails = digests(GREATEST[provider])
    post = batch(provider, events_about(provider, mails))
    for _ in range(2):  # the second time as a provider does that did not hear the answer
        assert post.send() == 200
        assert DeliveryEvent.objects.filter(digest__isnull=False).count() == len(mails)
    assert events.process(now) == len(mails)
    assert not Digest.objects.exclude(status=DeliveryStatus.SENT).exists()


def test_a_thousand_events_of_mandrill_are_longer_than_a_megabyte_and_are_let_in() -> None:
    """As long as real ones: an event names its sender, its subject, and what the mailbox answered at each attempt."""
    answers = [{"ts": 1, "type": "deferred", "diag": "451 later, " + "please " * 60, "source_ip": "192.0.2.1"}]
    sent = [
        event | {"msg": event["msg"] | {"smtp_events": answers}} for event in events_about("mandrill", digests(1000))
    ]
    post = batch("mandrill", sent)
    assert 1_000_000 < len(post.body) < MOST_BYTES
    assert post.send() == 200
    assert DeliveryEvent.objects.count() == 1000


@pytest.mark.parametrize("provider", sorted(set(INCOMING) & set(GREATEST)))
def test_an_event_that_does_not_belong_there_undoes_nothing_of_its_batch(provider: str) -> None:
    mails = digests(3)
    good = events_about(provider, mails)
    for strange in (
        INCOMING[provider],
        {"event": "from the future", "status": "new", "email": "a@example.org"},
        None,
        7,
    ):
        assert batch(provider, [good[0], strange, *good[1:]]).send() == 200
    assert DeliveryEvent.objects.filter(digest__isnull=False).count() == len(mails)
    assert not DeliveryEvent.objects.filter(status=EventStatus.WAITING, digest__isnull=True).exists()
    events.process(now)
    assert not Digest.objects.exclude(status=DeliveryStatus.SENT).exists()


@pytest.mark.parametrize("provider", sorted(INCOMING))
def test_an_incoming_mail_at_the_wrong_address_is_answered_and_kept_as_unreadable(provider: str) -> None:
    for _ in range(2):
        assert poison.post_of(provider, [INCOMING[provider]], Mail()).send() == 200
    stored = DeliveryEvent.objects.get()
    assert (stored.status, stored.subscriber, stored.digest) == (EventStatus.FAILED, None, None)
    assert len(stored.error.partition(": ")[2]) > 3  # more than the name of an error


@pytest.mark.parametrize("provider", ["brevo", "mailjet", "mandrill", "unisender_go", "postmark"])
def test_two_reports_of_one_mail_in_one_second_stay_two(provider: str) -> None:
    """Of providers without an id for a report: they differ in what they say, and the same one again is the same."""
    one = events_about(provider, digests(1))[0]
    other = one | {"attempt": 2, "smtp_reply": "250 once more"}
    for sent in (one, other, other, one):
        assert poison.post_of(provider, [sent], Mail()).send() == 200
    assert DeliveryEvent.objects.count() == 2


def test_two_unreadable_events_of_sparkpost_stay_two() -> None:
    broken = [{"msys": {"message_event": {"timestamp": str(number)}}} for number in (1, 2)]
    assert batch("sparkpost", [*broken, broken[0]]).send() == 200
    assert DeliveryEvent.objects.filter(status=EventStatus.FAILED).count() == 2


def test_events_of_several_users_of_unisender_go_are_all_heard() -> None:
    sent = events_about("unisender_go", digests(2))
    users = [
        {"user_id": number, "events": [{"event_name": "transactional_email_status", "event_data": event}]}
        for number, event in enumerate(sent)
    ]
    assert poison.signed_by_unisender_go({"auth": KEY, "events_by_user": users}).send() == 200
    assert DeliveryEvent.objects.filter(digest__isnull=False).count() == 2


def test_one_event_a_post_of_unisender_go_is_heard_as_well() -> None:
    single = events_about("unisender_go", digests(1))[0] | {"event_name": "transactional_email_status", "auth": KEY}
    assert poison.signed_by_unisender_go(single).send() == 200
    block = {"event_name": "transactional_spam_block", "auth": KEY, "domain": "mail.example", "block_type": "one_smtp"}
    assert poison.signed_by_unisender_go(block).send() == 200
    assert set(DeliveryEvent.objects.values_list("event_type", "status")) == {
        ("delivered", EventStatus.WAITING),
        ("transactional_spam_block", EventStatus.FOREIGN),
    }


def of_before_2018(make: Callable[[str], dict[str, str]], number: int) -> Post:
    """A form of Mailgun, with the signature among its fields."""
    token, at = f"{number:050d}", str(Mail().epoch)
    signature = hmac.new(KEY.encode(), f"{at}{token}".encode(), "sha256").hexdigest()
    form = make(f"reader{number}@example.org") | {"token": token, "timestamp": at, "signature": signature}
    return Post("mailgun", urlencode(form).encode(), BASIC, "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("fields", "meaning"),
    [
        ({"event": "delivered"}, Meaning.DELIVERED),
        ({"event": "bounced", "code": "550", "error": "550 5.1.1 nobody"}, Meaning.HARD),
        ({"event": "bounced", "code": "5.7.1", "error": "smtp;550 5.7.1 no spam"}, Meaning.BLOCKED),
        ({"event": "dropped", "code": "605", "reason": "hardfail", "description": "bounced before"}, Meaning.REFUSED),
        ({"event": "dropped", "code": "607", "reason": "hardfail", "description": "complained"}, Meaning.REFUSED),
        ({"event": "dropped", "code": "499", "reason": "old", "description": "no connection"}, Meaning.BLOCKED),
        ({"event": "complained"}, Meaning.COMPLAINT),
        ({"event": "unsubscribed"}, Meaning.UNSUBSCRIBED),
    ],
)
def test_mailguns_form_of_before_2018_is_heard_too(fields: dict[str, str], meaning: Meaning) -> None:
    digest = digests(1)[0]
    named = {"Message-Id": f"<{bytes(digest.handle).hex()}@papers.example.org>", "domain": "papers.example.org"}
    assert of_before_2018(lambda reader: fields | named | {"recipient": reader}, 0).send() == 200
    stored = DeliveryEvent.objects.get()
    assert (stored.meaning, stored.digest) == (meaning, digest)


@pytest.mark.parametrize("kind", ["opened", "clicked"])
def test_of_its_readers_nothing_is_kept(kind: str) -> None:
    digest = digests(1)[0]
    named = {"event": kind, "Message-Id": f"<{bytes(digest.handle).hex()}@papers.example.org>", "ip": "192.0.2.9"}
    assert of_before_2018(lambda reader: named | {"recipient": reader}, 0).send() == 200
    stored = DeliveryEvent.objects.get()
    assert (stored.event_type, stored.digest, stored.subscriber) == ("not kept", None, None)


def test_a_report_of_amazon_without_its_envelope_says_what_to_switch_off(caplog: pytest.LogCaptureFixture) -> None:
    bare = event_of(delivered("amazon_ses"), Mail())
    raw = {"X-Amz-Sns-Message-Type": "Notification", "X-Amz-Sns-Rawdelivery": "true"}
    assert Post("amazon_ses", json.dumps(bare).encode(), BASIC | raw, "text/plain").send() == 400
    assert "raw message delivery" in caplog.text
    assert not DeliveryEvent.objects.exists()

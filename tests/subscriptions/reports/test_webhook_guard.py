"""Who is heard: each provider's report with a good proof, a bad one, none, an old one and somebody else's."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from subscriptions.models import BounceScore, DeliveryEvent, EventStatus, Subscriber, Suppression
from tests.subscriptions.reports import provider_reports
from tests.subscriptions.reports.provider_reports import (
    BASIC,
    PROVIDERS,
    SIGNED,
    TOPIC,
    WITH_SECRET,
    Mail,
    Post,
    anymail_of,
)

SIGNERS = sorted(set(PROVIDERS) - set(WITH_SECRET))
NOT_OURS = {"Authorization": "Basic bmFtZTpndWVzcw=="}
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
]


@pytest.fixture(autouse=True)
def just_then() -> Any:
    with time_machine.travel(Mail().signed_at, tick=False):
        yield


@pytest.fixture(params=sorted(PROVIDERS))
def post(request: pytest.FixtureRequest, settings: Settings) -> Post:
    """A complaint by each provider, on a site that is set up for it."""
    settings.ANYMAIL, settings.SES_TOPIC_ARNS = anymail_of(request.param), [TOPIC]
    return PROVIDERS[request.param]("complaint", Mail())


def nothing_changed() -> bool:
    return not (DeliveryEvent.objects.exists() or Suppression.objects.exists() or BounceScore.objects.exists())


def test_a_report_with_a_good_proof_is_stored_and_not_yet_acted_upon(
    post: Post, make_subscriber: Callable[..., Subscriber]
) -> None:
    make_subscriber("ada@example.org", follows=())
    assert post.send() == 200
    assert DeliveryEvent.objects.get().status == EventStatus.WAITING
    assert not Suppression.objects.exists()


def test_a_bad_proof_is_refused(post: Post) -> None:
    bad = {name: "v1,AAAA" if name.lower().endswith("signature") else value for name, value in post.headers.items()}
    body = post.body.replace(b'"signature": "', b'"signature": "0')
    assert post.send(headers=bad | NOT_OURS, body=body) == 400
    assert nothing_changed()


def test_a_missing_proof_is_refused(post: Post) -> None:
    kept = {name: value for name, value in post.headers.items() if name.startswith("X-Amz")}
    body = post.body.replace(b'"signature": {', b'"other": {')
    # Amazon SNS sends its secret only when it is asked for it.
    assert post.send(headers=kept, body=body) == (401 if post.provider == "amazon_ses" else 400)
    assert nothing_changed()


@pytest.mark.parametrize("provider", sorted({*SIGNERS} - {"mailgun"}))
def test_a_signed_body_that_was_changed_is_refused(provider: str, settings: Settings) -> None:
    settings.ANYMAIL = anymail_of(provider)
    post = PROVIDERS[provider]("complaint", Mail())
    assert post.send(body=post.body.replace(b"ada", b"bob")) == 400
    assert nothing_changed()


def test_the_same_report_again_changes_nothing_more(post: Post) -> None:
    assert post.send() == 200
    assert post.send() == (400 if post.provider == "mailgun" else 200)
    assert DeliveryEvent.objects.count() == 1


@pytest.mark.parametrize("provider", ["mailgun", "resend"])
@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_proof_of_another_time_is_refused(provider: str, late: timedelta, settings: Settings) -> None:
    settings.ANYMAIL = anymail_of(provider)
    mail = Mail()
    assert PROVIDERS[provider]("complaint", replace(mail, signed_at=mail.at - late)).send() == 400
    assert nothing_changed()


@pytest.mark.parametrize("kind", ["delivered", "opened"])
def test_mailguns_token_serves_for_no_second_report(kind: str, settings: Settings) -> None:
    """It signs nothing else: who saw one report could put any other behind the same token."""
    settings.ANYMAIL = anymail_of("mailgun")
    first = provider_reports.mailgun("delivered", Mail())
    body = json.loads(first.body)
    body["event-data"]["event"] = kind
    assert first.send(body=json.dumps(body).encode()) == 200
    body["event-data"]["event"] = "complained"
    assert first.send(body=json.dumps(body).encode()) == 400
    assert DeliveryEvent.objects.exclude(event_type="complained").count() == 1


def test_another_topic_of_amazon_is_refused_though_it_knows_the_secret(settings: Settings) -> None:
    settings.ANYMAIL, settings.SES_TOPIC_ARNS = anymail_of("amazon_ses"), [TOPIC]
    other = provider_reports.amazon_ses("complaint", Mail(), topic=TOPIC.replace("reports", "others"))
    assert other.send() == 400
    assert nothing_changed()


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_provider_that_is_not_set_up_is_not_heard(provider: str, settings: Settings) -> None:
    """The key of one provider opens no door for another."""
    key = "MAILGUN_WEBHOOK_SIGNING_KEY" if provider != "mailgun" else "MAILERSEND_SIGNING_SECRET"
    settings.ANYMAIL = {key: SIGNED[key]}
    assert PROVIDERS[provider]("complaint", Mail()).send(headers=BASIC) == 400
    assert Client(raise_request_exception=False).head(f"/anymail/{provider}/tracking/").status_code == 400
    assert nothing_changed()


def test_a_body_of_two_megabytes_is_refused(post: Post) -> None:
    assert post.send(body=post.body + b" " * 2_000_000) == 413
    assert nothing_changed()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"[1, null]", b"\xff\xfe"])
@pytest.mark.parametrize("provider", WITH_SECRET)
def test_what_is_no_report_is_refused_and_breaks_nothing(provider: str, body: bytes, settings: Settings) -> None:
    settings.ANYMAIL, settings.SES_TOPIC_ARNS = anymail_of(provider), [TOPIC]
    assert PROVIDERS[provider]("complaint", Mail()).send(body=body, content_type="application/json") in {200, 400}
    assert not DeliveryEvent.objects.exclude(status=EventStatus.FAILED).exists()


@pytest.mark.parametrize("provider", ["sparkpost", "mailjet"])
@pytest.mark.parametrize("poison", [{}, {"msys": {"message_event": {}}}, {"event": None, "msys": 3}])
def test_one_unreadable_event_loses_nothing_of_its_batch(
    provider: str, poison: dict[str, Any], settings: Settings
) -> None:
    settings.ANYMAIL = anymail_of(provider)
    first, second = (PROVIDERS[provider]("delivered", Mail(number=number)) for number in (1, 2))
    batch = [*json.loads(first.body), poison, *json.loads(second.body)]
    for _ in range(3):
        assert first.send(body=json.dumps(batch).encode()) == 200
    assert DeliveryEvent.objects.filter(event_type="delivered").count() == 2
    seen = DeliveryEvent.objects.filter(event_type="unreadable", status=EventStatus.FAILED).exclude(error="").count()
    # Of SparkPost an event without any content is only a ping.
    assert seen == 1 or DeliveryEvent.objects.filter(event_type="unknown").exists()


@pytest.mark.parametrize("provider", WITH_SECRET)
def test_incoming_mail_is_not_served(provider: str, settings: Settings) -> None:
    settings.ANYMAIL = anymail_of(provider)
    assert Client().post(f"/anymail/{provider}/inbound/").status_code == 404


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_provider_may_ask_whether_somebody_is_there(provider: str, settings: Settings) -> None:
    settings.ANYMAIL, settings.SES_TOPIC_ARNS = anymail_of(provider), [TOPIC]
    assert Client().head(f"/anymail/{provider}/tracking/").status_code == 200


@pytest.mark.parametrize("key", [{}, SIGNED])
def test_mailersends_ping_is_answered_before_there_is_a_key(key: dict[str, str], settings: Settings) -> None:
    """It is signed with a key that everybody can read; without an answer MailerSend makes no webhook, and no key."""
    settings.ANYMAIL = key
    ping = json.dumps({"type": "webhook.test", "message": "Is somebody there?"}).encode()
    assert Post("mailersend", ping, {"Signature": "00"}).send() == 200
    assert Post("mailersend", ping + b" " * 5000, {"Signature": "00"}).send() == 400
    assert Post("mailersend", ping.replace(b"webhook.test", b"activity.sent"), {"Signature": "00"}).send() == 400
    assert nothing_changed()

"""The provider's reports, posted as the provider posts them."""

import base64
import json
from collections.abc import Callable

import pytest
from django.test import Client

from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest, Subscriber, SubscriberStatus, Suppression
from tests.subscriptions.conftest import MORNING

SECRET = "name:password"


@pytest.fixture(autouse=True)
def secret(settings: object) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}  # type: ignore[attr-defined]


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber]) -> Digest:
    return Digest.objects.create(
        subscriber=make_subscriber(),
        local_date=MORNING.date(),
        due_at=MORNING,
        next_attempt_at=MORNING,
        claimed_at=MORNING,
        status=DeliveryStatus.UNCERTAIN,
    )


def report(digest: Digest | None, secret: str = SECRET, **fields: object) -> int:
    """Post a Postmark event; the status of the answer."""
    event = {"MessageID": "id-1", "Recipient": "ada@example.org", "Email": "ada@example.org", **fields}
    event |= {"Metadata": {"digest": bytes(digest.handle).hex()}} if digest else {}
    answer = Client().post(
        "/anymail/postmark/tracking/",
        json.dumps(event),
        content_type="application/json",
        headers={"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()},
    )
    return answer.status_code


DELIVERED = {"RecordType": "Delivery", "DeliveredAt": "2026-06-30T08:01:00Z"}
HARD_BOUNCE = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 42, "BouncedAt": "2026-06-30T08:01:00Z"}
SOFT_BOUNCE = {"RecordType": "Bounce", "Type": "SoftBounce", "ID": 43, "BouncedAt": "2026-06-30T08:01:00Z"}
COMPLAINT = {"RecordType": "SpamComplaint", "ID": 44, "BouncedAt": "2026-06-30T08:01:00Z"}


def test_a_report_of_delivery_resolves_an_uncertain_digest(digest: Digest) -> None:
    assert report(digest, **DELIVERED) == 200
    digest.refresh_from_db()
    assert digest.status == DeliveryStatus.SENT


@pytest.mark.parametrize("event", [HARD_BOUNCE, COMPLAINT])
def test_a_hard_bounce_and_a_complaint_suppress_the_address(digest: Digest, event: dict[str, object]) -> None:
    report(digest, **event)
    assert Suppression.objects.count() == 1
    assert Subscriber.objects.get().status == SubscriberStatus.SUPPRESSED


def test_a_soft_bounce_suppresses_nobody(digest: Digest) -> None:
    report(digest, **SOFT_BOUNCE)
    assert DeliveryEvent.objects.count() == 1
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE


def test_the_same_report_three_times_is_one_event(digest: Digest) -> None:
    for _ in range(3):
        assert report(digest, **HARD_BOUNCE) == 200
    assert DeliveryEvent.objects.count() == 1


def test_the_order_of_reports_does_not_matter(digest: Digest) -> None:
    for event in (COMPLAINT, DELIVERED, COMPLAINT):
        report(digest, **event)
    digest.refresh_from_db()
    assert digest.status == DeliveryStatus.SENT
    assert Subscriber.objects.get().status == SubscriberStatus.SUPPRESSED


@pytest.mark.django_db
def test_a_report_on_an_address_that_we_do_not_know_is_accepted() -> None:
    assert report(None, **HARD_BOUNCE) == 200
    assert DeliveryEvent.objects.get().subscriber is None


def test_a_report_without_the_secret_is_refused_and_changes_nothing(digest: Digest) -> None:
    assert report(digest, secret="name:guess", **COMPLAINT) == 400
    assert not DeliveryEvent.objects.exists()
    assert not Suppression.objects.exists()

"""A domain of other letters: the mail goes where the address was checked, and the provider's answer is understood."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from papers.models import Paper
from subscriptions.delivery import batches
from subscriptions.models import DeliveryStatus, Digest, Subscriber, Suppression
from subscriptions.people.addresses import canonical
from tests.services import Provider, SmtpSink
from tests.subscriptions.conftest import MORNING, plan

TYPED = "Ada@FAẞ.example.org"
IN_THE_DNS = "ada@xn--fa-hia.example.org"


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Digest:
    make_subscriber(canonical(TYPED))
    plan()
    return Digest.objects.get()


@pytest.fixture
def through_provider(provider: Provider, settings: Settings) -> Provider:
    settings.EMAIL_BACKEND, settings.ANYMAIL = "anymail.backends.postmark.EmailBackend", provider.anymail
    return provider


def deliver(digest: Digest) -> DeliveryStatus:
    batches.deliver([digest.pk], lambda: MORNING)
    digest.refresh_from_db()
    return DeliveryStatus(digest.status)


def test_a_mail_server_is_told_the_domain_that_was_checked(
    digest: Digest, smtp_sink: SmtpSink, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    assert deliver(digest) == DeliveryStatus.SENT
    assert smtp_sink.envelopes[0].rcpt_tos == [IN_THE_DNS]
    assert f"\r\nTo: {IN_THE_DNS}\r\n".encode() in smtp_sink.raw[0]


def test_a_providers_id_of_the_mail_is_kept(digest: Digest, through_provider: Provider) -> None:
    assert deliver(digest) == DeliveryStatus.SENT
    [accepted] = through_provider.accepted
    assert accepted["To"] == IN_THE_DNS
    assert digest.provider_id in through_provider.named


@pytest.mark.parametrize("mode", ["refused", "inactive"])
def test_a_refusal_is_heard(digest: Digest, through_provider: Provider, mode: str) -> None:
    through_provider.mode = mode
    assert deliver(digest) == DeliveryStatus.FAILED
    assert Suppression.objects.get().address_hash == digest.subscriber.address_hash

"""What becomes of a digest when the mail provider, a real server on the loopback, fails in each of its ways."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from papers.models import Paper
from subscriptions.delivery import batches
from subscriptions.digests import planning
from subscriptions.models import DeliveryStatus, Digest, Subscriber
from tests.services import Provider, SmtpSink, free_port
from tests.subscriptions.conftest import MORNING

LATER = MORNING + timedelta(minutes=6)


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Digest:
    make_subscriber()
    planning.plan(MORNING)
    return Digest.objects.get()


@pytest.fixture
def through_provider(provider: Provider, settings: Settings) -> Iterator[Provider]:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = provider.anymail | {"REQUESTS_TIMEOUT": (1, 1)}
    yield provider
    provider.release()


def deliver(digest: Digest, at: object = MORNING) -> Digest:
    batches.deliver([digest.pk], lambda: at)  # type: ignore[arg-type, return-value]
    digest.refresh_from_db()
    return digest


def test_a_provider_that_accepts_makes_it_sent_and_leaves_its_id(digest: Digest, through_provider: Provider) -> None:
    assert deliver(digest).status == DeliveryStatus.SENT
    assert digest.provider_id
    [accepted] = through_provider.accepted
    assert accepted["TrackOpens"] is False
    assert accepted["Metadata"] == {"digest": bytes(digest.handle).hex()}


@pytest.mark.parametrize("mode", ["refused", "inactive", "vague"])
def test_a_refusal_is_final(digest: Digest, through_provider: Provider, mode: str) -> None:
    through_provider.mode = mode
    assert deliver(digest).status == DeliveryStatus.FAILED
    assert "refused" in digest.reason
    deliver(digest, LATER)
    assert through_provider.calls == 1


@pytest.mark.parametrize("mode", ["unauthorized", "throttled", "unavailable"])
def test_what_was_not_accepted_goes_again_later(digest: Digest, through_provider: Provider, mode: str) -> None:
    through_provider.mode = mode
    assert deliver(digest).status == DeliveryStatus.PLANNED
    through_provider.mode = "ok"
    assert deliver(digest, MORNING).status == DeliveryStatus.PLANNED
    assert deliver(digest, LATER).status == DeliveryStatus.SENT
    assert (digest.attempts, len(through_provider.accepted)) == (2, 1)


@pytest.mark.parametrize("mode", ["hang", "reset", "garbled", "truncated"])
def test_an_answer_that_is_lost_makes_it_uncertain_and_it_is_never_sent_again(
    digest: Digest, through_provider: Provider, mode: str
) -> None:
    through_provider.mode = mode
    assert deliver(digest).status == DeliveryStatus.UNCERTAIN
    Digest.objects.update(lease_until=MORNING)
    for minutes in range(10, 100, 10):
        batches.sweep(MORNING + timedelta(minutes=minutes))
        deliver(digest, MORNING + timedelta(minutes=minutes))
    assert through_provider.calls == 1


def test_a_provider_that_does_not_listen_is_tried_again(digest: Digest, through_provider: Provider) -> None:
    through_provider.stop()
    assert deliver(digest).status == DeliveryStatus.PLANNED


def test_a_mail_server_that_does_not_listen_is_tried_again(digest: Digest, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    assert deliver(digest).status == DeliveryStatus.PLANNED


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("250 OK", DeliveryStatus.SENT),
        ("451 try again later", DeliveryStatus.PLANNED),
        ("554 no thanks", DeliveryStatus.PLANNED),  # perhaps to everybody
        ("552 too large", DeliveryStatus.FAILED),
    ],
)
def test_a_mail_servers_answer_after_the_data_decides(
    digest: Digest, smtp_sink: SmtpSink, settings: Settings, answer: str, status: str
) -> None:
    smtp_sink.answer = answer
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, _, port = smtp_sink.url.removeprefix("smtp://").partition(":")
    settings.EMAIL_PORT = int(port)
    assert deliver(digest).status == status

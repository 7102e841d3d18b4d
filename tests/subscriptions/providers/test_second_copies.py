"""An attempt again at a mail that may have left: the same bytes under the same key, none once that is forgotten."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from pytest_django import Settings

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.delivery import batches, outbox, second_copies
from subscriptions.mails.mime import DirectMessage
from subscriptions.models import AccountMail, AccountMailKind, Digest, FrozenMail, Subscriber
from subscriptions.people import export
from subscriptions.transport import backends
from tests.fakes.mail_api import LOST, MailApi
from tests.services import FaultySmtp
from tests.subscriptions.conftest import MORNING, plan
from tests.subscriptions.providers.conftest import deliver

Through = Callable[..., MailApi]
MINUTE = timedelta(minutes=1)
SOON = MORNING + 10 * MINUTE
KEYED = pytest.mark.parametrize("backend", ["resend", "brevo", "sendinblue"])
pytestmark = pytest.mark.filterwarnings(
    "ignore::anymail.exceptions.AnymailDeprecationWarning", "ignore::anymail.exceptions.AnymailNotSupportedWarning"
)


def lose(api: MailApi, at: datetime = MORNING) -> Digest:
    """Deliver the digest; the provider takes it, and its answer is lost."""
    api.clock, api.situation = (lambda: at), LOST
    found = deliver(at)
    api.situation = "taken"
    return found


def change_what_is_written(settings: Settings) -> None:
    """A title is corrected, the site gets another name, and the mail's own moment has passed."""
    settings.SITE_NAME = "Another name"
    Paper.objects.update(title="A corrected title")


def die_while_it_is_handed_over(at: datetime = MORNING) -> Digest:
    token = Digest.objects.lease_some(1, at, until=at + MINUTE)
    assert Digest.objects.claim(Digest.objects.get().pk, token, at)
    return Digest.objects.get()


@KEYED
def test_an_attempt_again_has_the_same_bytes(
    digest: Digest, through: Through, settings: Settings, backend: str
) -> None:
    api = through(backend)
    lose(api)
    change_what_is_written(settings)
    assert deliver(SOON).status == "sent"
    first, second = api.requests
    assert first.content == second.content
    assert len(api.copies) == 1


def test_a_provider_that_takes_it_again_tells_its_id_again(
    digest: Digest, through: Through, settings: Settings
) -> None:
    api = through("resend")
    lose(api)
    change_what_is_written(settings)
    assert deliver(SOON).provider_id == "id-1"


def test_over_smtp_too(digest: Digest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with FaultySmtp() as server:
        monkeypatch.setattr(backends, "RESEND_OVER_SMTP", "127.0.0.1")
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        server.mode = "drop after"
        assert deliver(MORNING).status == "planned"
        change_what_is_written(settings)
        server.mode = "ok"
        assert deliver(SOON).status == "sent"
        first, second = server.accepted
    assert first == second
    assert b"\r\nResend-Idempotency-Key: " in first


def test_over_smtp_a_refusal_of_what_may_have_left_is_not_the_end_of_it(
    digest: Digest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with FaultySmtp() as server:
        monkeypatch.setattr(backends, "RESEND_OVER_SMTP", "127.0.0.1")
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        server.mode = "drop after"
        deliver(MORNING)
        server.mode = "end 552"
        assert deliver(SOON).status == "uncertain"


@KEYED
def test_after_a_crash_the_providers_word_that_it_knows_the_key_tells_that_it_was_taken(
    digest: Digest, through: Through, settings: Settings, backend: str
) -> None:
    """The process died between the provider's hands and its own record: what it had written is gone."""
    api = through(backend)
    lose(api)
    Digest.objects.update(status="sending", claimed_at=MORNING, unclear_since=None)
    FrozenMail.objects.all().delete()
    change_what_is_written(settings)
    batches.sweep(MORNING + 20 * MINUTE)
    assert deliver(MORNING + 26 * MINUTE).status == "sent"
    assert len(api.copies) == 1


@KEYED
def test_after_a_crash_before_it_was_handed_over_it_goes_as_if_for_the_first_time(
    digest: Digest, through: Through, backend: str
) -> None:
    api = through(backend)
    api.clock = lambda: MORNING
    die_while_it_is_handed_over()
    batches.sweep(MORNING + 20 * MINUTE)
    assert deliver(MORNING + 26 * MINUTE).status == "sent"
    assert len(api.copies) == 1


def test_a_known_key_of_a_mail_that_was_refused_before_is_no_proof(digest: Digest, through: Through) -> None:
    """Nothing was left open: whoever knows the key knows it from an attempt that it refused."""
    api = through("brevo")
    api.situation = "address refused"
    assert deliver(MORNING).status == "planned"
    api.failures["known"] = lambda to: api.dialect.again("id-1", True)
    api.situation = "known"
    assert deliver(SOON).status == "uncertain"


def test_while_the_first_attempt_is_still_running_it_comes_back_soon(digest: Digest, through: Through) -> None:
    api = through("resend")
    lose(api)
    api.situation = "running"
    found = deliver(SOON)
    assert (found.status, found.attempts) == ("planned", 2)
    assert found.next_attempt_at - SOON <= MINUTE
    api.situation = "taken"
    assert deliver(SOON + MINUTE).status == "sent"
    assert len(api.copies) == 1


@KEYED
def test_it_comes_back_while_the_key_is_known_however_often_it_failed(
    digest: Digest, through: Through, backend: str
) -> None:
    api = through(backend)
    Digest.objects.update(attempts=9)
    lose(api)
    assert Digest.objects.get().next_attempt_at - MORNING <= api.dialect.life / 4


@KEYED
def test_a_wait_that_the_provider_asks_for_comes_first(digest: Digest, through: Through, backend: str) -> None:
    api = through(backend)
    lose(api)
    api.situation = "429"
    assert deliver(SOON).next_attempt_at - SOON >= timedelta(seconds=77)


def test_the_life_of_a_key_is_measured_from_the_first_attempt_of_which_nothing_is_known(
    digest: Digest, through: Through
) -> None:
    """Neither what was certainly not taken before nor the attempts in between count."""
    api = through("brevo")
    api.situation = "429"
    deliver(MORNING)
    started = MORNING + timedelta(hours=1)
    lose(api, started)
    api.situation = "500"
    for minutes in (10, 20):
        assert deliver(started + minutes * MINUTE).status == "planned"
    api.situation, asked = "taken", api.asked
    assert deliver(started + timedelta(minutes=29, seconds=30)).status == "uncertain"
    assert api.asked == asked


def test_a_provider_that_took_over_meanwhile_knows_no_key_of_the_other(digest: Digest, through: Through) -> None:
    lose(through("brevo"))
    other = through("resend")
    assert deliver(SOON).status == "uncertain"
    assert other.asked == 0


def test_nor_does_one_without_keys(digest: Digest, through: Through) -> None:
    lose(through("resend"))
    other = through("postmark")
    assert deliver(SOON).status == "uncertain"
    assert other.asked == 0


def test_who_wants_second_copies_gets_them(digest: Digest, through: Through, settings: Settings) -> None:
    settings.ON_UNCERTAIN = "resend"
    api = through("brevo")
    lose(api)
    api.clock = lambda: MORNING + timedelta(hours=2)
    assert deliver(MORNING + timedelta(hours=2)).status == "sent"
    assert len(api.copies) == 2


def test_what_may_have_left_is_never_called_late_or_stopped(digest: Digest, through: Through) -> None:
    """Its papers would come a second time."""
    lose(through("resend"))
    lifecycle.unsubscribe(Subscriber.objects.get(), MORNING)
    assert deliver(SOON).status == "uncertain"
    assert digest.items.exists()


def test_what_may_have_left_and_waits_for_too_long_is_uncertain(digest: Digest, through: Through) -> None:
    lose(through("resend"))
    batches.sweep(MORNING + timedelta(hours=9))
    assert Digest.objects.get().status == "uncertain"
    assert digest.items.exists()


def test_an_operator_who_has_it_sent_again_within_the_life_of_its_key_sends_no_second_copy(
    digest: Digest, through: Through
) -> None:
    api = through("resend")
    lose(api)
    Digest.objects.update(status="uncertain")
    Digest.objects.resend([digest.pk], SOON)
    assert deliver(SOON).status == "sent"
    assert len(api.copies) == 1


def test_nothing_is_kept_of_a_mail_that_has_ended(digest: Digest, through: Through) -> None:
    api = through("resend")
    lose(api)
    assert FrozenMail.objects.count() == 1
    deliver(SOON)
    assert not FrozenMail.objects.exists()


def test_nor_when_a_report_has_ended_it_or_its_key_is_forgotten(digest: Digest, through: Through) -> None:
    lose(through("brevo"))
    batches.sweep(MORNING + 29 * MINUTE)
    assert FrozenMail.objects.count() == 1
    batches.sweep(MORNING + 31 * MINUTE)
    assert not FrozenMail.objects.exists()
    lose(through("resend"), MORNING + 32 * MINUTE)


def test_it_goes_to_no_address_that_the_reader_has_left(digest: Digest, through: Through) -> None:
    api = through("resend")
    lose(api)
    Subscriber.objects.update(email="new@example.org")
    assert deliver(SOON).status == "sent"
    assert [b"new@example.org" in copy for copy in api.copies] == [False]


def test_what_is_kept_is_unreadable_goes_with_the_person_and_is_named_in_their_export(
    digest: Digest, through: Through
) -> None:
    lose(through("resend"))
    [frozen] = FrozenMail.objects.all()
    assert b"ada@example.org" not in bytes(frozen.content)
    found = json.loads("".join(export.export(digest.subscriber, MORNING)))
    [kept] = found["frozen mails"]
    assert (kept["digest"], kept["provider"]) == ("2026-06-30", "resend")
    assert "content" not in kept
    lifecycle.erase(digest.subscriber)
    assert not FrozenMail.objects.exists()


def test_who_is_erased_while_a_mail_is_on_its_way_leaves_nothing_behind(digest: Digest, through: Through) -> None:
    through("resend")
    mail = DirectMessage("Subject", "Text", "site@example.org", ["ada@example.org"])
    mail.attach_alternative("<p>Text</p>", "text/html")
    lifecycle.erase(digest.subscriber)
    second_copies.freeze(digest, mail, MORNING)
    assert not FrozenMail.objects.exists()


@KEYED
def test_every_key_is_a_uuid_and_no_two_are_the_same(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], through: Through, backend: str
) -> None:
    api = through(backend)
    for name in ("ada", "bob", "cem"):
        person = make_subscriber(f"{name}@example.org")
        AccountMail.objects.create(subscriber=person, kind=AccountMailKind.GOODBYE, next_attempt_at=MORNING)
    plan()
    batches.deliver_waiting(lambda: MORNING)
    outbox.send_waiting(lambda: MORNING)
    assert len(set(api.keys)) == 6
    assert {(UUID(key).version, str(UUID(key)) == key) for key in api.keys} == {(4, True)}


@KEYED
def test_account_mails_go_again_the_same(
    make_subscriber: Callable[..., Subscriber], through: Through, settings: Settings, backend: str
) -> None:
    api = through(backend)
    reader = make_subscriber()
    AccountMail.objects.create(subscriber=reader, kind=AccountMailKind.LINK, next_attempt_at=MORNING)
    api.clock, api.situation = (lambda: MORNING), LOST
    outbox.send_waiting(lambda: MORNING)
    mail = AccountMail.objects.get()
    assert (mail.status, FrozenMail.objects.count()) == ("planned", 1)
    settings.SITE_NAME, api.situation = "Another name", "taken"
    outbox.send_waiting(lambda: SOON)
    mail.refresh_from_db()
    assert (mail.status, mail.attempts, len(api.copies)) == ("sent", 2, 1)
    assert not FrozenMail.objects.exists()


def test_an_account_mail_whose_key_is_forgotten_is_uncertain(
    make_subscriber: Callable[..., Subscriber], through: Through
) -> None:
    api = through("brevo")
    AccountMail.objects.create(subscriber=make_subscriber(), kind=AccountMailKind.LINK, next_attempt_at=MORNING)
    api.clock, api.situation = (lambda: MORNING), LOST
    outbox.send_waiting(lambda: MORNING)
    outbox.send_waiting(lambda: MORNING + timedelta(hours=1))
    assert (AccountMail.objects.get().status, api.asked) == ("uncertain", 1)

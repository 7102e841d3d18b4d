"""Erasing a person leaves nothing of them, and nothing brings them back."""

import logging
import subprocess
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import reverse

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.delivery import batches, outbox
from subscriptions.models import (
    AccountMail,
    AddressChange,
    BounceScore,
    DeliveryEvent,
    Digest,
    Run,
    Subscriber,
    Suppression,
)
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.database_dump import lines_with
from tests.subscriptions.conftest import MORNING, account_page, plan
from tests.subscriptions.pages.full_life import NEW, OLD, live

pytestmark = pytest.mark.django_db
NAMES = (OLD, NEW, "zyzzyva", "quokka.example", "192.0.2.7")


@pytest.fixture
def person(some_papers: list[Paper], topics: object) -> Subscriber:
    return live(MORNING)


def mentions() -> list[str]:
    return [line for name in NAMES for line in lines_with(name)]


def test_erasing_leaves_no_mention_of_any_address_in_any_table(person: Subscriber) -> None:
    assert all(lines_with(name) for name in NAMES)
    assert lifecycle.erase(person)
    assert mentions() == []
    assert not DeliveryEvent.objects.exists()
    assert not BounceScore.objects.exists()


def test_of_a_suppressed_person_only_the_keyed_hash_stays(person: Subscriber) -> None:
    lifecycle.suppress(NEW, reason="complained", note=f"a call from {NEW}")
    lifecycle.erase(person)
    assert mentions() == []
    suppression = Suppression.objects.get()
    assert (len(bytes(suppression.address_hash)), suppression.reason) == (16, "complained")
    lifecycle.sign_up(NEW, lifecycle.Wishes(), form_text_hash="hash", now=MORNING)
    assert mentions() == []


def test_somebody_elses_unproved_wish_for_the_address_goes_too(
    person: Subscriber, make_subscriber: Callable[..., Subscriber]
) -> None:
    lifecycle.ask_for_address(make_subscriber("bob@example.org"), NEW, MORNING)
    lifecycle.erase(person)
    assert mentions() == []
    assert not AddressChange.objects.exists()


def test_an_earlier_address_that_is_somebody_elses_by_now_keeps_its_record(
    person: Subscriber, make_subscriber: Callable[..., Subscriber]
) -> None:
    other = make_subscriber(OLD.lower())
    DeliveryEvent.objects.filter(digest__isnull=True).update(subscriber=other)
    lifecycle.erase(person)
    assert DeliveryEvent.objects.get().subscriber == other
    assert BounceScore.objects.count() == 1


def test_the_numbers_of_a_run_still_agree(person: Subscriber, make_subscriber: Callable[..., Subscriber]) -> None:
    run = Run.objects.get()
    open_digest = make_subscriber("bob@example.org").digests.create(
        local_date=MORNING.date(), due_at=MORNING, next_attempt_at=MORNING, run=run
    )
    Run.objects.update(eligible=F("eligible") + 1)
    lifecycle.erase(person)
    lifecycle.erase(open_digest.subscriber)
    run.refresh_from_db()
    assert run.eligible == run.erased + run.digests.count() == 2


def test_a_mail_that_waits_is_not_sent(person: Subscriber, make_subscriber: Callable[..., Subscriber]) -> None:
    tomorrow = MORNING + timedelta(days=1)
    Subscriber.objects.update(next_digest_at=tomorrow)
    make_subscriber("bob@example.org", next_digest_at=tomorrow)
    ids = plan(tomorrow)
    assert AccountMail.objects.waiting(tomorrow).filter(subscriber=person).exists()
    lifecycle.erase(person)
    mail.outbox.clear()
    batches.deliver(ids, lambda: tomorrow)
    outbox.send_waiting(lambda: tomorrow)
    assert [message.to for message in mail.outbox] == [["bob@example.org"]]


def test_erased_between_lease_and_claim_the_digest_is_not_sent(
    person: Subscriber, make_subscriber: Callable[..., Subscriber]
) -> None:
    digest = person.digests.create(
        local_date=MORNING.date() + timedelta(days=1), due_at=MORNING, next_attempt_at=MORNING
    )
    token = Digest.objects.lease([digest.pk], MORNING, until=MORNING + timedelta(minutes=10))
    lifecycle.erase(person)
    assert not Digest.objects.claim(digest.pk, token, MORNING)


def test_erasing_twice_is_harmless(person: Subscriber) -> None:
    again = Subscriber.objects.get(pk=person.pk)
    assert lifecycle.erase(person)
    assert not lifecycle.erase(again)


def test_neither_reports_of_the_provider_nor_requeued_work_bring_a_person_back(
    client: Client, person: Subscriber, settings: object
) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "user:pass"}  # type: ignore[attr-defined]
    digests = list(person.digests.values_list("pk", flat=True))
    handle = bytes(person.digests.get().handle).hex()
    lifecycle.erase(person)
    report = {
        "RecordType": "Delivery",
        "MessageID": "00000000-0000-0000-0000-000000000000",
        "Recipient": NEW,
        "DeliveredAt": "2026-06-30T09:00:00Z",
        "Metadata": {"digest": handle},
    }
    answer = client.post(
        "/anymail/postmark/tracking/",
        report,
        content_type="application/json",
        headers={"Authorization": "Basic dXNlcjpwYXNz"},
    )
    assert answer.status_code == 200
    batches.deliver(digests, lambda: MORNING)
    batches.sweep(MORNING + timedelta(days=1))
    outbox.send_waiting(lambda: MORNING)
    assert mentions() == []
    assert not Subscriber.objects.exists()


def test_the_page_asks_before_it_erases(client: Client, person: Subscriber) -> None:
    url = account_page("erase", person)
    assert "Erase everything about you?" in client.get(url).content.decode()
    assert Subscriber.objects.exists()
    answer = client.post(url, follow=True)
    assert "Everything about you is erased" in answer.content.decode()
    assert mentions() == []
    assert client.post(url).status_code == 404
    assert client.get(url).status_code == 404


def test_an_operator_erases_as_thoroughly(admin_client: Client, person: Subscriber) -> None:
    fields = {"action": "erase", "_selected_action": [person.pk], "confirm": "yes"}
    admin_client.post(reverse("admin:subscriptions_subscriber_changelist"), fields)
    assert mentions() == []


def test_no_log_line_of_a_whole_life_names_an_address(
    client: Client, some_papers: list[Paper], topics: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    person = live(MORNING)
    client.get(reverse("preferences", args=[links.token(Purpose.PREFERENCES, person)]))
    client.get(account_page("erase", person))
    lifecycle.unsubscribe(person, MORNING, goodbye=True)
    lifecycle.erase(person)
    assert "zyzzyva" not in caplog.text.lower()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="about the file of SQLite")
@pytest.mark.django_db(transaction=True)
def test_nor_does_the_databases_file_keep_what_was_erased(some_papers: list[Paper], topics: object) -> None:
    person = live(MORNING)
    assert b"zyzzyva" in file_on_disk()
    lifecycle.erase(person)
    assert b"zyzzyva" not in file_on_disk()


def file_on_disk() -> bytes:
    """All of it, also the pages that are free again."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # By another process: whoever opens and closes the file takes away the locks that SQLite holds on it here.
    return subprocess.run(["cat", connection.settings_dict["NAME"]], check=True, capture_output=True).stdout.lower()

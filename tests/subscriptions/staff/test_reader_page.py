"""A reader's page for operators: what happened, why, and acts that need a right and a reason."""

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from papers.models import Paper
from recommender.models import EmbeddingModel
from subscriptions import lifecycle
from subscriptions.models import Consent, DeliveryEvent, Meaning, Subscriber, SubscriberStatus, Suppression
from tests.subscriptions.conftest import MORNING, axis, deliver_due
from tests.subscriptions.staff.conftest import signed_in, staff

pytestmark = pytest.mark.django_db
WHY = "their university asked, Ada herself <b>agrees</b>"


@pytest.fixture
def oskar() -> Client:
    return signed_in(staff("oskar", group="operator"))


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    ada = make_subscriber()
    agreed = {"requested_at": MORNING - timedelta(days=2), "confirmed_at": MORNING - timedelta(days=1)}
    Consent.objects.create(subscriber=ada, form_text_hash="f" * 64, **agreed)
    deliver_due()
    return ada


def page_of(name: str, person: Subscriber) -> str:
    return reverse(f"admin:subscriber-{name}", args=[person.pk])


def text(client: Client, url: str) -> str:
    with time_machine.travel(MORNING, tick=False):
        return re.sub(r"\s+", " ", html.unescape(client.get(url).content.decode()))


def test_it_says_their_state_and_tells_mails_and_reports_together(ada: Subscriber, oskar: Client) -> None:
    at = MORNING + timedelta(minutes=3)
    DeliveryEvent.objects.create(
        subscriber=ada, digest=ada.digests.get(), provider="postmark", event_id="1", event_type="bounced",
        meaning=Meaning.SOFT, description="mailbox full", happened_at=at,
    )  # fmt: skip
    page = text(oskar, page_of("reader", ada))
    assert "Today's digest left at" in page
    assert page.index("bounced, says postmark (the mailbox did not take it this time, mailbox full)") < page.index(
        "of 30 Jun sent"
    )
    assert "asked for, by the website" in page
    assert "fff" in page


def test_it_asks_the_database_as_often_whatever_happened(
    ada: Subscriber, oskar: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(24):
        oskar.get(page_of("reader", ada))
    for nth in range(30):
        DeliveryEvent.objects.create(
            subscriber=ada, provider="x", event_id=str(nth), event_type="delivered", happened_at=MORNING
        )
    with django_assert_max_num_queries(24):
        oskar.get(page_of("reader", ada))


def test_a_reason_is_required_and_stands_in_the_log(ada: Subscriber, oskar: Client) -> None:
    oskar.post(page_of("suppress", ada), {"reason": "  "})
    assert not Suppression.objects.exists()
    assert "Say why" in text(oskar, page_of("reader", ada))
    oskar.post(page_of("suppress", ada), {"reason": WHY})
    assert Subscriber.objects.get().status == SubscriberStatus.SUPPRESSED
    assert Suppression.objects.get().note == f"{WHY} (by oskar)"
    assert LogEntry.objects.get().get_change_message() == f"Suppressed: {WHY}"
    assert "<b>agrees" not in oskar.get(page_of("reader", ada)).content.decode()


class TestLifting:
    def test_digests_come_again_where_the_consent_holds(self, ada: Subscriber, oskar: Client) -> None:
        lifecycle.suppress(ada.email, reason="complaint")
        with time_machine.travel(MORNING + timedelta(hours=2)):
            oskar.post(page_of("lift", ada), {"reason": "a slip of the finger"})
        ada.refresh_from_db()
        assert (ada.status, Suppression.objects.count()) == (SubscriberStatus.ACTIVE, 0)
        assert ada.next_digest_at
        assert ada.next_digest_at > MORNING + timedelta(hours=2)
        assert LogEntry.objects.get().get_change_message() == "Suppression lifted: a slip of the finger"

    def test_whoever_withdrew_theirs_must_begin_anew(self, ada: Subscriber) -> None:
        lifecycle.unsubscribe(ada, MORNING)
        lifecycle.suppress(ada.email, reason="complaint")
        assert lifecycle.lift(ada, MORNING)
        ada.refresh_from_db()
        assert ada.status == SubscriberStatus.UNSUBSCRIBED

    def test_whoever_never_confirmed_is_pending_again(self, ada: Subscriber) -> None:
        Subscriber.objects.update(status=SubscriberStatus.PENDING, confirmed_at=None, next_digest_at=None)
        lifecycle.suppress(ada.email, reason="operator")
        assert lifecycle.lift(ada, MORNING)
        ada.refresh_from_db()
        assert ada.status == SubscriberStatus.PENDING

    def test_there_may_be_nothing_to_lift(self, ada: Subscriber, oskar: Client) -> None:
        assert not lifecycle.lift(ada, MORNING)
        oskar.post(page_of("lift", ada), {"reason": "why not"})
        assert not LogEntry.objects.exists()


def test_an_erased_persons_reasons_are_gone_too(ada: Subscriber, oskar: Client) -> None:
    oskar.post(page_of("suppress", ada), {"reason": WHY})
    lifecycle.erase(ada)
    assert LogEntry.objects.get().get_change_message() == "Suppressed."


def test_why_they_get_what_they_get_by_interest_and_that_somebody_looked(
    ada: Subscriber, oskar: Client, make_paper: Callable[..., Paper], model: EmbeddingModel
) -> None:
    make_paper(77, axis(0, 0.2), title="A new one")
    page = text(oskar, page_of("why", ada))
    assert "A new one" in page
    assert "relevance" in page
    assert "pick 1" in page
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Looked at why they get their papers."]


def test_all_that_is_stored_can_be_exported_and_that_is_logged(ada: Subscriber, oskar: Client) -> None:
    found = json.loads(oskar.post(page_of("export", ada)).content)
    assert found["subscribers"][0]["email"] == ada.email
    assert LogEntry.objects.get().get_change_message() == "Exported what is stored about them."
    assert oskar.get(page_of("export", ada)).status_code == 405


@pytest.mark.parametrize("name", ["suppress", "lift", "export"])
def test_whoever_may_only_look_is_offered_nothing(ada: Subscriber, name: str) -> None:
    client = signed_in(staff("vera", "subscriptions.view_subscriber"))
    assert "What can be done" not in text(client, page_of("reader", ada))
    assert client.post(page_of(name, ada), {"reason": "so"}).status_code == 403
    assert client.get(page_of("why", ada)).status_code == 403

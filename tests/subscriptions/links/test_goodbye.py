"""Leaving is confirmed once, and coming back is a new consent, as often as somebody likes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from papers.models import Topic
from subscriptions import lifecycle
from subscriptions.lifecycle import Wishes
from subscriptions.models import AccountMail, AccountMailKind, Consent, Subscriber, SubscriberStatus
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db


def goodbyes() -> int:
    return AccountMail.objects.filter(kind=AccountMailKind.GOODBYE).count()


def leave_by(client: Client, subscriber: Subscriber, **fields: str) -> None:
    assert client.post(reverse("unsubscribe", args=[tokens.make(Purpose.UNSUBSCRIBE, subscriber.handle)]), fields)


@pytest.mark.parametrize("fields", [{}, {"List-Unsubscribe": "One-Click"}])
def test_unsubscribing_is_confirmed_by_one_mail_however_often_the_button_is_pressed(
    client: Client, make_subscriber: Callable[..., Subscriber], fields: dict[str, str]
) -> None:
    subscriber = make_subscriber()
    for _ in range(3):
        leave_by(client, subscriber, **fields)
    assert goodbyes() == 1


@pytest.mark.parametrize("status", [SubscriberStatus.PENDING, SubscriberStatus.SUPPRESSED])
def test_who_was_not_subscribed_gets_no_goodbye(
    client: Client, make_subscriber: Callable[..., Subscriber], status: SubscriberStatus
) -> None:
    leave_by(client, make_subscriber(status=status, confirmed_at=None))
    assert goodbyes() == 0


def test_complaints_operators_and_erasing_say_no_goodbye(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    lifecycle.unsubscribe(subscriber, MORNING)
    lifecycle.suppress(subscriber.email, reason="complained")
    lifecycle.erase(make_subscriber("bob@example.org"))
    assert not AccountMail.objects.exists()


def test_a_paused_reader_can_leave(client: Client, make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    lifecycle.pause(subscriber, None)
    leave_by(client, subscriber)
    subscriber.refresh_from_db()
    assert (subscriber.status, subscriber.paused_because) == (SubscriberStatus.UNSUBSCRIBED, "")
    assert goodbyes() == 1


def test_coming_and_leaving_twice_is_two_consents_and_keeps_the_interests(client: Client, topics: list[Topic]) -> None:
    wishes = Wishes(topics=(topics[0].pk,), texts=("whales",))
    for number in range(2):
        when = MORNING + timedelta(days=number, hours=1)
        lifecycle.sign_up("ada@example.org", wishes if number == 0 else Wishes(), form_text_hash="hash", now=when)
        consent = Consent.objects.latest("requested_at")
        assert lifecycle.confirm(consent, when)
        subscriber = Subscriber.objects.get()
        assert subscriber.status == SubscriberStatus.ACTIVE
        assert [str(interest) for interest in subscriber.interests.all()] == ["Topic 0", "whales"]
        leave_by(client, subscriber)
        consent.refresh_from_db()
        assert consent.withdrawn_at is not None
        assert goodbyes() == number + 1
    assert Consent.objects.count() == 2
    kinds = AccountMail.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["confirm", "welcome", "goodbye"] * 2


def test_who_was_told_of_being_subscribed_and_then_left_can_come_back_the_same_day(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    subscriber = make_subscriber()
    lifecycle.sign_up(subscriber.email, Wishes(), form_text_hash="hash", now=MORNING)
    lifecycle.unsubscribe(subscriber, MORNING)
    lifecycle.sign_up(subscriber.email, Wishes(), form_text_hash="hash", now=MORNING)
    assert list(AccountMail.objects.order_by("pk").values_list("kind", flat=True)) == ["already subscribed", "confirm"]

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from papers.models import Topic
from subscriptions import lifecycle
from subscriptions.lifecycle import Wishes
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    Consent,
    Interest,
    InterestKind,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
WISHES = Wishes(texts=("whales",), timezone="Europe/Paris", send_hour=7)


def sign_up(email: str = "ada@example.org", wishes: Wishes = WISHES, now: object = MORNING) -> None:
    lifecycle.sign_up(email, wishes, form_text_hash="hash", now=now)  # type: ignore[arg-type]


def test_signing_up_leaves_a_pending_subscriber_a_consent_and_a_mail_in_the_outbox() -> None:
    sign_up("Ada@Example.org ")
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.status) == ("ada@example.org", SubscriberStatus.PENDING)
    assert subscriber.consents.get().form_text_hash == "hash"
    assert [mail.kind for mail in AccountMail.objects.all()] == [AccountMailKind.CONFIRM]
    assert not subscriber.interests.exists()


def test_confirming_applies_the_wishes_and_schedules_the_first_digest() -> None:
    sign_up()
    assert lifecycle.confirm(Consent.objects.get(), MORNING)
    subscriber = Subscriber.objects.get()
    assert (subscriber.status, subscriber.timezone) == (SubscriberStatus.ACTIVE, "Europe/Paris")
    assert [interest.text for interest in subscriber.interests.all()] == ["whales"]
    assert subscriber.next_digest_at is not None
    assert subscriber.next_digest_at.isoformat() == "2026-07-01T05:00:00+00:00"


@pytest.mark.parametrize("day", range(7))
def test_the_first_weekly_digest_comes_on_the_day_that_was_chosen(day: int) -> None:
    sign_up(wishes=replace(WISHES, frequency="weekly", weekly_day=day))
    assert lifecycle.confirm(Consent.objects.get(), MORNING)
    due = Subscriber.objects.get().next_digest_at
    assert due is not None
    assert (due.weekday(), due - MORNING < timedelta(days=7)) == (day, True)


def test_a_confirm_link_works_once() -> None:
    sign_up()
    consent = Consent.objects.get()
    assert lifecycle.confirm(consent, MORNING)
    assert not lifecycle.confirm(consent, MORNING)
    assert AccountMail.objects.filter(kind=AccountMailKind.WELCOME).count() == 1


def test_a_confirm_link_expires_after_seven_days() -> None:
    sign_up()
    assert not lifecycle.confirm(Consent.objects.get(), MORNING + timedelta(days=8))
    assert Subscriber.objects.get().status == SubscriberStatus.PENDING


def test_signing_up_again_the_same_day_sends_no_second_mail_but_takes_the_newer_wishes() -> None:
    sign_up()
    sign_up(wishes=Wishes(texts=("dolphins",)))
    assert AccountMail.objects.count() == 1
    lifecycle.confirm(Consent.objects.get(), MORNING)
    assert Interest.objects.get().text == "dolphins"


def test_an_address_that_never_confirms_gets_three_mails_in_all() -> None:
    for day in range(6):
        sign_up(now=MORNING + timedelta(days=2 * day))
        AccountMail.objects.update(created_at=MORNING - timedelta(days=30))
    assert AccountMail.objects.count() == lifecycle.CONFIRM_MAILS_EVER


def test_a_stranger_cannot_change_a_subscribers_interests_by_signing_up(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    subscriber = make_subscriber(follows=(0, 1))
    sign_up(subscriber.email)
    assert subscriber.interests.count() == 2
    assert [mail.kind for mail in AccountMail.objects.all()] == [AccountMailKind.ALREADY]


def test_coming_back_after_unsubscribing_is_a_new_consent() -> None:
    sign_up()
    lifecycle.confirm(Consent.objects.get(), MORNING)
    lifecycle.unsubscribe(Subscriber.objects.get(), MORNING)
    AccountMail.objects.update(created_at=MORNING - timedelta(days=2))
    sign_up(now=MORNING + timedelta(days=2))
    newest = Consent.objects.latest("requested_at")
    assert lifecycle.confirm(newest, MORNING + timedelta(days=2))
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE
    assert Consent.objects.filter(withdrawn_at__isnull=False).count() == 1


def test_who_unsubscribed_by_mistake_can_come_back_the_same_hour_but_not_be_bombed() -> None:
    sign_up()
    lifecycle.confirm(Consent.objects.get(), MORNING)
    lifecycle.unsubscribe(Subscriber.objects.get(), MORNING)
    for _ in range(3):
        sign_up()
    assert AccountMail.objects.filter(kind=AccountMailKind.CONFIRM).count() == 2


def test_a_suppressed_address_gets_nothing_from_signing_up() -> None:
    lifecycle.suppress("ada@example.org", reason="complained")
    sign_up()
    assert not AccountMail.objects.exists()
    assert not Subscriber.objects.exists()


def test_a_suppression_that_comes_between_sign_up_and_confirmation_wins() -> None:
    sign_up()
    lifecycle.suppress("ada@example.org", reason="bounced")
    assert not lifecycle.confirm(Consent.objects.get(), MORNING)
    assert Subscriber.objects.get().status == SubscriberStatus.SUPPRESSED


def test_unsubscribing_does_not_lift_a_suppression(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    lifecycle.suppress(subscriber.email, reason="complained")
    lifecycle.unsubscribe(subscriber, MORNING)
    assert Subscriber.objects.get().status == SubscriberStatus.SUPPRESSED


def test_erasing_leaves_only_a_hash_that_still_suppresses(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    lifecycle.suppress(subscriber.email, reason="complained")
    lifecycle.erase(subscriber)
    assert not Subscriber.objects.exists()
    assert b"ada" not in bytes(Suppression.objects.get().address_hash)
    sign_up()
    assert not Subscriber.objects.exists()


def test_changing_interests_keeps_what_stays_and_its_vectors(
    make_subscriber: Callable[..., Subscriber], topics: list[Topic]
) -> None:
    subscriber = make_subscriber(follows=(0, 1))
    kept = subscriber.interests.get(topic=topics[1])
    lifecycle.replace_interests(subscriber, Wishes(topics=(topics[1].pk, topics[2].pk), texts=("whales",)), MORNING)
    found = {(interest.topic_id, interest.text) for interest in subscriber.interests.all()}
    assert found == {(topics[1].pk, ""), (topics[2].pk, ""), (None, "whales")}
    assert subscriber.interests.get(topic=topics[1]).pk == kept.pk


def test_a_pause_ends_on_its_date_in_the_subscribers_own_zone(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber(timezone="Pacific/Kiritimati")
    assert lifecycle.pause(subscriber, date(2026, 7, 2))
    assert lifecycle.wake(MORNING) == 0
    assert lifecycle.wake(MORNING + timedelta(days=1, hours=3)) == 1  # 2 July, 01:00 there, still the 1st in UTC
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE


def test_an_unsubscribed_person_cannot_be_resumed(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    lifecycle.unsubscribe(subscriber, MORNING)
    assert not lifecycle.resume(subscriber, MORNING)
    assert not lifecycle.pause(subscriber, None)


def test_who_does_not_confirm_is_reminded_once() -> None:
    sign_up()
    assert lifecycle.remind(MORNING + timedelta(days=1)) == 0
    assert lifecycle.remind(MORNING + timedelta(days=3)) == 1
    assert lifecycle.remind(MORNING + timedelta(days=3)) == 0
    assert AccountMail.objects.filter(kind=AccountMailKind.REMINDER).count() == 1


def test_an_older_link_brings_no_reminder_after_a_newer_one_was_used() -> None:
    sign_up()
    AccountMail.objects.update(created_at=MORNING - timedelta(days=2))
    sign_up(now=MORNING + timedelta(days=1))
    lifecycle.confirm(Consent.objects.latest("requested_at"), MORNING + timedelta(days=1))
    lifecycle.unsubscribe(Subscriber.objects.get(), MORNING + timedelta(days=1))
    assert lifecycle.remind(MORNING + timedelta(days=3)) == 0


def test_nobody_who_confirmed_or_whose_link_has_expired_is_reminded() -> None:
    sign_up("ada@example.org")
    lifecycle.confirm(Consent.objects.get(), MORNING)
    sign_up("bob@example.org")
    assert lifecycle.remind(MORNING + timedelta(days=8)) == 0


def test_who_never_confirms_is_forgotten_when_the_link_expires() -> None:
    sign_up("ada@example.org")
    sign_up("bob@example.org")
    lifecycle.confirm(Consent.objects.get(subscriber__email="bob@example.org"), MORNING)
    assert lifecycle.forget_unconfirmed(MORNING + timedelta(days=6)) == 0
    assert lifecycle.forget_unconfirmed(MORNING + timedelta(days=8)) == 1
    assert [subscriber.email for subscriber in Subscriber.objects.all()] == ["bob@example.org"]


def test_changing_the_hour_after_todays_digest_brings_no_second_one_today(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    subscriber = make_subscriber()
    subscriber.digests.create(local_date=MORNING.date(), due_at=MORNING, next_attempt_at=MORNING)
    subscriber.send_hour = 20
    lifecycle.change_schedule(subscriber, MORNING)
    assert subscriber.next_digest_at is not None
    assert subscriber.next_digest_at.date() == date(2026, 7, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": SubscriberStatus.ACTIVE, "next_digest_at": None},
        {"status": SubscriberStatus.ACTIVE, "confirmed_at": None},
        {"send_hour": 24},
        {"paused_until": date(2026, 7, 1)},
        {"trend_weight": 1.5},
    ],
)
def test_the_database_refuses_impossible_subscribers(
    make_subscriber: Callable[..., Subscriber], fields: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_subscriber(**fields)


@pytest.mark.parametrize(
    "fields", [{"kind": InterestKind.TOPIC}, {"kind": InterestKind.TEXT}, {"kind": InterestKind.PAPERS, "text": "x"}]
)
def test_the_database_refuses_an_interest_that_its_kind_does_not_fit(
    make_subscriber: Callable[..., Subscriber], fields: dict[str, object]
) -> None:
    subscriber = make_subscriber()
    with pytest.raises(IntegrityError), transaction.atomic():
        Interest.objects.create(subscriber=subscriber, **fields)

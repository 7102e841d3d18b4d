"""What is kept for how long, told by a clock that is put on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine

from subscriptions import lifecycle
from subscriptions.delivery import outbox
from subscriptions.lifecycle import Wishes
from subscriptions.limits import rate_buckets
from subscriptions.models import (
    AccountMail,
    AddressChange,
    Consent,
    DeliveryEvent,
    RateBucket,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.operations import retention
from tests.database_dump import lines_with
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def sign_up(email: str = "ada@example.org", now: datetime = MORNING) -> Consent:
    with time_machine.travel(now, tick=False):
        lifecycle.sign_up(email, Wishes(texts=("whales",)), form_text_hash="hash", now=now)
    return Consent.objects.latest("pk")


def purge(now: datetime) -> int:
    with time_machine.travel(now, tick=False):
        return retention.purge(now)


def test_a_sign_up_that_nobody_confirms_is_gone_after_eight_days() -> None:
    sign_up()
    outbox.send_waiting(lambda: MORNING)
    purge(MORNING + 6 * DAY)
    assert Subscriber.objects.exists()
    purge(MORNING + 8 * DAY)
    assert lines_with("ada@example.org") == []
    assert lines_with("whales") == []


@pytest.mark.parametrize("how", ["bounced", "unsubscribed"])
def test_so_is_one_whose_mail_bounced_or_who_refused(how: str) -> None:
    subscriber = sign_up().subscriber
    if how == "bounced":
        lifecycle.suppress(subscriber.email, reason="bounced")
    else:
        lifecycle.unsubscribe(subscriber, MORNING)
    purge(MORNING + 8 * DAY)
    assert lines_with("ada@example.org") == []
    assert Suppression.objects.exists() == (how == "bounced")


def test_an_unused_sign_up_for_a_known_address_goes_and_the_subscription_stays() -> None:
    lifecycle.confirm(sign_up(), MORNING)
    sign_up(now=MORNING + DAY)
    purge(MORNING + 10 * DAY)
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE
    assert Consent.objects.get().confirmed_at == MORNING


def test_account_mails_go_after_ninety_days_and_no_sooner() -> None:
    lifecycle.confirm(sign_up(), MORNING)
    AccountMail.objects.update(created_at=MORNING)
    purge(MORNING + 89 * DAY)
    assert AccountMail.objects.count() == 2
    purge(MORNING + 91 * DAY)
    assert not AccountMail.objects.exists()
    assert Consent.objects.get().confirmed_at == MORNING


def test_reports_of_the_provider_go_after_ninety_days_and_no_sooner() -> None:
    moments = {"happened_at": MORNING, "received_at": MORNING}
    DeliveryEvent.objects.create(provider="test", event_id="1", event_type="delivered", **moments)
    purge(MORNING + 89 * DAY)
    assert DeliveryEvent.objects.exists()
    purge(MORNING + 91 * DAY)
    assert not DeliveryEvent.objects.exists()


def test_an_address_that_never_proved_itself_goes_after_eight_days_and_a_proved_change_after_ninety_one(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    ada, bob = make_subscriber("ada@example.org"), make_subscriber("bob@example.org")
    lifecycle.ask_for_address(ada, "ada.new@example.org", MORNING)
    lifecycle.ask_for_address(bob, "stranger@example.org", MORNING)
    assert lifecycle.apply_change(ada.address_changes.get(), form_text_hash="hash", now=MORNING)
    purge(MORNING + 6 * DAY)
    assert AddressChange.objects.count() == 2
    purge(MORNING + 8 * DAY)
    assert lines_with("stranger") == []
    assert AddressChange.objects.get().subscriber == ada
    purge(MORNING + 91 * DAY)
    assert not AddressChange.objects.exists()
    assert Subscriber.objects.get(pk=ada.pk).email == "ada.new@example.org"


def test_allowances_of_past_days_are_forgotten() -> None:
    rate_buckets.take("key", 1, limit=1, period=rate_buckets.DAY, now=MORNING)
    purge(MORNING + DAY)
    assert RateBucket.objects.exists()
    purge(MORNING + 4 * DAY)
    assert not RateBucket.objects.exists()


def test_purging_is_done_in_parts_and_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    subscriber = sign_up().subscriber
    lifecycle.confirm(Consent.objects.get(), MORNING)
    rows = [AccountMail(subscriber=subscriber, kind="welcome", next_attempt_at=MORNING) for _ in range(5)]
    AccountMail.objects.bulk_create(rows)
    AccountMail.objects.update(created_at=MORNING)
    assert purge(MORNING + 91 * DAY) == 7
    assert purge(MORNING + 91 * DAY) == 0

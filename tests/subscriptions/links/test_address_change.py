"""Moving to another address: the new one proves itself, the old one is told, and strangers learn nothing."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from subscriptions import lifecycle
from subscriptions.delivery import outbox
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    AddressChange,
    Consent,
    PauseReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.people import tokens
from subscriptions.people.addresses import address_hash
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, account_page
from tests.subscriptions.mails.a_real_digest import our_links_in

pytestmark = pytest.mark.django_db
NEW = "ada.new@example.org"
DAY = timedelta(days=1)


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber]) -> Subscriber:
    return make_subscriber()


def ask(subscriber: Subscriber, address: str = NEW, now: object = MORNING) -> AddressChange:
    assert lifecycle.ask_for_address(subscriber, address, now)  # type: ignore[arg-type]
    return AddressChange.objects.latest("pk")


def apply(change: AddressChange, now: object = MORNING) -> bool:
    return lifecycle.apply_change(change, form_text_hash="hash", now=now)  # type: ignore[arg-type]


def mails(kind: AccountMailKind) -> list[str]:
    return list(AccountMail.objects.filter(kind=kind).values_list("to", flat=True))


def url_of(change: AddressChange) -> str:
    return reverse("new_address", args=[tokens.make(Purpose.NEW_ADDRESS, change.handle)])


def ask_on_the_page(client: Client, subscriber: Subscriber, address: str) -> str:
    url = account_page("change_address", subscriber)
    return client.post(url, {"email": address}, follow=True).content.decode()


def test_asking_sends_a_link_to_the_new_address_and_changes_nothing_yet(ada: Subscriber) -> None:
    ask(ada)
    assert mails(AccountMailKind.NEW_ADDRESS) == [NEW]
    assert Subscriber.objects.get().email == "ada@example.org"


def test_the_link_moves_the_subscription_tells_the_old_address_and_is_a_consent(ada: Subscriber) -> None:
    assert apply(ask(ada, " Ada.New@Example.org"))
    ada.refresh_from_db()
    assert (ada.email, bytes(ada.address_hash)) == (NEW, address_hash(NEW))
    assert ada.interests.count() == 1
    assert mails(AccountMailKind.ADDRESS_CHANGED) == ["ada@example.org"]
    consent = Consent.objects.get()
    assert (consent.email, consent.source, consent.form_text_hash) == (NEW, "address change", "hash")
    assert consent.confirmed_at == MORNING


def test_the_link_works_once(ada: Subscriber) -> None:
    change = ask(ada)
    assert apply(change)
    assert not apply(change)
    assert len(mails(AccountMailKind.ADDRESS_CHANGED)) == 1


def test_the_link_expires_after_seven_days(ada: Subscriber) -> None:
    change = ask(ada)
    assert not apply(change, MORNING + 7 * DAY)
    assert lifecycle.change_state(change, MORNING + 7 * DAY) == "expired"
    assert apply(change, MORNING + 6 * DAY)


def test_a_newer_wish_voids_the_older(ada: Subscriber) -> None:
    older, newer = ask(ada), ask(ada, "ada.third@example.org")
    assert not apply(older)
    assert lifecycle.change_state(older, MORNING) == "void"
    assert apply(newer)


def test_asking_for_the_same_address_again_keeps_the_link_that_is_under_way(ada: Subscriber) -> None:
    change = ask(ada)
    assert ask(ada) == change
    assert len(mails(AccountMailKind.NEW_ADDRESS)) == 1
    assert ask(ada, now=MORNING + DAY) != change


def test_unsubscribing_voids_the_link(ada: Subscriber) -> None:
    change = ask(ada)
    lifecycle.unsubscribe(ada, MORNING)
    assert not apply(change)
    ada.refresh_from_db()
    assert (ada.email, ada.status) == ("ada@example.org", SubscriberStatus.UNSUBSCRIBED)


def test_one_subscriber_asks_a_few_times_a_day(client: Client, ada: Subscriber) -> None:
    with time_machine.travel(MORNING):
        for number in range(lifecycle.CHANGES_A_DAY):
            assert "a link is on its way" in ask_on_the_page(client, ada, f"ada{number}@example.org")
        assert "several addresses today" in ask_on_the_page(client, ada, NEW)
    assert AddressChange.objects.count() == lifecycle.CHANGES_A_DAY
    assert lifecycle.ask_for_address(ada, NEW, MORNING + DAY)


def test_many_subscribers_cannot_fill_one_mailbox(make_subscriber: Callable[..., Subscriber]) -> None:
    for number in range(10):
        ask(make_subscriber(f"reader{number}@example.org"), f"vic.tim+{number}@example.net")
    assert len(mails(AccountMailKind.NEW_ADDRESS)) == 2


@pytest.mark.parametrize("state", ["free", "suppressed", "pending", "active", "unsubscribed"])
def test_the_answer_is_the_same_whoever_has_the_address(
    client: Client, ada: Subscriber, make_subscriber: Callable[..., Subscriber], state: str
) -> None:
    if state == "suppressed":
        lifecycle.suppress(NEW, reason="complained")
    elif state != "free":
        make_subscriber(NEW, status=state, confirmed_at=None if state == "pending" else MORNING)
    assert "Thank you. If that address can get our mail" in ask_on_the_page(client, ada, NEW)
    assert ada.address_changes.count() == 1
    assert bool(mails(AccountMailKind.NEW_ADDRESS)) == (state != "suppressed")


def test_an_address_with_a_subscription_of_its_own_is_not_taken_over(
    client: Client, ada: Subscriber, make_subscriber: Callable[..., Subscriber]
) -> None:
    other = make_subscriber(NEW)
    change = ask(ada, now=MORNING)
    with time_machine.travel(MORNING):
        assert "This address has its own subscription" in client.get(url_of(change)).content.decode()
        client.post(url_of(change))
    ada.refresh_from_db()
    other.refresh_from_db()
    assert (ada.email, other.email) == ("ada@example.org", NEW)


def test_a_sign_up_that_nobody_confirmed_does_not_keep_an_address(ada: Subscriber) -> None:
    lifecycle.sign_up(NEW, lifecycle.Wishes(), form_text_hash="hash", now=MORNING)
    assert apply(ask(ada))
    assert Subscriber.objects.get().email == NEW


def test_an_address_suppressed_meanwhile_is_refused_in_clear_words(client: Client, ada: Subscriber) -> None:
    change = ask(ada)
    lifecycle.suppress(NEW, reason="bounced")
    with time_machine.travel(MORNING):
        page = client.post(url_of(change)).content.decode()
    assert "We cannot send mail to this address" in page
    assert Subscriber.objects.get().email == "ada@example.org"


@pytest.mark.parametrize("how", ["suppressed", "paused"])
def test_who_was_silenced_by_bounces_of_the_old_address_is_heard_at_the_new_one(ada: Subscriber, how: str) -> None:
    ada.consents.create(email=ada.email, form_text_hash="hash", requested_at=MORNING, confirmed_at=MORNING)
    if how == "suppressed":
        lifecycle.suppress(ada.email, reason="bounced")
    else:
        lifecycle.pause(ada, None, PauseReason.BOUNCES)
    ada.refresh_from_db()
    assert apply(ask(ada))
    ada.refresh_from_db()
    assert (ada.status, ada.paused_because) == (SubscriberStatus.ACTIVE, "")
    assert ada.next_digest_at
    assert ada.next_digest_at > MORNING
    assert len(mails(AccountMailKind.ADDRESS_CHANGED)) == (0 if how == "suppressed" else 1)
    assert Suppression.objects.count() == (1 if how == "suppressed" else 0)


def test_a_pause_that_was_asked_for_outlasts_the_move(ada: Subscriber) -> None:
    lifecycle.pause(ada, None)
    assert apply(ask(ada))
    ada.refresh_from_db()
    assert ada.status == SubscriberStatus.PAUSED


def test_who_complained_is_not_mailed_elsewhere_instead(ada: Subscriber) -> None:
    ada.consents.create(email=ada.email, form_text_hash="hash", requested_at=MORNING, confirmed_at=MORNING)
    lifecycle.unsubscribe(ada, MORNING)
    lifecycle.suppress(ada.email, reason="complained")
    ada.refresh_from_db()
    assert lifecycle.ask_for_address(ada, NEW, MORNING)
    assert not AddressChange.objects.exists()
    assert not AccountMail.objects.exists()


def test_the_page_of_the_link_has_a_button_and_changes_nothing_by_itself(client: Client, ada: Subscriber) -> None:
    change = ask(ada)
    with time_machine.travel(MORNING):
        for method in (client.get, client.head, client.options):
            method(url_of(change))
        assert Subscriber.objects.get().email == "ada@example.org"
        done = client.post(url_of(change), follow=True).content.decode()
        assert "Your digests go to this address from now on" in done
        assert NEW in done
        assert "This link was used before" in client.get(url_of(change)).content.decode()


def test_from_the_wish_to_the_note_at_the_old_address_by_the_mails_themselves(client: Client, ada: Subscriber) -> None:
    with time_machine.travel(MORNING):
        ask_on_the_page(client, ada, NEW)
        assert mail.outbox == []  # nothing within the request
        outbox.send_waiting(now)
        [asked] = mail.outbox
        assert asked.to == [NEW]
        [link] = [one for one in our_links_in(asked.message().as_bytes()) if "/address/" in one]
        client.post(urlsplit(link).path)
        outbox.send_waiting(now)
        told = mail.outbox[1]
    assert told.to == ["ada@example.org"]
    assert NEW not in told.body


@pytest.mark.parametrize(
    ("typed", "remedy"), [("", "Please enter the new address"), ("x", "@"), ("Ada@example.org", "go to already")]
)
def test_an_address_that_makes_no_sense_gets_one_clear_line(
    client: Client, ada: Subscriber, typed: str, remedy: str
) -> None:
    assert remedy in ask_on_the_page(client, ada, typed)
    assert not AddressChange.objects.exists()


def test_a_made_up_link_is_not_found(client: Client) -> None:
    answer = client.get(reverse("new_address", args=["a" * 22]))
    assert answer.status_code == 404
    assert "not complete, or too old" in answer.content.decode()
    assert client.post(reverse("new_address", args=["a" * 22])).status_code == 404

"""A change of address can be taken back from the former address, whatever whoever made it did since."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.delivery import outbox
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    AddressChange,
    Digest,
    PauseReason,
    Subscriber,
    SubscriberStatus,
)
from subscriptions.people import links
from subscriptions.people.addresses import address_hash
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.digests.test_compose import compose_all
from tests.subscriptions.mails.a_real_digest import our_links_in
from tests.subscriptions.mails.letters import writer_of

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = "ada@example.org", "second@example.org", "third@example.org"
DAY = timedelta(days=1)


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber]) -> Subscriber:
    ada = make_subscriber()
    ada.consents.create(email=FIRST, form_text_hash="hash", requested_at=MORNING, confirmed_at=MORNING)
    return ada


def move(subscriber: Subscriber, address: str, at: datetime = MORNING) -> AddressChange:
    subscriber.refresh_from_db()
    assert lifecycle.ask_for_address(subscriber, address, at)
    change = subscriber.address_changes.get(new_email=address, confirmed_at=None)
    assert lifecycle.apply_change(change, form_text_hash="hash", now=at)
    change.refresh_from_db()
    return change


def back(change: AddressChange, at: datetime = MORNING) -> bool:
    return lifecycle.move_back(AddressChange.objects.get(pk=change.pk), at)


def state(change: AddressChange, at: datetime = MORNING) -> str:
    return lifecycle.back_state(AddressChange.objects.select_related("subscriber").get(pk=change.pk), at)


def url_of(change: AddressChange) -> str:
    return reverse("move_back", args=[links.token(Purpose.MOVE_BACK, change)])


def address() -> str:
    return Subscriber.objects.get().email


def told(kind: AccountMailKind) -> list[str]:
    return [mail.to for mail in AccountMail.objects.filter(kind=kind).order_by("pk")]


def test_from_the_mail_at_the_former_address_with_one_button(client: Client, ada: Subscriber) -> None:
    with time_machine.travel(MORNING + DAY):
        move(ada, SECOND, now())
        outbox.send_waiting(now)
        [note] = [one for one in mail.outbox if one.to == [FIRST]]
        [path] = [urlsplit(url).path for url in our_links_in(note.message().as_bytes()) if "/back/" in url]
        for method in (client.get, client.head):
            assert method(path).status_code == 200
        assert address() == SECOND
        done = client.post(path).content.decode()
        assert "The change is taken back" in done
        assert address() == FIRST
        assert bytes(Subscriber.objects.get().address_hash) == address_hash(FIRST)
        outbox.send_waiting(now)
    assert [(one.to, one.subject) for one in mail.outbox[-2:]] == [
        ([SECOND], "Your digest from Paper Round goes to its former address again"),
        ([FIRST], "Your link to Paper Round"),
    ]
    assert FIRST not in mail.outbox[-2].message().as_string()


def test_it_works_once_and_for_seven_days(client: Client, ada: Subscriber) -> None:
    change = move(ada, SECOND)
    assert not back(change, MORNING + 7 * DAY)
    assert state(change, MORNING + 7 * DAY) == "expired"
    assert back(change, MORNING + 7 * DAY - timedelta(seconds=1))
    assert not back(change)
    with time_machine.travel(MORNING):
        assert "This change was taken back" in client.post(url_of(change)).content.decode()


def test_the_links_of_the_other_address_are_dead(client: Client, ada: Subscriber) -> None:
    change = move(ada, SECOND)
    thief = Subscriber.objects.get()
    until = now() + timedelta(hours=1)
    theirs = [links.url(Purpose.PREFERENCES, thief), links.url(Purpose.ACCOUNT, thief, until)]
    assert [client.get(urlsplit(url).path).status_code for url in theirs] == [200, 200]
    assert back(change)
    assert [client.get(urlsplit(url).path).status_code for url in theirs] == [404, 404]


def test_a_wish_that_was_made_from_the_other_address_dies_too(ada: Subscriber) -> None:
    change = move(ada, SECOND)
    ada.refresh_from_db()
    lifecycle.ask_for_address(ada, THIRD, MORNING)
    wish = ada.address_changes.get(new_email=THIRD)
    assert back(change)
    assert not lifecycle.apply_change(wish, form_text_hash="hash", now=MORNING)
    assert told(AccountMailKind.NEW_ADDRESS) == [SECOND]
    assert address() == FIRST


def test_after_several_moves_the_first_address_has_the_last_word(ada: Subscriber) -> None:
    one, two = move(ada, SECOND), move(ada, THIRD, MORNING + DAY)
    assert told(AccountMailKind.ADDRESS_CHANGED) == [FIRST, SECOND]
    assert back(one, MORNING + 2 * DAY)
    assert address() == FIRST
    assert told(AccountMailKind.MOVED_BACK) == [THIRD]
    assert state(two) == "already"
    assert not back(two, MORNING + 2 * DAY)


def test_the_last_move_alone_can_be_taken_back_and_then_the_first(ada: Subscriber) -> None:
    one, two = move(ada, SECOND), move(ada, THIRD, MORNING + DAY)
    assert back(two, MORNING + DAY)
    assert address() == SECOND
    assert back(one, MORNING + DAY)
    assert address() == FIRST


def test_who_went_back_by_themselves_has_nothing_to_take_back(ada: Subscriber) -> None:
    change = move(ada, SECOND)
    move(ada, FIRST)
    assert state(change) == "already"
    assert not back(change)


def test_a_former_address_that_was_suppressed_meanwhile_cannot_take_it_back(client: Client, ada: Subscriber) -> None:
    change = move(ada, SECOND)
    lifecycle.suppress(FIRST, reason="bounced")
    with time_machine.travel(MORNING):
        page = client.post(url_of(change)).content.decode()
    assert "We cannot send mail to this address" in page
    assert "end the subscription" in page
    assert address() == SECOND


def test_one_that_has_a_subscription_of_its_own_meanwhile_keeps_it(
    client: Client, ada: Subscriber, make_subscriber: Callable[..., Subscriber]
) -> None:
    change = move(ada, SECOND)
    anew = make_subscriber(FIRST)
    with time_machine.travel(MORNING):
        assert "This address has its own subscription" in client.post(url_of(change)).content.decode()
    assert Subscriber.objects.get(email=FIRST) == anew
    assert Subscriber.objects.get(email=SECOND) == ada


def test_a_sign_up_that_nobody_confirmed_is_in_nobodys_way(ada: Subscriber) -> None:
    change = move(ada, SECOND)
    lifecycle.sign_up(FIRST, lifecycle.Wishes(), form_text_hash="hash", now=MORNING)
    assert back(change)
    assert Subscriber.objects.get() == ada


def test_erased_meanwhile_the_link_is_unknown(client: Client, ada: Subscriber) -> None:
    change = move(ada, SECOND)
    lifecycle.erase(ada)
    assert not lifecycle.move_back(change, MORNING)
    answer = client.post(url_of(change))
    assert answer.status_code == 404
    assert "not complete, or too old" in answer.content.decode()


def test_a_wish_that_was_never_made_true_has_no_way_back(client: Client, ada: Subscriber) -> None:
    lifecycle.ask_for_address(ada, SECOND, MORNING)
    change = ada.address_changes.get()
    assert state(change) == "unknown"
    client.post(url_of(change))
    assert address() == FIRST


def leave(subscriber: Subscriber) -> None:
    lifecycle.unsubscribe(subscriber, MORNING)


def complain(subscriber: Subscriber) -> None:
    lifecycle.unsubscribe(subscriber, MORNING)
    lifecycle.suppress(SECOND, reason="complained")


def bounce(subscriber: Subscriber) -> None:
    lifecycle.suppress(SECOND, reason="bounced")


def pause(subscriber: Subscriber) -> None:
    lifecycle.pause(subscriber, None)


def bounce_softly(subscriber: Subscriber) -> None:
    lifecycle.pause(subscriber, None, PauseReason.BOUNCES)


@pytest.mark.parametrize(
    ("meanwhile", "status"),
    [
        (leave, SubscriberStatus.UNSUBSCRIBED),
        (complain, SubscriberStatus.UNSUBSCRIBED),
        (bounce, SubscriberStatus.ACTIVE),
        (bounce_softly, SubscriberStatus.ACTIVE),
        (pause, SubscriberStatus.PAUSED),
    ],
)
def test_what_happened_at_the_other_address_is_not_held_against_the_former_one(
    ada: Subscriber, meanwhile: Callable[[Subscriber], None], status: SubscriberStatus
) -> None:
    change = move(ada, SECOND)
    meanwhile(Subscriber.objects.get())
    assert back(change)
    ada.refresh_from_db()
    assert (ada.email, ada.status) == (FIRST, status)


def test_nobody_agrees_any_longer_to_be_mailed_at_the_other_addresses(ada: Subscriber) -> None:
    one = move(ada, SECOND)
    move(ada, THIRD)
    assert back(one)
    withdrawn = ada.consents.filter(withdrawn_at__isnull=False).values_list("email", flat=True)
    assert set(withdrawn) == {SECOND, THIRD}
    assert lifecycle.may_change_address(Subscriber.objects.get())


def test_a_digest_that_is_under_way_to_the_other_address_unsubscribes_and_opens_nothing(
    client: Client, ada: Subscriber, some_papers: list[Paper]
) -> None:
    change = move(ada, SECOND)
    compose_all()
    digest = Digest.objects.select_related("subscriber").get()
    assert back(change)
    message = writer_of(digest).mail(digest)  # of what was read before the change was taken back
    assert message.to == [SECOND]
    paths = [urlsplit(url).path for url in our_links_in(message.message().as_bytes())]
    answers = {path.split("/")[1]: client.get(path).status_code for path in paths if path}
    assert (answers["digests"], answers["link"], answers["u"]) == (404, 404, 200)


def test_a_note_that_bounces_is_not_held_against_the_new_address(ada: Subscriber) -> None:
    move(ada, SECOND)
    lifecycle.suppress(FIRST, reason="bounced")
    ada.refresh_from_db()
    assert (ada.email, ada.status) == (SECOND, SubscriberStatus.ACTIVE)


def test_the_link_that_is_sent_on_a_return_goes_where_the_reader_is_when_it_leaves(ada: Subscriber) -> None:
    """Else a second move, faster than the mail, would have the new address's links sent to the old one."""
    change = move(ada, SECOND)
    assert back(change)
    move(ada, THIRD)
    outbox.send_waiting(lambda: MORNING)
    [sent] = [one for one in mail.outbox if one.subject == "Your link to Paper Round"]
    assert sent.to == [THIRD]

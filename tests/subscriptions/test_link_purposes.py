"""A link opens what it was made for, as long as it may, and the database alone opens nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.timezone import now

from papers.models import Paper, Topic
from subscriptions import delivery, lifecycle, tokens
from subscriptions.lifecycle import Wishes
from subscriptions.models import Consent, Subscriber, SubscriberStatus
from subscriptions.tokens import Purpose
from tests.database_dump import dump, text
from tests.subscriptions.a_real_digest import sent_to_a_new_reader, tokens_in
from tests.subscriptions.conftest import MORNING, plan

pytestmark = pytest.mark.django_db
OPENED_BY = {
    "confirm": Purpose.CONFIRM,
    "digest": Purpose.DIGEST,
    "new_address": Purpose.NEW_ADDRESS,
    "unsubscribe": Purpose.UNSUBSCRIBE,
}  # all others by the link to the preferences


def pages_behind_tokens() -> list[str]:
    patterns: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    flat = [one for found in patterns for one in getattr(found, "url_patterns", [found])]
    return sorted(str(one.name) for one in flat if "<str:token>" in str(getattr(one, "pattern", "")))


@pytest.fixture
def handles(some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]) -> dict[Purpose, bytes]:
    """A row of each kind, ready to be opened by its own link."""
    ada = make_subscriber()
    delivery.deliver(plan(MORNING), lambda: MORNING)
    lifecycle.sign_up("bob@example.org", Wishes(), form_text_hash="hash", now=now())
    lifecycle.ask_for_address(ada, "ada.new@example.org", now())
    return {
        Purpose.PREFERENCES: bytes(ada.handle),
        Purpose.UNSUBSCRIBE: bytes(ada.handle),
        Purpose.DIGEST: bytes(ada.digests.get().handle),
        Purpose.CONFIRM: bytes(Consent.objects.get().handle),
        Purpose.NEW_ADDRESS: bytes(ada.address_changes.get().handle),
    }


def test_the_pages_behind_tokens_are_those_known_here() -> None:
    assert set(OPENED_BY) < set(pages_behind_tokens())
    assert len(pages_behind_tokens()) >= 12


@pytest.mark.parametrize("name", pages_behind_tokens())
def test_a_token_of_another_purpose_is_refused_everywhere(
    client: Client, handles: dict[Purpose, bytes], name: str
) -> None:
    own = OPENED_BY.get(name, Purpose.PREFERENCES)
    before = dump()
    for purpose, handle in handles.items():
        if purpose != own:
            url = reverse(name, args=[tokens.make(purpose, handle)])
            statuses = {client.get(url).status_code, client.post(url).status_code}
            assert statuses <= ({200} if name == "unsubscribe" else {404, 405})
    assert dump() == before


@pytest.mark.parametrize("name", [name for name in pages_behind_tokens() if name != "send_now"])
def test_its_own_token_opens_a_page(client: Client, handles: dict[Purpose, bytes], name: str) -> None:
    purpose = OPENED_BY.get(name, Purpose.PREFERENCES)
    answer = client.get(reverse(name, args=[tokens.make(purpose, handles[purpose])]))
    assert answer.status_code in {200, 405}


def test_a_dump_of_the_database_holds_no_usable_token(topics: list[Topic], some_papers: list[Paper]) -> None:
    sent_to_a_new_reader(MORNING, Wishes(topics=(topics[0].pk,)))
    made = {token for message in mail.outbox for token in tokens_in(message.message().as_bytes())}
    assert len(made) == 4  # confirm, preferences, unsubscribe, digest
    stored = text()
    assert not [token for token in made if token.lower() in stored]
    handles = [bytes(Subscriber.objects.get().handle).hex()]
    assert not [one for one in handles for purpose in Purpose if tokens.read(purpose, one)]


@pytest.mark.parametrize("days", [400, 2000])
def test_an_old_mail_still_unsubscribes(client: Client, make_subscriber: Callable[..., Subscriber], days: int) -> None:
    subscriber = make_subscriber()
    url = reverse("unsubscribe", args=[tokens.make(Purpose.UNSUBSCRIBE, subscriber.handle)])
    with time_machine.travel(MORNING + timedelta(days=days)):
        client.post(url, {"List-Unsubscribe": "One-Click"})
    subscriber.refresh_from_db()
    assert subscriber.status == SubscriberStatus.UNSUBSCRIBED


def test_an_old_mail_still_unsubscribes_after_the_secret_key_was_changed(
    client: Client, make_subscriber: Callable[..., Subscriber], settings: object
) -> None:
    subscriber = make_subscriber()
    url = reverse("unsubscribe", args=[tokens.make(Purpose.UNSUBSCRIBE, subscriber.handle)])
    old = settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [old]  # type: ignore[attr-defined]
    client.post(url, {"List-Unsubscribe": "One-Click"})
    subscriber.refresh_from_db()
    assert subscriber.status == SubscriberStatus.UNSUBSCRIBED

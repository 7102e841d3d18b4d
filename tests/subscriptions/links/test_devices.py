"""A remembered device saves its reader the mail with a link, and nobody else anything."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.models import Digest, Subscriber
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.digests.test_compose import compose_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    ada = make_subscriber()
    make_subscriber("bob@example.org")
    compose_all()
    return ada


def press(client: Client, subscriber: Subscriber, button: str) -> Any:
    token = links.token(Purpose.PREFERENCES, Subscriber.objects.get(pk=subscriber.pk))
    return client.post(reverse("device", args=[token]), {button: "yes"}, follow=True)


def asking(subscriber: Subscriber) -> str:
    digest = Digest.objects.select_related("subscriber").get(subscriber=subscriber)
    return reverse("send_link", args=[links.token(Purpose.DIGEST, digest)])


def is_let_through(client: Client, subscriber: Subscriber) -> bool:
    answer = client.get(asking(subscriber))
    return answer.status_code == 302 and answer["Location"].startswith("/preferences/")


def test_on_a_remembered_device_the_link_of_a_digest_leads_to_the_preferences_at_once(
    client: Client, ada: Subscriber
) -> None:
    assert not is_let_through(client, ada)
    assert "This device is remembered" in press(client, ada, "remember").content.decode()
    assert is_let_through(client, ada)
    assert "ada@example.org" in client.get(asking(ada), follow=True).content.decode()
    assert not is_let_through(Client(), ada)


def test_it_opens_nobody_elses(client: Client, ada: Subscriber) -> None:
    press(client, ada, "remember")
    assert not is_let_through(client, Subscriber.objects.get(email="bob@example.org"))


def test_opening_pages_remembers_nothing(client: Client, ada: Subscriber) -> None:
    for url in (asking(ada), reverse("preferences", args=[links.token(Purpose.PREFERENCES, ada)])):
        client.get(url)
    token = links.token(Purpose.PREFERENCES, ada)
    assert "Remember this device" in client.get(reverse("device", args=[token]), {"remember": "yes"}).content.decode()
    assert "reader" not in client.cookies


def test_a_forgotten_device_asks_for_a_mail_again(client: Client, ada: Subscriber) -> None:
    press(client, ada, "remember")
    assert "This device is forgotten" in press(client, ada, "forget").content.decode()
    assert not is_let_through(client, ada)


def move(ada: Subscriber) -> None:
    lifecycle.ask_for_address(ada, "ada.new@example.org", now())
    assert lifecycle.apply_change(ada.address_changes.get(), form_text_hash="hash", now=now())


def test_a_change_of_address_ends_it_on_all_devices(client: Client, ada: Subscriber) -> None:
    press(client, ada, "remember")
    move(ada)
    assert not is_let_through(client, ada)


def test_ending_all_earlier_links_leaves_the_page_one_is_on(client: Client, ada: Subscriber) -> None:
    press(client, ada, "remember")
    before = [asking(ada), reverse("preferences", args=[links.token(Purpose.PREFERENCES, ada)])]
    page = press(client, ada, "renew")
    assert "All earlier links are useless now" in page.content.decode()
    assert page.status_code == 200
    assert [client.get(url).status_code for url in before] == [404, 404]
    assert not is_let_through(client, ada)
    unsubscribe = client.post(reverse("unsubscribe", args=[links.token(Purpose.UNSUBSCRIBE, ada)]))
    assert unsubscribe.status_code == 200
    assert Subscriber.objects.get(pk=ada.pk).status == "unsubscribed"


def test_erasing_ends_it(client: Client, ada: Subscriber) -> None:
    press(client, ada, "remember")
    url = asking(ada)
    lifecycle.erase(ada)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(("site", "name"), [("https://papers.example.org", "__Host-reader"), ("http://x", "reader")])
def test_the_cookie_is_for_this_site_alone_and_for_no_script(
    client: Client, ada: Subscriber, settings: Any, site: str, name: str
) -> None:
    settings.SITE_URL = site
    press(client, ada, "remember")
    cookie = client.cookies[name]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert bool(cookie["secure"]) == site.startswith("https")
    assert links.find(Purpose.PREFERENCES, cookie.value, MORNING) is None


@pytest.mark.parametrize("value", ["", "x" * 22, "é" * 22, "\x00", "a.b.c", "a" * 5000])
def test_a_cookie_of_somebody_elses_making_opens_nothing(client: Client, ada: Subscriber, value: str) -> None:
    client.cookies["reader"] = value
    assert not is_let_through(client, ada)

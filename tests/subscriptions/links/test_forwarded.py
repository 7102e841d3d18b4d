"""Somebody to whom a mail was forwarded presses every button that its links lead to."""

import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from papers.models import Paper, Topic
from recommender.vectors import unit
from subscriptions import lifecycle
from subscriptions.delivery import outbox
from subscriptions.lifecycle import Wishes
from subscriptions.models import AccountMail, AccountMailKind, Consent, Feedback, Subscriber, SubscriberStatus
from subscriptions.people import links
from subscriptions.people.export import export
from subscriptions.people.tokens import Purpose
from tests.database_dump import dump
from tests.subscriptions.conftest import MORNING, axis
from tests.subscriptions.mails.a_real_digest import our_links_in, sent_to_a_new_reader

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"[\w-]{22}(?:\.\d+)*")
MAY_CHANGE = {
    "subscriptions_departure",
    "subscriptions_feedback",
    "subscriptions_subscriber",
    "subscriptions_consent",
    "subscriptions_accountmail",
    "subscriptions_ratebucket",
    "subscriptions_tastevector",
}


class Page(HTMLParser):
    """The links of a page, and its forms with their buttons and fields."""

    def __init__(self, url: str, html: str) -> None:
        super().__init__()
        self.url, self.links, self.forms = url, set[str](), list[tuple[str, dict[str, str]]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in found:
            self.links.add(urlsplit(urljoin(self.url, found["href"])).path)
        if tag == "form" and found.get("method") == "post":
            self.forms.append((urljoin(self.url, found.get("action", "")), {}))
        if tag in {"input", "button"} and self.forms and found.get("name"):
            self.forms[-1][1][found["name"]] = found.get("value", "")


def press_everything(starts: Iterable[str]) -> dict[str, str]:
    """Every page with a token that can be reached, by its path; each of their forms is sent twice."""
    client, seen, waiting = Client(), dict[str, str](), [urlsplit(url).path for url in starts]
    while waiting:
        path = waiting.pop()
        if path in seen or not TOKEN.search(path):
            continue
        answer = client.get(path, follow=True)
        seen[path] = answer.content.decode()
        page = Page(path, seen[path])
        waiting += page.links
        for action, fields in page.forms * 2:
            sent = client.post(action, fields, follow=True)
            seen[f"{action} pressed"] = sent.content.decode()
            waiting += Page(action, sent.content.decode()).links
    return seen


def purposes_in(pages: dict[str, str]) -> set[Purpose]:
    """Of all tokens in the pages and their addresses, those that stand for something."""
    words = {word for path, page in pages.items() for word in TOKEN.findall(path + page)}
    return {one for one in Purpose for word in words if links.find(one, word, now())}


@pytest.fixture
def digest(topics: list[Topic], some_papers: list[Paper]) -> list[str]:
    """The links of a digest, some of whose reader's other mails have been sent."""
    sent_to_a_new_reader(MORNING, Wishes(topics=(topics[0].pk,)))
    return our_links_in(mail.outbox[-1].message().as_bytes())


def test_a_forwarded_digest_rates_and_unsubscribes_with_a_note_and_no_more(digest: list[str]) -> None:
    before = dump()
    pages = press_everything(digest)
    after = dump()
    assert purposes_in(pages) == {Purpose.DIGEST, Purpose.UNSUBSCRIBE}
    assert {table for table in before if before[table] != after[table]} <= MAY_CHANGE
    assert Feedback.objects.exists()
    reader = Subscriber.objects.get()
    assert (reader.email, reader.status) == ("ada@example.org", SubscriberStatus.UNSUBSCRIBED)
    assert "ada@example.org" not in "".join(pages.values())
    outbox.send_waiting(now)
    assert {tuple(message.to) for message in mail.outbox} == {("ada@example.org",)}
    kinds = list(AccountMail.objects.values_list("kind", flat=True))
    assert kinds.count(AccountMailKind.GOODBYE) == kinds.count(AccountMailKind.LINK) == 1


def test_a_used_confirm_link_only_has_a_link_sent_to_its_reader(digest: list[str], client: Client) -> None:
    url = links.url(Purpose.CONFIRM, Consent.objects.get())
    pages = press_everything([url])
    assert purposes_in(pages) == {Purpose.CONFIRM, Purpose.UNSUBSCRIBE}
    assert "This subscription is confirmed" in client.get(urlsplit(url).path).content.decode()
    asked = AccountMail.objects.filter(kind=AccountMailKind.LINK)
    assert [mail.to or mail.subscriber.email for mail in asked] == ["ada@example.org"]


def ask(client: Client, reader: Subscriber, times: int) -> int:
    """How many mails went out for it."""
    before = len(mail.outbox)
    for _ in range(times):
        client.post(reverse("send_link", args=[links.token(Purpose.DIGEST, reader.digests.get())]))
        outbox.send_waiting(now)
    return len(mail.outbox) - before


@pytest.fixture
def reader(digest: list[str]) -> Subscriber:
    return Subscriber.objects.get()


def test_asking_for_the_link_again_and_again_sends_three_mails_a_day(client: Client, reader: Subscriber) -> None:
    assert ask(client, reader, 10) == 3
    page = client.post(reverse("send_link", args=[links.token(Purpose.DIGEST, reader.digests.get())]), follow=True)
    assert "each of them still works" in page.content.decode()


def test_who_has_unsubscribed_gets_one_and_who_is_suppressed_or_unproved_none(
    client: Client, reader: Subscriber
) -> None:
    lifecycle.unsubscribe(reader, now())
    assert ask(client, reader, 5) == 1
    lifecycle.suppress(reader.email, reason="complained")
    assert ask(client, reader, 5) == 0
    Subscriber.objects.update(status=SubscriberStatus.PENDING, confirmed_at=None, next_digest_at=None)
    assert ask(client, reader, 5) == 0


def test_a_stranger_who_used_up_the_allowance_does_not_keep_readers_from_their_own(
    client: Client, reader: Subscriber
) -> None:
    ask(client, reader, 5)
    url = reverse("account_link", args=[links.token(Purpose.PREFERENCES, reader)])
    assert "is on its way to a…@example.org" in client.post(url, follow=True).content.decode()
    outbox.send_waiting(now)
    assert "/account/" in mail.outbox[-1].body


def test_one_press_more_while_a_link_is_under_way_sends_no_second_one(client: Client, reader: Subscriber) -> None:
    url = reverse("send_link", args=[links.token(Purpose.DIGEST, reader.digests.get())])
    for _ in range(5):
        assert "is on its way to a…@example.org" in client.post(url, follow=True).content.decode()
    assert AccountMail.objects.filter(kind=AccountMailKind.LINK).count() == 1


def test_the_mail_that_was_asked_for_opens_the_preferences_and_for_an_hour_the_account(
    client: Client, reader: Subscriber, make_subscriber: Callable[..., Subscriber]
) -> None:
    assert ask(client, reader, 1) == 1
    message = mail.outbox[-1]
    assert message.to == ["ada@example.org"]
    paths = [urlsplit(url).path for url in our_links_in(message.message().as_bytes())]
    assert {path.split("/")[1] for path in paths if path} == {"preferences", "account"}
    for path in filter(None, paths):
        assert client.get(path).status_code == 200


def test_the_preferences_of_somebody_whose_address_is_suppressed_promise_no_mail(
    client: Client, reader: Subscriber
) -> None:
    lifecycle.suppress(reader.email, reason="bounced")
    url = reverse("account_link", args=[links.token(Purpose.PREFERENCES, reader)])
    assert "Send me that link" not in client.get(url).content.decode()
    page = client.post(url, follow=True)
    assert "on its way" not in page.content.decode()
    assert not AccountMail.objects.filter(kind=AccountMailKind.LINK).exists()


def test_a_download_of_everything_holds_no_link_that_works(reader: Subscriber) -> None:
    assert purposes_in({"": "".join(export(reader, now()))}) == set()


def test_a_preview_for_other_eyes_holds_no_link_that_works(
    digest: list[str], make_paper: Callable[..., Paper], capsys: pytest.CaptureFixture[str]
) -> None:
    from django.core.management import call_command

    make_paper(9, unit(axis(0) + 0.7 * axis(5)))
    for form in ("text", "html", "eml"):
        call_command("digest", "preview", "ada@example.org", "--format", form, "--now", MORNING.isoformat())
    shown = capsys.readouterr().out
    assert len(TOKEN.findall(shown)) >= 3
    assert purposes_in({"": shown}) == set()

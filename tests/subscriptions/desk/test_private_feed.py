"""A reader's feed: at an address that nobody can guess and that they can end, and that tells nobody whose it is."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.models import DeliveryStatus, PrivateFeed, Subscriber
from subscriptions.people import links, tokens
from subscriptions.people.tokens import Purpose
from tests.database_dump import text
from tests.subscriptions.conftest import MORNING, axis, preferences

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(ada: Subscriber) -> Subscriber:
    """Ada, whose digest has left."""
    ada.digests.update(status=DeliveryStatus.SENT, claimed_at=MORNING, finished_at=MORNING)
    return ada


def addresses(client: Client, reader: Subscriber, button: str = "make") -> list[str]:
    """The paths of all feeds after a button was pressed."""
    page = client.post(preferences(reader, "private_feed"), {button: "yes"}, follow=True).content.decode()
    return re.findall(r'<dd><a href="http[s]?://[^/]+(/own-feed/[^"]*)"', page)


def entries(client: Client, path: str) -> list[Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    found = feedparser.parse(answer.content)
    assert not found.bozo
    return list(found.entries)


def test_there_is_none_until_the_reader_asks_for_one(client: Client, reader: Subscriber) -> None:
    assert "Make a feed address" in client.get(preferences(reader, "device")).content.decode()
    client.get(preferences(reader, "private_feed"), {"make": "yes"})
    assert not PrivateFeed.objects.exists()
    assert len(addresses(client, reader)) == 4


def test_it_brings_the_papers_of_the_digests_each_with_why_it_was_chosen(client: Client, reader: Subscriber) -> None:
    atom, as_json, *_ = addresses(client, reader)
    found = entries(client, atom)
    assert [entry.title for entry in found] == [
        item.paper.title for item in reader.digests.get().items.filter(role="pick")
    ]
    assert all("the topic you follow: Topic 0" in entry.summary for entry in found)
    assert all("/papers/2606.0000" in entry.link for entry in found)
    document = json.loads(client.get(as_json).content)
    assert [item["title"] for item in document["items"]] == [entry.title for entry in found]


def test_the_newest_digest_stands_first_and_only_what_left_is_in_it(
    client: Client, reader: Subscriber, make_paper: Callable[..., Paper]
) -> None:
    before = reader.digests.get()
    later = reader.digests.create(
        local_date=before.local_date + timedelta(days=1),
        due_at=MORNING,
        next_attempt_at=MORNING,
        status=DeliveryStatus.PLANNED,
    )
    later.items.create(subscriber=reader, paper=make_paper(50, axis(0)), rank=1, score=1, relevance=1)
    [atom, *_] = addresses(client, reader)
    assert len(entries(client, atom)) == 3
    reader.digests.filter(pk=later.pk).update(status=DeliveryStatus.UNCERTAIN, claimed_at=MORNING)
    assert entries(client, atom)[0].title == "Paper 50"


def test_what_was_kept_is_a_feed_too_and_a_withdrawn_paper_says_so(
    client: Client, reader: Subscriber, keep: Callable[..., None], some_papers: list[Paper]
) -> None:
    keep(some_papers[0], some_papers[3])
    Paper.objects.filter(pk=some_papers[3].pk).update(withdrawn_on=date(2026, 7, 2))
    found = entries(client, addresses(client, reader)[2])
    assert [entry.title for entry in found] == ["Paper 3", "Paper 0"]
    assert ["withdrawn" in entry.summary for entry in found] == [True, False]


def test_a_new_address_ends_the_old_one_and_so_do_ending_it_and_renewing_all_links(
    client: Client, reader: Subscriber
) -> None:
    first = addresses(client, reader)
    second = addresses(client, reader)
    assert not set(first) & set(second)
    assert {client.get(path).status_code for path in first} == {410}
    assert {client.get(path).status_code for path in second} == {200}
    client.post(preferences(reader, "device"), {"renew": "yes"})
    reader.refresh_from_db()
    assert {client.get(path).status_code for path in second} == {410}
    shown = client.get(f"/preferences/{links.token(Purpose.PREFERENCES, reader)}/device/").content.decode()
    [third, *_] = re.findall(r"http[s]?://[^/]+(/own-feed/[^\"]*)\"", shown)
    assert client.get(third).status_code == 200
    client.post(f"/preferences/{links.token(Purpose.PREFERENCES, reader)}/feed/", {"end": "yes"})
    assert client.get(third).status_code == 410


@pytest.mark.parametrize("token", ["a" * 22, "a", "a.b", "é"])
def test_an_address_that_is_none_says_what_to_do_and_is_kept_by_nobody(client: Client, token: str) -> None:
    answer = client.get(f"/own-feed/{token}/digests.atom")
    assert answer.status_code == 410
    assert "Your pages, which every digest leads to" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_no_other_link_of_the_reader_opens_it_and_it_opens_no_other_page(client: Client, reader: Subscriber) -> None:
    [atom, *_] = addresses(client, reader)
    token = atom.split("/")[2]
    assert [one for one in Purpose if links.find(one, token, now())] == [Purpose.FEED]
    for purpose in set(Purpose) - {Purpose.FEED}:
        path = f"/own-feed/{tokens.make(purpose, reader.handle)}/digests.atom"
        assert client.get(path).status_code == 410
    assert token.lower() not in text()


def test_it_tells_nobodys_address_and_holds_no_link_that_does_anything(
    client: Client, reader: Subscriber, keep: Callable[..., None], some_papers: list[Paper]
) -> None:
    keep(some_papers[0])
    for path in addresses(client, reader):
        page = client.get(path).content.decode()
        assert "ada" not in page.lower().replace("ada lovelace", "")
        words = set(re.findall(r"[\w-]{22}(?:\.\d+)*", page))
        assert {one for one in Purpose for word in words if links.find(one, word, now())} == {Purpose.FEED}


def test_no_proxy_keeps_it_no_search_engine_lists_it_and_a_second_visit_costs_nothing(
    client: Client, reader: Subscriber
) -> None:
    for path in addresses(client, reader):
        answer = client.get(path)
        assert answer["Cache-Control"].startswith("private")
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "no-referrer"
        again = client.get(path, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(path, headers={"If-Modified-Since": answer["Last-Modified"]}).status_code == 304
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    "change", [lambda ada: lifecycle.pause(ada, None), lambda ada: lifecycle.unsubscribe(ada, now())]
)
def test_whoever_pauses_or_leaves_can_still_read_what_came(
    client: Client, reader: Subscriber, change: Callable[[Subscriber], object]
) -> None:
    [atom, *_] = addresses(client, reader)
    change(reader)
    assert len(entries(client, atom)) == 3


def test_it_is_gone_with_its_reader(client: Client, reader: Subscriber) -> None:
    [atom, *_] = addresses(client, reader)
    lifecycle.erase(reader)
    assert client.get(atom).status_code == 410
    assert not PrivateFeed.objects.exists()


def test_it_asks_as_many_questions_for_many_papers_as_for_few(
    client: Client, reader: Subscriber, keep: Callable[..., None], make_paper: Callable[..., Paper]
) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    atom, _, saved, _ = addresses(client, reader)
    keep(make_paper(99, axis(0)))
    before = asked(atom), asked(saved)
    papers = [make_paper(number, axis(0)) for number in range(100, 110)]
    keep(*papers)
    digest = reader.digests.get()
    for rank, paper in enumerate(papers, 10):
        digest.items.create(subscriber=reader, paper=paper, rank=rank, score=1, relevance=1)
    assert (asked(atom), asked(saved)) == before
    assert max(before) <= 4


def test_a_long_history_makes_no_long_feed(
    client: Client, reader: Subscriber, keep: Callable[..., None], make_paper: Callable[..., Paper]
) -> None:
    keep(*[make_paper(number, axis(0), abstract="word " * 500) for number in range(100, 170)])
    saved = addresses(client, reader)[2]
    assert len(entries(client, saved)) == 50
    assert len(client.get(saved).content) < 100_000

"""How far a paper moved in the list of a topic since yesterday."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers.models import Paper, Topic
from recommender import tasks
from recommender.models import PaperTopic, TopicOrder
from recommender.search import topics
from tests.recommender.conftest import TODAY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
Make = Callable[..., Paper]


@pytest.fixture(autouse=True)
def noon(time_machine: Any) -> Any:
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def robots(make_topic: Callable[..., Topic]) -> Topic:
    return make_topic("Robots")


@pytest.fixture
def under(robots: Topic, make_paper: Make) -> Iterator[Make]:
    """A paper of the topic, so near to it."""

    def make(number: int, similarity: float = 0.5, **fields: Any) -> Paper:
        paper = make_paper(number, f"Paper {number:03d}", **fields)
        PaperTopic.objects.create(topic=robots, paper=paper, similarity=similarity)
        return paper

    return make  # type: ignore[return-value]


def page_of(client: Client, asked: str = "") -> str:
    return " ".join(client.get(f"/topics/robots/{asked}").content.decode().split())


def card_of(page: str, number: int) -> str:
    return next(card for card in page.split("<article")[1:] if f"Paper {number:03d}" in card)


def test_a_page_tells_how_far_each_paper_came_since_yesterday(client: Client, under: Make, noon: Any) -> None:
    first, second = under(1, 0.6), under(2, 0.5)
    topics.remember_orders(NOON)
    noon.move_to(NOON + DAY, tick=False)
    third = under(3, 0.55, day=TODAY + DAY)
    PaperTopic.objects.filter(paper=second).update(similarity=0.9)
    for asked in ("", "?span=week"):
        page = page_of(client, asked)
        assert "Up 1 since yesterday" in card_of(page, 2)
        assert "Down 1 since yesterday" in card_of(page, 1)
        assert "in this list since yesterday" in card_of(page, 3), "it has no trend, and a place all the same"
    topics.remember_orders(NOON + DAY)
    assert TopicOrder.objects.get(span="week", day=TODAY + DAY).papers == [second.pk, first.pk, third.pk]


def test_trend_moves_papers_of_a_topic(client: Client, under: Make, noon: Any) -> None:
    under(1, 0.55), under(2, 0.5)
    topics.remember_orders(NOON)
    noon.move_to(NOON + DAY, tick=False)
    Paper.objects.filter(title="Paper 002").update(trend=1.0)
    Paper.objects.filter(title="Paper 001").update(trend=0.0)
    assert "Up 1 since yesterday" in card_of(page_of(client), 2)


def test_places_count_on_from_page_to_page(client: Client, under: Make, noon: Any) -> None:
    for number in range(32):
        under(number, (99 - number) / 100)
    topics.remember_orders(NOON)
    noon.move_to(NOON + DAY, tick=False)
    PaperTopic.objects.filter(paper__title="Paper 031").update(similarity=1.0)
    assert "Up 31 since yesterday" in card_of(page_of(client), 31)
    assert "Down 1 since yesterday" in card_of(page_of(client, "?page=2"), 30)


def test_what_was_not_watched_yesterday_is_not_called_new(client: Client, under: Make, noon: Any) -> None:
    under(1)
    topics.remember_orders(NOON)
    noon.move_to(NOON + 2 * DAY, tick=False)
    under(2)
    assert "since yesterday" not in page_of(client)


def test_a_list_of_today_is_not_compared_with_that_of_the_day_before(client: Client, under: Make, noon: Any) -> None:
    under(1), under(2, 0.6)
    topics.remember_orders(NOON)
    noon.move_to(NOON + DAY, tick=False)
    PaperTopic.objects.filter(paper__title="Paper 001").update(similarity=0.9)
    assert "Up 1 since yesterday" in card_of(page_of(client, "?span=today"), 1)
    under(3, day=TODAY + DAY)
    page = page_of(client, "?span=today")
    assert "Paper 003" in page
    assert "since yesterday" not in page


def test_orders_are_stored_twice_an_hour_the_last_one_counts_and_old_ones_go(under: Make, robots: Topic) -> None:
    first, second = under(1, 0.6), under(2, 0.5)
    assert topics.remember_orders(NOON) == 3
    assert topics.remember_orders(NOON + timedelta(minutes=29)) == 0
    PaperTopic.objects.filter(paper=second).update(similarity=0.9)
    assert topics.remember_orders(NOON + timedelta(minutes=31)) == 3
    assert TopicOrder.objects.get(topic=robots, span="month").papers == [second.pk, first.pk]
    topics.remember_orders(NOON + 3 * DAY)
    assert not TopicOrder.objects.filter(day=TODAY).exists()


def test_a_topic_that_is_shown_no_more_has_no_order_and_a_withdrawn_paper_no_place(under: Make, robots: Topic) -> None:
    paper = under(1)
    under(2, withdrawn_on=TODAY)
    topics.remember_orders(NOON)
    assert TopicOrder.objects.get(span="month").papers == [paper.pk]
    Topic.objects.update(is_active=False)
    assert topics.remember_orders(NOON + DAY) == 0


def test_many_topics_and_papers_are_remembered_with_as_many_questions_as_few(
    under: Make, make_topic: Callable[..., Topic]
) -> None:
    def asked(at: datetime) -> int:
        with CaptureQueriesContext(connection) as queries:
            topics.remember_orders(at)
        return len(queries)

    under(1)
    few = asked(NOON)
    for number in range(20):
        paper, topic = under(100 + number), make_topic(f"Topic {number}")
        PaperTopic.objects.create(topic=topic, paper=paper, similarity=0.5)
    assert asked(NOON + timedelta(hours=1)) == few


def test_a_page_asks_one_question_for_it_however_many_papers(client: Client, under: Make, noon: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(client)
        return len(queries)

    under(1)
    topics.remember_orders(NOON)
    noon.move_to(NOON + DAY, tick=False)
    before = asked()
    for number in range(2, 28):
        under(number)
    assert asked() == before


def test_the_worker_remembers_them(under: Make, as_measured: Any, settings: Any, tiny_model: str) -> None:
    settings.EMBEDDING_MODEL = tiny_model
    paper = under(1)
    tasks.embed_missing()
    TopicOrder.objects.all().delete()
    PaperTopic.objects.update_or_create(topic=Topic.objects.get(), paper=paper, defaults={"similarity": 0.5})
    tasks.embed_missing()  # which has nothing to embed
    assert TopicOrder.objects.get(span="month").papers == [paper.pk]

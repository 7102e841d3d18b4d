"""The lists of the site: where papers stood yesterday, how counts grew, one for each field, and empty ones."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from papers.models import ListOrder, Paper, Signal, Topic
from papers.pages import paging
from papers.trends import orders
from recommender.models import PaperTopic
from tests.papers.pages.conftest import NOON, TODAY, Make
from tests.papers.pages.test_pages import in_order, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
DAY = timedelta(days=1)


def card_of(page: str, number: int) -> str:
    """The part of a page that is about one paper."""
    (card,) = [card for card in page.split("<article") if f"Paper {number:03d}<" in card]
    return card


def test_a_list_says_how_far_each_paper_moved_since_yesterday(client: Client, make: Make, noon: Any) -> None:
    first, second, third = (make(number, TODAY - 2 * DAY, trend=0.9 - number / 10) for number in (1, 2, 3))
    orders.remember(NOON)
    noon.move_to(NOON + DAY, tick=False)
    Paper.objects.filter(pk=third.pk).update(trend=0.95)
    make(4, TODAY, trend=0.05)
    make(5, TODAY, trend=None)
    page = text_of(client, "/?span=week")
    assert in_order(page, "Paper 003", "Paper 001", "Paper 002", "Paper 004", "Paper 005")
    assert "Up 2 since yesterday" in card_of(page, 3)
    assert "Down 1 since yesterday" in card_of(page, 1)
    assert "Down 1 since yesterday" in card_of(page, 2)
    assert "in this list since yesterday" in card_of(page, 4)
    assert "since yesterday" not in card_of(page, 5), "a paper without a trend stands in no order"
    assert [first.pk, second.pk, third.pk] == ListOrder.objects.get(span="week", field="", day=TODAY).papers


def test_places_count_on_from_page_to_page(client: Client, make: Make, noon: Any) -> None:
    for number in range(32):
        make(number, trend=(99 - number) / 100)
    orders.remember(NOON)
    noon.move_to(NOON + DAY, tick=False)
    Paper.objects.filter(title="Paper 031").update(trend=1.0)
    assert "Up 31 since yesterday" in card_of(text_of(client, "/?span=week"), 31)
    assert "Down 1 since yesterday" in card_of(text_of(client, "/?span=week&page=2"), 30)


def test_what_was_not_watched_yesterday_is_not_called_new(client: Client, make: Make, noon: Any) -> None:
    make(1, trend=0.5)
    orders.remember(NOON)
    noon.move_to(NOON + 2 * DAY, tick=False)
    make(2, trend=0.9)
    assert "since yesterday" not in text_of(client, "/?span=week")


def test_a_list_of_today_is_not_compared_with_that_of_the_day_before(client: Client, make: Make, noon: Any) -> None:
    make(1, trend=0.5)
    orders.remember(NOON)
    noon.move_to(NOON + DAY, tick=False)
    Paper.objects.update(trend=0.4)
    make(2, TODAY, trend=0.9)
    assert "Down 1 since yesterday" in text_of(client, "/"), "on the next day the list is the same"
    make(3, TODAY + DAY, trend=0.9)
    page = text_of(client, "/")
    assert "Paper 003" in page
    assert "since yesterday" not in page


def test_the_order_of_a_day_is_the_last_one_and_old_ones_are_forgotten(make: Make) -> None:
    paper, other = make(1, trend=0.1), make(2, trend=0.9, field="math")
    assert orders.remember(NOON) == 3 * 9
    assert orders.remember(NOON) == 0, "what is the same is not written again"
    Paper.objects.filter(pk=paper.pk).update(trend=1.0)
    assert orders.remember(NOON + timedelta(hours=1)) == 3, "the lists of fields are as they were"
    assert ListOrder.objects.get(span="today", field="").papers == [paper.pk, other.pk]
    assert ListOrder.objects.get(span="today", field="math").papers == [other.pk]
    orders.remember(NOON + 3 * DAY)
    assert not ListOrder.objects.filter(day=TODAY).exists()


def test_a_curve_is_told_in_words_and_drawn_from_the_first_count_to_the_newest(client: Client, make: Make) -> None:
    paper = make(1)
    for hours, value in [(0, 3), (60, 20), (120, 41)]:
        Signal.objects.create(paper=paper, kind="upvotes", value=value, observed_at=NOON + timedelta(hours=hours))
    page = text_of(client, "/")
    assert "<title>upvotes 3 → 41 in 5 days</title>" in page
    assert 'points="2.0,14.0 28.0,8.6 54.0,2.0"' in page


@pytest.mark.parametrize("values", [(), (7,), (7, 7)])
def test_a_count_that_did_not_change_has_no_curve(client: Client, make: Make, values: tuple[int, ...]) -> None:
    paper = make(1)
    for hours, value in enumerate(values):
        Signal.objects.create(paper=paper, kind="stars", value=value, observed_at=NOON + timedelta(hours=hours))
    assert "<svg" not in card_of(text_of(client, "/"), 1)


def test_a_long_curve_is_thinned_and_keeps_its_ends(client: Client, make: Make) -> None:
    paper = make(1)
    counts = [("stars", value, NOON + timedelta(hours=value)) for value in range(300)]
    Signal.objects.bulk_create(Signal(paper=paper, kind=k, value=v, observed_at=t) for k, v, t in counts)
    page = text_of(client, "/")
    assert "stars 0 → 299 in 12 days" in page
    assert page.split('points="')[1].split('"')[0].count(",") == 16


def test_a_paper_tells_when_it_was_first_seen(client: Client, make: Make) -> None:
    make(1, TODAY, announced_on=date(2026, 6, 26), listed_on=TODAY)
    make(2, TODAY, announced_on=None)
    page = text_of(client, "/")
    assert 'first seen <time datetime="2026-06-26">26 Jun 2026</time>' in card_of(page, 1)
    assert 'first seen <time datetime="2026-06-30">' in card_of(page, 2), "else the day on which it came here"


def test_a_field_has_its_own_list_with_the_same_spans(client: Client, make: Make) -> None:
    make(1, field="math", trend=0.4)
    make(2, field="math", trend=0.8)
    make(3, field="cs", trend=0.9)
    make(4, TODAY - 20 * DAY, field="math", trend=0.9)
    page = text_of(client, "/field/math/")
    assert in_order(page, "<h1>Mathematics</h1>", "2 papers", "Paper 002", "Paper 001")
    assert "Paper 003" not in page
    assert in_order(text_of(client, "/field/math/?span=month"), "3 papers", "Paper 004", "Paper 002")
    assert 'hx-get="/field/math/?span=week"' in page


def test_pages_name_their_neighbours_and_the_address_they_go_by(client: Client, make: Make, settings: Any) -> None:
    for number in range(61):
        make(number, field="cs")
    head = text_of(client, "/field/cs/?span=week&page=2&utm_source=mail").partition("</head>")[0]
    assert f'rel="canonical" href="{settings.SITE_URL}/field/cs/?span=week&amp;page=2"' in head
    assert 'rel="prev" href="/field/cs/?span=week&amp;page=1"' in head
    assert 'rel="next" href="/field/cs/?span=week&amp;page=3"' in head
    assert f'rel="canonical" href="{settings.SITE_URL}/"' in text_of(client, "/?span=today&page=1")


def test_papers_come_once_over_all_pages_ranked_ones_first(client: Client, make: Make) -> None:
    ranked = [make(number, trend=(number % 7) / 10, entry={"featured": number == 5}) for number in range(40)]
    unranked = [make(number) for number in range(40, 75)]
    shown = [identifiers(text_of(client, f"/?page={page}")) for page in (1, 2, 3)]
    assert [len(page) for page in shown] == [30, 30, 15]
    together = [one for page in shown for one in page]
    assert together[0] == "2606.00005"
    assert set(together[:40]) == {paper.identifier for paper in ranked}
    assert together[40:] == [paper.identifier for paper in reversed(unranked)]


def identifiers(page: str) -> list[str]:
    return [piece.split("/")[0] for piece in page.split('<h3><a href="/papers/')[1:]]


def test_a_page_beyond_the_last_says_that_it_shows_the_last(client: Client, make: Make) -> None:
    make(1)
    assert "no such page: here is its last one" in text_of(client, "/?page=7")
    assert "no such page" not in text_of(client, "/?page=1")
    assert "no such page" not in text_of(client, "/?page=x")


def test_a_list_ends_where_nobody_reads_on_and_says_where_the_rest_is(
    client: Client, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "LAST_PAGE", 2)
    for number in range(61):
        make(number)
    assert "Page 1 of 2" in text_of(client, "/")
    page = text_of(client, "/?page=3")
    assert in_order(page, "no such page", "Page 2 of 2", "the others of its 61 papers")
    assert "the others of its" not in text_of(client, "/")


def test_a_topic_has_spans_and_pages(client: Client, make: Make) -> None:
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="x")
    for number in range(40):
        paper = make(number, TODAY - timedelta(days=number % 20), trend=number / 40)
        PaperTopic.objects.create(topic=topic, paper=paper, similarity=0.5)
    assert len(identifiers(text_of(client, "/topics/robots/"))) == 30
    second = text_of(client, "/topics/robots/?span=month&page=2")
    assert identifiers(second) == [f"2606.{number:05d}" for number in reversed(range(10))]
    assert '<a rel="prev" href="/topics/robots/?span=month&amp;page=1#papers">' in second
    assert len(identifiers(text_of(client, "/topics/robots/?span=week"))) == 14
    assert len(identifiers(text_of(client, "/topics/robots/?span=today"))) == 2
    assert "no such page" in text_of(client, "/topics/robots/?page=99999")


def test_the_papers_of_a_topic_take_as_many_queries_however_many_they_are(
    client: Client, make: Make, django_assert_max_num_queries: Any
) -> None:
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="x")
    PaperTopic.objects.create(topic=topic, paper=make(1), similarity=0.5)
    with django_assert_max_num_queries(8) as few:
        text_of(client, "/topics/robots/")
    for number in range(2, 40):
        PaperTopic.objects.create(topic=topic, paper=make(number, trend=0.5), similarity=0.5)
    with django_assert_max_num_queries(len(few)):
        text_of(client, "/topics/robots/?page=2")


@pytest.mark.parametrize("span", ["today", "week"])
def test_a_topic_without_papers_in_a_span_leads_to_the_month(client: Client, make: Make, span: str) -> None:
    Topic.objects.create(slug="robots", name="Robots", field="cs", description="x")
    make(1)
    assert '<a href="?span=month">See this month</a>' in text_of(client, f"/topics/robots/?span={span}")
    assert "/search/?q=Robots" in text_of(client, "/topics/robots/")


def test_an_empty_list_leads_to_the_next_longer_one_that_is_not(client: Client, make: Make) -> None:
    make(1, field="cs")
    make(2, TODAY - 10 * DAY, field="math")
    page = text_of(client, "/field/math/")
    assert "No paper of mathematics in the list of Tuesday 30 June." in page
    assert '<a href="/field/math/?span=month">See this month</a>' in page
    page = text_of(client, "/field/econ/?span=month")
    assert "No paper of economics in the last 30 days." in page
    assert "See all fields" in page


def test_an_unknown_field_names_those_that_are_known(client: Client) -> None:
    response = client.get("/field/alchemy/")
    assert response.status_code == 404
    assert in_order(response.content.decode(), "alchemy", 'href="/field/cs/"', 'role="search"')


def test_a_topic_that_was_renamed_is_found_by_its_likeness(client: Client) -> None:
    for slug in ("robot-learning", "number-theory", "machine-learning"):
        Topic.objects.create(slug=slug, name=slug.title(), field="cs", description="x")
    response = client.get("/topics/robots-learning/")
    page = response.content.decode()
    assert response.status_code == 404
    assert '<a href="/topics/robot-learning/">' in page
    assert in_order(page, "/topics/robot-learning/", "/topics/machine-learning/")
    assert "number-theory" not in page
    assert 'value="robots learning"' in page


@pytest.mark.parametrize("path", ["/?span=month", "/field/cs/?span=week&page=2"])
def test_the_number_of_queries_is_the_same_for_few_papers_and_many(
    client: Client, make: Make, path: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(31):
        make(number, field="cs")
    with django_assert_max_num_queries(13) as few:
        text_of(client, path)
    for number in range(100, 160):
        paper = make(number, field="cs", trend=0.5, entry={"note": "Good.", "featured": True})
        Signal.objects.create(paper=paper, kind="stars", value=3, observed_at=NOON)
    with django_assert_max_num_queries(len(few)):
        text_of(client, path)

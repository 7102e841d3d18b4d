"""The page of the preferences says what terms meet among the last week's papers, before they hide any."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from papers.models import Paper
from recommender.candidates import week
from subscriptions.models import Subscriber
from subscriptions.pages import term_views
from tests.subscriptions.conftest import axis, preferences

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _nothing_is_kept_of_other_tests() -> Iterator[None]:
    week.forget()
    yield
    week.forget()


@pytest.fixture
def today() -> date:
    return now().date()


@pytest.fixture
def papers(make_paper: Make, today: date) -> list[Paper]:
    titles = ["A survey of sonar", "Two surveys of HIV and AIDS", "Sonar aids <b>divers</b>", "Of whales"]
    return [make_paper(at, axis(at), day=today, title=title) for at, title in enumerate(titles)]


def asked(client: Client, reader: Subscriber, **fields: str) -> str:
    answer = client.post(preferences(reader, "terms"), fields)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_saved_terms_say_how_many_papers_they_meet_and_which(
    client: Client, make_subscriber: Make, papers: list[Paper]
) -> None:
    ada = make_subscriber(excluded_terms=["survey"], required_terms=["quasar"])
    page = " ".join(client.get(preferences(ada)).content.decode().split())
    assert "<bdi>survey</bdi></strong>: 2 of last week’s 4 papers, such as" in page
    assert "“<bdi>Two surveys of HIV and AIDS</bdi>” and “<bdi>A survey of sonar</bdi>”." in page
    assert "<bdi>quasar</bdi></strong>: none of last week’s 4 papers." in page


def test_what_is_typed_is_told_before_it_is_saved(client: Client, make_subscriber: Make, papers: list[Paper]) -> None:
    ada = make_subscriber()
    assert "survey</bdi></strong>: 1 of last week’s 4 papers" in asked(client, ada, excluded_terms="survey")
    told = asked(client, ada, excluded_terms="survey, of whales", term_plurals="on")
    assert "survey</bdi></strong>: 2 of" in told
    assert "of whales</bdi></strong>: 1 of" in told
    ada.refresh_from_db()
    assert ada.excluded_terms == []


def test_a_word_in_capitals_tells_what_it_would_meet_in_small_letters(
    client: Client, make_subscriber: Make, papers: list[Paper]
) -> None:
    told = asked(client, make_subscriber(), required_terms="AIDS")
    assert "AIDS</bdi></strong>: 1 of last week’s 4 papers" in told
    assert "In small letters it would meet 2." in told


def test_a_title_is_text(client: Client, make_subscriber: Make, papers: list[Paper]) -> None:
    assert "Sonar aids &lt;b&gt;divers&lt;/b&gt;" in asked(client, make_subscriber(), required_terms="divers")


@pytest.mark.parametrize(
    ("typed", "told"), [("!!!", "holds no letter or digit"), ("", ""), ("x" * 3000, "at most 2000")]
)
def test_what_is_no_term_is_told_as_by_the_form(
    client: Client, make_subscriber: Make, papers: list[Paper], typed: str, told: str
) -> None:
    assert told in asked(client, make_subscriber(), excluded_terms=typed)
    assert asked(client, make_subscriber("bob@example.org")) == ""


def test_papers_of_earlier_weeks_hidden_and_withdrawn_ones_do_not_count(
    client: Client, make_subscriber: Make, make_paper: Make, papers: list[Paper], today: date
) -> None:
    make_paper(10, axis(5), day=today - timedelta(days=7), title="An old survey")
    make_paper(11, axis(6), day=today, title="A withdrawn survey", withdrawn_on=today)
    papers[0].entries.update(hidden=True)
    assert "1 of last week’s 3 papers" in asked(client, make_subscriber(), excluded_terms="survey", term_plurals="on")


def test_new_papers_count_a_minute_later_and_until_then_nothing_is_read_again(
    client: Client, make_subscriber: Make, make_paper: Make, papers: list[Paper], today: date, monkeypatch: Any
) -> None:
    ada = make_subscriber()
    assert ": 1 of last week’s 4 " in asked(client, ada, excluded_terms="survey")
    make_paper(10, axis(5), day=today, title="A new survey")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert ": 1 of last week’s 4 " in asked(client, ada, excluded_terms="survey, sonar, whales, one, two")
    assert not any("papers_" in query["sql"] for query in queries)
    monkeypatch.setattr(week, "LOOK_AGAIN", 0.0)
    assert ": 2 of last week’s 5 " in asked(client, ada, excluded_terms="survey")


def test_a_site_without_papers_says_nothing(client: Client, make_subscriber: Make) -> None:
    assert asked(client, make_subscriber(), excluded_terms="survey") == ""


def test_who_asks_without_end_is_told_to_save(
    client: Client, make_subscriber: Make, papers: list[Paper], monkeypatch: Any
) -> None:
    monkeypatch.setattr(term_views, "AN_HOUR", 2)
    ada, bob = make_subscriber(), make_subscriber("bob@example.org")
    told = [asked(client, ada, excluded_terms="survey") for _ in range(3)]
    assert ["You tried many terms" in one for one in told] == [False, False, True]
    assert "You tried many terms" not in asked(client, bob, excluded_terms="survey")


class TestInABrowser:
    @pytest.fixture
    def ada(self, transactional_db: None, make_subscriber: Make, papers: list[Paper]) -> Subscriber:
        return make_subscriber()

    def test_terms_are_told_while_typing_or_once_saved(self, ada: Subscriber, page: Page) -> None:
        page.goto(preferences(ada))
        page.get_by_text("Words to shut out, or to require").click()
        page.get_by_label("Never papers that mention").type("survey")
        if page.evaluate("window.htmx !== undefined") is not True:
            page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("2 of last week’s 4 papers")).to_be_visible()
        expect(page.get_by_label("Never papers that mention")).to_have_value("survey")

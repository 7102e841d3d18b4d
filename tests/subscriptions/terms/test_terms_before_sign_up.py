"""The page of sign-up says what terms meet among the last week's papers, before there is a subscriber."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Page, expect
from pytest_django import Settings

from papers.models import Paper, Topic
from recommender.candidates import week
from tests.database_dump import dump
from tests.subscriptions.conftest import axis

pytestmark = pytest.mark.django_db
TUNED = {"digest_size": "10", "trend_weight": "0.5", "term_plurals": "on"}


@pytest.fixture(autouse=True)
def _nothing_is_kept_of_other_tests() -> Iterator[None]:
    week.forget()
    yield
    week.forget()


@pytest.fixture(autouse=True)
def papers(topics: list[Topic], make_paper: Callable[..., Paper]) -> list[Paper]:
    titles = ["A survey of sonar", "Two surveys of HIV", "Sonar aids <b>divers</b>", "Of whales"]
    return [make_paper(at, axis(at), day=now().date(), title=title) for at, title in enumerate(titles)]


def shown(client: Client, url: str, **fields: Any) -> str:
    answer = client.post(reverse(url), TUNED | {"show": "1"} | fields)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("url", ["subscribe", "subscribe_preview"])
def test_each_term_says_what_it_meets_with_examples(client: Client, url: str) -> None:
    page = shown(client, url, excluded_terms="survey", required_terms="sonar\nquasar", text="whales")
    assert "<bdi>survey</bdi></strong>: 2 of last week’s 4 papers, such as “<bdi>Two surveys of HIV</bdi>”" in page
    assert "<bdi>sonar</bdi></strong>: 2 of last week’s 4 papers, such as “<bdi>Sonar aids &lt;b&gt;divers" in page
    assert "<bdi>quasar</bdi></strong>: none of last week’s 4 papers." in page


def test_each_stands_at_its_own_field(client: Client) -> None:
    page = shown(client, "subscribe_preview", excluded_terms="survey", required_terms="sonar")
    excluded = page.partition('id="note-excluded_terms"')[2].partition('id="note-required_terms"')
    assert "survey</bdi>" in excluded[0]
    assert "sonar</bdi>" in excluded[2]
    assert "survey</bdi>" not in excluded[2]


def test_terms_alone_are_told_and_show_no_digest(client: Client) -> None:
    page = shown(client, "subscribe_preview", excluded_terms="survey")
    assert "2 of last week’s 4 papers" in page
    assert "Say what you care about, and the digest" in page


def test_plurals_count_as_the_form_says(client: Client) -> None:
    fields = {name: value for name, value in TUNED.items() if name != "term_plurals"}
    answer = client.post(reverse("subscribe_preview"), fields | {"excluded_terms": "survey"}).content.decode()
    assert "1 of last week’s 4 papers" in answer


def test_what_is_no_term_is_told_by_the_form_and_the_other_field_all_the_same(client: Client) -> None:
    page = shown(client, "subscribe_preview", excluded_terms="!!!", required_terms="sonar")
    assert "holds no letter or digit" in page
    assert "sonar</bdi></strong>: 2 of" in page


def test_nothing_of_it_is_stored_or_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        shown(client, "subscribe_preview", excluded_terms="zyzzyva")
    assert "zyzzyva" not in str(dump())
    assert "zyzzyva" not in caplog.text


def test_terms_count_as_a_preview(client: Client, settings: Settings) -> None:
    settings.PREVIEWS_PER_NETWORK = 0
    page = shown(client, "subscribe_preview", excluded_terms="survey")
    assert "of last week’s" not in page
    assert "Very many previews" in page


@pytest.mark.django_db(transaction=True)
def test_a_browser_tells_it_while_it_is_typed(chromium: Any, live_server: Any) -> None:
    with chromium.new_context(base_url=live_server.url, viewport={"width": 320, "height": 900}) as context:
        page: Page = context.new_page()
        page.goto(reverse("subscribe"))
        page.get_by_text("Words to shut out, or to require").click()
        page.get_by_label("Never papers that mention").press_sequentially("sonar")
        expect(page.locator("#note-excluded_terms")).to_contain_text("sonar: 2 of last week’s 4 papers")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

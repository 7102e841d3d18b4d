"""How the API speaks HTTP: limits, validators, other sites, and one shape of errors."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from papers.models import Paper
from subscriptions.limits.shared_counts import Allowances

pytestmark = pytest.mark.django_db
TOPICS = "/api/v1/topics"


def test_any_site_may_read_the_answer_and_none_is_told_of_cookies(client: Client) -> None:
    answer = client.get(TOPICS, headers={"Origin": "https://elsewhere.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies


def test_a_browser_that_asks_first_may_send_an_etag(client: Client) -> None:
    answer = client.options(TOPICS, headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, answer["Access-Control-Allow-Headers"]) == (204, "If-None-Match")


def test_what_has_not_changed_is_not_sent_again(client: Client, site: list[Paper]) -> None:
    first = client.get(TOPICS)
    again = client.get(TOPICS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Access-Control-Allow-Origin"] == "*"


def test_what_has_changed_is_sent(client: Client, site: list[Paper]) -> None:
    before = client.get("/api/v1/papers/2606.00001")["ETag"]
    Paper.objects.filter(pk=site[0].pk).update(trend=0.99)
    again = client.get("/api/v1/papers/2606.00001", headers={"If-None-Match": before})
    assert (again.status_code, again.json()["trend"]) == (200, 0.99)


def test_head_is_answered_like_get_without_a_body(client: Client) -> None:
    answer = client.head(TOPICS)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"] == client.get(TOPICS)["ETag"]


def test_beyond_the_limit_a_network_is_told_how_long_to_wait(client: Client, settings: Settings) -> None:
    settings.API_PER_MINUTE = 2
    statuses = [client.get(TOPICS).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.get(TOPICS)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused.json()["title"] == "Too Many Requests"
    assert client.get(TOPICS, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_the_limit_holds_for_a_minute() -> None:
    allowances, now = Allowances(), [120.0]
    assert [allowances.take("a", 1, lambda: now[0]) for _ in range(2)] == [0, 60]
    now[0] += 60
    assert allowances.take("a", 1, lambda: now[0]) == 0


def test_pages_are_not_limited_with_the_api(client: Client, settings: Settings) -> None:
    settings.API_PER_MINUTE = 1
    client.get(TOPICS)
    client.get(TOPICS)
    assert client.get("/api/").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("papers/2001.00001", 404, "There is no such paper here"),
        ("papers", 422, "id: Field required"),
        ("papers?id=", 422, "id: String should have at least 1 character"),
        ("trending?limit=51", 422, "limit: Input should be less than or equal to 50"),
        ("trending?limit=0", 422, "limit: Input should be greater"),
        ("trending?span=year", 422, "span: Input should be 'today'"),
        ("trending?topic=none", 422, "topic: There is no such topic"),
        ("trending?cursor=abc", 422, "cursor: This is none of the cursors"),
        ("trending?cursor=" + "A" * 601, 422, "cursor: String should have at most 600"),
        ("search?q=" + "a" * 501, 422, "q: String should have at most 500"),
        ("search?q=a&since=1751241600", 422, "since: Value error, is no day such as 2026-06-30"),
        ("search?q=a&since=2026-02-30", 422, "since: Input should be a valid date"),
        ("editions/2026-06-31", 422, "date: Input should be a valid date"),
        ("editions/1999-01-01", 404, "There is no edition of this day"),
        ("editions/9999-12-31", 404, "There is no edition of this day"),
        ("nowhere", 404, "There is no such address here"),
        ("search?q=%00", 400, "This request cannot be read"),
        ("search?q=%ff", 400, "This request cannot be read"),
        ("papers/%00", 404, "There is no such address here"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_words(
    client: Client, site: list[Paper], path: str, status: int, words: str
) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert answer.json()["status"] == status
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_nothing_can_be_changed(client: Client, method: str) -> None:
    answer = getattr(client, method)(TOPICS)
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_a_cursor_of_another_list_is_refused(
    client: Client, site: list[Paper], ask: Callable[..., dict[str, str]]
) -> None:
    cursor = ask("editions", limit=1)["next"]
    assert client.get("/api/v1/trending", {"cursor": cursor}).status_code == 422


def test_a_body_that_is_too_long_is_a_problem_too(client: Client) -> None:
    answer = client.generic("GET", TOPICS, b"a" * 2000)
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")

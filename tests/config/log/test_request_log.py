"""What the log and the visitor get to know of a request: its id, one line, and one error where it fails."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from config.log import context, setup, tasks
from config.log.format import JsonLines

ID = "X-Request-ID"


def fails(request: HttpRequest, token: str) -> HttpResponse:
    raise RuntimeError("nobody mails ada@example.org")


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("odd")


urlpatterns = [
    path("preferences/<str:token>/", fails),
    path("suspicious/", suspicious),
    path("", include("config.urls")),
]
handler400 = "config.web.error_pages.bad_request"
handler404 = "config.web.error_pages.not_found"
handler500 = "config.web.error_pages.broken"
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


class Kept(logging.Handler):
    """Formats at once, as a process of production does."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.addFilter(setup.Calm())
        self.lines: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))

    def of(self, level: str) -> list[dict[str, object]]:
        return [line for line in self.lines if line["level"] == level]


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, access = Kept(), logging.getLogger("access")
    before = access.level
    logging.getLogger().addHandler(handler)
    access.setLevel("INFO")
    yield handler
    access.setLevel(before)
    logging.getLogger().removeHandler(handler)


def test_a_request_has_an_id_and_one_line_without_what_was_asked_for(client: Client, kept: Kept) -> None:
    answer = client.get("/about/?q=ada@example.org")
    [line] = kept.lines
    assert line["request"] == answer[ID]
    assert line["message"] == "GET /about/ 200"
    assert (line["event"], line["status"]) == ("request", 200)
    assert client.get("/about/")[ID] != answer[ID]


def test_an_error_has_one_line_with_the_id_that_the_page_shows(kept: Kept) -> None:
    answer = Client(raise_request_exception=False).get("/preferences/AbCdEfGhIjKlMnOpQrSt_-/")
    assert answer.status_code == 500
    assert f"<code>{answer[ID]}</code>" in answer.content.decode()
    [error] = kept.of("ERROR")
    assert error["request"] == answer[ID]
    assert (error["event"], error["error"]) == ("request_failed", "RuntimeError")
    assert error["message"] == "Internal Server Error: /preferences/[token]/"
    assert "in fails" in str(error["traceback"])
    assert not re.search("ada|AbCd", json.dumps(kept.lines))


@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (1, "abcdef12-3456", True),
        (0, "abcdef12-3456", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "ada@example.org", False),
        (1, "a b c d e f g h", False),
    ],
)
def test_only_a_trusted_proxys_sane_id_is_taken(
    client: Client, settings: Settings, proxies: int, given: str, taken: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert (client.get("/about/", HTTP_X_REQUEST_ID=given)[ID] == given) == taken


def test_a_wrong_host_is_a_warning_without_noise(client: Client, kept: Kept) -> None:
    assert client.get("/about/", HTTP_HOST="evil.example").status_code == 400
    assert client.get("/suspicious/").status_code == 400
    assert kept.of("ERROR") == []
    assert [line["logger"] for line in kept.of("WARNING")] == [
        "django.security.DisallowedHost",
        "django.security.SuspiciousOperation",
    ]
    assert not any("traceback" in line for line in kept.lines)


def test_a_page_that_is_not_there_has_its_one_line(client: Client, kept: Kept) -> None:
    client.get("/no/such/page/")
    assert [line["message"] for line in kept.lines] == ["GET /no/such/page/ 404"]


def test_the_id_goes_along_with_a_task_and_nothing_else_does() -> None:
    headers: dict[str, object] = {}
    with context.about(request="abcdef12", task="other"):
        tasks.take_along(headers=headers)
    assert headers == {tasks.HEADER: "abcdef12"}
    assert context.current() == {}

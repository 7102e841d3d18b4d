import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from papers.fetching import http, overload, validators
from papers.fetching.validators import Validators
from papers.models import Turn, Validator
from papers.sources import SourceError
from tests.papers.sources.feed_server import Answer, FeedServer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 11, tzinfo=UTC)


def test_a_body_arrives_as_served_and_the_source_learns_who_asks(feed_server: FeedServer, settings: object) -> None:
    settings.SITE_URL = "https://papers.example.org"
    feed_server.answers["/feed?p=0"] = Answer(b"whole")
    assert http.get("test", f"{feed_server.url}/feed", {"p": "0"}).body == b"whole"
    assert feed_server.requests[0][1]["User-Agent"] == "PaperRound/0.1 (+https://papers.example.org)"


@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "answered 500"), (404, "Check the source's address"), (401, "Check its token"), (406, "answered 406")],
)
def test_an_answer_other_than_200_names_the_source_and_the_remedy(
    feed_server: FeedServer, status: int, words: str
) -> None:
    feed_server.default = Answer(b"[]", status)
    with pytest.raises(SourceError, match=words) as refused:
        http.get("test", feed_server.url)
    assert str(refused.value).startswith("test: ")
    assert len(feed_server.requests) == 1


def test_a_redirect_is_not_followed(feed_server: FeedServer) -> None:
    feed_server.answers["/old"] = Answer(status=302, headers={"Location": f"{feed_server.url}/new"})
    with pytest.raises(SourceError, match=r"redirects to .*/new\. Redirects are not followed"):
        http.get("test", f"{feed_server.url}/old")
    assert feed_server.paths == ["/old"]


@pytest.mark.parametrize(
    "disguise",
    [
        lambda port: f"http://localhost:{port}/",
        lambda port: f"http://2130706433:{port}/",
        lambda port: f"http://0x7f.1:{port}/",
        lambda port: f"http://[::1]:{port}/",
        lambda port: f"http://[::ffff:127.0.0.1]:{port}/",
        lambda port: f"https://127.0.0.1:{port}/",
        lambda port: "http://127.0.0.1/",
        lambda port: f"http://127.0.0.1:{port}@169.254.169.254/latest/meta-data",
        lambda port: "file:///etc/passwd",
    ],
    ids=["name", "number", "hex", "six", "mapped", "scheme", "port", "user", "file"],
)
def test_nothing_but_the_origins_in_the_settings_is_asked(
    feed_server: FeedServer, disguise: Callable[[str], str]
) -> None:
    with pytest.raises(SourceError, match="at none of the addresses in the settings"):
        http.get("test", disguise(feed_server.url.rpartition(":")[2]))
    assert not feed_server.requests


def test_a_body_without_end_is_left_at_the_limit(feed_server: FeedServer) -> None:
    feed_server.default = Answer(b" " * 1_000_000, repeat=50)
    with pytest.raises(SourceError, match="sends more than 10,000,000 bytes"):
        http.get("test", feed_server.url)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_left_at_the_limit(feed_server: FeedServer) -> None:
    bomb = gzip.compress(bytes(40_000_000))
    feed_server.default = Answer(bomb, headers={"Content-Encoding": "gzip", "Content-Length": str(len(bomb))})
    with pytest.raises(SourceError, match="sends more than"):
        http.get("test", feed_server.url)


def test_a_source_that_hangs_is_left_after_the_time_out(feed_server: FeedServer, settings: object) -> None:
    settings.SOURCE_TIMEOUT = 0.2
    feed_server.default = Answer(hangs=True)
    with pytest.raises(SourceError, match=r"did not answer within 0\.2 s"):
        http.get("test", feed_server.url)
    assert not feed_server.released.is_set()


def test_an_answer_that_trickles_in_is_left_when_the_whole_takes_too_long(
    feed_server: FeedServer, settings: object
) -> None:
    settings.SOURCE_TIMEOUT = 0.2
    feed_server.default = Answer(b"x" * 10_000, drip=0.05)
    with pytest.raises(SourceError, match="sends its answer too slowly"):
        http.get("test", feed_server.url)


def test_a_source_that_is_not_there_is_an_error_of_that_source(settings: object) -> None:
    settings.HUGGINGFACE_URL = "http://127.0.0.1:1/"
    with pytest.raises(SourceError, match="test: could not be reached"):
        http.get("test", "http://127.0.0.1:1/")


def test_an_answer_that_breaks_off_is_an_error(feed_server: FeedServer) -> None:
    feed_server.default = Answer(b"[", headers={"Content-Length": "100"})
    with pytest.raises(SourceError, match="could not be reached"):
        http.get("test", feed_server.url)


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_source_is_asked_again_after_the_rest_it_asked_for(feed_server: FeedServer, status: int) -> None:
    busy = [Answer(status=status, headers={"Retry-After": "1"}), Answer(status=status)]
    feed_server.respond = lambda path, headers: busy.pop(0) if busy else Answer(b"at last")
    assert http.get("test", feed_server.url).body == b"at last"
    first, second, _ = feed_server.visits
    assert second.began - first.ended > 0.99


def test_a_source_that_stays_overloaded_is_given_up(feed_server: FeedServer) -> None:
    feed_server.default = Answer(status=503)
    with pytest.raises(SourceError, match="answered 503 3 times"):
        http.get("test", feed_server.url)
    assert len(feed_server.requests) == 3


def test_a_source_that_wants_a_long_rest_gets_it_from_everybody(feed_server: FeedServer) -> None:
    feed_server.default = Answer(status=429, headers={"Retry-After": "3600"})
    for _ in range(2):
        with pytest.raises(SourceError, match=r"not to be asked for another 3(599|600) s"):
            http.get("test", feed_server.url, host="shared")
    assert len(feed_server.requests) == 1
    assert Turn.objects.get(host="shared").holder is None


@pytest.mark.parametrize(
    ("headers", "rest"),
    [
        ({"Retry-After": "120"}, timedelta(seconds=120)),
        ({"Retry-After": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, timedelta(seconds=90)),
        ({"Retry-After": format_datetime(NOW - timedelta(seconds=90), usegmt=True)}, timedelta()),
        ({"Retry-After": "999999999"}, timedelta(days=1)),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"RateLimit": '"api";r=0;t=212'}, timedelta(seconds=212)),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 30)}, timedelta(seconds=30)),
        ({}, None),
    ],
)
def test_the_rest_is_read_from_what_sources_send(headers: dict[str, str], rest: timedelta | None) -> None:
    assert overload.rest_asked(headers, NOW) == rest


def test_a_page_that_was_remembered_is_not_sent_again_until_it_changes(feed_server: FeedServer) -> None:
    def respond(path: str, headers: dict[str, str]) -> Answer:
        same = headers.get("If-None-Match") == '"one"'
        return Answer(status=304) if same else Answer(b"news", headers={"ETag": '"one"'})

    feed_server.respond = respond
    page = http.get_if_changed("test", feed_server.url)
    assert page
    assert http.get_if_changed("test", feed_server.url), "what was not stored must be sent again"
    validators.remember(page.url, page.validators, NOW)
    assert http.get_if_changed("test", feed_server.url) is None


def test_old_validators_are_forgotten(db: None) -> None:
    validators.remember("http://old/", Validators('"a"'), NOW - timedelta(days=31))
    validators.remember("http://new/", Validators("", "Tue, 30 Jun 2026 04:00:00 GMT"), NOW)
    validators.remember("http://silent/", Validators(), NOW)
    assert list(Validator.objects.values_list("url", flat=True)) == ["http://new/"]
    assert validators.conditions("http://new/") == {"If-Modified-Since": "Tue, 30 Jun 2026 04:00:00 GMT"}

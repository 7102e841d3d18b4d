import gzip
import time

import pytest

from papers.sources import SourceError, http
from tests.papers.feed_server import Answer, FeedServer


def test_a_body_arrives_as_served_and_the_source_learns_who_asks(feed_server: FeedServer, settings: object) -> None:
    settings.SITE_URL = "https://papers.example.org"
    feed_server.answers["/feed?p=0"] = Answer(b"whole")
    assert http.get("test", f"{feed_server.url}/feed", {"p": "0"}) == b"whole"
    assert feed_server.requests[0][1]["User-Agent"] == "PaperRound/0.1 (+https://papers.example.org)"


@pytest.mark.parametrize(
    ("status", "words"), [(503, "answered 503"), (404, "Check the source's address"), (429, "no more requests for now")]
)
def test_an_answer_other_than_200_names_the_source_and_the_remedy(
    feed_server: FeedServer, status: int, words: str
) -> None:
    feed_server.default = Answer(b"[]", status)
    with pytest.raises(SourceError, match=words) as refused:
        http.get("test", feed_server.url)
    assert str(refused.value).startswith("test: ")


def test_a_redirect_is_not_followed(feed_server: FeedServer) -> None:
    feed_server.answers["/old"] = Answer(status=302, headers={"Location": f"{feed_server.url}/new"})
    with pytest.raises(SourceError, match=r"redirects to .*/new\. Redirects are not followed"):
        http.get("test", f"{feed_server.url}/old")
    assert [path for path, _ in feed_server.requests] == ["/old"]


def test_a_body_without_end_is_left_at_the_limit(feed_server: FeedServer) -> None:
    feed_server.default = Answer(b" " * 1_000_000, repeat=40)
    with pytest.raises(SourceError, match="sends more than 30,000,000 bytes"):
        http.get("test", feed_server.url)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_left_at_the_limit(feed_server: FeedServer) -> None:
    bomb = gzip.compress(bytes(40_000_000))
    feed_server.default = Answer(bomb, headers={"Content-Encoding": "gzip", "Content-Length": str(len(bomb))})
    with pytest.raises(SourceError, match="sends more than"):
        http.get("test", feed_server.url)


def test_a_source_that_hangs_is_left_after_the_time_out(feed_server: FeedServer, settings: object) -> None:
    settings.SOURCE_TIMEOUT = 0.2
    feed_server.default = Answer(hangs=True)
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"did not answer within 0\.2 s"):
        http.get("test", feed_server.url)
    assert time.monotonic() - began < 5


def test_a_source_that_is_not_there_is_an_error_of_that_source(settings: object) -> None:
    with pytest.raises(SourceError, match="test: could not be reached"):
        http.get("test", "http://127.0.0.1:1/")


def test_an_answer_that_breaks_off_is_an_error(feed_server: FeedServer) -> None:
    feed_server.default = Answer(b"[", headers={"Content-Length": "100"})
    with pytest.raises(SourceError, match="could not be reached"):
        http.get("test", feed_server.url)

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from papers.records import PaperRecord, SignalRecord
from tests.papers.sources.feed_server import FeedServer

# How long an example takes says more about the machine's other work than about the code.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 6, 30, 11, tzinfo=UTC)


@pytest.fixture
def feed_server(settings: object) -> Iterator[FeedServer]:
    """A server on the loopback that stands for every source of the network."""
    with FeedServer() as server:
        settings.HUGGINGFACE_URL = f"{server.url}/api/daily_papers"
        settings.ARXIV_RSS_URL = f"{server.url}/rss"
        settings.ARXIV_OAI_URL = f"{server.url}/oai"
        settings.ARXIV_API_URL = f"{server.url}/api/query"
        settings.GITHUB_API_URL = f"{server.url}/github"
        settings.ARXIV_CATEGORIES = ["cs", "stat"]
        yield server


@pytest.fixture
def sources(feed_server: FeedServer) -> FeedServer:
    return feed_server


Make = Callable[..., PaperRecord]


@pytest.fixture
def announced() -> Make:
    """A paper as arXiv's feed gives it."""

    def make(arxiv_id: str = "2606.00001", **changes: object) -> PaperRecord:
        values = {
            "title": f"On {arxiv_id}",
            "abstract": f"What {arxiv_id} says.",
            "authors": ("Ann Lee",),
            "categories": ("cs.LG", "stat.ML"),
            "version": 1,
            "announced_on": date(2026, 6, 29),
        }
        return PaperRecord(identifier=arxiv_id, **(values | changes))

    return make


@pytest.fixture
def listed() -> Make:
    """A paper as a daily list gives it."""

    def make(arxiv_id: str = "2606.00001", upvotes: int | None = 7, **changes: object) -> PaperRecord:
        day = changes.get("listed_on", date(2026, 6, 30))
        seen_at = changes.pop("seen_at", datetime(day.year, day.month, day.day, 10, tzinfo=UTC))
        counted = () if upvotes is None else (SignalRecord("upvotes", upvotes, seen_at),)
        values = {"title": f"List: {arxiv_id}", "abstract": "As listed.", "listed_on": day, "signals": counted}
        return PaperRecord(identifier=arxiv_id, **(values | changes))

    return make

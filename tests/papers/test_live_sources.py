import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from papers import live, tasks
from papers.models import Edition, FeedState, Paper, Signal
from papers.sources import SourceError
from tests.papers.feed_server import Answer, FeedServer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 10, tzinfo=UTC)


@pytest.fixture
def recorded(sources: FeedServer, shared_data: Path) -> FeedServer:
    """Both sources as they were recorded."""
    for day in (shared_data / "feeds" / "hf_daily_api").glob("*.json"):
        sources.answers[f"/api/daily_papers?date={day.stem}&p=0"] = Answer(day.read_bytes())
    feed = shared_data / "feeds" / "arxiv_rss" / "rss_arxiv_cs_lg.xml"
    sources.answers["/rss/cs+stat"] = Answer(feed.read_bytes())
    return sources


def state(source: str) -> FeedState:
    return FeedState.objects.get(source=source)


def test_all_sources_are_fetched_stored_and_remembered(recorded: FeedServer) -> None:
    report = live.ingest_all(NOW)
    assert report.created == Paper.objects.count() == 17 + 34 + 3
    assert Paper.objects.filter(listed_on=date(2026, 6, 30), trend__isnull=False).count() == 34
    assert Paper.objects.filter(announced_on=date(2026, 4, 27), field="cs").count() == 3
    assert (state("huggingface").items, state("huggingface").last_success_at) == (51, NOW)
    assert (state("arxiv").items, state("arxiv").error) == (3, "")


def test_the_next_hour_stores_new_counts_of_the_same_papers(recorded: FeedServer) -> None:
    live.ingest_all(NOW)
    counts = Signal.objects.count()
    report = live.ingest_all(NOW + timedelta(hours=1))
    assert (report.created, report.updated, report.entries) == (0, 0, 0)
    assert report.signals == counts


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=503),
        Answer(b"<html>Down</html>"),
        Answer(b'[{"paper": {"id": "2606.0'),
        Answer(b'[{"title": "another format"}]'),
        Answer(b""),
        Answer(status=301, headers={"Location": "https://example.org"}),
    ],
    ids=["busy", "html", "truncated", "changed", "empty", "moved"],
)
def test_a_source_that_fails_is_noted_stores_nothing_and_stops_no_other(recorded: FeedServer, answer: Answer) -> None:
    recorded.answers["/api/daily_papers?date=2026-06-30&p=0"] = answer
    assert live.ingest_all(NOW).created == 3
    assert state("huggingface").error.startswith("huggingface: ")
    assert (state("huggingface").last_attempt_at, state("huggingface").last_success_at) == (NOW, None)
    assert state("arxiv").last_success_at == NOW
    assert not Paper.objects.filter(listed_on__isnull=False).exists()


@pytest.mark.parametrize(
    "body", [b"<rss><channel><item/></channel></rss>", b'<!DOCTYPE x [<!ENTITY a "b">]><rss>&a;</rss>', b"<rss"]
)
def test_a_damaged_feed_is_noted_and_stops_no_other(recorded: FeedServer, body: bytes) -> None:
    recorded.answers["/rss/cs+stat"] = Answer(body)
    assert live.ingest_all(NOW).created == 51
    assert state("arxiv").error.startswith("arxiv: ")
    assert not Paper.objects.filter(announced_on__isnull=False).exists()


def test_a_failure_keeps_the_last_success_and_the_next_success_clears_it(recorded: FeedServer) -> None:
    live.ingest_arxiv(NOW)
    good, recorded.answers["/rss/cs+stat"] = recorded.answers["/rss/cs+stat"], Answer(status=500)
    with pytest.raises(SourceError, match="answered 500"):
        live.ingest_arxiv(NOW + timedelta(hours=1))
    assert (state("arxiv").last_success_at, state("arxiv").last_attempt_at) == (NOW, NOW + timedelta(hours=1))
    assert (state("arxiv").items, bool(state("arxiv").error)) == (3, True)
    recorded.answers["/rss/cs+stat"] = good
    live.ingest_arxiv(NOW + timedelta(hours=2))
    assert state("arxiv").error == ""


def test_a_weekend_without_papers_is_a_success(sources: FeedServer) -> None:
    sources.default = Answer(b"[]")
    sources.answers["/rss/cs+stat"] = Answer(b"<rss><channel><title>cs updates</title></channel></rss>")
    assert live.ingest_all(NOW).papers == 0
    assert set(FeedState.objects.values_list("items", "error", "last_success_at")) == {(0, "", NOW)}
    assert not Edition.objects.exists()


def test_what_a_parser_does_not_expect_is_its_sources_failure(db: None) -> None:
    with pytest.raises(SourceError, match="odd: served something unexpected"):
        live.run("odd", lambda: json.loads("[]")[0], NOW)
    assert "unexpected" in state("odd").error


def test_the_task_asks_for_today_and_yesterday_by_utc(sources: FeedServer, time_machine: object) -> None:
    time_machine.move_to(datetime(2026, 6, 30, 23, 59, tzinfo=UTC), tick=False)
    sources.default = Answer(b"[]")
    tasks.ingest_all()
    paths = [path for path, _ in sources.requests]
    assert paths == ["/rss/cs+stat", *(f"/api/daily_papers?date=2026-06-{day}&p=0" for day in (29, 30))]

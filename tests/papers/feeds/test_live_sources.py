import json
from datetime import UTC, date, datetime, timedelta

import pytest
from celery import current_app

from papers import tasks
from papers.feeds import huggingface_feed, schedule
from papers.ingest.saving import Report
from papers.models import Edition, FeedState, Paper, Signal
from papers.sources import SourceError
from tests.papers.sources import lists, rss
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.processes import PATIENCE

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 10, tzinfo=UTC)
YESTERDAY, TODAY = date(2026, 6, 29), date(2026, 6, 30)
NO_RECORDS = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch"/></OAI-PMH>'
NO_ENTRIES = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query</title></feed>'


def nothing_new(path: str, headers: dict[str, str]) -> Answer | None:
    """What OAI-PMH and the API say when they know of nothing."""
    return next(
        (Answer(body) for name, body in (("/oai", NO_RECORDS), ("/api/query", NO_ENTRIES)) if name in path), None
    )


@pytest.fixture
def sources(feed_server: FeedServer) -> FeedServer:
    feed_server.respond = nothing_new
    return feed_server


@pytest.fixture
def recorded(sources: FeedServer) -> FeedServer:
    """Both sources with what they have on an ordinary day: lists of 17 and 34 papers, and a feed of three."""
    for day, numbers in {YESTERDAY: range(1, 18), TODAY: range(18, 52)}.items():
        sources.answers[f"/api/daily_papers?date={day}&p=0"] = Answer(lists.day(day, numbers))
    sources.answers["/rss/cs+stat"] = rss.batch(rss.MONDAY, cs_LG=range(3))
    return sources


def ingest_due(now: datetime) -> Report:
    """Bring in what every source has that is due, as the workers do, one task a source."""
    return sum((schedule.try_to_ingest(name, now) for name in schedule.due(now)), Report())


def state(source: str) -> FeedState:
    return FeedState.objects.get(source=source, category="")


def test_all_sources_are_fetched_stored_and_remembered(recorded: FeedServer) -> None:
    report = ingest_due(NOW)
    assert report.created == Paper.objects.count() == 17 + 34 + 3
    assert Paper.objects.filter(listed_on=date(2026, 6, 30), trend__isnull=False).count() == 34
    assert Paper.objects.filter(announced_on=date(2026, 4, 27), field="cs").count() == 3
    assert (state("huggingface").items, state("huggingface").last_success_at) == (34, NOW)
    assert (state("arxiv").items, state("arxiv").error) == (3, "")


def test_the_next_hour_stores_new_counts_of_the_same_papers(recorded: FeedServer) -> None:
    ingest_due(NOW)
    counts = Signal.objects.count()
    report = ingest_due(NOW + timedelta(hours=1))
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
def test_a_list_that_fails_is_noted_stores_nothing_of_it_and_stops_no_other(
    recorded: FeedServer, answer: Answer
) -> None:
    recorded.answers["/api/daily_papers?date=2026-06-30&p=0"] = answer
    assert ingest_due(NOW).created == 3
    assert state("huggingface").error.startswith("huggingface: ")
    assert (state("huggingface").last_attempt_at, state("huggingface").last_success_at) == (NOW, None)
    assert state("arxiv").last_success_at == NOW
    assert set(Paper.objects.filter(listed_on__isnull=False).values_list("listed_on", flat=True)) == {YESTERDAY}


@pytest.mark.parametrize(
    "body", [b"<rss><channel><item/></channel></rss>", b'<!DOCTYPE x [<!ENTITY a "b">]><rss>&a;</rss>', b"<rss"]
)
def test_a_damaged_feed_is_noted_and_stops_no_other(recorded: FeedServer, body: bytes) -> None:
    recorded.answers["/rss/cs+stat"] = Answer(body)
    assert ingest_due(NOW).created == 51
    assert state("arxiv").error.startswith("arxiv: ")
    assert not Paper.objects.filter(announced_on__isnull=False).exists()


def test_a_failure_keeps_the_last_success_and_the_next_success_clears_it(recorded: FeedServer) -> None:
    schedule.ingest("arxiv", NOW)
    good, recorded.answers["/rss/cs+stat"] = recorded.answers["/rss/cs+stat"], Answer(status=500)
    with pytest.raises(SourceError, match="answered 500"):
        schedule.ingest("arxiv", NOW + timedelta(hours=1))
    assert (state("arxiv").last_success_at, state("arxiv").last_attempt_at) == (NOW, NOW + timedelta(hours=1))
    assert (state("arxiv").items, bool(state("arxiv").error)) == (3, True)
    recorded.answers["/rss/cs+stat"] = good
    schedule.ingest("arxiv", NOW + timedelta(hours=2))
    assert state("arxiv").error == ""


def test_a_weekend_without_papers_is_a_success(sources: FeedServer) -> None:
    sources.default = Answer(b"[]")
    sources.answers["/rss/cs+stat"] = Answer(b"<rss><channel><title>cs updates</title></channel></rss>")
    assert ingest_due(NOW).papers == 0
    assert {row.source for row in FeedState.objects.all()} == set(schedule.SOURCES)
    assert set(FeedState.objects.values_list("items", "error", "last_success_at")) == {(0, "", NOW)}
    assert not Edition.objects.exists()


def test_what_a_parser_does_not_expect_is_its_sources_failure() -> None:
    with pytest.raises(SourceError, match="odd: served something unexpected"):
        schedule.run("odd", lambda now: json.loads("[]")[0], NOW)
    assert "unexpected" in state("odd").error


def test_one_list_that_cannot_be_read_does_not_lose_the_others(recorded: FeedServer) -> None:
    recorded.answers["/api/daily_papers?date=2026-06-29&p=0"] = Answer(status=500)
    with pytest.raises(SourceError, match="answered 500"):
        schedule.ingest("huggingface", NOW)
    assert Paper.objects.filter(listed_on=date(2026, 6, 30)).count() == 34


def test_the_two_newest_lists_are_read_every_hour_and_those_of_a_week_now_and_then() -> None:
    late = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
    assert huggingface_feed.watched(late) == [date(2026, 6, 29), date(2026, 6, 30)]
    assert huggingface_feed.watched(late + timedelta(minutes=1)) == [
        date(2026, 6, 25) + timedelta(days=day) for day in range(7)
    ]


@pytest.mark.parametrize(
    ("source", "success", "asked", "is_due"),
    [
        ("huggingface", None, "2026-06-30T10:20", True),
        ("huggingface", "2026-06-30T09:59", "2026-06-30T10:20", True),
        ("huggingface", "2026-06-30T10:00", "2026-06-30T10:20", False),
        ("arxiv-oai", "2026-06-29T04:20", "2026-06-30T03:20", False),
        ("arxiv-oai", "2026-06-30T03:59", "2026-06-30T04:20", True),
        ("arxiv-oai", "2026-06-30T04:20", "2026-06-30T23:20", False),
    ],
)
def test_a_source_is_due_once_in_its_period(source: str, success: str | None, asked: str, is_due: bool) -> None:
    last = success and datetime.fromisoformat(success).replace(tzinfo=UTC)
    now = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    assert schedule.SOURCES[source].is_due(last or None, now) == is_due


def test_a_source_that_failed_stays_due(sources: FeedServer) -> None:
    sources.answers["/rss/cs+stat"] = Answer(status=500)
    sources.default = Answer(b"[]")
    ingest_due(NOW)
    assert list(schedule.due(NOW + timedelta(minutes=1))) == ["arxiv"]


def test_a_task_for_each_source_that_is_due_is_handed_to_the_workers_of_sources(time_machine: object) -> None:
    time_machine.move_to(NOW, tick=False)
    FeedState.objects.create(source="huggingface", last_success_at=NOW)
    with current_app.connection() as broker, broker.SimpleQueue("sources") as queue:
        queue.clear()
        tasks.ingest_due()
        found = [queue.get(timeout=PATIENCE).payload[0] for _ in range(queue.qsize())]
    assert sorted(found) == [["arxiv"], ["arxiv-api"], ["arxiv-oai"], ["github"]]


def test_the_task_of_a_source_brings_in_what_it_has_and_survives_its_failure(
    recorded: FeedServer, time_machine: object
) -> None:
    time_machine.move_to(NOW, tick=False)
    tasks.ingest("huggingface")
    assert state("huggingface").items == 34
    recorded.answers["/rss/cs+stat"] = Answer(status=500)
    tasks.ingest("arxiv")
    assert "answered 500" in state("arxiv").error

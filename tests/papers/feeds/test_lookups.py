from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from papers.feeds import arxiv_lookups, wanted
from papers.ingest.saving import save
from papers.models import EditionEntry, Paper, WantedPaper
from papers.records import PaperRecord
from papers.sources import SourceError
from tests.papers.sources.atom import arxiv, asked, error, feed
from tests.papers.sources.feed_server import Answer, FeedServer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def names(count: int) -> list[str]:
    return [f"2606.{number:05}" for number in range(1, count + 1)]


def test_a_named_paper_is_fetched_and_no_longer_wanted(feed_server: FeedServer) -> None:
    feed_server.respond = arxiv()
    wanted.want(["2606.00001"], NOW)
    assert arxiv_lookups.look_up(NOW).created == 1
    paper = Paper.objects.get()
    assert (paper.title, paper.version, paper.field) == ("On the paper 2606.00001", 2, "stat")
    assert paper.published_on == date(2026, 6, 1)
    assert not WantedPaper.objects.exists()
    assert not EditionEntry.objects.exists(), "a paper is not new because somebody named it"


def test_a_paper_that_arxiv_does_not_know_is_not_asked_for_every_hour(feed_server: FeedServer) -> None:
    feed_server.respond = arxiv(unknown=("2606.00002",))
    wanted.want(names(2), NOW)
    assert arxiv_lookups.look_up(NOW).created == 1
    row = WantedPaper.objects.get()
    assert (row.identifier, row.unknown, row.asked_at) == ("2606.00002", True, NOW)
    arxiv_lookups.look_up(NOW + DAY)
    assert len(feed_server.requests) == 1


def test_where_nothing_is_lacking_nothing_is_asked(
    feed_server: FeedServer, announced: Callable[..., PaperRecord]
) -> None:
    save([announced()], NOW)
    assert arxiv_lookups.look_up(NOW).papers == 0
    assert not feed_server.requests


def test_listed_papers_get_their_categories_and_arxivs_text(
    feed_server: FeedServer, listed: Callable[..., PaperRecord]
) -> None:
    feed_server.respond = arxiv()
    save([listed("2606.00001"), listed("doi:10.1101/12")], NOW)
    assert arxiv_lookups.look_up(NOW).updated == 1
    paper = Paper.objects.get(identifier="2606.00001")
    assert (paper.categories, paper.field, paper.looked_up_at) == (["stat.ML", "cs.LG"], "stat", NOW)
    assert paper.title == "On the paper 2606.00001"
    assert [asked(path) for path in feed_server.paths] == [["2606.00001"]]


def test_a_listed_paper_that_arxiv_does_not_know_is_asked_for_a_week_later(
    feed_server: FeedServer, listed: Callable[..., PaperRecord]
) -> None:
    feed_server.respond = arxiv(unknown=("2606.00001",))
    save([listed()], NOW)
    for days in (0, 1, 6, 8):
        arxiv_lookups.look_up(NOW + days * DAY)
    assert len(feed_server.requests) == 2


def test_the_newest_of_many_come_first_and_one_run_has_an_end(
    feed_server: FeedServer, listed: Callable[..., PaperRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arxiv_lookups, "MOST_INCOMPLETE", 2)
    feed_server.respond = arxiv()
    save([listed(name, listed_on=date(2026, 6, number)) for number, name in enumerate(names(3), 1)], NOW)
    arxiv_lookups.look_up(NOW)
    arxiv_lookups.look_up(NOW + timedelta(hours=1))
    assert [asked(path) for path in feed_server.paths] == [["2606.00003", "2606.00002"], ["2606.00001"]]


def test_many_are_asked_for_a_hundred_at_a_time_and_named_ones_first(
    feed_server: FeedServer, listed: Callable[..., PaperRecord]
) -> None:
    feed_server.respond = arxiv()
    save([listed("2605.00001")], NOW)
    wanted.want(names(230), NOW)
    assert arxiv_lookups.look_up(NOW).papers == 231
    assert [len(asked(path)) for path in feed_server.paths] == [100, 100, 31]
    assert asked(feed_server.paths[-1])[-1] == "2605.00001"


def test_what_a_refused_question_was_about_comes_without_the_one_to_blame(feed_server: FeedServer) -> None:
    feed_server.respond = arxiv(bad=("2606.00042",))
    wanted.want(names(100), NOW)
    assert arxiv_lookups.look_up(NOW).created == 99
    assert WantedPaper.objects.get().identifier == "2606.00042"
    assert len(feed_server.requests) == 15
    arxiv_lookups.look_up(NOW)
    assert len(feed_server.requests) == 15


@pytest.mark.parametrize("status", [200, 400])
def test_when_every_question_is_refused_the_asking_ends(feed_server: FeedServer, status: int) -> None:
    feed_server.default = Answer(feed(error()), status)
    wanted.want(names(100), NOW)
    with pytest.raises(SourceError, match=r"^arxiv-api: answered"):
        arxiv_lookups.look_up(NOW)
    assert len(feed_server.requests) == arxiv_lookups.MOST_REFUSALS + 1


@pytest.mark.parametrize(
    "answer", [Answer(status=500), Answer(feed()[:-9]), Answer(feed(), 406)], ids=["down", "truncated", "406"]
)
def test_a_failure_keeps_what_came_before_and_the_rest_waits(feed_server: FeedServer, answer: Answer) -> None:
    good = arxiv()
    feed_server.respond = lambda path, headers: answer if len(feed_server.requests) > 1 else good(path, headers)
    wanted.want(names(150), NOW)
    with pytest.raises(SourceError):
        arxiv_lookups.look_up(NOW)
    assert (Paper.objects.count(), WantedPaper.objects.count()) == (100, 50)
    feed_server.respond = good
    arxiv_lookups.look_up(NOW)
    assert (Paper.objects.count(), WantedPaper.objects.count()) == (150, 0)


def test_a_paper_that_was_not_asked_for_is_not_taken(feed_server: FeedServer) -> None:
    feed_server.respond = lambda path, headers: arxiv()("/?id_list=2606.00001,2606.00077", headers)
    wanted.want(["2606.00001"], NOW)
    arxiv_lookups.look_up(NOW)
    assert Paper.objects.get().identifier == "2606.00001"

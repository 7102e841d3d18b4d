import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from papers.feeds import stars
from papers.models import Paper, Signal, SignalKind
from papers.sources import SourceError, github
from tests.papers.sources.feed_server import Answer, FeedServer

NOW = datetime(2026, 6, 30, 11, tzinfo=UTC)
HALF_DAY = timedelta(hours=12)
Make = Callable[..., Paper]


@pytest.fixture
def make(db: None) -> Make:
    def make(number: int = 1, repo: str = "https://github.com/ann/code", **values: object) -> Paper:
        words = {"identifier": f"2606.{number:05}", "title": f"Paper {number}", "abstract": "…", "github_repo": repo}
        return Paper.objects.create(**({"listed_on": date(2026, 6, 29)} | words | values))

    return make


def body(count: object) -> bytes:
    return json.dumps({"full_name": "ann/code", "stargazers_count": count}).encode()


class Hub:
    """A GitHub that says when nothing has changed."""

    def __init__(self, **counts: int) -> None:
        self.counts = {f"/github/repos/ann/{name}": count for name, count in counts.items()}
        self.sent: list[int] = []

    def __call__(self, path: str, headers: dict[str, str]) -> Answer | None:
        count = self.counts.get(path)
        same = headers.get("If-None-Match") == f'"{count}"'
        self.sent.append(404 if count is None else 304 if same else 200)
        if count is None or same:
            return Answer(status=self.sent[-1])
        return Answer(body(count), headers={"ETag": f'"{count}"'})


def counts(paper: Paper) -> list[tuple[datetime, int]]:
    rows = paper.signals.filter(kind=SignalKind.STARS).order_by("observed_at")
    return list(rows.values_list("observed_at", "value"))


@pytest.mark.parametrize(
    "link",
    [
        "https://github.com/Ann/Code.py",
        "http://www.github.com/ann/code.py/",
        "github.com/ann/code.py.git",
        "https://github.com/ann/code.py/tree/main/examples",
        "https://github.com/ann/code.py?tab=readme#usage",
        "git@github.com:ann/code.py.git",
        " ann/code.py ",
    ],
)
def test_a_repository_is_read_from_any_link_to_it(link: str) -> None:
    assert github.repo_of(link) == ("ann", "code.py")


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://github.com/ann",
        "https://gitlab.com/ann/code",
        "https://github.com.example.org/ann/code",
        "https://github.com@example.org/ann/code",
        "https://gist.github.com/ann/0123",
        "https://github.com/ann/..",
        "https://github.com/../../user",
        "https://github.com/ann/co%2Fde",
        "https://github.com/ann/co de",
        "https://github.com/-ann/code",
    ],
)
def test_what_is_no_plain_link_to_a_repository_is_none(link: str) -> None:
    assert github.repo_of(link) is None


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", body(None), body(-1), body("many"), body(True), b"[" * 100_000])
def test_an_answer_without_a_count_is_an_error_of_this_source(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"^github: .* count of stars"):
        github.parse(data, NOW)


@pytest.mark.parametrize(("token", "sent"), [("", None), ("secret", "Bearer secret")])
def test_a_token_is_sent_where_there_is_one(
    feed_server: FeedServer, make: Make, settings: object, token: str, sent: str | None
) -> None:
    settings.GITHUB_TOKEN = token
    feed_server.respond = Hub(code=5)
    make()
    stars.observe(NOW)
    (_, headers) = feed_server.requests[0]
    assert headers.get("Authorization") == sent
    assert headers["Accept"] == "application/vnd.github+json"


def test_stars_are_stored_with_the_time_of_the_observation(feed_server: FeedServer, make: Make) -> None:
    feed_server.respond = Hub(code=5)
    paper = make()
    report = stars.observe(NOW)
    assert (report.papers, report.signals) == (1, 1)
    assert counts(paper) == [(NOW, 5)]
    paper.refresh_from_db()
    assert paper.stars_asked_at == NOW


def test_a_paper_is_observed_every_twelve_hours_and_not_before(feed_server: FeedServer, make: Make) -> None:
    feed_server.respond = Hub(code=5)
    paper = make()
    for hours in (0, 1, 11, 12, 13):
        stars.observe(NOW + timedelta(hours=hours))
    assert counts(paper) == [(NOW, 5), (NOW + HALF_DAY, 5)]


def test_unchanged_is_the_count_that_github_gave_and_not_a_lists_copy(feed_server: FeedServer, make: Make) -> None:
    hub = feed_server.respond = Hub(code=5)
    paper = make()
    stars.observe(NOW)
    Signal.objects.create(paper=paper, kind=SignalKind.STARS, value=3, observed_at=NOW + timedelta(hours=6))
    stars.observe(NOW + HALF_DAY)
    assert counts(paper)[-1] == (NOW + HALF_DAY, 5)
    assert hub.sent == [200, 304]


def test_without_the_count_that_unchanged_would_mean_the_whole_answer_is_asked_for(
    feed_server: FeedServer, make: Make
) -> None:
    hub = feed_server.respond = Hub(code=5)
    paper = make()
    stars.observe(NOW)
    Signal.objects.all().delete()
    stars.observe(NOW + HALF_DAY)
    assert counts(paper) == [(NOW + HALF_DAY, 5)]
    assert hub.sent == [200, 200]


def test_papers_with_one_repository_share_one_request(feed_server: FeedServer, make: Make) -> None:
    feed_server.respond = Hub(code=5)
    papers = [make(1), make(2, "https://github.com/Ann/code.git")]
    assert stars.observe(NOW).signals == 2
    late = make(3, "ann/code/tree/main")
    feed_server.respond.counts["/github/repos/ann/code"] = 6
    stars.observe(NOW + HALF_DAY)
    assert [counts(paper)[-1][1] for paper in [*papers, late]] == [6, 6, 6]
    assert len(feed_server.requests) == 2


def test_the_newest_come_first_then_the_most_followed_and_a_run_has_an_end(
    feed_server: FeedServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stars, "MOST", 3)
    feed_server.respond = Hub()
    yesterday = {"listed_on": date(2026, 6, 28)}
    make(1, "ann/quiet", trend=0.1), make(2, "ann/unknown"), make(3, "ann/loud", trend=0.9)
    make(4, "ann/older", trend=1.0, **yesterday), make(5, "ann/again", announced_on=date(2026, 6, 30), **yesterday)
    stars.observe(NOW)
    stars.observe(NOW)
    asked = [path.rpartition("/")[2] for path in feed_server.paths]
    assert asked == ["again", "loud", "quiet", "unknown", "older"]


def test_old_papers_and_papers_without_a_repository_are_not_asked_about(feed_server: FeedServer, make: Make) -> None:
    make(1, listed_on=date(2026, 4, 1)), make(2, ""), make(3, "https://example.org/ann/code")
    make(4, listed_on=None)
    assert stars.observe(NOW).signals == 0
    assert not feed_server.requests


@pytest.mark.parametrize(
    "answer",
    [Answer(status=404), Answer(status=451), Answer(status=301, headers={"Location": "https://api.github.com/x"})],
    ids=["gone", "blocked", "renamed"],
)
def test_a_repository_that_is_gone_or_has_moved_is_left_out_until_its_time_comes_again(
    feed_server: FeedServer, make: Make, answer: Answer
) -> None:
    feed_server.respond = Hub(code=5)
    feed_server.answers["/github/repos/ann/gone"] = answer
    gone, paper = make(1, "ann/gone", trend=1.0), make(2)
    assert stars.observe(NOW).signals == 1
    assert (counts(gone), counts(paper)) == ([], [(NOW, 5)])
    stars.observe(NOW + timedelta(hours=1))
    assert len(feed_server.requests) == 2


@pytest.mark.parametrize("status", [403, 429])
def test_when_the_allowance_is_used_up_the_asking_ends_and_what_came_stays(
    feed_server: FeedServer, make: Make, status: int
) -> None:
    used_up = {"X-RateLimit-Remaining": "0", "Retry-After": "3000"}
    feed_server.respond = Hub(code=5, more=6)
    feed_server.answers["/github/repos/ann/last"] = Answer(status=status, headers=used_up)
    paper, _, _ = make(1, trend=0.9), make(2, "ann/last", trend=0.5), make(3, "ann/more")
    with pytest.raises(SourceError, match=r"^github: is not to be asked for another"):
        stars.observe(NOW)
    assert counts(paper) == [(NOW, 5)]
    assert len(feed_server.requests) == 2


def test_a_repository_that_always_fails_does_not_hold_up_the_others(feed_server: FeedServer, make: Make) -> None:
    feed_server.respond = Hub(code=5)
    feed_server.answers["/github/repos/ann/odd"] = Answer(b"<html>")
    make(1, "ann/odd", trend=1.0)
    paper = make(2)
    with pytest.raises(SourceError, match="count of stars"):
        stars.observe(NOW)
    assert stars.observe(NOW + timedelta(hours=1)).signals == 1
    assert counts(paper)


def test_observing_stars_does_not_touch_the_text_that_vectors_stand_on(feed_server: FeedServer, make: Make) -> None:
    feed_server.respond = Hub(code=5)
    paper = make()
    stars.observe(NOW)
    assert Paper.objects.get().updated_at == paper.updated_at

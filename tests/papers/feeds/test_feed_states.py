"""What became of an announcement, category by category, and what is said of it as time passes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from papers.arxiv.announcements import EASTERN
from papers.feeds import arxiv_feed as announcement
from papers.feeds import feed_states, schedule
from papers.feeds.feed_states import Batch
from papers.feeds.health import State, judge
from papers.ingest.saving import save
from papers.models import FeedState, Paper
from papers.records import PaperRecord
from papers.sources import SourceError, arxiv_rss
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.papers.sources.rss import batch, feed, item

pytestmark = pytest.mark.django_db
# A week in August 2026: the 20th is a Thursday.
WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, MONDAY = (date(2026, 8, day) for day in (19, 20, 21, 22, 24))
URL = "/rss/cs+stat"


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=EASTERN).astimezone(UTC)


def state(category: str = "") -> FeedState:
    return FeedState.objects.get(source="arxiv", category=category)


def judged(category: str, now: datetime) -> State:
    return judge(state(category), now)


@pytest.fixture
def wednesday(sources: FeedServer) -> FeedServer:
    """Wednesday's announcement was read: a large category, one of six papers and a small one."""
    sources.answers[URL] = batch(WEDNESDAY, cs_LG=range(100, 120), cs_AI=range(200, 206), stat_ME=range(300, 302))
    schedule.ingest("arxiv", at(WEDNESDAY))
    return sources


def serve(server: FeedServer, day: date, now: datetime | None = None, **numbers: range) -> None:
    server.answers[URL] = batch(day, **numbers)
    schedule.ingest("arxiv", now or at(day))


def test_an_announcement_gives_each_category_its_own_state(wednesday: FeedServer) -> None:
    rows = FeedState.objects.order_by("category").values_list("category", "items", "usual_items", "last_batch_on")
    assert list(rows) == [
        ("", 28, 28.0, WEDNESDAY),
        ("cs.AI", 6, 6.0, WEDNESDAY),
        ("cs.LG", 20, 20.0, WEDNESDAY),
        ("stat.ME", 2, 2.0, WEDNESDAY),
    ]
    assert {judge(row, at(WEDNESDAY)) for row in FeedState.objects.all()} == {State.OK}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(THURSDAY, 1, 59), State.OK),
        (at(THURSDAY, 2), State.LATE),
        (at(FRIDAY, 1, 59), State.LATE),
        (at(FRIDAY, 2), State.STALE),
        (at(SATURDAY), State.STALE),
    ],
)
def test_a_batch_is_late_two_hours_after_midnight_and_stale_when_the_next_is_missing_too(
    wednesday: FeedServer, moment: datetime, expected: State
) -> None:
    assert judged("", moment) == judged("cs.LG", moment) == judged("stat.ME", moment) == expected


def test_at_the_weekend_nothing_is_late(wednesday: FeedServer) -> None:
    serve(wednesday, FRIDAY, cs_LG=range(400, 420), cs_AI=range(420, 426))
    wednesday.answers[URL] = Answer(feed(day=SATURDAY))
    schedule.ingest("arxiv", at(SATURDAY))
    assert [judged(name, at(SATURDAY)) for name in ("", "cs.LG", "cs.AI", "stat.ME")] == [State.QUIET] * 4
    assert (state().items, state().last_batch_on, state("cs.LG").items) == (0, FRIDAY, 20)
    assert judged("", at(MONDAY, 1)) == State.QUIET
    assert judged("", at(MONDAY, 3)) == State.LATE


def test_a_holiday_is_quiet_and_a_batch_that_comes_all_the_same_is_stored(
    sources: FeedServer, settings: object
) -> None:
    settings.ARXIV_HOLIDAYS = [THURSDAY]
    serve(sources, WEDNESDAY, cs_LG=range(10))
    assert judged("", at(THURSDAY)) == judged("", at(FRIDAY)) == State.QUIET
    serve(sources, FRIDAY, cs_LG=range(10, 20))
    assert (judged("cs.LG", at(FRIDAY)), Paper.objects.filter(announced_on=FRIDAY).count()) == (State.QUIET, 10)


def test_an_empty_feed_on_an_expected_day_is_a_late_batch(wednesday: FeedServer) -> None:
    wednesday.answers[URL] = Answer(feed(day=THURSDAY))
    schedule.ingest("arxiv", at(THURSDAY))
    assert judged("", at(THURSDAY)) == State.LATE
    assert (state().error, state().last_batch_on, state("cs.LG").items) == ("", WEDNESDAY, 20)


def test_a_category_that_is_missing_from_a_fresh_batch_is_late_and_a_small_one_is_quiet(
    wednesday: FeedServer,
) -> None:
    serve(wednesday, THURSDAY, cs_LG=range(400, 420))
    assert [judged(name, at(THURSDAY)) for name in ("", "cs.LG", "cs.AI", "stat.ME")] == [
        State.OK,
        State.OK,
        State.LATE,
        State.QUIET,
    ]
    # At once, without the grace that a batch gets: the batch is there.
    assert judged("cs.AI", at(THURSDAY, 0, 30)) == State.LATE


def test_a_category_that_stays_away_becomes_stale_and_its_usual_size_is_not_forgotten(wednesday: FeedServer) -> None:
    serve(wednesday, THURSDAY, cs_LG=range(400, 420))
    serve(wednesday, FRIDAY, cs_LG=range(420, 440))
    assert (judged("cs.AI", at(FRIDAY)), state("cs.AI").usual_items) == (State.STALE, 6.0)
    assert judged("stat.ME", at(FRIDAY)) == State.QUIET


@pytest.mark.parametrize(("came", "expected"), [(0, State.LATE), (2, State.LATE), (5, State.OK)])
def test_a_missing_category_is_no_longer_late_when_its_papers_came_in_another_way(
    wednesday: FeedServer, announced: Callable[..., PaperRecord], came: int, expected: State
) -> None:
    serve(wednesday, THURSDAY, cs_LG=range(400, 420))
    papers = [announced(f"2608.2{number:04d}", categories=("cs.AI",), announced_on=THURSDAY) for number in range(came)]
    save(papers, at(THURSDAY))
    announcement.make_up(at(THURSDAY))
    assert judged("cs.AI", at(THURSDAY)) == expected
    assert state("cs.AI").items == (came if expected == State.OK else 0)


def test_yesterdays_batch_under_todays_date_is_recognised_in_its_category_alone(wednesday: FeedServer) -> None:
    serve(wednesday, THURSDAY, cs_LG=range(400, 420), cs_AI=range(200, 206))
    assert (judged("cs.AI", at(THURSDAY)), judged("cs.LG", at(THURSDAY))) == (State.STALE, State.OK)
    assert (state("cs.AI").last_batch_on, state("cs.AI").dated_on) == (WEDNESDAY, THURSDAY)
    assert Paper.objects.filter(announced_on=WEDNESDAY).count() == 28


def test_a_new_paper_within_an_old_batch_is_not_lost_and_reading_it_again_changes_nothing(
    wednesday: FeedServer,
) -> None:
    for hour in (9, 10):
        serve(wednesday, THURSDAY, at(THURSDAY, hour), cs_LG=range(118, 122))
    assert list(Paper.objects.filter(announced_on=THURSDAY).values_list("identifier", flat=True).order_by("pk")) == [
        "2604.00120",
        "2604.00121",
    ]
    assert judged("", at(THURSDAY)) == judged("cs.LG", at(THURSDAY)) == State.STALE


def test_a_few_papers_of_yesterday_do_not_make_a_batch_old(wednesday: FeedServer) -> None:
    serve(wednesday, THURSDAY, cs_LG=range(118, 123), cs_AI=range(400, 406))
    assert judged("cs.LG", at(THURSDAY)) == State.OK


def test_a_whole_feed_of_yesterday_under_todays_date_is_stale(wednesday: FeedServer) -> None:
    serve(wednesday, THURSDAY, cs_LG=range(100, 120), cs_AI=range(200, 206), stat_ME=range(300, 302))
    assert {judge(row, at(THURSDAY)) for row in FeedState.objects.all()} == {State.STALE}
    assert not Paper.objects.filter(announced_on=THURSDAY).exists()


def test_yesterdays_feed_with_its_own_date_is_late(wednesday: FeedServer) -> None:
    schedule.ingest("arxiv", at(THURSDAY))
    assert judged("", at(THURSDAY)) == judged("cs.LG", at(THURSDAY)) == State.LATE


def test_a_feed_of_replacements_alone_is_a_late_batch_and_makes_no_paper(wednesday: FeedServer) -> None:
    wednesday.answers[URL] = batch(THURSDAY, kind="replace", cs_LG=range(500, 510))
    schedule.ingest("arxiv", at(THURSDAY))
    assert [judged(name, at(THURSDAY)) for name in ("", "cs.LG", "stat.ME")] == [State.LATE, State.LATE, State.QUIET]
    assert Paper.objects.count() == 28


def test_a_feed_from_before_the_newest_one_changes_no_state(wednesday: FeedServer) -> None:
    serve(wednesday, THURSDAY, cs_LG=range(400, 410), cs_AI=range(410, 416))
    serve(wednesday, WEDNESDAY, at(THURSDAY, 10), cs_LG=range(100, 120))
    assert (state("cs.LG").items, state("cs.LG").last_batch_on, state().items) == (10, THURSDAY, 16)
    assert judged("cs.AI", at(THURSDAY, 10)) == State.OK


def test_a_feed_from_the_future_is_refused(wednesday: FeedServer) -> None:
    with pytest.raises(SourceError, match=r"2026-08-24, which is yet to come\. Check this machine's clock"):
        serve(wednesday, MONDAY, at(THURSDAY), cs_LG=range(400, 420))
    assert (state().last_batch_on, Paper.objects.filter(announced_on=MONDAY).count()) == (WEDNESDAY, 0)
    assert judged("", at(THURSDAY)) == State.FAILING


def test_what_is_usual_follows_slowly_and_only_with_new_batches(wednesday: FeedServer) -> None:
    serve(wednesday, THURSDAY, cs_LG=range(400, 410))
    serve(wednesday, THURSDAY, at(THURSDAY, 10), cs_LG=range(400, 410))
    assert state("cs.LG").usual_items == pytest.approx(0.8 * 20 + 0.2 * 10)


def test_a_failure_is_told_from_silence_and_the_categories_keep_their_states(wednesday: FeedServer) -> None:
    wednesday.answers[URL] = Answer(status=500)
    with pytest.raises(SourceError):
        schedule.ingest("arxiv", at(WEDNESDAY, 11))
    assert judged("", at(WEDNESDAY, 11)) == State.FAILING
    assert (state().last_success_at, state("cs.LG").error) == (at(WEDNESDAY), "")
    assert judged("cs.LG", at(WEDNESDAY, 11)) == State.OK


def test_an_unchanged_feed_is_a_success_that_keeps_every_state(sources: FeedServer) -> None:
    answer = batch(WEDNESDAY, cs_LG=range(10))
    answer.headers = {"ETag": '"one"'}
    sources.respond = lambda path, headers: (
        Answer(status=304) if headers.get("If-None-Match") == '"one"' else answer if path == URL else None
    )
    schedule.ingest("arxiv", at(WEDNESDAY))
    assert schedule.ingest("arxiv", at(WEDNESDAY, 10)).papers == 0
    assert (state().items, state().last_success_at, state("cs.LG").last_batch_on) == (10, at(WEDNESDAY, 10), WEDNESDAY)


def test_a_category_that_is_no_longer_followed_is_forgotten(wednesday: FeedServer, settings: object) -> None:
    settings.ARXIV_CATEGORIES = ["cs.LG", "stat"]
    wednesday.answers["/rss/cs.LG+stat"] = batch(THURSDAY, cs_LG=range(400, 410), stat_ME=range(410, 412))
    schedule.ingest("arxiv", at(THURSDAY))
    assert set(FeedState.objects.values_list("category", flat=True)) == {"", "cs.LG", "stat.ME"}


@pytest.fixture
def cut(sources: FeedServer, monkeypatch: pytest.MonkeyPatch) -> FeedServer:
    """Answers are cut at four items."""
    monkeypatch.setattr(arxiv_rss, "LIMIT", 4)
    sources.answers[URL] = batch(WEDNESDAY, cs_LG=range(3), stat_ME=range(10, 11))
    sources.answers["/rss/cs"] = batch(WEDNESDAY, cs_LG=range(3))
    sources.answers["/rss/stat"] = batch(WEDNESDAY, stat_ME=range(10, 13))
    return sources


def test_categories_whose_answer_was_cut_are_asked_for_in_halves(cut: FeedServer) -> None:
    schedule.ingest("arxiv", at(WEDNESDAY))
    assert cut.paths == [URL, "/rss/cs", "/rss/stat"]
    assert Paper.objects.count() == 6
    assert (state().items, state("cs.LG").items, state("stat.ME").items) == (6, 3, 3)


def test_an_archive_whose_answer_was_cut_is_asked_for_by_its_known_categories(
    cut: FeedServer, settings: object
) -> None:
    settings.ARXIV_CATEGORIES = ["cs"]
    feed_states.note_batches(
        "arxiv", [Batch(WEDNESDAY, 9, WEDNESDAY, name) for name in ("cs.AI", "cs.LG")], at(WEDNESDAY)
    )
    cut.answers["/rss/cs"] = batch(THURSDAY, cs_LG=range(4))
    cut.answers["/rss/cs.AI"] = batch(THURSDAY, cs_AI=range(10, 12))
    cut.answers["/rss/cs.LG"] = batch(THURSDAY, cs_LG=range(5))
    schedule.ingest("arxiv", at(THURSDAY))
    assert (Paper.objects.count(), state("cs.LG").items, state("cs.AI").items) == (7, 5, 2)


def test_one_category_with_as_many_papers_as_fit_is_taken_as_it_is(cut: FeedServer, settings: object) -> None:
    settings.ARXIV_CATEGORIES = ["cs.LG"]
    cut.answers["/rss/cs.LG"] = batch(WEDNESDAY, cs_LG=range(4))
    schedule.ingest("arxiv", at(WEDNESDAY))
    assert (cut.paths, state("cs.LG").items) == (["/rss/cs.LG"], 4)


def test_a_failure_in_the_second_half_keeps_the_first_and_is_made_good_later(cut: FeedServer) -> None:
    whole, cut.answers["/rss/stat"] = cut.answers["/rss/stat"], Answer(status=500)
    with pytest.raises(SourceError):
        schedule.ingest("arxiv", at(WEDNESDAY))
    assert Paper.objects.filter(primary_category="cs.LG").count() == 3
    assert (judged("", at(WEDNESDAY)), state().last_batch_on) == (State.FAILING, WEDNESDAY)
    assert judged("cs.LG", at(WEDNESDAY)) == State.OK
    cut.answers["/rss/stat"] = whole
    schedule.ingest("arxiv", at(WEDNESDAY, 10))
    assert (Paper.objects.count(), state().items, judged("", at(WEDNESDAY, 10))) == (6, 6, State.OK)


def test_a_half_that_did_not_change_keeps_its_states_while_the_other_is_read(cut: FeedServer) -> None:
    cut.answers["/rss/cs"].headers = {"ETag": '"cs"'}
    broken, cut.answers["/rss/stat"] = cut.answers["/rss/stat"], Answer(status=500)
    with pytest.raises(SourceError):
        schedule.ingest("arxiv", at(WEDNESDAY))
    cut.answers["/rss/stat"], cut.answers["/rss/cs"] = broken, Answer(status=304)
    schedule.ingest("arxiv", at(WEDNESDAY, 10))
    assert (state("cs.LG").items, judged("cs.LG", at(WEDNESDAY, 10)), state().items) == (3, State.OK, 6)


def test_a_cut_answer_counts_as_read_only_when_its_halves_are_stored(cut: FeedServer) -> None:
    cut.answers[URL].headers = {"ETag": '"all"'}
    broken, cut.answers["/rss/stat"] = cut.answers["/rss/stat"], Answer(status=500)
    with pytest.raises(SourceError):
        schedule.ingest("arxiv", at(WEDNESDAY))
    cut.answers["/rss/stat"] = broken
    schedule.ingest("arxiv", at(WEDNESDAY, 10))
    schedule.ingest("arxiv", at(WEDNESDAY, 11))
    sent = [headers.get("If-None-Match") for path, headers in cut.requests if path == URL]
    assert sent == [None, None, '"all"']


Row = Callable[..., FeedState]


def row(source: str, **values: object) -> FeedState:
    return FeedState(source=source, **values)


@pytest.mark.parametrize(
    ("source", "ago", "expected"),
    [
        ("huggingface", timedelta(hours=3), State.OK),
        ("huggingface", timedelta(hours=4), State.STALE),
        ("arxiv-oai", timedelta(days=3), State.OK),
        ("arxiv-oai", timedelta(days=4), State.STALE),
        ("sample", timedelta(days=400), State.OK),
    ],
)
def test_a_source_without_a_calendar_is_stale_after_three_missed_periods(
    source: str, ago: timedelta, expected: State
) -> None:
    now = at(THURSDAY)
    assert judge(row(source, last_success_at=now - ago), now) == expected
    assert judge(row(source, last_success_at=now - ago, category="file"), now) == State.OK
    assert judge(row(source, last_success_at=now - ago, error="down"), now) == State.FAILING


@pytest.mark.parametrize(
    ("newest", "moment", "expected"),
    [
        (THURSDAY, at(THURSDAY), State.OK),
        (WEDNESDAY, at(THURSDAY), State.OK),
        (WEDNESDAY, at(FRIDAY), State.LATE),
        (WEDNESDAY, at(SATURDAY), State.STALE),
        (FRIDAY, at(SATURDAY), State.QUIET),
        (FRIDAY, at(MONDAY), State.OK),
    ],
)
def test_a_daily_list_is_due_when_its_weekday_is_over(newest: date, moment: datetime, expected: State) -> None:
    listed = row("huggingface", last_batch_on=newest, items=20, last_success_at=moment)
    assert judge(listed, moment) == expected


def test_a_feed_without_any_batch_yet_is_late_on_a_working_day_only(db: None) -> None:
    fresh = row("arxiv", dated_on=FRIDAY, last_success_at=at(FRIDAY))
    assert judge(fresh, at(FRIDAY)) == State.LATE
    assert judge(fresh, at(SATURDAY)) == State.QUIET


def test_the_admin_lists_the_worst_state_first_and_in_words(wednesday: FeedServer, admin_client: Client) -> None:
    now = datetime.now(UTC)
    FeedState.objects.all().delete()
    FeedState.objects.create(source="github", last_success_at=now)
    FeedState.objects.create(source="arxiv-oai", last_success_at=now - timedelta(days=9))
    worked = datetime(2026, 8, 20, 8, 20, tzinfo=UTC)
    FeedState.objects.create(source="huggingface", last_success_at=worked, error="huggingface: answered 500.")
    FeedState.objects.create(source="new", error="new: answered 500.")
    page = admin_client.get("/admin/papers/feedstate/").content.decode()
    words = ("failing since 20 Aug 2026, 08:20 UTC", "stale: nothing new", "in order")
    places = [page.index(f">{each}") for each in words]
    assert places == sorted(places)
    assert "huggingface: answered 500." in page
    assert "failing from the start" in page


def test_an_item_is_counted_once_and_crosses_count_for_nobody(sources: FeedServer) -> None:
    items = [item(1, day=WEDNESDAY), item(2, "cross", WEDNESDAY, category="math.OC cs.LG"), item(3, day=WEDNESDAY)]
    sources.answers[URL] = Answer(feed(*items, day=WEDNESDAY))
    schedule.ingest("arxiv", at(WEDNESDAY))
    assert (state().items, state("cs.LG").items, Paper.objects.count()) == (2, 2, 3)
    assert not FeedState.objects.filter(category="math.OC").exists()

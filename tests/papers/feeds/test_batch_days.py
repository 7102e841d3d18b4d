"""Under which day a batch is filed when the dates of the feed lag behind arXiv's calendar."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from papers.arxiv.announcements import EASTERN
from papers.feeds import feed_states, schedule
from papers.feeds.announcement_status import edition_header
from papers.feeds.health import State, judge
from papers.models import Edition, FeedState, Paper
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.papers.sources.rss import batch, feed, item

pytestmark = pytest.mark.django_db
# A week in August 2026: the 20th is a Thursday.
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, MONDAY = (date(2026, 8, day) for day in (18, 19, 20, 21, 22, 24))
URL = "/rss/cs+stat"
OLD, NEW, NEWEST = range(100, 130), range(200, 230), range(300, 330)


def at(day: date, hour: int = 5, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=EASTERN).astimezone(UTC)


def read(server: FeedServer, answer: Answer, now: datetime) -> None:
    server.answers[URL] = answer
    schedule.ingest("arxiv", now)


@pytest.fixture
def wednesday(sources: FeedServer) -> FeedServer:
    """Wednesday's thirty papers came on Wednesday."""
    read(sources, batch(WEDNESDAY, cs_LG=OLD), at(WEDNESDAY))
    return sources


def filed() -> dict[date | None, int]:
    return dict(Counter(Paper.objects.values_list("announced_on", flat=True)))


def test_new_papers_under_yesterdays_date_are_todays_and_nobody_waits_for_them(wednesday: FeedServer) -> None:
    read(wednesday, batch(WEDNESDAY, cs_LG=NEW), at(THURSDAY))
    assert filed() == {WEDNESDAY: 30, THURSDAY: 30}
    assert Edition.objects.get(date=THURSDAY).papers.count() == 30
    assert not feed_states.is_awaiting(THURSDAY)
    assert {judge(row, at(THURSDAY)) for row in FeedState.objects.all()} == {State.OK}
    header = edition_header((), at(THURSDAY))
    assert header is not None
    assert (header.announced_on, header.papers, header.missing) == (THURSDAY, 30, None)


def test_a_lagging_batch_that_is_read_again_stays_where_it_is(wednesday: FeedServer) -> None:
    for moment in (at(THURSDAY), at(THURSDAY, 9), at(FRIDAY, 0, 20), at(SATURDAY)):
        read(wednesday, batch(WEDNESDAY, cs_LG=NEW), moment)
    assert filed() == {WEDNESDAY: 30, THURSDAY: 30}


def test_days_that_lag_one_after_the_other_are_told_apart(wednesday: FeedServer) -> None:
    read(wednesday, batch(WEDNESDAY, cs_LG=NEW), at(THURSDAY))
    read(wednesday, batch(THURSDAY, cs_LG=NEWEST), at(FRIDAY))
    assert filed() == {WEDNESDAY: 30, THURSDAY: 30, FRIDAY: 30}


def test_dates_that_stand_still_for_days_do_not_hold_the_batches_back(wednesday: FeedServer) -> None:
    read(wednesday, batch(WEDNESDAY, cs_LG=NEW), at(THURSDAY))
    read(wednesday, batch(WEDNESDAY, cs_LG=NEWEST), at(FRIDAY))
    assert filed() == {WEDNESDAY: 30, THURSDAY: 30, FRIDAY: 30}
    assert judge(FeedState.objects.get(source="arxiv", category=""), at(FRIDAY)) == State.OK


@pytest.mark.parametrize("added", [0, 10])
def test_yesterdays_feed_stays_yesterdays_also_with_papers_that_were_added(wednesday: FeedServer, added: int) -> None:
    read(wednesday, batch(WEDNESDAY, cs_LG=range(100, 130 + added)), at(THURSDAY, 0, 20))
    assert filed() == {WEDNESDAY: 30 + added}
    assert feed_states.is_awaiting(THURSDAY)


def test_a_batch_that_came_in_pieces_stays_together(sources: FeedServer) -> None:
    read(sources, batch(WEDNESDAY, cs_LG=OLD[:2]), at(WEDNESDAY))
    read(sources, batch(WEDNESDAY, cs_LG=OLD), at(THURSDAY, 0, 20))
    assert filed() == {WEDNESDAY: 30}


def test_a_category_that_was_late_is_filed_under_its_own_day_after_midnight(wednesday: FeedServer) -> None:
    read(wednesday, batch(WEDNESDAY, cs_LG=OLD, cs_AI=range(400, 420)), at(THURSDAY, 0, 20))
    assert filed() == {WEDNESDAY: 50}


def test_a_whole_feed_that_was_late_is_filed_under_its_own_day_and_the_next_one_under_the_next(
    sources: FeedServer,
) -> None:
    read(sources, batch(TUESDAY, cs_LG=OLD), at(TUESDAY))
    read(sources, batch(WEDNESDAY, cs_LG=NEW), at(THURSDAY, 0, 20))
    assert filed() == {TUESDAY: 30, WEDNESDAY: 30}
    read(sources, batch(WEDNESDAY, cs_LG=NEWEST), at(THURSDAY))
    assert filed() == {TUESDAY: 30, WEDNESDAY: 30, THURSDAY: 30}


def test_a_category_that_is_followed_since_today_is_taken_at_its_word(wednesday: FeedServer, settings: object) -> None:
    settings.ARXIV_CATEGORIES = ["math"]
    wednesday.answers["/rss/math"] = batch(WEDNESDAY, math_NT=NEW)
    schedule.ingest("arxiv", at(THURSDAY, 0, 20))
    assert filed() == {WEDNESDAY: 60}


def test_items_that_lag_behind_their_own_feed_are_filed_under_its_day(sources: FeedServer) -> None:
    items = [item(number, day=WEDNESDAY) for number in NEW]
    read(sources, Answer(feed(*items, day=THURSDAY)), at(THURSDAY))
    assert filed() == {THURSDAY: 30}


def test_after_a_weekend_what_is_new_under_fridays_date_is_mondays(sources: FeedServer) -> None:
    read(sources, batch(FRIDAY, cs_LG=OLD), at(FRIDAY))
    read(sources, batch(FRIDAY, cs_LG=OLD), at(SATURDAY))
    read(sources, batch(FRIDAY, cs_LG=NEW), at(MONDAY))
    assert filed() == {FRIDAY: 30, MONDAY: 30}


def test_no_batch_is_filed_under_a_weekend(sources: FeedServer) -> None:
    read(sources, batch(THURSDAY, cs_LG=OLD), at(THURSDAY))
    read(sources, batch(THURSDAY, cs_LG=NEW), at(SATURDAY))
    assert filed() == {THURSDAY: 30, FRIDAY: 30}


def test_a_batch_that_is_expected_goes_before_a_holiday(sources: FeedServer, settings: object) -> None:
    settings.ARXIV_HOLIDAYS = [THURSDAY]
    read(sources, batch(TUESDAY, cs_LG=OLD), at(TUESDAY))
    read(sources, batch(TUESDAY, cs_LG=NEW), at(THURSDAY))
    assert filed() == {TUESDAY: 30, WEDNESDAY: 30}


def test_a_batch_that_comes_on_a_holiday_all_the_same_is_that_days(wednesday: FeedServer, settings: object) -> None:
    settings.ARXIV_HOLIDAYS = [THURSDAY]
    read(wednesday, batch(WEDNESDAY, cs_LG=OLD), at(THURSDAY, 0, 20))
    read(wednesday, batch(WEDNESDAY, cs_LG=NEW), at(THURSDAY))
    assert filed() == {WEDNESDAY: 30, THURSDAY: 30}


def test_crosses_and_replacements_come_along_and_a_few_papers_of_yesterday_keep_their_day(
    wednesday: FeedServer,
) -> None:
    items = [item(number, day=WEDNESDAY) for number in (*OLD[:3], *NEW)]
    crossed = item(500, "cross", WEDNESDAY, category="math.OC cs.LG")
    replaced = item(OLD[9], "replace", WEDNESDAY)
    read(wednesday, Answer(feed(*items, crossed, replaced, day=WEDNESDAY)), at(THURSDAY))
    assert filed() == {WEDNESDAY: 30, THURSDAY: 31}


def test_a_feed_that_bears_a_date_of_long_ago_is_taken_at_its_word(sources: FeedServer) -> None:
    first = date(2026, 7, 1)
    read(sources, batch(first, cs_LG=OLD), at(first))
    read(sources, batch(first, cs_LG=NEW), at(THURSDAY))
    assert filed() == {first: 60}


def test_where_batches_are_cut_the_halves_go_with_the_whole(
    wednesday: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papers.sources.arxiv_rss.LIMIT", 20)
    wednesday.answers["/rss/cs"] = batch(WEDNESDAY, cs_LG=NEW[:19])
    wednesday.answers["/rss/stat"] = batch(WEDNESDAY, stat_ME=range(600, 610))
    read(wednesday, batch(WEDNESDAY, cs_LG=NEW[:15], stat_ME=range(600, 605)), at(THURSDAY))
    assert filed() == {WEDNESDAY: 30, THURSDAY: 29}

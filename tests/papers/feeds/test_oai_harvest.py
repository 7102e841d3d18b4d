import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from urllib.parse import unquote

import pytest

from papers.feeds import harvest, harvest_pages, schedule
from papers.feeds.harvest_pages import Wish
from papers.feeds.health import State, judge
from papers.ingest.saving import Report, save
from papers.models import EditionEntry, FeedState, Harvest, Paper
from papers.records import Announced, PaperRecord
from papers.sources import SourceError
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.papers.sources.oai_pages import Listing, deleted, error, number_of, page, record, token_of
from tests.papers.sources.test_oai import BILLION_LAUGHS

pytestmark = pytest.mark.django_db
WISH = Wish("cs", date(2026, 6, 1))
ON_THREE_PAGES = [[record(arxiv_id=f"2606.0000{n}")] for n in (1, 2, 3)]


@pytest.fixture
def server(feed_server: FeedServer, settings: object) -> FeedServer:
    settings.ARXIV_CATEGORIES = ["cs"]
    return feed_server


def serve(server: FeedServer, *pages: list[str]) -> Listing:
    server.respond = Listing(*pages)
    return server.respond


def fill(wish: Wish, now: datetime, **options: bool) -> Harvest:
    begun = harvest.begin(wish, now, **options)
    for _ in harvest.backfill(begun, now):
        pass
    return Harvest.objects.get(pk=begun.pk)


def identifiers() -> list[str]:
    return list(Paper.objects.order_by("identifier").values_list("identifier", flat=True))


def test_what_changed_in_four_days_is_asked_for_in_every_set(
    server: FeedServer, settings: object, now: datetime
) -> None:
    settings.ARXIV_CATEGORIES = ["cs", "quant-ph", "cs.LG"]
    listing = serve(server, [record()])
    harvest.reconcile(now)
    asked = {"verb": "ListRecords", "metadataPrefix": "arXiv", "from": "2026-06-26"}
    assert listing.asked == [asked | {"set": "cs"}, asked | {"set": "physics:quant-ph"}]


def test_a_list_is_followed_from_page_to_page_by_its_tokens_alone(server: FeedServer, now: datetime) -> None:
    listing = serve(server, *ON_THREE_PAGES)
    report = harvest.reconcile(now)
    assert identifiers() == ["2606.00001", "2606.00002", "2606.00003"]
    assert report.created == 3
    assert listing.asked[1:] == [{"verb": "ListRecords", "resumptionToken": token_of(n)} for n in (2, 3)]


def test_a_paper_that_the_feed_missed_enters_the_edition_of_its_likely_day(server: FeedServer, now: datetime) -> None:
    serve(server, [record()])
    harvest.reconcile(now)
    assert EditionEntry.objects.get().edition.date == date(2026, 6, 29)


def test_the_day_that_the_feed_said_stands_against_the_likely_one(server: FeedServer, now: datetime) -> None:
    said = PaperRecord(
        "2606.00001", "On it", "Said.", version=1, announced_on=date(2026, 6, 30), announced_as=Announced.NEW
    )
    save([said], now)
    serve(server, [record()])
    harvest.reconcile(now)
    assert Paper.objects.get().announced_on == date(2026, 6, 30)
    assert EditionEntry.objects.get().edition.date == date(2026, 6, 30)


def test_a_revised_paper_is_not_made_new(server: FeedServer, now: datetime) -> None:
    serve(server, [record(updated="2026-06-28")])
    harvest.reconcile(now)
    assert not EditionEntry.objects.exists()


def test_an_old_paper_is_updated_where_we_have_it_and_is_no_news_where_not(server: FeedServer, now: datetime) -> None:
    old = {"created": "2009-03-02", "updated": "2009-04-01", "doi": "10.1234/late"}
    save([PaperRecord("0903.0001", "On it", "As it was.", version=1)], now)
    serve(server, [record(arxiv_id="0903.0001", **old), record(arxiv_id="0903.0002", **old), record()])
    report = harvest.reconcile(now)
    assert identifiers() == ["0903.0001", "2606.00001"]
    assert Paper.objects.get(identifier="0903.0001").doi == "10.1234/late"
    assert (report.created, report.updated) == (1, 1)


def test_the_month_of_an_identifier_tells_a_papers_age_where_its_record_does_not(
    server: FeedServer, now: datetime
) -> None:
    serve(
        server, [record(arxiv_id="0903.0002"), record(arxiv_id="2605.00001"), record(arxiv_id="2606.00001", created="")]
    )
    harvest.reconcile(now)
    assert identifiers() == ["2606.00001"]


def test_a_second_harvest_changes_nothing(server: FeedServer, now: datetime) -> None:
    serve(server, *ON_THREE_PAGES)
    harvest.reconcile(now)
    before = list(Paper.objects.order_by("pk").values())
    assert harvest.reconcile(now + timedelta(hours=1)) == Report(unchanged=3)
    assert list(Paper.objects.order_by("pk").values()) == before


def test_a_day_without_changes_is_no_failure(server: FeedServer, now: datetime) -> None:
    server.default = Answer(error("noRecordsMatch"))
    assert harvest.reconcile(now) == Report()


def test_an_overloaded_arxiv_is_asked_again_after_the_rest_that_it_wants(server: FeedServer, now: datetime) -> None:
    refusals = [Answer(status=503, headers={"Retry-After": "0"})]
    server.respond = lambda path, headers: refusals.pop() if refusals else Answer(page([record()]))
    assert harvest.reconcile(now).created == 1
    assert len(server.requests) == 2


def test_arxiv_gets_time_to_put_a_page_together(server: FeedServer, settings: object, now: datetime) -> None:
    settings.SOURCE_TIMEOUT = 0.1
    server.default = Answer(hangs=True)
    with pytest.raises(SourceError, match=r"arxiv-oai: did not answer within 0\.6 s"):
        harvest.reconcile(now)


Look = Callable[[datetime], object]


@pytest.mark.parametrize("look", [harvest.reconcile, lambda now: fill(WISH, now)], ids=["daily", "back-fill"])
@pytest.mark.parametrize(
    ("second", "words"),
    [
        (Answer(page(ON_THREE_PAGES[1])[:-20]), "is not XML"),
        (Answer(BILLION_LAUGHS), "is refused"),
        (Answer(error("badArgument", "What?")), r"badArgument: What\?"),
        (Answer(status=500), "answered 500"),
        (Answer(page(ON_THREE_PAGES[1], token_of(2))), "names a page as the next one that was read before"),
        (Answer(page(ON_THREE_PAGES[0], token_of(3))), "serves the same papers on one page after the other"),
        (Answer(page([], token_of(3))), "serves an empty page in the middle of a list"),
        (Answer(page([], "")), "serves an empty page in the middle of a list"),
        (Answer(error("noRecordsMatch")), "serves an empty page in the middle of a list"),
        (Answer(page(ON_THREE_PAGES[1], "", total=3)), "ends a list of 3 records after 2"),
        (Answer(page(ON_THREE_PAGES[1]), headers={"Content-Length": "9999"}), "could not be reached"),
    ],
)
def test_an_end_that_the_source_did_not_name_is_an_error_that_goes_on_from_there(
    server: FeedServer, now: datetime, second: Answer, words: str, look: Look
) -> None:
    listing = Listing(*ON_THREE_PAGES)
    server.respond = lambda path, headers: second if token_of(2) in unquote(path) else listing(path, headers)
    with pytest.raises(SourceError, match=words):
        look(now)
    assert identifiers()[0] == "2606.00001"
    assert not Harvest.objects.get().finished_at
    server.respond, asked = listing, len(listing.asked)
    look(now + timedelta(hours=1))
    assert [number_of(query) for query in listing.asked[asked:]] == [2, 3]
    assert len(identifiers()) == 3
    assert Harvest.objects.get().finished_at == now + timedelta(hours=1)


def test_a_token_whose_day_is_over_starts_the_list_over(
    server: FeedServer, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    listing = serve(server, *ON_THREE_PAGES)
    refusals = [Answer(error("badResumptionToken", "Too old"))]
    server.respond = lambda path, headers: refusals.pop() if refusals and "Token" in path else listing(path, headers)
    with caplog.at_level(logging.WARNING, logger="papers"):
        harvest.reconcile(now)
    assert [number_of(query) for query in listing.asked] == [1, 1, 2, 3]
    assert len(identifiers()) == 3
    assert "Too old" in caplog.text


def test_pages_that_name_each_other_in_a_circle_are_left(server: FeedServer, now: datetime) -> None:
    pages = {
        number: page(ON_THREE_PAGES[number - 1], token_of(number % 3 + 1 if number < 3 else 2)) for number in (1, 2, 3)
    }
    listing = Listing(*ON_THREE_PAGES)
    listing.page = pages.__getitem__
    server.respond = listing
    with pytest.raises(SourceError, match="names a page as the next one that was read before"):
        harvest.reconcile(now)
    assert [number_of(query) for query in listing.asked] == [1, 2, 3]


def test_an_empty_list_counts_as_read_only_where_the_source_says_that_nothing_was_changed(
    server: FeedServer, now: datetime
) -> None:
    server.default = Answer(page([]))
    with pytest.raises(SourceError, match="does not say that nothing was changed"):
        harvest.reconcile(now)
    server.default = Answer(error("noRecordsMatch"))
    harvest.reconcile(now)
    assert Harvest.objects.get().finished_at == now


def test_records_that_cannot_be_read_count_as_records_of_the_list(server: FeedServer, now: datetime) -> None:
    server.default = Answer(page([record(), record(title=""), deleted("2606.00003")], "", total=3))
    assert harvest.reconcile(now).created == 1


def test_days_on_which_the_daily_look_failed_are_made_up_for(server: FeedServer, now: datetime) -> None:
    listing = serve(server, [record()])
    harvest.reconcile(now)
    harvest.reconcile(now + timedelta(days=9))
    assert [query["from"] for query in listing.asked] == ["2026-06-26", "2026-06-30"]


def test_a_look_that_ended_days_ago_is_gone_on_with_and_what_came_since_is_asked_for(
    server: FeedServer, now: datetime
) -> None:
    listing = Listing(*ON_THREE_PAGES)
    server.respond = lambda path, headers: (
        Answer(status=500) if token_of(3) in unquote(path) else listing(path, headers)
    )
    with pytest.raises(SourceError):
        harvest.reconcile(now)
    server.respond = listing
    harvest.reconcile(now + timedelta(days=9))
    assert [(number_of(query), query.get("from")) for query in listing.asked[2:]] == [
        (3, None),
        (1, "2026-06-30"),
        (2, None),
        (3, None),
    ]


def test_a_set_that_cannot_be_read_stops_no_other(server: FeedServer, settings: object, now: datetime) -> None:
    settings.ARXIV_CATEGORIES = ["math", "cs"]
    server.respond = lambda path, headers: Answer(page([record()])) if "set=cs" in path else Answer(status=500)
    with pytest.raises(SourceError, match="answered 500"):
        harvest.reconcile(now)
    assert identifiers() == ["2606.00001"]


@pytest.mark.parametrize("refused", [Answer(error("badResumptionToken")), Answer(status=400)])
def test_a_source_that_takes_none_of_its_tokens_is_given_up(server: FeedServer, now: datetime, refused: Answer) -> None:
    listing = Listing(*ON_THREE_PAGES)
    server.respond = lambda path, headers: refused if "resumptionToken" in path else listing(path, headers)
    with pytest.raises(SourceError, match=r"Start over from the first page"):
        harvest.reconcile(now)
    assert len(listing.asked) == 3


def test_a_back_fill_goes_on_where_it_was_left(server: FeedServer, now: datetime) -> None:
    listing = serve(server, *ON_THREE_PAGES)
    next(harvest.backfill(harvest.begin(WISH, now), now))
    assert fill(WISH, now).papers == 3
    assert [number_of(query) for query in listing.asked] == [1, 2, 3]


def test_a_page_that_was_stored_but_not_remembered_is_stored_again_without_effect(
    server: FeedServer, now: datetime
) -> None:
    listing = serve(server, *ON_THREE_PAGES)
    next(harvest.backfill(harvest.begin(WISH, now), now))
    harvest_pages.store(WISH, token_of(2), now)
    before = list(Paper.objects.order_by("pk").values())
    begun = fill(WISH, now)
    assert [number_of(query) for query in listing.asked] == [1, 2, 2, 3]
    assert list(Paper.objects.order_by("pk").values())[:2] == before
    assert begun.papers == 3


def test_a_back_fill_whose_token_is_too_old_starts_over_and_counts_anew(server: FeedServer, now: datetime) -> None:
    listing = serve(server, *ON_THREE_PAGES)
    begun = harvest.begin(WISH, now)
    next(harvest.backfill(begun, now))
    Harvest.objects.update(token="of yesterday%3D1")
    refusals = [Answer(error("badResumptionToken"))]
    server.respond = lambda path, headers: refusals.pop() if "yesterday" in path else listing(path, headers)
    assert fill(WISH, now).papers == 3
    assert [number_of(query) for query in listing.asked] == [1, 1, 2, 3]


def test_a_finished_back_fill_asks_only_for_what_came_since_it_began(server: FeedServer, now: datetime) -> None:
    listing = serve(server, *ON_THREE_PAGES)
    assert fill(WISH, now).finished_at == now
    later = now + timedelta(days=3)
    again = fill(WISH, later)
    assert [query.get("from") for query in listing.asked] == ["2026-06-01", None, None, "2026-06-30", None, None]
    assert (again.started_at, again.finished_at, again.papers) == (later, later, 3)


def test_a_back_fill_leaves_the_daily_look_due(server: FeedServer, now: datetime) -> None:
    serve(server, *ON_THREE_PAGES)
    fill(WISH, now)
    assert "arxiv-oai" in schedule.due(now)
    (state,) = FeedState.objects.all()
    assert (state.category, state.items, judge(state, now + timedelta(days=400))) == ("back-fill", 3, State.OK)


def test_a_back_fill_may_begin_anew(server: FeedServer, now: datetime) -> None:
    listing = serve(server, *ON_THREE_PAGES)
    fill(WISH, now)
    fill(WISH, now + timedelta(days=3), restart=True)
    assert listing.asked[3]["from"] == "2026-06-01"


def test_old_papers_are_filled_in_where_all_are_wanted(server: FeedServer, now: datetime) -> None:
    serve(server, [record(arxiv_id="0903.0002", created="2009-03-02"), record(), deleted("0903.0003")])
    begun = harvest.begin(WISH, now)
    (one,) = harvest.backfill(begun, now)
    assert (one.saved.created, one.passed_over, one.deleted, one.records) == (1, 1, 1, 3)
    begun = harvest.begin(WISH, now, restart=True)
    (one,) = harvest.backfill(begun, now, with_old=True)
    assert (one.saved.created, one.saved.unchanged, one.passed_over) == (1, 1, 0)

"""Dates that cannot be: refused from every source, overlooked where they are stored already, found and forgotten."""

import gzip
import json
import logging
import pkgutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.timezone import now as clock

from papers import sources
from papers.editions.lists import newest_edition
from papers.feeds import feed_states, health
from papers.feeds.announcement_status import edition_header
from papers.feeds.feed_states import Batch
from papers.feeds.health import State
from papers.ingest import odd_dates
from papers.ingest.saving import save
from papers.models import Edition, EditionEntry, FeedState, Paper, Signal
from papers.records import EARLIEST, PaperRecord, SignalRecord, latest_day
from papers.sources import SourceError, arxiv_api, arxiv_oai, arxiv_rss, github, huggingface, jsonl
from tests.papers.feeds.test_ingest_command import run
from tests.papers.sources import atom, lists, oai_pages, rss

NOW = datetime(2026, 6, 30, 10, tzinfo=UTC)
GOOD_DAY = date(2026, 6, 26)
TO_COME = [date(9999, 12, 31), date(2999, 1, 1)]
LONG_AGO = [date(999, 1, 1), date(1664, 12, 31)]
Days = list[date]


def of_rss(days: Days) -> list[PaperRecord]:
    return arxiv_rss.parse(rss.feed(*(rss.item(number, day=day) for number, day in enumerate(days, 1))))


def of_api(days: Days) -> list[PaperRecord]:
    entries = (atom.entry(f"2606.{n:05}", published=f"{day}T01:00:00Z") for n, day in enumerate(days, 1))
    return arxiv_api.parse(atom.feed(*entries))


def of_oai(days: Days) -> list[PaperRecord]:
    records = [oai_pages.record(f"2606.{n:05}", created=str(day)) for n, day in enumerate(days, 1)]
    return list(arxiv_oai.parse(oai_pages.page(records)).records)


def of_huggingface(days: Days) -> list[PaperRecord]:
    items = [lists.item(n, submittedOnDailyAt=f"{day}T00:00:00Z") for n, day in enumerate(days, 1)]
    return huggingface.parse(json.dumps(items).encode(), GOOD_DAY, NOW)


def of_jsonl(days: Days) -> list[PaperRecord]:
    words = {"title": "On files", "abstract": "One line each."}
    rows = [words | {"arxiv_id": f"2606.{n:05}", "first_seen_on": str(day)} for n, day in enumerate(days, 1)]
    return list(jsonl.parse(BytesIO("\n".join(json.dumps(row) for row in rows).encode()), lambda number, reason: None))


def of_github(days: Days) -> list[SignalRecord]:
    """The time of a count is our own; one that is not to be believed is refused all the same."""
    found = []
    for day in days:
        try:
            found.append(github.parse(b'{"stargazers_count": 3}', datetime(day.year, day.month, day.day, tzinfo=UTC)))
        except ValueError:
            continue
    return found


READERS: dict[str, Callable[[Days], list[Any]]] = {
    "arxiv_rss": of_rss,
    "arxiv_api": of_api,
    "arxiv_oai": of_oai,
    "huggingface": of_huggingface,
    "jsonl": of_jsonl,
    "github": of_github,
}


def parsers() -> list[str]:
    """Every module of a source, found by its having something that parses."""
    names = [module.name for module in pkgutil.iter_modules(sources.__path__)]
    return [name for name in names if hasattr(import_module(f"papers.sources.{name}"), "parse")]


def test_every_source_is_tried_below() -> None:
    assert set(parsers()) == set(READERS)


@pytest.mark.parametrize("source", parsers())
@pytest.mark.parametrize("odd", [*TO_COME, *LONG_AGO], ids=str)
def test_a_date_that_cannot_be_is_left_out_and_the_papers_go_in(source: str, odd: date) -> None:
    found = READERS[source]([GOOD_DAY, odd, GOOD_DAY])
    assert len(found) == (2 if source == "github" else 3)
    assert odd not in days_of(found)


@pytest.mark.parametrize("source", parsers())
def test_tomorrow_is_believed_since_it_is_tomorrow_already_somewhere(source: str, time_machine: object) -> None:
    time_machine.move_to(datetime(2026, 6, 29, 12, tzinfo=UTC), tick=False)
    tomorrow, day_after = date(2026, 6, 30), date(2026, 7, 1)
    found = days_of(READERS[source]([GOOD_DAY, tomorrow, day_after]))
    assert tomorrow in found
    assert day_after not in found


def days_of(found: list[Any]) -> set[date | None]:
    """All days that papers say, or the days of counts."""
    names = ("published_on", "announced_on", "listed_on")
    days = {getattr(one, name) for one in found if isinstance(one, PaperRecord) for name in names}
    return days | {one.observed_at.date() for one in found if isinstance(one, SignalRecord)}


@pytest.mark.parametrize("name", ["published_on", "announced_on", "listed_on"])
@pytest.mark.parametrize("odd", [*TO_COME, *LONG_AGO, date.min], ids=str)
def test_no_new_source_can_make_such_a_record(name: str, odd: date) -> None:
    with pytest.raises(ValueError, match=rf"{name} is {odd}"):
        PaperRecord("2606.00001", "On dates", "None.", **{name: odd})


def test_a_count_of_a_time_to_come_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="more than a day ahead"):
        SignalRecord("upvotes", 3, clock() + timedelta(days=1, minutes=5))
    assert SignalRecord("upvotes", 3, clock() + timedelta(hours=23)).value == 3


@pytest.mark.django_db
def test_lines_with_such_dates_are_told_by_their_number_and_key_and_the_rest_is_stored(tmp_path: Path) -> None:
    good = {"title": "On files", "abstract": "One line each.", "first_seen_on": "2026-06-29"}
    changes: list[dict[str, object]] = [
        {},
        {"first_seen_on": "9999-12-31"},
        {"published_at": "0001-01-01T00:00:00+14:00"},
        {"observations": [{"captured_at": "9999-12-31T23:59:59-12:00", "upvotes": 3}]},
        {"observations": [{"listed_on": "2999-01-01"}]},
        {"captured_at": "0001-01-01T00:00:00+00:00", "upvotes": 3},
        {"upvotes": 3, "captured_at": "2026-06-29T00:00:00Z"},
    ]
    path = tmp_path / "papers.jsonl.gz"
    lines = [json.dumps(good | {"arxiv_id": f"2606.{n:05}"} | change) for n, change in enumerate(changes, 1)]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    out, err = run("jsonl", "--file", path)
    assert "7 papers created" in out
    told = [line.removeprefix(f"{path}, line ") for line in err.splitlines()]
    assert [(line[0], line.split()[1]) for line in told] == [
        ("2", "first_seen_on"),
        ("3", "published_at"),
        ("4", "captured_at"),
        ("5", "listed_on"),
        ("6", "captured_at"),
    ]
    assert not Edition.objects.exclude(date=date(2026, 6, 29)).exists()


def test_a_date_that_is_left_out_is_logged_with_its_paper(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    of_rss([GOOD_DAY, TO_COME[0]])
    assert "2604.00002 comes without a value: pubDate is 9999-12-31, more than a day ahead" in caplog.text


def test_a_feed_with_such_a_date_of_its_own_has_that_of_its_papers() -> None:
    feed = arxiv_rss.read(rss.feed(rss.item(day=GOOD_DAY), day=date(2999, 1, 1)))
    assert (feed.dated_on, len(feed.papers)) == (GOOD_DAY, 1)


@pytest.mark.django_db
def test_a_recorded_list_named_after_a_day_to_come_stores_nothing(tmp_path: Path) -> None:
    (tmp_path / "2999-01-01.json").write_text(json.dumps([lists.item(1), lists.item(2)]))
    with pytest.raises((SourceError, Exception), match="not one of 2 items could be read"):
        run("huggingface", "--file", tmp_path / "2999-01-01.json")
    assert not Paper.objects.exists()


@pytest.fixture
def taken_over(db: None) -> Paper:
    """What an earlier release let in: a paper of the year 9999 with its edition, count and feed states."""
    save([PaperRecord("2606.00001", "On today", "It is.", announced_on=date(2026, 6, 29))], NOW)
    odd = Paper.objects.create(identifier="2606.00009", title="On 9999", abstract="Not yet.", trend=0.9)
    Paper.objects.filter(pk=odd.pk).update(
        announced_on=TO_COME[0], listed_on=TO_COME[1], published_on=GOOD_DAY, field="cs", primary_category="cs.LG"
    )
    for day in TO_COME:
        EditionEntry.objects.create(edition=Edition.objects.create(date=day), paper=odd)
    Signal.objects.create(paper=odd, kind="upvotes", value=9, observed_at=datetime(9999, 1, 1, tzinfo=UTC))
    for category in ("", "cs.LG"):
        FeedState.objects.create(
            source="arxiv", category=category, last_batch_on=TO_COME[0], dated_on=TO_COME[0], last_success_at=NOW
        )
    return odd


def test_the_front_page_shows_the_newest_edition_that_has_begun(client: Client, taken_over: Paper) -> None:
    for span in ("today", "week", "month"):
        page = client.get("/", {"span": span}).content.decode()
        assert "On today" in page
        assert "On 9999" not in page
    edition = newest_edition(NOW)
    assert edition is not None
    assert edition.date == date(2026, 6, 29)


@pytest.mark.usefixtures("taken_over")
def test_a_source_is_not_called_fresh_for_a_date_to_come_and_the_next_feed_counts_again() -> None:
    state = FeedState.objects.get(source="arxiv", category="cs.LG")
    assert health.judge(state, NOW + timedelta(days=9)) == State.STALE
    assert state.last_batch_on == TO_COME[0], "who only judges changes nothing"
    header = edition_header((), NOW)
    assert header is None
    day = date(2026, 6, 30)
    feed_states.note_batches("arxiv", [Batch(day, 20, day, "cs.LG")], NOW)
    feed_states.sum_up("arxiv", day, NOW)
    found = FeedState.objects.filter(source="arxiv").values_list("last_batch_on", "dated_on")
    assert set(found) == {(day, day)}
    assert health.judge(FeedState.objects.get(source="arxiv", category=""), NOW) == State.OK


def test_what_cannot_be_is_forgotten_with_one_command_and_a_curators_word_stays(taken_over: Paper) -> None:
    noted = Edition.objects.create(date=latest_day(clock()) + timedelta(days=30), note="In a month: a word.")
    assert odd_dates.found(NOW) == {"papers": 1, "feed states": 2, "counts": 1, "editions": 2}
    out = StringIO()
    call_command("forget_odd_dates", stdout=out)
    assert out.getvalue() == "Forgotten: 1 papers, 2 feed states, 1 counts, 2 editions.\n"
    taken_over.refresh_from_db()
    assert (taken_over.announced_on, taken_over.listed_on, taken_over.published_on) == (None, None, GOOD_DAY)
    assert list(Edition.objects.order_by("date")) == [Edition.objects.get(date=date(2026, 6, 29)), noted]
    assert (Signal.objects.count(), odd_dates.found(NOW)) == (0, {})
    call_command("forget_odd_dates", stdout=out)
    assert out.getvalue().endswith("There is no odd date.\n")


def test_after_that_a_source_fills_in_the_true_date(taken_over: Paper) -> None:
    odd_dates.forget(NOW)
    save([PaperRecord("2606.00009", "On 9999", "Not yet.", announced_on=date(2026, 6, 30))], NOW)
    taken_over.refresh_from_db()
    assert taken_over.announced_on == date(2026, 6, 30)
    assert taken_over.entries.get().edition.date == date(2026, 6, 30)


def test_the_bounds_leave_room_for_arithmetic_in_every_zone() -> None:
    assert EARLIEST - timedelta(days=400) > date.min
    assert latest_day(clock()) + timedelta(days=400) < date.max

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers.ingest import saving
from papers.ingest.saving import Report, save
from papers.models import EditionEntry, Paper, Signal
from papers.records import Announced, PaperRecord, SignalRecord
from papers.text.plain import title_key, to_unicode
from tests.papers.ingest.races import save_at_once

Make = Callable[..., PaperRecord]
pytestmark = pytest.mark.django_db


def contents() -> list[list[tuple[Any, ...]]]:
    """All that ingest writes, except the keys."""
    columns = [field.name for field in Paper._meta.fields if field.name != "id"]
    signals = Signal.objects.values_list("paper__identifier", "kind", "value", "observed_at")
    entries = EditionEntry.objects.values_list("edition__date", "paper__identifier", "reason")
    papers = Paper.objects.values_list(*columns)
    return [sorted(rows, key=repr) for rows in (papers, signals, entries)]


def test_a_new_paper_is_stored_with_what_its_record_says(announced: Make, now: datetime) -> None:
    report = save([announced(comment="9 pages", published_on=date(2026, 6, 26))], now)
    assert report == Report(created=1, entries=1)
    paper = Paper.objects.get()
    assert (paper.identifier, paper.title, paper.authors, paper.version) == (
        "2606.00001",
        "On 2606.00001",
        ["Ann Lee"],
        1,
    )
    assert (paper.categories, paper.primary_category, paper.field) == (["cs.LG", "stat.ML"], "cs.LG", "cs")
    assert (paper.published_on, paper.announced_on, paper.comment) == (date(2026, 6, 26), date(2026, 6, 29), "9 pages")
    assert paper.trend is None


def test_the_same_records_again_change_nothing(announced: Make, listed: Make, now: datetime) -> None:
    records = [announced(), listed(), listed("2606.00002"), announced("2606.00003", version=None)]
    assert save(records, now) == Report(created=3, signals=2, entries=4)
    before = contents()
    assert save(records, now + timedelta(hours=1)) == Report(unchanged=3)
    assert contents() == before


def test_replaying_older_lists_changes_nothing(listed: Make, now: datetime) -> None:
    day = date(2026, 6, 26)
    older = [listed(listed_on=day, title="Old", organization="Old lab")]
    newer = [listed(title="New", organization="New lab", upvotes=9)]
    assert save(older, now).created == save(newer, now).updated == 1
    before = contents()
    assert save(older, now) + save(newer, now) == Report(unchanged=2)
    assert contents() == before
    assert Paper.objects.values_list("title", "organization", "listed_on").get() == ("New", "New lab", day)


def test_nothing_known_is_overwritten_by_nothing(announced: Make, listed: Make, now: datetime) -> None:
    save([announced(comment="9 pages")], now)
    save([listed(github_repo="https://github.com/a/b", machine_summary="Short.")], now)
    save([announced(authors=(), categories=())], now)
    paper = Paper.objects.get()
    assert (paper.authors, paper.categories, paper.comment) == (["Ann Lee"], ["cs.LG", "stat.ML"], "9 pages")
    assert (paper.github_repo, paper.machine_summary) == ("https://github.com/a/b", "Short.")


@pytest.mark.parametrize("order", [1, -1])
def test_the_words_of_arxiv_win_over_a_lists_copy_whichever_came_first(
    announced: Make, listed: Make, now: datetime, order: int
) -> None:
    for record in [announced(), listed()][::order]:
        save([record], now)
    paper = Paper.objects.get()
    assert (paper.title, paper.abstract) == ("On 2606.00001", "What 2606.00001 says.")
    assert paper.listed_on == date(2026, 6, 30)
    assert Signal.objects.get().value == 7


@pytest.mark.parametrize("order", [1, -1])
def test_a_newer_version_wins_over_an_older_one_whichever_came_first(
    announced: Make, now: datetime, order: int
) -> None:
    for record in [announced(), announced(version=3, title="Third")][::order]:
        save([record], now)
    assert Paper.objects.values_list("title", "version").get() == ("Third", 3)


@pytest.mark.parametrize("kind", [Announced.REPLACE, Announced.REPLACE_CROSS])
def test_a_replacement_updates_the_text_and_version_and_nothing_else(
    announced: Make, now: datetime, kind: Announced
) -> None:
    save([announced()], now)
    day = date(2026, 6, 30)
    report = save([announced(version=2, title="Better", announced_as=kind, announced_on=day)], now)
    assert report == Report(updated=1)
    assert Paper.objects.values_list("title", "version", "announced_on").get() == ("Better", 2, date(2026, 6, 29))
    assert EditionEntry.objects.get().edition.date == date(2026, 6, 29)


def test_arxivs_present_text_replaces_what_we_have_though_its_version_is_not_said(
    announced: Make, listed: Make, now: datetime
) -> None:
    present = announced(abstract="Better.", version=None, announced_on=None, is_current=True)
    save([announced(version=2), present, listed(abstract="As listed.")], now)
    paper = Paper.objects.get()
    assert (paper.abstract, paper.version, paper.announced_on) == ("Better.", 2, date(2026, 6, 29))
    assert not paper.changes.exists()


def test_a_replacement_of_an_unknown_paper_does_not_make_it_new(announced: Make, now: datetime) -> None:
    assert save([announced(announced_as=Announced.REPLACE, version=4)], now) == Report(unchanged=1)
    assert not Paper.objects.exists()


def test_a_cross_list_announces_only_what_nobody_knew(announced: Make, listed: Make, now: datetime) -> None:
    late = {"announced_as": Announced.CROSS, "announced_on": date(2026, 7, 3)}
    save([listed("2606.00001"), announced("2606.00002")], now)
    save([announced(number, **late) for number in ("2606.00001", "2606.00002", "2606.00003")], now)
    days = Paper.objects.order_by("identifier").values_list("announced_on", flat=True)
    assert list(days) == [None, date(2026, 6, 29), date(2026, 7, 3)]


def test_dates_keep_the_earliest(announced: Make, listed: Make, now: datetime) -> None:
    for day in (29, 24, 26):
        save([announced(announced_on=date(2026, 6, day)), listed(listed_on=date(2026, 6, day + 1))], now)
    paper = Paper.objects.get()
    assert (paper.announced_on, paper.listed_on) == (date(2026, 6, 24), date(2026, 6, 25))


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("said", [24, 29])
def test_a_day_that_a_source_says_stands_against_one_that_was_worked_out(
    announced: Make, now: datetime, order: int, said: int
) -> None:
    estimate = announced(announced_on=date(2026, 6, 26), announced_as=Announced.ESTIMATED)
    for record in [estimate, announced(announced_on=date(2026, 6, said))][::order]:
        save([record], now)
    assert Paper.objects.values_list("announced_on", "announced_estimated").get() == (date(2026, 6, said), False)
    assert [entry.edition.date.day for entry in EditionEntry.objects.all()] == [said]


def test_of_two_days_that_were_worked_out_the_earlier_stands(announced: Make, now: datetime) -> None:
    for day in (26, 25, 26):
        save([announced(announced_on=date(2026, 6, day), announced_as=Announced.ESTIMATED)], now)
    assert Paper.objects.values_list("announced_on", "announced_estimated").get() == (date(2026, 6, 25), True)


def test_a_replacement_does_not_announce_even_what_was_worked_out(announced: Make, now: datetime) -> None:
    save([announced(announced_on=date(2026, 6, 26), announced_as=Announced.ESTIMATED)], now)
    save([announced(version=2, announced_as=Announced.REPLACE, announced_on=date(2026, 6, 30))], now)
    assert Paper.objects.values_list("announced_on", "announced_estimated").get() == (date(2026, 6, 26), True)


def test_texts_get_their_plain_form_when_they_come_and_when_they_change(announced: Make, now: datetime) -> None:
    save([announced(title=r"The  Schr\"odinger equation", abstract="In  one\nline", authors=(r"Jos\'e  Lee",))], now)
    paper = Paper.objects.get()
    assert (paper.title, paper.authors) == (r"The  Schr\"odinger equation", [r"Jos\'e  Lee"])
    assert (paper.plain_title, paper.title_key) == (to_unicode(paper.title), title_key(paper.title))
    assert (paper.plain_abstract, paper.plain_authors) == ("In one line", [to_unicode(r"Jos\'e  Lee")])
    save([announced(version=2, title="Another  title", abstract="Other  words", authors=("Bo  Ek",))], now)
    paper.refresh_from_db()
    assert (paper.plain_title, paper.title_key) == ("Another title", "anothertitle")
    assert (paper.plain_abstract, paper.plain_authors) == ("Other words", ["Bo Ek"])


def test_a_text_that_was_stored_before_there_were_plain_forms_gets_its_own(announced: Make, now: datetime) -> None:
    Paper.objects.create(identifier="2606.00001", title="Old  words", abstract="As  stored", version=9)
    save([announced()], now)
    assert Paper.objects.values_list("plain_title", "plain_abstract").get() == ("Old words", "As stored")


def test_a_title_that_an_operator_corrects_is_shown_at_once(
    announced: Make, now: datetime, admin_client: Client
) -> None:
    save([announced()], now)
    key = Paper.objects.get().pk
    form = admin_client.get(f"/admin/papers/paper/{key}/change/").context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in values.items()}
    lists = {"authors": '["Ann Lee"]', "categories": '["cs.LG"]'}
    answer = admin_client.post(f"/admin/papers/paper/{key}/change/", sent | lists | {"title": "Right  words"})
    assert answer.status_code == 302
    assert Paper.objects.values_list("plain_title", "title_key").get() == ("Right words", "rightwords")


def test_trends_are_computed_once_and_only_if_something_was_written(
    listed: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "CHUNK", 1)
    records = [listed(f"2606.0000{number}", number) for number in range(1, 5)]
    save(records, now)
    computed = set(Paper.objects.values_list("trend_at", flat=True))
    save(records, now + timedelta(hours=1))
    assert set(Paper.objects.values_list("trend_at", flat=True)) == computed == {now}


@pytest.mark.parametrize(
    ("category", "field"),
    [
        ("cs.LG", "cs"),
        ("quant-ph", "physics"),
        ("cond-mat.soft", "physics"),
        ("hep-th", "physics"),
        ("q-bio.NC", "q-bio"),
        ("math-ph", "physics"),
        ("math.GT", "math"),
        ("astro-ph.CO", "physics"),
        ("nlin.CD", "physics"),
    ],
)
def test_the_field_is_the_primary_archive_as_arxiv_groups_them(
    announced: Make, now: datetime, category: str, field: str
) -> None:
    save([announced(categories=(category, "cs.AI"))], now)
    assert Paper.objects.values_list("primary_category", "field").get() == (category, field)


def test_a_count_is_stored_once_per_time_and_corrected_in_place(listed: Make, now: datetime) -> None:
    assert save([listed(upvotes=3), listed(upvotes=3)], now).signals == 1
    assert save([listed(upvotes=4)], now).signals == 1
    assert Signal.objects.get().value == 4


def test_a_count_from_the_future_is_not_believed(listed: Make, now: datetime) -> None:
    assert save([listed(seen_at=now + timedelta(days=2))], now).signals == 0


def test_one_paper_several_times_in_a_chunk_is_one_paper(announced: Make, now: datetime) -> None:
    records = [announced(version=number, title=f"Version {number}") for number in (1, 2, 3)]
    assert save(records, now) == Report(created=1, entries=1)
    assert Paper.objects.get().title == "Version 3"


def test_the_number_of_queries_does_not_grow_with_the_papers(announced: Make, listed: Make, now: datetime) -> None:
    def queries(first: int, papers: int) -> int:
        numbers = [f"2606.{number:05}" for number in range(first, first + papers)]
        records = [make(number) for number in numbers for make in (announced, listed)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            save(records, now)
            again = save([replace(record, version=2, title="Changed") for record in records], now)
        assert again.updated == papers
        return len(captured)

    assert queries(1, 2) == queries(100, 30)


def test_a_chunk_is_stored_whole_or_not_at_all(announced: Make, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "CHUNK", 2)
    impossible = SignalRecord("upvotes", -1, now)
    records = [announced(f"2606.{number:05}") for number in range(1, 5)]
    records[3] = replace(records[3], signals=(impossible,))
    with pytest.raises(DatabaseError):
        save(records, now)
    stored = Paper.objects.values_list("identifier", flat=True)
    assert sorted(stored) == ["2606.00001", "2606.00002"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_store_every_paper_once(
    announced: Make, listed: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "CHUNK", 7)
    numbers = [f"2606.{number:05}" for number in range(1, 60)]
    batches = [[announced(number) for number in numbers], [listed(number) for number in reversed(numbers)]]
    assert not save_at_once(batches * 2, now)
    assert Paper.objects.filter(listed_on__isnull=False, version=1, title__startswith="On ").count() == 59
    assert (Signal.objects.count(), EditionEntry.objects.count()) == (59, 118)


def test_real_papers_in_either_order_make_the_same_tables(shared_data: Any, now: datetime) -> None:
    from papers.sources import huggingface, jsonl

    def records() -> list[list[PaperRecord]]:
        day = shared_data / "feeds" / "hf_daily_api" / "2026-06-30.json"
        with jsonl.fetch(shared_data / "papers" / "arxiv_2026Q2.jsonl.gz") as stream:
            papers = list(jsonl.parse(stream, pytest.fail))[-600:]
        return [papers, huggingface.parse(day.read_bytes(), date(2026, 6, 30), datetime(2026, 6, 30, 10, tzinfo=UTC))]

    def outcome(batches: list[list[PaperRecord]]) -> str:
        for batch in batches:
            save(batch, now)
        rows = repr([[row[:-2] for row in contents()[0]], *contents()[1:]])  # without created_at and updated_at
        Paper.objects.all().delete()
        return rows

    assert outcome(records()) == outcome(records()[::-1])

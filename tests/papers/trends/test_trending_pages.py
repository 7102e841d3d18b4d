"""The formula and its figures, as a visitor reads them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from papers.ingest.saving import save
from papers.models import FieldAttention, Paper
from papers.records import PaperRecord, SignalRecord
from papers.trends import updating
from papers.trends.trend_facts import facts

Make = Callable[..., PaperRecord]
pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("&nbsp;", " ").split())


def counted(record: PaperRecord, kind: str, *readings: tuple[int, int], now: datetime) -> PaperRecord:
    """The record with counts, each (hours before now, count)."""
    seen = tuple(SignalRecord(kind, value, now - timedelta(hours=hours)) for hours, value in readings)
    return replace(record, signals=record.signals + seen)


def test_the_page_says_the_formula_and_what_is_usual(client: Client, listed: Make, now: datetime) -> None:
    save([listed(f"2606.{n:05d}", 30, categories=("cs.LG",)) for n in range(30)], now)
    updating.refresh(now)
    page = text_of(client, "/about/trending/")
    assert "pace = 24 · (gain + usual pace per hour · 24) / (hours + 24)" in page
    assert '<th scope="row">Computer science</th><td>30</td><td>72 a day, 30</td><td>5 a day, 10</td>' in page
    assert "without a trend: economics, electrical engineering and systems, mathematics" in page


def test_a_site_without_counts_says_so(client: Client) -> None:
    assert "no field has a trend now" in text_of(client, "/about/trending/")


def test_the_page_about_the_service_leads_to_the_formula(client: Client) -> None:
    assert 'href="/about/trending/"' in text_of(client, "/about/")


def test_a_paper_shows_its_figures_and_what_changed_since_the_day_before(
    client: Client, listed: Make, now: datetime
) -> None:
    paper = listed("2606.00001", None, categories=("cs.LG",), listed_on=date(2026, 6, 28))
    paper = counted(paper, "upvotes", (49, 10), (25, 38), (1, 50), now=now)
    paper = counted(paper, "comments", (49, 1), now=now)
    save([paper, *(listed(f"2606.0001{n}", 9, categories=("cs.LG",)) for n in range(9))], now)
    updating.refresh(now)
    page = text_of(client, "/papers/2606.00001/")
    assert "Top 5 % of computer science, last 14 days, among 10 papers with counts." in page
    assert "Counted: upvotes 50, +12 in 24 hours; comments 1 on 28 Jun, not counted since; stars unknown." in page
    assert "<td>40 in 48 h</td><td>20</td>" in page
    assert "That is above 95 % of these papers of computer science" in page


def test_the_points_on_the_page_are_those_that_decided(listed: Make, now: datetime) -> None:
    records = [counted(listed(f"2606.0000{n}", 9 * n), "stars", (30, 5), (2, 7 * n), now=now) for n in range(1, 8)]
    save(records, now)
    updating.refresh(now)
    papers = Paper.objects.order_by("trend")
    scores = [facts(paper).score for paper in papers]
    assert scores == sorted(scores)
    assert [paper.trend for paper in papers] == [pytest.approx((2 * n + 1) / 14) for n in range(7)]


def test_a_field_that_nobody_counts_is_named(client: Client, announced: Make, listed: Make, now: datetime) -> None:
    save([announced("2606.00001", categories=("math.CO",)), listed("2606.00002", 5, categories=("cs.LG",))], now)
    updating.refresh(now)
    page = text_of(client, "/papers/2606.00001/")
    assert "for any paper of mathematics of the last 14 days, so this field has no trend" in page


def test_an_uncounted_paper_of_a_counted_field_is_unknown(
    client: Client, announced: Make, listed: Make, now: datetime
) -> None:
    save([announced("2606.00001"), listed("2606.00002", 5, categories=("cs.LG",))], now)
    updating.refresh(now)
    page = text_of(client, "/papers/2606.00001/")
    assert "Attention unknown." in page
    assert "That is unknown, not zero." in page


def test_an_old_paper_keeps_its_counts_on_its_page(client: Client, listed: Make) -> None:
    summer = datetime(2026, 9, 30, 11, tzinfo=UTC)
    save([listed("2606.00001", 5), listed("2609.00002", 5, listed_on=summer.date())], summer)
    updating.refresh(summer)
    page = text_of(client, "/papers/2606.00001/")
    assert "papers have one for 60 days" in page
    assert "<td>5 on 30 Jun, 10:00</td>" in page


def test_a_kind_that_is_counted_since_the_last_computing_is_shown_by_what_is_usual_everywhere(
    client: Client, listed: Make, now: datetime
) -> None:
    paper = counted(listed("2606.00001", 5, categories=("cs.LG",)), "comments", (1, 3), now=now)
    save([paper, *(listed(f"2606.0001{n}", 9, categories=("cs.LG",)) for n in range(9))], now)
    updating.refresh(now)
    field = FieldAttention.objects.get(field="cs")
    del field.typical["comments"]
    field.save()
    page = text_of(client, "/papers/2606.00001/")
    assert "<td>3 in 10 h</td><td>7.2</td><td>2.3</td><td>0.3</td>" in page

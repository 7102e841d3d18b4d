"""The page of charts: what it draws, for whom, and that neither years nor readers make it slow."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from subscriptions.models import DayCount, Departure, Fact, LeftBecause
from subscriptions.operations.charts.drawing import drawing
from subscriptions.operations.charts.series import Chart, Line, charts
from tests.subscriptions.conftest import MORNING, TODAY
from tests.subscriptions.staff.conftest import signed_in, staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NUMBERS: dict[tuple[Fact, str], int] = {
    (Fact.READERS, "active"): 900,
    (Fact.READERS, "paused"): 20,
    (Fact.SIGN_UPS, ""): 12,
    (Fact.CONFIRMED, ""): 8,
    (Fact.LEFT, "page"): 2,
    (Fact.LEFT, "hard bounce"): 1,
    (Fact.MAILS, ""): 800,
    (Fact.REPORTS, "hard bounce"): 4,
    (Fact.RATED, ""): 80,
    (Fact.RATINGS, "topic more"): 60,
    (Fact.RATINGS, "topic less"): 30,
    (Fact.RATINGS, "topic save"): 30,
    (Fact.RATINGS, "text less"): 5,
    (Fact.RATINGS, "outside seen"): 5,
    (Fact.PAPERS, "arXiv"): 700,
    (Fact.LATENCY, "arXiv"): 270,
}


@pytest.fixture(autouse=True)
def _in_the_morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def live_through(days: int, last: date = TODAY - DAY) -> None:
    DayCount.objects.bulk_create(
        DayCount(day=last - before * DAY, fact=fact, of=of, number=number, counted_at=MORNING)
        for before in range(days)
        for (fact, of), number in NUMBERS.items()
    )


def shown(key: str = "30") -> dict[str, Chart]:
    return {chart.key: chart for chart in charts(key, MORNING)}


def line(chart: Chart, name: str) -> list[float | None]:
    [values] = [line.values for line in chart.lines if line.name == name]
    return list(values)


class TestNumbers:
    def test_by_day_those_of_today_are_of_this_moment(self) -> None:
        live_through(40)
        Departure.objects.create(day=TODAY, reason=LeftBecause.ERASED)
        found = shown()
        assert line(found["readers"], "active") == [900] * 29 + [0]
        assert line(found["left"], "erased") == [0] * 29 + [1]
        assert line(found["confirms"], "signed up") == [12] * 29 + [0]

    def test_readers_are_those_of_the_last_count_of_today(self) -> None:
        live_through(2, TODAY)
        assert line(shown()["readers"], "active")[-2:] == [900, 900]

    def test_weeks_sum_up_what_happened_and_average_what_stands(self) -> None:
        live_through(200)
        found = shown("183")
        assert line(found["confirms"], "signed up")[-3:-1] == [84, 84]
        assert line(found["readers"], "paused")[-3:-1] == [20, 20]

    def test_the_week_that_is_not_over_has_what_was_stored_and_what_is_live(self) -> None:
        live_through(200)  # Tuesday is today, of Monday all is stored
        Departure.objects.create(day=TODAY, reason=LeftBecause.PAGE)
        assert line(shown("183")["left"], str(LeftBecause.PAGE.label))[-1] == 3

    def test_shares_are_of_sums(self) -> None:
        live_through(60)
        found = shown()
        assert line(found["harm"], "hard bounces")[:2] == [0.5, 0.5]
        assert line(found["rated"], "rated")[1] == 10
        assert line(found["more"], "a topic")[1] == 75
        assert line(found["more"], "their own words")[1] == 0
        assert line(found["more"], "from outside")[1] is None  # seen already is neither praise nor its contrary
        assert line(found["latency"], "arXiv")[0] == 4.5

    def test_what_was_not_counted_is_no_nought(self) -> None:
        live_through(10)
        assert line(shown()["confirms"], "signed up")[:20] == [None] * 19 + [12]

    def test_years_are_shown_by_months(self) -> None:
        live_through(3)
        live_through(3, TODAY - 800 * DAY)
        chart = shown("all")["readers"]
        assert (chart.step, len(chart.points)) == ("month", 27)


class TestDrawing:
    def drawn(self, *values: float | None, stacked: bool = False) -> tuple[str, str]:
        points = [TODAY + number * DAY for number in range(len(values))]
        chart = Chart("x", "X", "", "day", points, [Line("one", values)], stacked)
        [shape] = drawing(chart).shapes
        return shape.path, shape.dots

    def test_a_line_ends_at_a_gap_and_a_lonely_point_is_a_dot(self) -> None:
        assert self.drawn(0, 5, None, 10) == ("M125.0 100.0L375.0 50.0", "M875.0 0.0h0")

    def test_bars_stand_on_each_other(self) -> None:
        chart = Chart("x", "X", "", "day", [TODAY], [Line("a", [3]), Line("b", [7])], stacked=True)
        lower, upper = drawing(chart).shapes
        assert (lower.path, upper.path) == ("M100.0 70.0h800.0v30.0h-800.0z", "M100.0 0.0h800.0v70.0h-800.0z")

    def test_nothing_at_all_can_be_drawn(self) -> None:
        assert self.drawn(None, None) == ("", "")
        assert self.drawn(0.0, 0.0)[0]

    @pytest.mark.parametrize(
        ("most", "edges"), [(0, ("2", "1")), (5, ("6", "3")), (21, ("30", "15")), (2_100, ("2,500", "1,250"))]
    )
    def test_people_are_never_halved_at_its_edge(self, most: float, edges: tuple[str, str]) -> None:
        drawn = drawing(Chart("x", "X", "", "day", [TODAY], [Line("one", [most])]))
        assert (drawn.top, drawn.middle) == edges

    def test_its_words_tell_how_it_went(self) -> None:
        chart = Chart("x", "X", "", "day", [TODAY] * 3, [Line("one", [1, 30, 2.5])], unit="%")
        assert drawing(chart).words == "one: from 1% to 2.5%, at most 30%"


class TestPage:
    def page(self, client: Client, asked: str = "") -> HttpResponse:
        return client.get(reverse("admin:charts"), {"range": asked} if asked else {})  # type: ignore[return-value]

    def test_it_is_for_those_who_may_see_its_numbers(self) -> None:
        assert self.page(signed_in(staff("oskar", group="operator"))).status_code == 200
        assert self.page(signed_in(staff("clara", group="curator"))).status_code == 403
        assert self.page(Client()).status_code == 302

    @pytest.mark.parametrize("asked", ["30", "183", "all", "nonsense"])
    def test_every_drawing_has_a_name_words_and_its_numbers(self, admin_client: Client, asked: str) -> None:
        live_through(40)
        text = self.page(admin_client, asked).content.decode()
        assert len(re.findall(r"<title id=", text)) == len(re.findall(r"<desc id=", text)) == 8
        assert text.count("<details>") == text.count('role="region"') == 8
        assert "<script" not in text.split('id="content"')[1].split('id="footer"')[0]
        assert "style=" not in text.split('id="content"')[1].split('id="footer"')[0]

    def test_a_site_of_yesterday_has_charts_too(self, admin_client: Client) -> None:
        assert self.page(admin_client).status_code == 200

    @pytest.mark.parametrize("asked", ["30", "183", "all"])
    def test_it_asks_as_much_of_years_as_of_a_day(self, admin_client: Client, asked: str) -> None:
        live_through(1)
        self.page(admin_client, asked)
        with CaptureQueriesContext(connection) as few:
            self.page(admin_client, asked)
        live_through(400, TODAY - 2 * DAY)
        with CaptureQueriesContext(connection) as many:
            self.page(admin_client, asked)
        assert len(many) == len(few) <= 24

    def test_two_of_them_come_in_brief_for_the_first_page(self) -> None:
        live_through(40)
        request = RequestFactory().get("/admin/")
        request.user = staff("oskar", group="operator")  # type: ignore[attr-defined]
        text = Template("{% load operators %}{% charts_in_brief %}").render(Context({"request": request}))
        assert text.count("<figure") == 2
        request.user = staff("clara", group="curator")  # type: ignore[attr-defined]
        text = Template("{% load operators %}{% charts_in_brief %}").render(Context({"request": request}))
        assert "<figure" not in text

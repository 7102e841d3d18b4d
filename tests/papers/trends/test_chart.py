"""The readings of a paper as lines and as a table."""

from datetime import UTC, date, datetime, timedelta

from papers.trends.chart import HEIGHT, MOST_DAYS, MOST_POINTS, WIDTH, chart
from papers.trends.growth import Reading

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def readings(*values: int, hours: int = 24) -> list[Reading]:
    return [(NOON + timedelta(hours=hours * step), value) for step, value in enumerate(values)]


def test_a_line_goes_from_its_first_reading_to_its_newest() -> None:
    drawn = chart({"upvotes": readings(0, 10, 20)})
    assert drawn is not None
    (line,) = drawn.lines
    assert line.points == "0,100 500,50 1000,0"
    assert line.end == (WIDTH, 0)
    assert (line.low, line.high, line.first[1], line.newest[1]) == (0, 20, 0, 20)


def test_all_lines_stand_above_one_axis_and_each_has_its_own_scale() -> None:
    drawn = chart({"upvotes": readings(1, 4, 9), "stars": readings(1_000, 1_100)})
    assert drawn is not None
    upvotes, stars = drawn.lines
    assert stars.points == "0,100 500,0"
    assert (upvotes.low, upvotes.high, stars.low, stars.high) == (0, 9, 1_000, 1_100)
    assert (drawn.began, drawn.middle, drawn.ended) == (NOON, NOON + timedelta(days=1), NOON + timedelta(days=2))


def test_a_count_that_was_read_once_has_no_line() -> None:
    assert chart({"upvotes": readings(5)}) is None
    assert chart({}) is None
    drawn = chart({"upvotes": readings(5), "stars": readings(1, 2)})
    assert drawn is not None
    assert [line.kind for line in drawn.lines] == ["stars"]


def test_a_count_that_stands_still_or_fell_is_drawn_within_its_place() -> None:
    for values in ((7, 7), (0, 0), (9, 1, 5)):
        drawn = chart({"upvotes": readings(*values)})
        assert drawn is not None
        heights = [float(point.split(",")[1]) for point in drawn.lines[0].points.split()]
        assert min(heights) >= 0
        assert max(heights) <= HEIGHT


def test_hundreds_of_readings_are_thinned_and_keep_both_ends() -> None:
    drawn = chart({"upvotes": readings(*range(2_000), hours=1)})
    assert drawn is not None
    points = drawn.lines[0].points.split()
    assert len(points) == MOST_POINTS
    assert (points[0], points[-1]) == ("0,100", "1000,0")
    assert len(drawn.days) == MOST_DAYS


def test_the_table_has_the_last_count_of_each_day_newest_first() -> None:
    drawn = chart({"upvotes": readings(1, 2, 3, 4, hours=12), "stars": readings(8, 9)})
    assert drawn is not None
    assert drawn.days == [(date(2026, 6, 3), [4, None]), (date(2026, 6, 2), [3, 9]), (date(2026, 6, 1), [1, 8])]

"""What a digest says of the attention that a paper gets."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from papers.models import FieldAttention, Paper, Signal
from papers.trends import attention_lines as lines
from papers.trends.attention_lines import AttentionLine, attention_lines

NOW = datetime(2026, 6, 30, 11, tzinfo=UTC)
pytestmark = pytest.mark.django_db

Counts = Sequence[tuple[float, int]]  # (hours before NOW, count)


def counted(number: int, **kinds: Counts) -> int:
    paper = Paper.objects.create(identifier=f"2606.{number:05d}", title="A title", abstract="Words.")
    Signal.objects.bulk_create(
        Signal(paper=paper, kind=kind, value=value, observed_at=NOW - timedelta(hours=hours))
        for kind, counts in kinds.items()
        for hours, value in counts
    )
    return paper.pk


def line(computed_at: datetime = NOW, **kinds: Counts) -> AttentionLine:
    FieldAttention.objects.create(field="cs", papers=1, computed_at=computed_at)
    key = counted(1, **kinds)
    return attention_lines([key])[key]


def test_votes_are_told_before_stars_and_the_time_once() -> None:
    told = line(upvotes=[(25, 4), (1, 61)], stars=[(25, 1600), (1, 1900)])
    assert told.words == "61 votes, +57 since yesterday; 1,900 stars, +300"


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([(49, 4), (1, 61)], "61 votes, +57 in 2 days"),
        ([(38, 4), (1, 61)], "61 votes, +57 in 2 days"),
        ([(37, 4), (1, 61)], "61 votes, +57 since yesterday"),
        ([(73, 4), (49, 20), (1, 61)], "61 votes, +41 in 2 days"),
        ([(19, 4), (1, 61)], "61 votes"),
        ([(1, 61)], "61 votes"),
        ([(1, 1)], "1 vote"),
        ([(1, 0)], ""),
        ([(25, 61), (1, 61)], "61 votes"),
        ([(25, 61), (1, 58)], "58 votes, −3 since yesterday"),
        ([(74, 4), (50, 61)], "61 votes by 28 Jun"),
    ],
)
def test_a_gain_is_told_where_it_is_known(counts: Counts, words: str) -> None:
    assert line(upvotes=counts).words == words


def test_stars_tell_their_time_where_it_is_another_one() -> None:
    told = line(upvotes=[(25, 4), (1, 61)], stars=[(49, 7), (1, 9)])
    assert told.words == "61 votes, +57 since yesterday; 9 stars, +2 in 2 days"


def test_stars_tell_their_time_where_the_gain_of_votes_is_unknown() -> None:
    assert line(upvotes=[(1, 61)], stars=[(25, 7), (1, 9)]).words == "61 votes; 9 stars, +2 since yesterday"


def test_stars_alone_are_the_main_count() -> None:
    assert line(stars=[(49, 0), (25, 50), (1, 100)]) == AttentionLine("▁▅█", "100 stars, +50 since yesterday")


def test_what_nobody_counted_is_unknown_and_not_zero() -> None:
    assert line(comments=[(1, 3)]) == AttentionLine("", "")


@pytest.mark.parametrize(
    ("counts", "spark"),
    [
        ([(72, 0), (48, 10), (24, 50), (0, 70)], "▁▂▆█"),
        ([(72, 5), (48, 5), (24, 5), (0, 5)], ""),
        ([(72, 5), (48, 5), (24, 9), (0, 9)], ""),
        ([(24, 5), (0, 9)], ""),
        ([(4, 1000), (2, 1005), (0, 1010)], "▁▅█"),
        # Three readings of the last hours do not hide the three days before them.
        ([(72, 0), (2, 68), (1, 69), (0, 70)], "▁▃▆█"),
        # What is older than a fortnight is not drawn.
        ([(24 * 15, 0), (24 * 14, 70), (24 * 7, 105), (0, 140)], "▅▆█"),
    ],
)
def test_a_spark_goes_evenly_in_time(counts: Counts, spark: str) -> None:
    assert line(upvotes=counts).spark == spark


def test_a_spark_of_many_readings_is_eight_characters_long() -> None:
    assert line(upvotes=[(hours, 100 - hours) for hours in range(100, -1, -1)]).spark == "▁▂▃▄▅▆▇█"


def test_many_papers_cost_two_queries_and_a_second_look_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    FieldAttention.objects.create(field="cs", papers=1, computed_at=NOW)
    keys = [counted(number, upvotes=[(25, number), (1, 2 * number)]) for number in range(1, 41)]
    with django_assert_num_queries(2):
        first = attention_lines(keys)
    with django_assert_num_queries(1):
        assert attention_lines(keys) == first
    assert first[keys[2]].words == "6 votes, +3 since yesterday"
    assert first.keys() == set(keys)


def test_only_what_is_not_known_yet_is_read() -> None:
    FieldAttention.objects.create(field="cs", papers=1, computed_at=NOW)
    first, second = counted(1, upvotes=[(1, 5)]), counted(2, upvotes=[(1, 6)])
    attention_lines([first])
    Signal.objects.update(value=9)
    assert [line.words for line in attention_lines([first, second]).values()] == ["5 votes", "9 votes"]


def test_lines_are_made_anew_when_trends_were_computed_again() -> None:
    FieldAttention.objects.create(field="cs", papers=1, computed_at=NOW)
    key = counted(1, upvotes=[(1, 5)])
    attention_lines([key])
    Signal.objects.update(value=9)
    assert attention_lines([key])[key].words == "5 votes"
    FieldAttention.objects.update(computed_at=NOW + timedelta(hours=1))
    assert attention_lines([key])[key].words == "9 votes"


def test_nothing_is_kept_while_no_trend_was_computed() -> None:
    key = counted(1, upvotes=[(25, 2), (1, 5)])
    assert attention_lines([key])[key].words == "5 votes, +3 since yesterday"
    Signal.objects.update(value=9)
    assert attention_lines([key])[key].words == "9 votes"


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "KEPT", 3)
    FieldAttention.objects.create(field="cs", papers=1, computed_at=NOW)
    keys = [counted(number, upvotes=[(1, number)]) for number in range(1, 6)]
    for key in keys:
        assert attention_lines([key])[key].words.startswith(str(keys.index(key) + 1))
        assert len(lines._kept.lines) <= 3
    assert len(attention_lines(keys)) == 5
    assert len(lines._kept.lines) <= 3

"""The parts of the fortnight that are made up, and what is told of a mail; its papers are read where there are some."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.fortnight.letters import headings
from tests.fortnight.source import FIRST, Source

NOON = datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC)


def listed(folder: Path, count: int) -> Source:
    file = folder / "feeds" / "hf_daily_api" / f"{FIRST}.json"
    file.parent.mkdir(parents=True)
    papers = [
        {"id": f"2606.{n:05d}", "title": f"Paper {n}", "summary": "What it found.", "upvotes": 10} for n in range(count)
    ]
    file.write_text(json.dumps([{"paper": paper} for paper in papers]))
    return Source(folder)


def votes(source: Source, days: int) -> dict[str, int]:
    now = NOON + timedelta(days=days)
    return {one.identifier: one.signals[0].value for one in source.listed(FIRST, now)}


def test_votes_grow_from_day_to_day_the_same_each_time_and_few_steeply(tmp_path: Path) -> None:
    source = listed(tmp_path, 200)
    first, later, last = (votes(source, days) for days in (0, 2, 6))
    assert set(first.values()) == {10}
    assert all(first[paper] <= later[paper] <= last[paper] for paper in first)
    assert votes(source, 6) == last
    assert 1 <= sum(count > 100 for count in last.values()) <= 20


def test_a_day_without_a_list_has_no_papers(tmp_path: Path) -> None:
    assert list(Source(tmp_path).listed(FIRST, NOON)) == []


def test_the_headings_of_a_mail_are_read_with_all_that_stands_in_them() -> None:
    assert (
        headings("<h1>Two  papers</h1><p>No</p><h2>For you: <a href='#'>Graphs</a></h2>")
        == "Two papers | For you: Graphs"
    )

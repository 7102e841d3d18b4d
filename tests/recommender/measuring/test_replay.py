"""Days lived again: nobody gets a paper twice, no subject starves, and nothing is known of what is to come."""

import json
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from recommender.evaluation import days, replay_table
from recommender.evaluation.days import Person, Span
from recommender.evaluation.diary import Diary, Later
from recommender.evaluation.replay import AS_SENT, MEAN, OURS
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.reader import Pick, Ranking, Reader, ReaderInterest
from tests.packed_rows import write

SUBJECTS = ["robot grasping", "quantum error correction", "protein folding", "speech learning"]
FIRST = date(2026, 6, 1)
SPAN = Span(date(2026, 6, 8), date(2026, 6, 14))


def paper(number: int, **fields: Any) -> dict[str, Any]:
    subject = SUBJECTS[number % 4]
    words = {"title": f"On {subject}", "abstract": f"{subject} studied in part {number}. It is about {subject}."}
    return {"arxiv_id": f"2606.{number:05d}", "authors": [f"Ada {number % 4} Roe"]} | words | fields


def on(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


@pytest.fixture
def data(tmp_path: Path, tiny_model: str, settings: Settings) -> Path:
    """Four papers a day for a fortnight, half of them listed a day later; four people, true to one subject each."""
    settings.EMBEDDING_MODEL, settings.VAR_DIR, settings.RELEVANCE_FLOOR = tiny_model, tmp_path / "var", -1.0
    announced = [paper(n, first_seen_on=on(n // 4)) for n in range(56)]
    write(tmp_path, "papers/arxiv_2026Q2.jsonl.gz", announced)
    listed = [paper(n, listed_on=on(1 + n // 4), upvotes=n % 4) for n in range(56) if n % 8 < 4]
    write(tmp_path, "papers/hf_daily.jsonl.gz", listed)
    read = [{"user_id": f"reader{n}", "papers": own(range(n, 56, 4))} for n in range(4)]
    write(tmp_path, "eval/hf_readers.jsonl.gz", [*read, {"user_id": "late", "papers": own([50])}])
    return tmp_path


def own(numbers: Any) -> list[dict[str, Any]]:
    return [{"arxiv_id": f"2606.{n:05d}", "at": f"{on(1 + n // 4)}T08:00:00Z"} for n in numbers]


def replayed(data: Path, *options: str) -> str:
    out = StringIO()
    span = ("--from", SPAN.first.isoformat(), "--to", SPAN.last.isoformat())
    call_command("evaluate", "replay", "--data", str(data), *span, *options, stdout=out)
    return out.getvalue()


def test_everybody_gets_digests_without_a_repeat_and_nobody_starves(data: Path) -> None:
    found = json.loads(replayed(data, "--json"))
    assert (found["n"], found["repeats"], found["starved"]) == (4, 0, 0)
    assert found["digests"] + found["days_without_a_pick"] == 4 * 7
    assert found["picks"] == sum(one["picks"] for person in found["people"] for one in person["subjects"])
    assert 0 < found["picks"] <= 4 * 4 * 9


def test_what_people_read_later_is_looked_for_on_its_first_day(data: Path) -> None:
    later = json.loads(replayed(data, "--json"))["later"]
    assert later["people"] == 4
    assert later["n"] == 4 * 7
    assert later["methods"].keys() == {OURS, AS_SENT, MEAN}
    assert later["methods"][OURS]["percentile"] < 0.2
    assert later["sent"] > 14


def test_the_same_data_give_the_same_figures(data: Path) -> None:
    assert replayed(data) == replayed(data)


def test_the_lines_are_for_people(data: Path) -> None:
    found = replayed(data, "--readers", "2")
    assert "2 readers from 2026-06-08 to 2026-06-14, known by 6 to 6 papers each" in found
    assert "0 papers came twice to somebody; 0 subjects starved." in found
    assert "one mean vector" in found


def test_people_are_known_by_the_papers_before_the_first_day_alone(data: Path) -> None:
    recorded = days.load(data, SPAN)
    assert [one.name for one in recorded.people] == [f"reader{n}" for n in range(4)]
    assert all(min(recorded.papers[at].days) < SPAN.first for one in recorded.people for at in one.library)
    assert max(len(one.library) for one in recorded.people) == 6


def test_who_read_something_later_stands_before_who_knows_more(data: Path) -> None:
    few = {"user_id": "z", "papers": own([0, 40])}
    write(data, "eval/hf_readers.jsonl.gz", [{"user_id": "a", "papers": own(range(20))}, few])
    assert [one.name for one in days.load(data, SPAN).people] == ["z", "a"]


def test_the_candidates_of_a_day_are_its_papers_and_those_of_the_two_days_before(data: Path) -> None:
    recorded = days.load(data, SPAN)
    of_day = days.positions(recorded, SPAN.first)
    assert {day for at in of_day for day in recorded.papers[at].days} >= {date(2026, 6, 6), date(2026, 6, 8)}
    assert all(max(recorded.papers[at].days) >= date(2026, 6, 6) for at in of_day)


def test_upvotes_are_compared_within_a_list(data: Path) -> None:
    recorded = days.load(data, SPAN)
    [listed] = [[at for at, day in enumerate(recorded.listed) if day == date(2026, 6, 2)]]
    assert sorted(recorded.trend[listed]) == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert np.isnan([recorded.trend[at] for at, day in enumerate(recorded.listed) if day is None]).all()


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (("--readers", "0"), "--readers 1 or more"),
        (("--to", "2026-01-01"), "not before --from"),
        (("--from", "2027-01-01", "--to", "2027-01-02"), "or no papers, from 2027-01-01"),
    ],
)
def test_a_replay_of_nothing_is_refused(data: Path, options: tuple[str, ...], remedy: str) -> None:
    with pytest.raises(CommandError, match=remedy):
        replayed(data, *options)


def test_a_missing_file_is_named_with_the_remedy(data: Path) -> None:
    (data / "papers" / "arxiv_2026Q2.jsonl.gz").unlink()
    with pytest.raises(CommandError, match=r"arxiv_2026Q2\.jsonl\.gz is missing. Name a folder"):
        replayed(data)


@pytest.fixture
def diary() -> Diary:
    """Of a reader with a large, a small and a tiny subject."""
    subjects = tuple(Subject(np.eye(3, dtype=np.float32)[n], share=share) for n, share in enumerate([0.6, 0.35, 0.05]))
    reader = Reader(1, (ReaderInterest(1, "papers", "", subjects),), frozenset(), 10, 0.5, 0.35)
    nothing = np.empty(0, dtype=np.int64)
    found = Diary(Person("ada", nothing, nothing), reader)
    found.served = np.array([True, True, True])
    return found


def pick(paper: int, subject_at: int, folded: tuple[int, ...] = ()) -> Pick:
    return Pick(paper, 0.5, 0.5, None, 1, 0, subject_at, paper, folded)


def test_a_subject_of_a_tenth_that_had_something_and_got_nothing_starves(diary: Diary) -> None:
    diary.note(Ranking((pick(1, 0),), (), 9))
    assert diary.starved() == 1
    diary.served = np.array([True, False, True])
    assert diary.starved() == 0
    assert replay_table.broken({"repeats": 0, "starved": 1}) == "1 subjects starved."


def test_a_paper_that_was_named_under_a_pick_is_a_repeat_when_it_comes_again(diary: Diary) -> None:
    diary.note(Ranking((pick(1, 0, folded=(2,)),), (), 9))
    diary.note(Ranking((pick(2, 1),), (), 8))
    assert diary.repeats == 1
    assert replay_table.broken({"repeats": 1, "starved": 0}) == "1 papers were sent to somebody twice."


def test_a_day_without_a_pick_is_counted(diary: Diary) -> None:
    diary.note(Ranking((), (), 0))
    assert (diary.digests, diary.empty) == (0, 1)


def test_far_down_nothing_is_gained(diary: Diary) -> None:
    diary.later = {7: Later(dict.fromkeys([OURS, AS_SENT, MEAN], 11.0), 21)}
    other = replace(diary, later={})
    later = replay_table.summary([diary, other], SPAN)["later"]
    assert later["methods"][OURS]["ndcg10"] == 0
    assert later["methods"][OURS]["percentile"] == 0.5
    assert later["n"] == 1

"""Texts that were written for the evaluation, and how the picks for them are judged."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from recommender.evaluation import free_texts
from recommender.evaluation.cases import Text as Words
from recommender.evaluation.days import Came, Span
from recommender.evaluation.free_texts import ONE, OURS, Result, Sent, Text
from tests.packed_rows import write

FIRST = date(2026, 6, 1)
SPAN = Span(date(2026, 6, 8), date(2026, 6, 10))
SUBJECTS = {"robot grasping": "cs.RO", "sequential recommendation": "cs.IR", "weather at sea": "physics.ao-ph"}
GRASPING = Text("robot grasping", frozenset({"cs.RO", "cs.CV"}))


def came(*categories: str, title: str = "On hands") -> Came:
    return Came(Words(title, "What was found. "), (), (FIRST,), categories=frozenset(categories))


@pytest.fixture
def data(tmp_path: Path, tiny_model: str, settings: Settings) -> Path:
    """Three papers a day for a fortnight, one on each subject; the listed one tells no categories.

    Every paper is above the floor: random weights put no paper near a text.
    """
    settings.EMBEDDING_MODEL, settings.VAR_DIR, settings.RELEVANCE_FLOOR = tiny_model, tmp_path / "var", -1e6
    announced = [paper(n, first_seen_on=on(n // 3)) for n in range(42)]
    write(tmp_path, "papers/arxiv_2026Q2.jsonl.gz", announced)
    write(
        tmp_path,
        "papers/hf_daily.jsonl.gz",
        [paper(n, listed_on=on(n // 3), upvotes=1, categories=None) for n in [24, 99]],
    )
    own = [{"arxiv_id": "2606.00001", "at": f"{on(1)}T08:00:00Z"}]
    write(tmp_path, "eval/hf_readers.jsonl.gz", [{"user_id": "reader", "papers": own}])
    return tmp_path


def on(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def paper(number: int, **fields: Any) -> dict[str, Any]:
    subject, category = list(SUBJECTS.items())[number % 3]
    words = {"title": f"On {subject}", "abstract": f"{subject} studied in part {number}.", "categories": [category]}
    return {"arxiv_id": f"2606.{number:05d}", "authors": ["Ada Roe"]} | words | fields


def evaluated(data: Path, *options: str) -> str:
    out = StringIO()
    span = ("--from", SPAN.first.isoformat(), "--to", SPAN.last.isoformat())
    call_command("evaluate", "texts", "--data", str(data), *span, *options, stdout=out)
    return out.getvalue()


def test_each_text_is_written_once_and_says_what_fits() -> None:
    texts = json.loads(free_texts.TEXTS.read_text(encoding="utf-8"))
    assert len({one["text"] for one in texts}) == len(texts) > 100
    assert all(one["categories"] for one in texts)


def test_picks_of_both_rules_are_counted_and_judged(data: Path) -> None:
    found = json.loads(evaluated(data, "--json", "--all"))
    assert found.keys() == {"all", "rare"}
    for rule in (OURS, ONE):
        assert found["all"][rule]["picks"] > 0
        assert 0 < found["all"][rule]["fit"] < 1


def test_without_all_only_one_half_of_the_texts_is_judged(data: Path) -> None:
    half, whole = (json.loads(evaluated(data, "--json", *options)) for options in ((), ("--all",)))
    assert half["all"][OURS]["picks"] < 0.7 * whole["all"][OURS]["picks"]


def test_picks_can_be_read(data: Path) -> None:
    lines = evaluated(data, "--read", "2").splitlines()
    assert lines[0].endswith("± is one standard error over texts.")
    for rule in (OURS, ONE):
        at = lines.index(f"Picks by {rule}:")
        assert "On " in lines[at + 1]
        assert "studied in part" in lines[at + 2]


def test_a_paper_fits_by_one_of_its_categories_and_is_not_judged_without_any_that_tells() -> None:
    assert GRASPING.fits(came("cs.AI", "cs.RO")) is True
    assert GRASPING.fits(came("cs.IR")) is False
    assert GRASPING.fits(came("cs.AI")) is None
    assert GRASPING.fits(came()) is None
    assert Text("agents", frozenset({"cs.AI"})).fits(came("cs.AI")) is True


def test_what_cannot_be_judged_counts_as_a_pick_alone() -> None:
    papers = (came("cs.RO"), came("cs.IR"), came("cs.AI"), came())
    sent = [Sent(GRASPING, one, 0.4, OURS) for one in papers]
    found = Result(SPAN, [GRASPING], sent, []).of(OURS, [GRASPING])
    assert (found["picks"], found["fit"]) == (4, 0.5)


def test_the_same_picks_are_drawn_each_time() -> None:
    sent = [Sent(GRASPING, came("cs.RO", title=f"Hands {n}"), 0.4, OURS) for n in range(50)]
    result = Result(SPAN, [GRASPING], sent, [])
    assert free_texts.drawn(result, OURS, 5) == free_texts.drawn(result, OURS, 5)
    assert len(free_texts.drawn(result, OURS, 99)) == 50


@pytest.mark.parametrize(
    ("options", "remedy"),
    [(("--to", "2026-01-01"), "not before --from"), (("--from", "2027-01-01", "--to", "2027-01-02"), "no papers")],
)
def test_an_evaluation_of_nothing_is_refused(data: Path, options: tuple[str, ...], remedy: str) -> None:
    with pytest.raises(CommandError, match=remedy):
        evaluated(data, *options)

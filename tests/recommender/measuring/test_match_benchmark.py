"""The benchmark of matching: what it prints, and what it draws to measure with."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from recommender.benchmarks import drawn, match


@pytest.fixture(autouse=True)
def few_subjects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "DRAWN", 50)


def bench(*arguments: str) -> list[dict[str, float]]:
    out = StringIO()
    call_command("bench", "match", "--json", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_matching_is_told_beside_the_bare_product_of_the_same_run() -> None:
    [figure] = bench("--readers", "300", "--candidates", "40")
    assert (figure["bench"], figure["readers"], figure["candidates"], figure["processes"]) == ("match", 300, 40, 2)
    assert figure["ratio"] == pytest.approx(figure["value"] / figure["limit"])
    assert figure["limit"] > 0
    assert figure["memory_mb"] > 0  # of this process as well, which runs other tests


def test_the_curves_grow_with_readers_and_with_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match, "READERS_CURVE", (100, 200, 300))
    monkeypatch.setattr(match, "CANDIDATES_CURVE", (20, 50))
    _, *figures = bench("--readers", "250", "--candidates", "30", "--curves")
    assert [(one["bench"], one["readers"], one["candidates"]) for one in figures] == [
        ("match by readers", 100, 30),
        ("match by readers", 200, 30),
        ("match by candidates", 250, 20),
        ("match by candidates", 250, 50),
    ]


@pytest.mark.parametrize("arguments", [["--readers", "0"], ["--candidates", "9"]])
def test_too_few_to_measure_are_refused_in_one_line(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="at least 2 readers and 10 candidates"):
        bench(*arguments)


def test_a_folder_without_papers_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"is missing\. Name a folder that holds"):
        bench("--data", str(tmp_path))


def test_made_words_are_as_common_as_those_of_real_papers() -> None:
    counts = np.unique(np.concatenate([one.keys for one in drawn.draw(1_000, None).papers]), return_counts=True)[1]
    having = [(counts >= papers).sum() for papers in (2, 20, 100)]
    assert having == pytest.approx([16_000, 1_070, 150], rel=0.1)


def test_every_reader_has_five_subjects_and_three_hundred_terms(shared_data: Path) -> None:
    found = drawn.readers(drawn.draw(10, shared_data), 3, seed=1)
    assert (len(found), len(found.vectors), len(found.term_ids)) == (15, 15, 900)
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(1)
    assert all((np.diff(ids.astype(np.int64)) > 0).all() for ids in np.split(found.term_ids, found.term_starts[1:-1]))


def test_the_same_readers_are_drawn_again() -> None:
    edition = drawn.draw(10, None)
    one, other = (drawn.readers(edition, 2, seed=7) for _ in range(2))
    assert one.term_ids.tolist() == other.term_ids.tolist()
    assert one.vectors.tolist() == other.vectors.tolist()

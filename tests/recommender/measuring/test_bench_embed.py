"""`manage.py bench embed` on a few papers: its figure, and that the site's own data are as before."""

import json
from pathlib import Path

import pytest

from recommender.benchmarks import embed as bench
from tests import tiny_model
from tests.stack import Stack

COUNTS = "from papers.models import Paper, Topic; print(Paper.objects.count(), Topic.objects.count())"


@pytest.fixture
def site(stack: Stack, tmp_path: Path) -> Stack:
    stack.environment["EMBEDDING_MODEL"] = str(tiny_model.build(tmp_path / "tiny"))
    stack.migrate()
    return stack


def test_it_prints_our_pace_beside_the_bare_encoders_and_leaves_nothing(site: Stack) -> None:
    said = site.manage("bench", "embed", "--papers", "5", "--pairs", "2", "--json")
    figure = json.loads(said.splitlines()[-1])
    assert (figure["bench"], figure["papers"], figure["pairs"]) == ("embed", 5, 2)
    assert figure["value"] > 0 < figure["limit"]
    assert figure["ratio"] > 0
    assert site.manage("shell", "-v0", "-c", COUNTS).split() == ["0", "0"]
    assert not list(site.folder.glob("*scratch*"))


def test_its_texts_are_as_long_as_abstracts_of_arxiv_and_differ() -> None:
    papers = [paper for paper, _ in zip(bench.made_up_papers(), range(300), strict=False)]
    lengths = sorted(len(paper.abstract.split()) for paper in papers)
    assert 130 < lengths[len(lengths) // 2] < 220
    assert len({paper.title + paper.abstract for paper in papers}) == 300

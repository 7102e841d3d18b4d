"""The bundled sample: enough real papers, told in our own words, on enough of the topics."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papers.editions import topics
from papers.feeds import bundled
from papers.models import Paper
from recommender.embedding.embed import embed_missing
from recommender.models import PaperTopic
from tests.services import ROOT

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SAMPLE = [json.loads(line) for line in (ROOT / "papers" / "sample" / "papers.jsonl").read_text().splitlines()]
SHARED_RUN = 8  # words in a row


def test_it_holds_at_least_96_papers_each_summed_up_in_40_to_80_words() -> None:
    assert len({paper["arxiv_id"] for paper in SAMPLE}) == len(SAMPLE) >= 96
    assert [paper["arxiv_id"] for paper in SAMPLE if not 40 <= len(paper["abstract"].split()) <= 80] == []


@pytest.mark.django_db
def test_it_spreads_over_at_least_twelve_topics() -> None:
    topics.load()
    bundled.load(NOW.date(), NOW)
    embed_missing("all-MiniLM-L6-v2")
    assert Paper.objects.count() == len(SAMPLE)
    assert PaperTopic.objects.values("topic").distinct().count() >= 12


def runs(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[start : start + SHARED_RUN]) for start in range(len(words) - SHARED_RUN + 1)}


def test_no_summary_repeats_its_abstract(shared_data: Path) -> None:
    ours = {paper["arxiv_id"]: runs(paper["abstract"]) for paper in SAMPLE}
    compared = set()
    for name in ("hf_daily", "arxiv_2026Q2"):
        with gzip.open(shared_data / "papers" / f"{name}.jsonl.gz") as stream:
            for row in map(json.loads, stream):
                if row["arxiv_id"] in ours:
                    compared.add(row["arxiv_id"])
                    assert not ours[row["arxiv_id"]] & runs(row["abstract"]), row["arxiv_id"]
    assert compared == set(ours)

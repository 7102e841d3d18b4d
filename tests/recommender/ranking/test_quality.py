"""What readers would notice, with the packaged encoder and real papers."""

import gzip
import itertools
import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.encoding.encoder import PACKAGED, load, paper_text
from recommender.ranking import evidence
from recommender.ranking.interest_clusters import Background, Evidence, Subject, of_papers
from recommender.ranking.picks import rank
from recommender.ranking.reader import Candidates, Ranking, Reader, ReaderInterest
from recommender.vectors import Matrix
from recommender.words import lexicon
from recommender.words.terms import Texts
from tests.services import ROOT

Row = dict[str, Any]
MAJOR, MINOR = "cs.CL", "cs.GT"


@cache
def embedded(texts: tuple[str, ...]) -> Matrix:
    return load(PACKAGED).encode(texts)


def vectors_of(rows: Sequence[Row]) -> Matrix:
    return embedded(tuple(paper_text(row["title"], row["abstract"]) for row in rows))


@pytest.fixture(scope="module")
def sample() -> list[Row]:
    return [json.loads(line) for line in (ROOT / "papers" / "sample" / "papers.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def topics() -> list[Row]:
    return json.loads((ROOT / "papers" / "editions" / "topics.json").read_text())


def topic_vectors(topics: Sequence[Row]) -> Matrix:
    return embedded(tuple(paper_text(topic["name"], topic["description"]) for topic in topics))


def in_file(path: Path, since: date) -> Iterator[Row]:
    with gzip.open(path, "rt") as lines:
        yield from (row for row in map(json.loads, lines) if row["first_seen_on"] >= since.isoformat())


def pool(rows: Sequence[Row]) -> Candidates:
    n = len(rows)
    unknown = np.full(n, np.nan, dtype=np.float32)
    texts = [paper_text(row["title"], row["abstract"]) for row in rows]
    vocabulary = lexicon.learn(texts)
    words = evidence.paper_terms(lexicon.stored(lexicon.unit_rows(texts, vocabulary), vocabulary))
    plain = np.zeros(n, np.bool_)
    return Candidates(np.arange(n), vectors_of(rows), unknown, plain, np.zeros(n, np.int64), Texts(texts), words)


def library(rows: Sequence[Row], among: Sequence[Row]) -> list[Subject]:
    """The subjects of papers, measured against others."""
    texts = [paper_text(row["title"], row["abstract"]) for row in among]
    vocabulary = lexicon.learn(texts)
    background = Background(1, vocabulary, vectors_of(among), lexicon.unit_rows(texts, vocabulary))
    words = lexicon.unit_rows([paper_text(row["title"], row["abstract"]) for row in rows], vocabulary)
    names = [row["arxiv_id"] for row in rows]
    return of_papers(Evidence(names, vectors_of(rows), words, np.ones(len(rows), np.float32)), background)


def of_vectors(vectors: Matrix) -> list[Subject]:
    return [Subject(vector) for vector in vectors]


def ranking_for(candidates: Candidates, *interests: list[Subject], kind: str = "papers", size: int = 20) -> Ranking:
    held = tuple(ReaderInterest(n, kind, "", tuple(subjects)) for n, subjects in enumerate(interests, 1))
    return rank([Reader(1, held, frozenset(), size, 0.5, 0.35)], candidates)[0]


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("Quantum computing", "quant-ph"),
        ("Medical imaging", "eess.IV"),
        ("Robot learning", "cs.RO"),
        ("Speech and audio", "cs.SD"),
        ("Large language models", "cs.CL"),
    ],
)
def test_the_papers_nearest_to_a_topic_are_of_its_field(
    sample: list[Row], topics: list[Row], name: str, prefix: str
) -> None:
    at = [topic["name"] for topic in topics].index(name)
    similarities = vectors_of(sample) @ topic_vectors(topics)[at]
    nearest = [sample[row] for row in np.argsort(-similarities)[:3]]
    assert sum(bool({prefix, *topics[at]["categories"]} & set(row["categories"])) for row in nearest) >= 2


def test_most_of_what_clears_the_floor_for_a_topic_shares_its_categories(sample: list[Row], topics: list[Row]) -> None:
    candidates = pool(sample)
    right = total = 0
    for topic, vector in zip(topics, topic_vectors(topics), strict=True):
        picks = ranking_for(candidates, of_vectors(vector[np.newaxis]), kind="topic", size=10).picks
        total += len(picks)
        right += sum(not set(sample[pick.paper_id]["categories"]).isdisjoint(topic["categories"]) for pick in picks)
    assert total > 40
    assert right / total > 0.7


@pytest.mark.parametrize("text", ["medieval history of France", "football results", "gardening in dry summers"])
def test_a_subject_that_nobody_writes_about_gets_nothing(sample: list[Row], text: str) -> None:
    assert ranking_for(pool(sample), of_vectors(embedded((text,))), kind="text").picks == ()


@pytest.fixture(scope="module")
def days(shared_data: Path) -> list[Row]:
    """Real papers of some days of June 2026 whose primary category is one of two."""
    rows = in_file(shared_data / "papers" / "arxiv_2026Q2.jsonl.gz", since=date(2026, 6, 1))
    by_category = {MAJOR: 100, MINOR: 40}
    chosen: list[Row] = []
    for row in rows:
        if by_category.get(row["primary_category"], 0):
            by_category[row["primary_category"]] -= 1
            chosen.append(row)
    return chosen


def split_library(days: list[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """40 papers of the major subject, 10 of the minor one, and what is left to be ranked."""
    major, minor = ([row for row in days if row["primary_category"] == one] for one in (MAJOR, MINOR))
    return major[:40], minor[:10], major[40:] + minor[10:]


@pytest.mark.parametrize("together", [False, True], ids=["as two interests", "as one library"])
def test_a_minor_subject_of_a_library_gets_into_the_top_twenty(days: list[Row], together: bool) -> None:
    major, minor, rest = split_library(days)
    libraries = [[*major, *minor]] if together else [major, minor]
    ranking = ranking_for(pool(rest), *(library(one, among=rest) for one in libraries))
    subjects = [rest[pick.paper_id]["primary_category"] for pick in ranking.picks]
    assert subjects.count(MINOR) >= 2
    assert subjects.count(MAJOR) >= 10


def test_nothing_in_a_digest_says_the_same_twice(days: list[Row]) -> None:
    major, _, rest = split_library(days)
    candidates = pool(rest)
    picks = ranking_for(candidates, library(major, among=rest)).picks
    assert len(picks) > 1
    pairs = itertools.combinations([candidates.vectors[pick.paper_id] for pick in picks], 2)
    assert all(float(one @ other) < 0.85 for one, other in pairs)

"""Papers and readers to measure with: drawn from the words of real papers, or from words as rare as those are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zlib import crc32

import numpy as np

from papers.evaluation.rows import DataUnusable, read
from recommender.ranking.evidence import Subjects
from recommender.vectors import Matrix, Vector, unit
from recommender.words.hash_lookup import Ids
from recommender.words.lexicon import Terms, terms

DIMENSION = 384
SUBJECTS = 5  # of each reader
SUBJECT_TERMS = 60  # so that a reader has 300
DRAWN = 5_000  # subjects, of which every reader has some
CANDIDATES_FILE = "papers/arxiv_2026Q2.jsonl.gz"
READERS_FILE = "papers/hf_daily.jsonl.gz"
# Without texts: papers hold the word of rank r as often as 1 / (r + 100)^1.1. Fitted to 1,000 papers of arXiv, of whose
# 60,000 words 16,000 are in two papers or more, 1,300 in 20 or more, and 150 in 100 or more.
WORDS, STEEPNESS, BEND = 200_000, 1.1, 100
PAPER_TERMS = 150
LINE = (0.7, 4.0, 0.02)  # about those of subjects of papers


@dataclass(frozen=True, slots=True)
class Drawn:
    papers: Sequence[Terms]  # (n,) the candidates' terms
    vectors: Matrix  # (n, d) the candidates' directions, drawn blindly: they cost the same
    term_ids: Ids  # (p, 60) subjects, of 60 terms of one paper each, ascending
    term_weights: Vector  # (p, 60)


def draw(candidates: int, folder: Path | None) -> Drawn:
    """Draw papers and readers, always the same for the same texts; raise DataUnusable."""
    random = np.random.default_rng(0)
    texts = _real(candidates, folder) if folder else made(candidates + DRAWN, random)
    rows = _weighted(texts)
    subjects = [_some(row, random) for row in rows[candidates:] if len(row.keys) >= SUBJECT_TERMS]
    vectors = unit(random.standard_normal((candidates, DIMENSION), dtype=np.float32))
    keys, weights = (
        np.stack([subject.keys for subject in subjects]),
        np.stack([subject.weights for subject in subjects]),
    )
    return Drawn(rows[:candidates], vectors, keys, weights)


def readers(drawn: Drawn, count: int, seed: int) -> Subjects:
    """Return the subjects of so many readers, five of one vector and 60 terms each."""
    random = np.random.default_rng(seed)
    s = count * SUBJECTS
    chosen = random.integers(len(drawn.term_ids), size=s)
    return Subjects(
        vectors=unit(random.standard_normal((s, DIMENSION), dtype=np.float32)),
        term_ids=drawn.term_ids[chosen].reshape(-1),
        term_weights=drawn.term_weights[chosen].reshape(-1),
        term_starts=np.arange(s + 1) * SUBJECT_TERMS,
        lines=np.tile(np.array(LINE, dtype=np.float32), (s, 1)),
    )


def _real(candidates: int, folder: Path) -> Iterator[Iterable[str]]:
    newest = read(folder, CANDIDATES_FILE, _text)[-candidates:]
    if len(newest) < candidates:
        raise DataUnusable(f"{CANDIDATES_FILE} has {len(newest):,} papers, {candidates:,} are wanted. Ask for fewer.")
    for text in [*newest, *read(folder, READERS_FILE, _text)[-DRAWN:]]:
        yield terms(text)


def _text(row: dict[str, str]) -> str:
    return f"{row['title']}. {row['abstract']}"


def made(papers: int, random: np.random.Generator) -> Iterator[Iterable[str]]:
    shares = np.cumsum((np.arange(WORDS) + BEND) ** -STEEPNESS)
    for _ in range(papers):
        ranks = np.searchsorted(shares, random.random(3 * PAPER_TERMS) * shares[-1])
        yield list(islice(dict.fromkeys(f"word{rank}" for rank in ranks), PAPER_TERMS))


def _weighted(texts: Iterable[Iterable[str]]) -> list[Terms]:
    """Return rows of unit length, each word weighted by (1 + ln count) · idf², as recommender/words/lexicon.py does."""
    counted = [Counter(crc32(term.encode()) for term in text) for text in texts]
    having = Counter(term for counts in counted for term in counts)
    return [_row(counts, having, len(counted)) for counts in counted]


def _row(counts: Counter[int], having: Counter[int], n: int) -> Terms:
    ids = np.array(sorted(counts), dtype=np.uint32)
    own = np.array([(counts[term], having[term]) for term in ids.tolist()], dtype=np.float32).reshape(-1, 2)
    weights = (1 + np.log(own[:, 0])) * (1 + np.log((1 + n) / (1 + own[:, 1]))) ** 2
    return Terms(ids, weights / np.float32(np.linalg.norm(weights) or 1))


def _some(row: Terms, random: np.random.Generator) -> Terms:
    """Return 60 of the terms whatever their weight: common ones too, which cost the most."""
    kept = np.sort(random.permutation(len(row.keys))[:SUBJECT_TERMS])
    return Terms(row.keys[kept], unit(row.weights[kept]))

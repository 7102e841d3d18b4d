"""Many papers for a benchmark: texts mixed from real ones, and real vectors with a little seeded noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils.timezone import now
from tqdm import tqdm

from papers.evaluation import rows
from papers.models import Paper
from recommender.embedding.embed import text_hash
from recommender.encoding.encoder import paper_text
from recommender.evaluation import vectors_cache
from recommender.index.engines import stored
from recommender.models import EmbeddingModel, PaperVector
from recommender.vectors import Matrix, unit

FILES = ("papers/hf_daily.jsonl.gz", "papers/arxiv_2026Q2.jsonl.gz", "papers/arxiv_2026Q1.jsonl.gz")
FEWEST = 100  # papers that others are mixed from
MOST = 10_000
NOISE = 0.5  # length of what is added to a unit vector: a mixed paper is as near to its model as real neighbours are
BLOCK = 10_000
DAYS = 3_650
CATEGORIES = ("cs.LG", "cs.CL", "cs.CV", "cs.RO", "math.CO", "q-bio.BM", "physics.optics", "stat.ML")


@dataclass(frozen=True, slots=True)
class Models:
    """Real papers, and their (n, d) vectors, that the others are made of."""

    titles: Sequence[str]
    abstracts: Sequence[str]
    vectors: Matrix

    def __len__(self) -> int:
        return len(self.titles)


def from_folder(folder: Path) -> Models:
    """Load the models of a folder of recorded data; vectors are encoded once and kept."""
    name = next((name_of_file for name_of_file in FILES if (folder / name_of_file).is_file()), FILES[0])
    texts = rows.read(folder, name, lambda row: (str(row["title"]), str(row["abstract"])))[:MOST]
    return _encoded(texts)


def from_database() -> Models:
    """Load papers that are stored and embedded; raise rows.DataUnusable where there are too few."""
    model = EmbeddingModel.objects.serving()
    newest = Paper.objects.order_by("-pk").values_list("pk", "title", "abstract")[:MOST] if model else []
    texts = {key: (title, abstract) for key, title, abstract in newest}
    if model is None or len(texts) < FEWEST:
        raise rows.DataUnusable(f"Fewer than {FEWEST} papers are stored and embedded: add --data DIR.")
    ids, vectors = stored(model, np.array(list(texts), dtype=np.int64))
    return Models([texts[key][0] for key in ids.tolist()], [texts[key][1] for key in ids.tolist()], vectors)


def _encoded(papers: Sequence[tuple[str, str]]) -> Models:
    texts = [paper_text(title, abstract) for title, abstract in papers]
    path = settings.VAR_DIR / "evaluation" / "vectors.sqlite3"
    vectors = vectors_cache.encode(texts, settings.EMBEDDING_MODEL, path)
    return Models([title for title, _ in papers], [abstract for _, abstract in papers], vectors)


def grow(models: Models, wanted: int) -> EmbeddingModel:
    """Let the database have so many papers, each with a vector; those that it has stay."""
    defaults = {"dimension": models.vectors.shape[1], "serving": True}
    model, _ = EmbeddingModel.objects.get_or_create(name=settings.EMBEDDING_MODEL, defaults=defaults)
    there = Paper.objects.count()
    with tqdm(total=wanted, initial=there, desc="Making papers", unit="paper", disable=None) as bar:
        for start in range(there, wanted, BLOCK):
            numbers = range(start, min(start + BLOCK, wanted))
            _store(model, numbers, list(mixed(models, numbers)), _noisy(models, numbers))
            bar.update(len(numbers))
    return model


def mixed(models: Models, numbers: Sequence[int]) -> Iterator[Paper]:
    """Yield papers with the title of one and the halves of two others' abstracts: real words, and no text twice."""
    random = np.random.default_rng(numbers[0])
    today, moment = date(2026, 6, 30), now()
    for number, chosen in zip(numbers, random.integers(len(models), size=(len(numbers), 3)), strict=True):
        first, second = (models.abstracts[position] for position in chosen[1:])
        yield Paper(
            identifier=f"bench:{number}",
            title=models.titles[chosen[0]],
            abstract=first[: len(first) // 2] + second[len(second) // 2 :],
            categories=[CATEGORIES[number % len(CATEGORIES)]],
            announced_on=today - timedelta(days=number * DAYS // 1_000_000),
            github_repo="https://github.com/a/b" if number % 10 == 0 else "",
            created_at=moment,
            updated_at=moment,
        )


def _noisy(models: Models, numbers: Sequence[int]) -> Matrix:
    """Return (n, d) unit vectors, each a real one with noise."""
    random = np.random.default_rng([1, numbers[0]])
    chosen = random.integers(len(models), size=len(numbers))
    noise = random.standard_normal((len(numbers), models.vectors.shape[1]), dtype=np.float32)
    return unit(models.vectors[chosen] + NOISE * unit(noise))


def _store(model: EmbeddingModel, numbers: Sequence[int], papers: list[Paper], vectors: Matrix) -> None:
    first = (Paper.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    for key, paper in enumerate(papers, start=first):
        paper.pk = key
    moment = now()
    vectors_of = [
        PaperVector(
            paper=paper, model=model, vector=vector, text_hash=text_hash(paper.abstract), paper_updated_at=moment
        )
        for paper, vector in zip(papers, vectors, strict=True)
    ]
    with transaction.atomic():
        Paper.objects.bulk_create(papers)
        PaperVector.objects.bulk_create(vectors_of)

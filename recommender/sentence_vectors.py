"""Vectors for the sentences of today's candidates, and the sentence of a paper that is nearest to an interest."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import date

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from tqdm import tqdm

from papers.among import among
from papers.models import Paper
from recommender import encoder, sentences
from recommender.models import EmbeddingModel, PaperSentences, PaperVector
from recommender.vectors import Matrix, Vector, pack, unpack

logger = logging.getLogger(__name__)
AT_ONCE = 256  # papers in one task, some seconds of work: new papers and interests wait in the same queue
BATCH = 64
MOST_READ = 3_000  # papers that a process keeps, 15 kB each; those of a batch of readers on top

_read: dict[int, tuple[list[str], Matrix]] = {}  # by the row's key


def embed_missing(today: date, days: int, *, limit: int | None = AT_ONCE, progress: bool = False) -> int:
    """Embed the sentences of at most limit candidates of today that lack them; returns of how many papers.

    By the serving model, newest papers first; a batch that is done stays if the process is killed. Sentences of
    papers that are candidates no more are removed. Raises encoder.ModelMissing.
    """
    model = EmbeddingModel.objects.serving()
    if model is None:
        return 0
    forget_old(today, days)
    papers = list(_lacking(model, today, days)[:limit])
    if papers:
        loaded = encoder.load(model.name)
        for batch in _batches(papers, progress):
            _embed(loaded, model, batch)
    return len(papers)


def feed(today: date, days: int) -> int:
    """As embed_missing, within the bounds of a task; an encoder that cannot be used is a line in the log."""
    try:
        return embed_missing(today, days)
    except encoder.ModelMissing as error:
        logger.error("%s", error)
        return 0


def nearest(wanted: Sequence[tuple[int, Vector]], model: EmbeddingModel) -> list[str]:
    """For n pairs of a paper's key and a (d,) unit vector, the paper's sentence nearest to it; at most two queries.

    '' where the paper has no sentences with vectors by this model yet.
    """
    known = _known({paper for paper, _ in wanted}, model)
    return [_nearest(vector, *known[paper]) if paper in known else "" for paper, vector in wanted]


def _known(papers: Collection[int], model: EmbeddingModel) -> dict[int, tuple[list[str], Matrix]]:
    """By paper. A process reads each row once: a row never changes, and other sentences are another row."""
    rows = dict(among(PaperSentences.objects.filter(model=model), "paper_id", papers).values_list("pk", "paper"))
    if len(_read) + len(rows) > MOST_READ:
        _read.clear()
    fresh = among(PaperSentences.objects.all(), "id", rows.keys() - _read.keys())
    for key, texts, vectors in fresh.values_list("pk", "texts", "vectors") if rows.keys() - _read.keys() else ():
        _read[key] = (texts, _matrix(vectors, model))
    return {paper: _read[key] for key, paper in rows.items() if _read[key][0]}


def forget_old(today: date, days: int) -> int:
    """Remove the sentences of papers that cannot go into a digest of today any more; returns of how many papers."""
    candidates = Paper.objects.candidates(today, days).values("pk")
    return PaperSentences.objects.exclude(paper__in=candidates).delete()[0]


def _lacking(model: EmbeddingModel, today: date, days: int) -> QuerySet[Paper, int]:
    """Keys of the candidates that have a vector by the model, but no sentences, newest first."""
    candidates = Paper.objects.candidates(today, days)
    embedded = PaperVector.objects.filter(model=model, paper=OuterRef("pk"))
    done = PaperSentences.objects.filter(model=model, paper=OuterRef("pk"))
    return candidates.filter(Exists(embedded), ~Exists(done)).order_by("-pk").values_list("pk", flat=True)


def _batches(papers: Sequence[int], progress: bool) -> Iterator[list[Paper]]:
    with tqdm(total=len(papers), unit="paper", desc="sentences", disable=not progress) as bar:
        for start in range(0, len(papers), BATCH):
            yield list(Paper.objects.filter(pk__in=papers[start : start + BATCH]))
            bar.update(len(papers[start : start + BATCH]))


def _embed(loaded: encoder.Encoder, model: EmbeddingModel, papers: Sequence[Paper]) -> None:
    texts = [sentences.excerpts(paper.plain_abstract or paper.abstract) for paper in papers]
    # What has no direction is stored as zeros: it is near to nothing.
    vectors = np.nan_to_num(loaded.encode_usable([text for of_one in texts for text in of_one]))
    ends = np.cumsum([len(of_one) for of_one in texts])
    rows = [
        PaperSentences(paper=paper, model=model, texts=of_one, vectors=pack(part))
        for paper, of_one, part in zip(papers, texts, np.split(vectors, ends[:-1]), strict=True)
    ]
    PaperSentences.objects.bulk_create(rows, ignore_conflicts=True)


def _matrix(vectors: bytes | memoryview, model: EmbeddingModel) -> Matrix:
    return unpack(bytes(vectors)).reshape(-1, model.dimension)


def _nearest(vector: Vector, texts: list[str], vectors: Matrix) -> str:
    return texts[int(np.argmax(vectors @ vector))]

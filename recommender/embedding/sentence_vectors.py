"""Give the sentences of today's candidates vectors, and find the sentence of a paper that is nearest to an interest."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from tqdm import tqdm

from papers.models import Paper
from papers.models.prepared import Prepared
from recommender.embedding import embed, sentences
from recommender.encoding import encoder, resting
from recommender.models import EmbeddingModel, PaperSentences, PaperVector
from recommender.vectors import Matrix, Vector, pack, unpack

logger = logging.getLogger(__name__)
AT_ONCE = 256  # papers in one task, some seconds of work: new papers and interests wait in the same queue
BATCH = 64
# Of 73 picks read by eye 35 quoted what was known before the paper: as near to the interest, and nothing about the
# paper. With this taken from the nearness of such sentences 12 do, and the others say what it does.
KNOWN_BEFORE = 0.1
LEANING = 0.05  # and this for what leans on a sentence before it
KEPT = 2_048  # papers, some 15 kB each, whose sentences a process keeps in memory

FOUND = 4_096  # sentences of papers that are nearest to a topic, some 200 bytes each


class Sentences(NamedTuple):
    texts: list[str]  # s of them
    vectors: Matrix  # (s, d) unit rows
    handicaps: Vector  # (s,) taken from the nearness of each


def embed_missing(today: date, days: int, *, limit: int | None = AT_ONCE, progress: bool = False) -> int:
    """Embed the sentences of at most limit candidates of today that lack them, and return the number of papers.

    By the serving model, newest papers first; a batch that is done stays if the process is killed. Sentences of
    papers that are no longer candidates are removed. Raises encoder.ModelMissing.
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
    """Embed missing sentences within the bounds of a task; an encoder that cannot be used is a line in the log."""
    model = EmbeddingModel.objects.serving()
    if model is None or resting.is_resting(model.name):
        return 0
    try:
        return embed_missing(today, days)
    except encoder.ModelMissing as error:
        resting.rest(model.name, error)
        return 0


def nearest(wanted: Sequence[tuple[int, Vector]], model: EmbeddingModel, lasting: Collection[int] = ()) -> list[str]:
    """Return, for n pairs of a paper's key and a (d,) unit vector, the paper's sentence nearest to it; in two queries.

    '' where the paper has no sentences with vectors by this model yet. What was read is kept by this process, because
    many readers get the same papers. What is found for arrays that will be asked for again, as those of topics are, is
    kept too: lasting has their ids.
    """
    rows = _hashes(papers={paper for paper, _ in wanted}, model=model.pk)
    hashes = {paper: bytes(text_hash) for paper, text_hash in rows}
    known = _read(set(hashes.values()), model)
    return [
        (_kept_nearest if id(vector) in lasting else _nearest)(known.get(hashes.get(paper, b"")), vector)
        for paper, vector in wanted
    ]


def _of_papers(papers: Collection[int], model: int) -> QuerySet[PaperSentences, Any]:
    return PaperSentences.objects.filter(model=model, paper__one_of=papers).values_list("paper_id", "text_hash")


_hashes = Prepared(_of_papers, papers=([1], [2]), model=(1, 2))


def forget_old(today: date, days: int) -> int:
    """Delete the sentences of papers that are no longer candidates of today, and return the number of papers."""
    candidates = Paper.objects.candidates(today, days).values("pk")
    return PaperSentences.objects.exclude(paper__in=candidates).delete()[0]


def _lacking(model: EmbeddingModel, today: date, days: int) -> QuerySet[Paper, int]:
    """Return keys of the candidates that have a vector by the model, but no sentences, newest first."""
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
        PaperSentences(paper=paper, model=model, texts=of_one, vectors=pack(part), text_hash=_hash(model, of_one))
        for paper, of_one, part in zip(papers, texts, np.split(vectors, ends[:-1]), strict=True)
    ]
    PaperSentences.objects.bulk_create(rows, ignore_conflicts=True)


def _hash(model: EmbeddingModel, texts: Sequence[str]) -> bytes:
    return embed.text_hash("\n".join([model.name, *texts]))


kept: dict[bytes, Sentences] = {}  # by the rows' hashes, so that nothing in it can ever be out of date


def _read(hashes: set[bytes], model: EmbeddingModel) -> dict[bytes, Sentences]:
    """Return the sentences of those hashes, from memory or else by one query."""
    known = {text_hash: kept[text_hash] for text_hash in hashes if text_hash in kept}
    if lacking := hashes - known.keys():
        rows = PaperSentences.objects.filter(model=model, text_hash__in=lacking)
        for text_hash, texts, vectors in rows.values_list("text_hash", "texts", "vectors"):
            known[bytes(text_hash)] = _sentences(texts, unpack(bytes(vectors)).reshape(-1, model.dimension), model)
        if len(kept) + len(lacking) > KEPT:
            kept.clear()
            found_nearest.clear()
        kept.update(known)
    return known


def _sentences(texts: list[str], vectors: Matrix, model: EmbeddingModel) -> Sentences:
    handicaps = np.zeros(len(texts), dtype=np.float32)
    handicaps[: sentences.opening(texts)] = KNOWN_BEFORE
    handicaps += np.array([LEANING * sentences.leans(text) for text in texts], dtype=np.float32)
    handicaps /= model.scales.texts.slope
    return Sentences(texts, vectors, handicaps)


# By where both are in memory: the arrays stand beside what was found, so that no other can take their place meanwhile.
found_nearest: dict[tuple[int, int], tuple[Sentences, Vector, str]] = {}


def _kept_nearest(known: Sentences | None, vector: Vector) -> str:
    if known is None:
        return ""
    both = id(known), id(vector)
    if both not in found_nearest:
        if len(found_nearest) >= FOUND:
            found_nearest.clear()
        found_nearest[both] = known, vector, _nearest(known, vector)
    return found_nearest[both][2]


def _nearest(known: Sentences | None, vector: Vector) -> str:
    if known is None or not known.texts:
        return ""
    return known.texts[int(np.argmax(known.vectors @ vector - known.handicaps))]

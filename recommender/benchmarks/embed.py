"""How fast papers become stored vectors, beside the encoder's own `encode` of the same texts in the same run."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate
from tqdm import tqdm

from papers.editions import topics
from papers.feeds import bundled
from papers.models import Paper
from recommender.benchmarks.figures import Detail, Figure
from recommender.embedding import embed
from recommender.encoding import encoder, onnx_export
from recommender.index import scratch
from recommender.models import PaperVector

JOINED = 3  # texts of the bundled sample make one as long as an abstract of arXiv: some 200 words
BATCHES = (8, 16, 32, 64)
PROBED = 64  # texts by which the bare encoder's best size of a batch is found


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--papers", type=int, default=512, help="how many abstracts; %(default)s")
    parser.add_argument("--pairs", type=int, default=3, help="how often each way is measured, in turns; %(default)s")


def measure(*, papers: int, pairs: int, **options: Any) -> Iterator[Figure]:
    """Measure papers a second, from rows without a vector to stored vectors under topics; medians over the pairs.

    The limit is `encode` of sentence-transformers on the list of texts, in the precision that is best on this
    processor and batches of the size that is best here. Both take turns, so that other load on the machine meets both.
    Raises encoder.ModelMissing.
    """
    onnx_export.ensure(settings.EMBEDDING_MODEL)  # as the embed worker makes it the first time
    loaded = encoder.load(settings.EMBEDDING_MODEL)
    with scratch.database():
        texts = _store(max(papers, 1))
        embed.embed_missing(loaded.name, limit=0)  # the topics
        batch = min(BATCHES, key=lambda size: seconds(lambda: _bare(loaded, texts[:PROBED], size)))
        rounds = [_pair(loaded, texts, batch) for _ in tqdm(range(max(pairs, 1)), unit="pair")]
    ours, bare = (median(len(texts) / took for took in way) for way in zip(*rounds, strict=True))
    ratio = median(limit / took for took, limit in rounds)
    details: dict[str, Detail] = {
        "papers": len(texts),
        "pairs": len(rounds),
        "by": "OpenVINO" if loaded.graph else "torch",
        "bare_precision": str(loaded.model.dtype),
        "bare_batch": batch,
    }
    yield Figure("embed", ours, "papers a second", bare, ratio, details)


def seconds(work: Callable[[], Any]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _pair(loaded: encoder.Encoder, texts: list[str], batch: int) -> tuple[float, float]:
    """Return the seconds of our whole way and of the bare one."""
    PaperVector.objects.all().delete()
    ours = seconds(lambda: embed.embed_missing(loaded.name))
    return ours, seconds(lambda: _bare(loaded, texts, batch))


def _bare(loaded: encoder.Encoder, texts: list[str], batch: int) -> None:
    loaded.model.encode(texts, batch_size=batch, show_progress_bar=False)


def _store(count: int) -> list[str]:
    """Store topics and so many papers of realistic length, without vectors; return the papers' texts."""
    topics.load()
    Paper.objects.bulk_create(islice(made_up_papers(), count))
    return [embed.paper_text(paper) for paper in Paper.objects.order_by("pk")]


def made_up_papers() -> Iterator[Paper]:
    """Yield papers without end, each as long as real ones: its abstract joins those of several bundled papers."""
    records, number = bundled.records(), 0
    while True:
        sources = [records[(number * step + step) % len(records)] for step in range(1, JOINED + 1)]
        yield Paper(
            identifier=f"2601.{number:05d}",
            title=f"{sources[0].title} ({number})",
            abstract=" ".join(record.abstract for record in sources),
            categories=list(sources[0].categories),
            announced_on=localdate(),
        )
        number += 1

"""Gives every paper and topic its vector, newest papers first, in batches that stay if the process is killed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from tqdm import tqdm

from papers.models import Paper, Topic
from recommender import encoder, filing
from recommender.models import EmbeddingModel, PaperVector, TopicVector

logger = logging.getLogger(__name__)
AT_ONCE = 2_048  # of a large backlog in one task: interests and papers wait in the same queue
BATCH = 256  # some seconds of work on two cores: the most that is lost when the process is killed


def text_hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def paper_text(paper: Paper) -> str:
    return encoder.paper_text(paper.title, paper.abstract)


def topic_text(topic: Topic) -> str:
    return encoder.paper_text(topic.name, topic.description)


def serving_model() -> EmbeddingModel | None:
    return EmbeddingModel.objects.serving()


def embed_missing(encoder_name: str, progress: bool = False, limit: int | None = None, download: bool = False) -> int:
    """Embed the topics and at most limit papers that lack a vector of their present text; returns how many.

    The encoder is not even loaded if nothing is missing, and only with download may it come from a hub.
    Raises encoder.ModelMissing.
    """
    model = EmbeddingModel.objects.filter(name=encoder_name).first()
    _settle_touched(model)
    topics, papers = _stale_topics(model), list(_stale_papers(model)[:limit])
    if not topics and not papers:
        return 0
    loaded = encoder.load(encoder_name, download)
    model = model or _register(loaded)
    _embed_topics(loaded, model, topics)
    for batch in _batches(papers, progress):
        _embed_papers(loaded, model, batch)
    return len(topics) + len(papers)


def is_complete(model: EmbeddingModel) -> bool:
    """Whether every topic and paper has a vector of its present text by this model."""
    return not _stale_topics(model) and not _stale_papers(model).exists()


def promote(model: EmbeddingModel) -> None:
    """Let this model serve; the others go with their vectors, and papers are matched to topics afresh."""
    with transaction.atomic():
        EmbeddingModel.objects.exclude(pk=model.pk).delete()
        EmbeddingModel.objects.filter(pk=model.pk).update(serving=True)
        filing.file_all(model)


def feed_models(wanted: str) -> int:
    """Embed some of what is missing for the wanted model, and for the one that serves until that is complete."""
    serving = serving_model()
    names = [wanted] if serving is None else list(dict.fromkeys([serving.name, wanted]))
    return sum(_feed(name) for name in names)


def _feed(name: str) -> int:
    # A model that cannot be loaded must not keep the other from being fed.
    try:
        return embed_missing(name, limit=AT_ONCE)
    except encoder.ModelMissing as error:
        logger.error("%s", error)
        return 0


def _register(loaded: encoder.Encoder) -> EmbeddingModel:
    """The row of an encoder; the first ever serves at once, a later one only when it is promoted."""
    with transaction.atomic():
        first = not EmbeddingModel.objects.exists()
        defaults = {"dimension": loaded.dimension, "serving": first}
        return EmbeddingModel.objects.get_or_create(name=loaded.name, defaults=defaults)[0]


def _stale_topics(model: EmbeddingModel | None) -> list[Topic]:
    rows = TopicVector.objects.filter(model=model).values_list("topic", "text_hash")
    known = {topic: bytes(digest) for topic, digest in rows}
    return [topic for topic in Topic.objects.all() if known.get(topic.pk) != text_hash(topic_text(topic))]


def _stale_papers(model: EmbeddingModel | None) -> QuerySet[Paper, int]:
    """Keys of the papers without a vector or touched since theirs was compared, newest first."""
    fresh = PaperVector.objects.filter(model=model, paper=OuterRef("pk"), paper_updated_at__gte=OuterRef("updated_at"))
    newest = Coalesce("announced_on", "listed_on", "published_on").desc(nulls_last=True)
    return Paper.objects.filter(~Exists(fresh)).order_by(newest, "-pk").values_list("pk", flat=True)


def _settle_touched(model: EmbeddingModel | None) -> None:
    """Papers are touched more often than their text changes (a trend, a count of stars): those keep their vector."""
    touched = PaperVector.objects.filter(model=model, paper__updated_at__gt=F("paper_updated_at"))
    settled = []
    for vector in touched.select_related("paper").defer("vector").iterator(chunk_size=BATCH):
        if bytes(vector.text_hash) == text_hash(paper_text(vector.paper)):
            vector.paper_updated_at = vector.paper.updated_at
            settled.append(vector)
    PaperVector.objects.bulk_update(settled, ["paper_updated_at"], batch_size=BATCH)


def _batches(papers: Sequence[int], progress: bool) -> Iterator[list[Paper]]:
    with tqdm(total=len(papers), unit="paper", disable=not progress) as bar:
        for start in range(0, len(papers), BATCH):
            batch = list(Paper.objects.filter(pk__in=papers[start : start + BATCH]))
            yield batch
            bar.update(len(batch))


def _embed_topics(loaded: encoder.Encoder, model: EmbeddingModel, topics: Sequence[Topic]) -> None:
    texts = [topic_text(topic) for topic in topics]
    rows = [
        TopicVector(topic=topic, model=model, vector=vector, text_hash=text_hash(text))
        for topic, text, vector in zip(topics, texts, loaded.encode(texts), strict=True)
    ]
    with transaction.atomic():
        TopicVector.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["model", "topic"], update_fields=["vector", "text_hash"]
        )
        if rows and model.serving:
            filing.file_all(model)


def _embed_papers(loaded: encoder.Encoder, model: EmbeddingModel, papers: Sequence[Paper]) -> None:
    texts = [paper_text(paper) for paper in papers]
    vectors = loaded.encode(texts)
    rows = [
        PaperVector(
            paper=paper, model=model, vector=vector, text_hash=text_hash(text), paper_updated_at=paper.updated_at
        )
        for paper, text, vector in zip(papers, texts, vectors, strict=True)
    ]
    with transaction.atomic():
        # A revision gets a new row and with it a new key: that is how an index in memory notices it.
        PaperVector.objects.filter(model=model, paper__in=papers).delete()
        PaperVector.objects.bulk_create(rows, ignore_conflicts=True)
        if model.serving:
            filing.file_papers(model, papers, vectors)

"""Give every paper and topic its vector, newest papers first, in batches that stay if the process is killed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from tqdm import tqdm

from papers.models import Paper, Topic
from recommender.candidates import background
from recommender.cosines import AS_MEASURED, Calibration
from recommender.embedding import calibration, topic_assignment, topic_examples
from recommender.embedding.topic_examples import text_hash as text_hash
from recommender.embedding.topic_examples import topic_text as topic_text
from recommender.encoding import encoder, marks, onnx_export, onnx_files, resting
from recommender.models import EmbeddingModel, PaperSentences, PaperVector, TopicVector
from recommender.vectors import Matrix

logger = logging.getLogger(__name__)
AT_ONCE = 2_048  # of a large backlog in one task: interests and papers wait in the same queue
BATCH = 256  # some seconds of work on two cores: the most that is lost when the process is killed


def paper_text(paper: Paper) -> str:
    return encoder.paper_text(paper.title, paper.abstract)


def serving_model() -> EmbeddingModel | None:
    return EmbeddingModel.objects.serving()


def embed_missing(encoder_name: str, progress: bool = False, limit: int | None = None, download: bool = False) -> int:
    """Embed the topics and at most limit papers that lack a vector of their present text, and return their number.

    The encoder is not even loaded if nothing is missing and its cosines are calibrated, and only with download may
    it come from a hub. A paper whose vector is zero or not finite is named in the log and stays without one. Raises
    encoder.ModelMissing, and its kind ModelUnfit for an encoder that gives no usable vector, that finds all texts
    equally near, or that is not the one of its name whose vectors are stored.
    """
    model = EmbeddingModel.objects.filter(name=encoder_name).first()
    _settle_touched(model)
    topics, papers = _stale_topics(model), list(_stale_papers(model)[:limit])
    if not topics and not papers and (model is None or model.calibration):
        return 0
    # By the export the first papers are encoded already, and the process that answers queries need not make it.
    onnx_export.ensure(encoder_name)
    loaded = encoder.load(encoder_name, download)
    model = _register(loaded)
    _embed_topics(loaded, model, topics)
    for batch in _batches(papers, progress):
        _embed_papers(loaded, model, batch)
    return len(topics) + len(papers)


def is_complete(model: EmbeddingModel) -> bool:
    """Tell whether every topic and paper has a vector of its present text by this model."""
    return not _stale_topics(model) and not _stale_papers(model).exists()


def promote(model: EmbeddingModel) -> None:
    """Let this model serve; the others are deleted with their vectors, and papers are matched to topics again."""
    with transaction.atomic():
        EmbeddingModel.objects.exclude(pk=model.pk).delete()
        EmbeddingModel.objects.filter(pk=model.pk).update(serving=True)
        topic_assignment.assign_all(model)
    onnx_files.forget_all_but({model.name})


def feed_models(wanted: str) -> int:
    """Embed some of what is missing for the wanted model, and for the one that serves until that is complete."""
    serving = serving_model()
    names = [wanted] if serving is None else list(dict.fromkeys([serving.name, wanted]))
    return sum(_feed(name) for name in names)


def _feed(name: str) -> int:
    # A model that cannot be loaded must not keep the other from being fed, nor say so every minute.
    if resting.is_resting(name):
        return 0
    try:
        return embed_missing(name, limit=AT_ONCE)
    except encoder.ModelMissing as error:
        resting.rest(name, error)
        return 0


def _register(loaded: encoder.Encoder) -> EmbeddingModel:
    """Return the row of an encoder; the first ever serves at once, a later one only when it is promoted.

    Raises encoder.ModelUnfit for one that is not what it was: its vectors do not compare with the stored ones.
    """
    stored = EmbeddingModel.objects.filter(name=loaded.name).exclude(calibration=None)
    # Before there is a row: a model of no use gets none.
    scales = AS_MEASURED if stored.exists() else calibration.measure(loaded)
    with transaction.atomic():
        first = not EmbeddingModel.objects.exists()
        defaults = {"dimension": loaded.dimension, "serving": first}
        model, _ = EmbeddingModel.objects.get_or_create(name=loaded.name, defaults=defaults)
    _refuse_changed(loaded, model)
    if model.calibration is None:
        _calibrate(model, scales, marks.mark(loaded))
    return model


def _refuse_changed(loaded: encoder.Encoder, model: EmbeddingModel) -> None:
    if model.dimension != loaded.dimension:
        changed = f"has {loaded.dimension} dimensions now, but the vectors stored by its name have {model.dimension}"
    elif model.mark and not marks.is_of(bytes(model.mark), loaded):
        changed = "gives other vectors now than those stored by its name"
    else:
        return
    raise encoder.ModelUnfit(
        f"The encoder {loaded.name!r} {changed}, which go on serving. Put the old model back, or the new one into a "
        "folder of its own and set EMBEDDING_MODEL to that: it takes over when everything is embedded."
    )


def _calibrate(model: EmbeddingModel, scales: Calibration, mark: bytes) -> None:
    """Store what the model's cosines are worth; readers' subjects that were made without that are made again."""
    model.calibration, model.mark = scales.as_data(), mark
    model.save(update_fields=["calibration", "mark"])
    if model.serving and scales != AS_MEASURED:
        background.let_be_learned_again()


def _stale_topics(model: EmbeddingModel | None) -> list[Topic]:
    rows = TopicVector.objects.filter(model=model).values_list("topic", "text_hash")
    known, topics = {topic: bytes(digest) for topic, digest in rows}, list(Topic.objects.all())
    papers = topic_examples.known(topics, model)
    return [topic for topic in topics if known.get(topic.pk) != topic_examples.mark(topic, papers)]


def _stale_papers(model: EmbeddingModel | None) -> QuerySet[Paper, int]:
    """Return keys of the papers without a vector or touched since theirs was compared, newest first."""
    fresh = PaperVector.objects.filter(model=model, paper=OuterRef("pk"), paper_updated_at__gte=OuterRef("updated_at"))
    newest = Coalesce("announced_on", "listed_on", "published_on").desc(nulls_last=True)
    return Paper.objects.filter(~Exists(fresh)).order_by(newest, "-pk").values_list("pk", flat=True)


def _settle_touched(model: EmbeddingModel | None) -> None:
    """Keep the vectors of papers that were touched without their text changing (a trend, a count of stars)."""
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
    vectors, papers = (
        loaded.encode_queries([topic_text(topic) for topic in topics]),
        topic_examples.known(topics, model),
    )
    rows = [
        TopicVector(
            topic=topic,
            model=model,
            vector=topic_examples.vector(topic, text, papers),
            text_hash=topic_examples.mark(topic, papers),
        )
        for topic, text in zip(topics, vectors, strict=True)
    ]
    with transaction.atomic():
        TopicVector.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["model", "topic"], update_fields=["vector", "text_hash"]
        )
        if rows and model.serving:
            topic_assignment.assign_all(model)


def _embed_papers(loaded: encoder.Encoder, model: EmbeddingModel, papers: Sequence[Paper]) -> None:
    vectors = loaded.encode_usable([paper_text(paper) for paper in papers])
    usable = np.isfinite(vectors).all(axis=1)
    without = np.flatnonzero(~usable).tolist()
    if without:
        _tell_unusable(loaded.name, [papers[number] for number in without], len(papers))
    _store_papers(model, [papers[number] for number in np.flatnonzero(usable).tolist()], vectors[usable])


def _tell_unusable(name: str, papers: Sequence[Paper], of: int) -> None:
    """Log the papers without a usable vector; raise encoder.ModelUnfit if they are all of a batch: it is its fault."""
    message = f"The encoder {name!r} gave no usable vector for {', '.join(paper.identifier for paper in papers[:5])}"
    if len(papers) == of:
        raise encoder.ModelUnfit(f"{message}, all of a batch. {encoder.REMEDY}")
    logger.error("%s (%d papers of %d).", message, len(papers), of)


def _store_papers(model: EmbeddingModel, papers: Sequence[Paper], vectors: Matrix) -> None:
    rows = [
        PaperVector(
            paper=paper,
            model=model,
            vector=vector,
            text_hash=text_hash(paper_text(paper)),
            paper_updated_at=paper.updated_at,
        )
        for paper, vector in zip(papers, vectors, strict=True)
    ]
    with transaction.atomic():
        # A revision gets a new row and with it a new key: that is how an index in memory notices it.
        PaperVector.objects.filter(model=model, paper__in=papers).delete()
        PaperSentences.objects.filter(model=model, paper__in=papers).delete()
        PaperVector.objects.bulk_create(rows, ignore_conflicts=True)
        if model.serving:
            topic_assignment.assign_papers(model, papers, vectors)

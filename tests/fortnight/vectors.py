"""Vectors of all papers and their sentences, made once and kept: a replay takes them from there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from papers.editions import topics
from papers.ingest import saving
from papers.models import Paper
from recommender.candidates import background
from recommender.embedding import embed, sentence_vectors, topic_assignment
from recommender.encoding import encoder
from recommender.models import EmbeddingModel, PaperVector
from recommender.search import topics as orders
from subscriptions.digests import compose
from subscriptions.interests import interest_vectors
from subscriptions.models import Role, Subscriber
from tests.fortnight import readers
from tests.fortnight.source import DAYS, LAST, Source

OF_SENTENCES = "recommender_papersentences (paper_id, model_id, text_hash, texts, vectors)"
TAKE = [
    """
    INSERT INTO recommender_embeddingmodel SELECT * FROM kept.recommender_embeddingmodel
    WHERE id NOT IN (SELECT id FROM recommender_embeddingmodel)
    """,
    """
    INSERT INTO recommender_topicvector (topic_id, model_id, vector, text_hash)
    SELECT topic.id, theirs.model_id, theirs.vector, theirs.text_hash
    FROM kept.recommender_topicvector theirs
    JOIN kept.papers_topic known ON known.id = theirs.topic_id
    JOIN papers_topic topic ON topic.slug = known.slug
    WHERE topic.id NOT IN (SELECT topic_id FROM recommender_topicvector)
    """,
    """
    INSERT INTO recommender_papervector (paper_id, model_id, vector, text_hash, paper_updated_at)
    SELECT paper.id, theirs.model_id, theirs.vector, theirs.text_hash, paper.updated_at
    FROM kept.recommender_papervector theirs
    JOIN kept.papers_paper known ON known.id = theirs.paper_id
    JOIN papers_paper paper ON paper.identifier = known.identifier
    WHERE paper.title = known.title AND paper.abstract = known.abstract
    AND paper.id NOT IN (SELECT paper_id FROM recommender_papervector)
    """,
    f"""
    INSERT INTO {OF_SENTENCES}
    SELECT paper.id, theirs.model_id, theirs.text_hash, theirs.texts, theirs.vectors
    FROM kept.recommender_papersentences theirs
    JOIN kept.papers_paper known ON known.id = theirs.paper_id
    JOIN papers_paper paper ON paper.identifier = known.identifier
    WHERE paper.abstract = known.abstract AND paper.id IN (SELECT paper_id FROM recommender_papervector)
    AND paper.id NOT IN (SELECT paper_id FROM recommender_papersentences)
    """,
]
GIVE = [
    f"""
    INSERT INTO kept.{OF_SENTENCES}
    SELECT known.id, ours.model_id, ours.text_hash, ours.texts, ours.vectors
    FROM recommender_papersentences ours
    JOIN papers_paper paper ON paper.id = ours.paper_id
    JOIN kept.papers_paper known ON paper.identifier = known.identifier
    WHERE paper.abstract = known.abstract AND known.id NOT IN (SELECT paper_id FROM kept.recommender_papersentences)
    """
]


def use(file: Path) -> None:
    """Work on this database from now on, with all tables that this version has."""
    connections.close_all()
    connection.settings_dict["NAME"] = str(file)
    call_command("migrate", verbosity=0)


def make(source: Source, file: Path) -> None:
    """Give all papers their vectors in a file of their own; what is done stays done."""
    use(file)
    topics.load()
    noon = datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=UTC)
    saving.save(source.named(readers.library(source)), noon)
    for day in DAYS:
        saving.save([*source.announced(day), *source.listed(day, noon)], noon)
    embed.embed_missing(settings.EMBEDDING_MODEL, progress=True)


def take(file: Path) -> None:
    """Give papers of the database in use the vectors that are kept for their texts, and make those that are not."""
    newest = PaperVector.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    _run(file, TAKE)
    taken = list(PaperVector.objects.filter(pk__gt=newest).select_related("paper", "model"))
    if taken:
        matrix = np.stack([row.vector for row in taken])
        topic_assignment.assign_papers(taken[0].model, [row.paper for row in taken], matrix)


def _run(file: Path, statements: Sequence[str]) -> None:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("ATTACH %s AS kept", [str(file)])
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("DETACH kept")


def complete(file: Path, now: datetime) -> None:
    """Do what the worker of the queue "embed" does, for all that waits.

    Of sentences only those that somebody will see quoted: all would take a quarter of an hour, and change no mail.
    """
    embed.embed_missing(settings.EMBEDDING_MODEL)
    background.refresh(now)
    orders.remember_orders(now)
    interest_vectors.rebuild_missing(settings.EMBEDDING_MODEL)
    _embed_sentences(_chosen(now))
    _run(file, GIVE)


def _chosen(now: datetime) -> list[Paper]:
    """Return the papers that are chosen today and have no sentences yet."""
    items = [item for reader in Subscriber.objects.all() for item in compose.preview(reader, now)[1]]
    picks = {item.paper_id for item in items if item.role == Role.PICK}
    return list(Paper.objects.filter(pk__in=picks, sentences=None, vectors__isnull=False))


def _embed_sentences(papers: list[Paper]) -> None:
    model = EmbeddingModel.objects.serving()
    assert model, "without a model nobody is read"
    if papers:
        sentence_vectors._embed(encoder.load(model.name), model, papers)

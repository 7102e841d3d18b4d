from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import models

from recommender.models import EmbeddingModel
from recommender.ranking.fusion import Line
from recommender.ranking.interest_clusters import Subject
from recommender.vectors import VectorField, pack, unpack
from recommender.words import lexicon
from subscriptions.models.interests import Interest
from subscriptions.models.people import Subscriber


class StoredSubject(models.Model):
    """A subject that a reader cares about, made when that changes and not when a digest is due."""

    model = models.ForeignKey(EmbeddingModel, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField(default=0)
    vector = VectorField()
    terms = models.BinaryField(default=b"", help_text="Numbers and weights of its words, six bytes each.")
    dense = models.FloatField(default=1, help_text="What a cosine of vectors counts.")
    lexical = models.FloatField(default=0, help_text="What a cosine of words counts.")
    constant = models.FloatField(default=0)
    share = models.FloatField(default=1, help_text="Of the interest's papers.")
    papers = models.JSONField(default=list, help_text="Identifiers of papers that it was made of.")
    background = models.PositiveIntegerField(default=0, help_text="Key of the background it was measured against.")

    class Meta:
        abstract = True


class InterestVector(StoredSubject):
    interest = models.ForeignKey(Interest, on_delete=models.CASCADE, related_name="vectors")
    awaited = models.PositiveSmallIntegerField(
        default=0, help_text="Papers named with it that had no vector when this one was made."
    )

    class Meta:
        ordering = ["interest", "position"]
        indexes = [models.Index(fields=["model", "background"], name="interests_measured_before")]
        constraints = [
            models.UniqueConstraint(fields=["interest", "model", "position"], name="one_vector_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.interest_id}.{self.position}"


class TasteVector(StoredSubject):
    """The lessons of a reader's feedback: subjects of the papers they liked, and papers they want less like."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="taste")
    liked = models.BooleanField()
    weight = models.FloatField(default=1, help_text="Freshness of a word against a paper.")
    people = models.JSONField(default=dict, help_text="With the first of the liked ones: who wrote them all.")
    said_at = models.DateTimeField(help_text="Of the newest word that it was made with.")

    class Meta:
        ordering = ["subscriber", "-liked", "position"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "model", "liked", "position"], name="one_taste_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber_id}: {'more' if self.liked else 'less'} {self.position}"


def columns(subject: Subject) -> dict[str, object]:
    """Return the fields of a StoredSubject."""
    line = subject.line._asdict()
    return {"vector": subject.vector, "terms": lexicon.pack(subject.terms), "share": subject.share, **line} | {
        "papers": list(subject.papers)
    }


# A batch of readers has a thousand of them: what is read for it is these columns, and no object of Django's.
OF_SUBJECT = ("vector", "terms", "dense", "lexical", "constant", "share", "papers")


def as_subject(row: Sequence[Any]) -> Subject:
    """Make a subject from the values of OF_SUBJECT."""
    vector, terms, dense, lexical, constant, share, papers = row
    return Subject(vector, lexicon.unpack(terms), Line(dense, lexical, constant), share, tuple(papers))


def as_kept(subject: Subject) -> Subject:
    """Return a subject as it is read back once it is stored, with the precision of the database."""
    return replace(subject, vector=unpack(pack(subject.vector)), terms=lexicon.unpack(lexicon.pack(subject.terms)))

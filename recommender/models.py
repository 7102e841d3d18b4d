from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from papers.models import Paper, Topic
from papers.models.prepared import Prepared, columns_of, instances
from recommender.cosines import Calibration
from recommender.vectors import VectorField


class EmbeddingModelManager(models.Manager["EmbeddingModel"]):
    def serving(self) -> EmbeddingModel | None:
        """Return the model whose vectors are compared and shown; None before anything was embedded."""
        return next(iter(instances(EmbeddingModel, _models())), None)


class EmbeddingModel(models.Model):
    """An encoder whose vectors are stored; exactly one of them is serving, a new one takes over when complete."""

    name = models.CharField(max_length=200, unique=True)
    dimension = models.PositiveSmallIntegerField()
    serving = models.BooleanField(default=False)
    calibration = models.JSONField(null=True, help_text="What its cosines are worth; none before that was measured.")
    mark = models.BinaryField(default=b"", help_text="Vectors of known texts, to notice another model of its name.")

    objects = EmbeddingModelManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["serving"], condition=Q(serving=True), name="one_model_serves"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scales(self) -> Calibration:
        return Calibration.of(self.calibration)


def _serving() -> models.QuerySet[EmbeddingModel, Any]:
    return EmbeddingModel.objects.filter(serving=True).order_by("pk").values_list(*columns_of(EmbeddingModel))


_models = Prepared(_serving)


class PaperVector(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="vectors")
    model = models.ForeignKey(EmbeddingModel, on_delete=models.CASCADE)
    vector = VectorField()
    text_hash = models.BinaryField(max_length=16, help_text="Of the text that was embedded, to notice a revision.")
    paper_updated_at = models.DateTimeField(help_text="The paper's own updated_at when its text was last compared.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "paper"], name="one_vector_per_paper_and_model")]

    def __str__(self) -> str:
        return f"{self.paper_id} by {self.model_id}"


class TopicVector(models.Model):
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="vectors")
    model = models.ForeignKey(EmbeddingModel, on_delete=models.CASCADE)
    vector = VectorField()
    text_hash = models.BinaryField(max_length=16, help_text="Of the text that was embedded, to notice an edit.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "topic"], name="one_vector_per_topic_and_model")]

    def __str__(self) -> str:
        return f"{self.topic_id} by {self.model_id}"


class Background(models.Model):
    """What papers are like in general, learned now and then: how rare each term is, and a sample of papers.

    Readers' terms and scales are made with it. They stay valid with a later one, and are remade little by little.
    """

    learned_at = models.DateTimeField()
    papers = models.PositiveIntegerField(help_text="How many there were when it was learned.")
    terms = models.BinaryField(help_text="The numbers of the vocabulary's terms, ascending, as 32-bit integers.")
    rarity = models.BinaryField(help_text="What each term weighs for being rare, as 32-bit floating-point numbers.")
    sample = models.JSONField(default=list, help_text="Keys of the papers that subjects are measured against.")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"of {self.papers} papers"


class PaperSentences(models.Model):
    """The sentences of a candidate's abstract with their vectors, so that a pick can quote the one that fits."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="sentences")
    model = models.ForeignKey(EmbeddingModel, on_delete=models.CASCADE)
    # Before the long columns: a database that stores a row in one piece reads it without them.
    text_hash = models.BinaryField(max_length=16, help_text="Of the model's name and the texts, to know a row again.")
    texts = models.JSONField(help_text="At most 16, for people to read; none for a paper without an abstract.")
    vectors = models.BinaryField(help_text="A unit vector for each text, one after the other, as float16.")

    class Meta:
        verbose_name = verbose_name_plural = "sentences of papers"
        constraints = [models.UniqueConstraint(fields=["model", "paper"], name="sentences_once_per_paper_and_model")]

    def __str__(self) -> str:
        return f"{len(self.texts)} sentences of {self.paper_id} by {self.model_id}"


class PaperTopic(models.Model):
    """A paper near enough to a topic to be shown under it."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="paper_topics")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="paper_topics")
    similarity = models.FloatField()

    class Meta:
        ordering = ["-similarity"]
        constraints = [models.UniqueConstraint(fields=["topic", "paper"], name="a_paper_once_per_topic")]

    def __str__(self) -> str:
        return f"{self.paper_id} in {self.topic_id}: {self.similarity:.2f}"


class TopicOrder(models.Model):
    """In which order the papers of a topic stood when it was last looked on a day: what positions are told from."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="orders")
    span = models.CharField(max_length=8)
    day = models.DateField(help_text="UTC.")
    began_on = models.DateField(help_text="The first day of the list.")
    papers = models.JSONField(default=list, help_text="Keys, the first one first.")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "span", "topic"]
        indexes = [models.Index(fields=["day", "made_at"])]  # whether today's were made lately
        constraints = [models.UniqueConstraint(fields=["topic", "span", "day"], name="a_topics_list_once_a_day")]

    def __str__(self) -> str:
        return f"{self.span} of topic {self.topic_id} on {self.day}"

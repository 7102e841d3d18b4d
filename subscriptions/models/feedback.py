from __future__ import annotations

from django.db import models

from papers.models import Paper
from subscriptions.models.people import Subscriber


class FeedbackKind(models.TextChoices):
    SAVE = "save", "keep"
    MORE = "more", "more like this"
    LESS = "less", "less like this"
    SEEN = "seen", "seen already"


LIKED = (FeedbackKind.SAVE, FeedbackKind.MORE)
TEACHES = (*LIKED, FeedbackKind.LESS)


class Feedback(models.Model):
    """A reader's last word on a paper; whatever it is, the paper does not come again."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="feedback")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=FeedbackKind.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "feedback"
        indexes = [
            models.Index(fields=["subscriber", "-at"]),  # what a reader has taught, the newest first
            models.Index(fields=["at"], name="feedback_of_a_day"),  # what all said on a day
        ]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "paper"], name="one_last_word_on_a_paper"),
            models.CheckConstraint(name="feedback_of_a_known_kind", condition=models.Q(kind__in=FeedbackKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber_id}: {self.get_kind_display()}"

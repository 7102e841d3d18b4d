from __future__ import annotations

from django.db import models
from django.db.models import Q

from papers.models import Topic
from subscriptions.models.people import Subscriber


class InterestKind(models.TextChoices):
    TOPIC = "topic", "Topic"
    TEXT = "text", "In your own words"
    PAPERS = "papers", "Named papers"
    LIBRARY = "library", "Uploaded library"


OF_PAPERS = (InterestKind.PAPERS, InterestKind.LIBRARY)


class Interest(models.Model):
    """One thing a subscriber cares about; a topic uses the topic's own vector, the others have vectors here."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="interests")
    kind = models.CharField(max_length=16, choices=InterestKind.choices)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, blank=True, related_name="followers")
    text = models.TextField(blank=True)
    arxiv_ids = models.JSONField(default=list, blank=True, help_text="Of a library also the identifiers of others.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "topic"], name="a_topic_followed_once"),
            models.UniqueConstraint(fields=["subscriber"], condition=Q(kind="library"), name="one_library_each"),
            models.CheckConstraint(
                name="an_interest_has_what_its_kind_needs",
                condition=Q(kind="topic", topic__isnull=False, text="")
                | (Q(kind="text", topic__isnull=True) & ~Q(text=""))
                | Q(kind__in=["papers", "library"], topic__isnull=True, text=""),
            ),
        ]

    def __str__(self) -> str:
        if self.kind == InterestKind.TOPIC and self.topic:
            return self.topic.name
        if self.kind == InterestKind.LIBRARY:
            return f"a library of {len(self.arxiv_ids)} papers"
        return self.text if self.kind == InterestKind.TEXT else f"papers {', '.join(self.arxiv_ids)}"

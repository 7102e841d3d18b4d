from __future__ import annotations

from hashlib import blake2b

from django.db import models
from django.db.models import Q

from papers.models import Topic
from subscriptions.models.people import Subscriber


class InterestKind(models.TextChoices):
    TOPIC = "topic", "Topic"
    TEXT = "text", "In your own words"
    PAPERS = "papers", "Named papers"
    LIBRARY = "library", "Uploaded library"
    AUTHOR = "author", "Person you follow"
    LAB = "lab", "Lab you follow"


OF_PAPERS = (InterestKind.PAPERS, InterestKind.LIBRARY)
OF_NAMES = (InterestKind.AUTHOR, InterestKind.LAB)


class Interest(models.Model):
    """One thing a subscriber cares about.

    A topic uses the topic's own vector; text and papers have vectors here; names of people and labs have none.
    """

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="interests")
    kind = models.CharField(max_length=16, choices=InterestKind.choices)
    # Whoever follows a topic loses it by nobody's click: a topic is retired or merged, as people/followers does.
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="followers")
    text = models.TextField(blank=True)
    arxiv_ids = models.JSONField(default=list, blank=True, help_text="Of a library also the identifiers of others.")
    people = models.JSONField(
        default=dict,
        blank=True,
        help_text="Who wrote its papers, as recommender.words.names.key, and how many of them.",
    )
    muted = models.BooleanField(default=False, help_text="It stays listed, and chooses nothing.")
    created_at = models.DateTimeField(auto_now_add=True)
    came_from = models.TextField(
        blank=True, db_default="", help_text="The name of a topic that was merged into the one it follows."
    )
    came_at = models.DateTimeField(null=True, blank=True, help_text="When that was; the next digest says so.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "topic"], name="a_topic_followed_once"),
            models.UniqueConstraint(fields=["subscriber"], condition=Q(kind="library"), name="one_library_each"),
            models.UniqueConstraint(
                fields=["subscriber", "kind", "text"],
                condition=Q(kind__in=["author", "lab"]),
                name="a_name_followed_once",
            ),
            models.CheckConstraint(
                name="an_interest_has_what_its_kind_needs",
                condition=Q(kind="topic", topic__isnull=False, text="")
                | (Q(kind__in=["text", "author", "lab"], topic__isnull=True) & ~Q(text=""))
                | Q(kind__in=["papers", "library"], topic__isnull=True, text=""),
            ),
        ]

    def __str__(self) -> str:
        if self.kind == InterestKind.TOPIC and self.topic:
            return self.topic.name
        if self.kind == InterestKind.LIBRARY:
            return f"a library of {len(self.arxiv_ids)} papers"
        return f"papers {', '.join(self.arxiv_ids)}" if self.kind == InterestKind.PAPERS else self.text

    @property
    def handle(self) -> str:
        """Return the name that a page calls it by, among those of its subscriber."""
        what = f"{self.kind} {self.topic_id} {self.text} {self.arxiv_ids}"
        return blake2b(what.encode(), digest_size=8).hexdigest()

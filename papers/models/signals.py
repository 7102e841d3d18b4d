from __future__ import annotations

from django.db import models

from papers.models.papers import Paper


class SignalKind(models.TextChoices):
    UPVOTES = "upvotes"
    COMMENTS = "comments"
    STARS = "stars"


class Signal(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=16, choices=SignalKind.choices)
    value = models.PositiveIntegerField()
    observed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "kind", "observed_at"], name="one_count_per_observation"),
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.kind} at {self.observed_at:%Y-%m-%d %H:%M}"


class FieldAttention(models.Model):
    """What is usual in a field, as last computed: every trend in the field is measured against it."""

    field = models.CharField(max_length=16, unique=True, blank=True)
    papers = models.PositiveIntegerField(help_text="With a count, within the window.")
    typical = models.JSONField(default=dict, help_text="By kind of count: what evidence of little weight is drawn to.")
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["field"]
        verbose_name_plural = "attention by field"

    def __str__(self) -> str:
        return self.field

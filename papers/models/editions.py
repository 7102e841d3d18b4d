from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse

from papers.records import latest_day

if TYPE_CHECKING:
    from papers.models.papers import Paper


class Topic(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    field = models.CharField(max_length=16, db_index=True)
    description = models.TextField(help_text="Two or three sentences; they are embedded and matched to abstracts.")
    categories = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("topic", args=[self.slug])


class EditionQuerySet(models.QuerySet["Edition"]):
    def begun(self, now: datetime) -> EditionQuerySet:
        """Return editions whose day has begun somewhere: future ones were made by hand, or by an impossible date."""
        return self.filter(date__lte=latest_day(now))


class Edition(models.Model):
    date = models.DateField(unique=True, help_text="arXiv's announcement date, Eastern time.")
    note = models.TextField(blank=True, help_text="The curator's word on top of every digest of the day.")
    papers: models.ManyToManyField[Paper, EditionEntry] = models.ManyToManyField(
        "Paper", through="EditionEntry", related_name="editions"
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"Edition of {self.date:%a %d %b %Y}"


class EntryReason(models.TextChoices):
    ANNOUNCED = "announced"
    TOOK_OFF = "took off"


class EditionEntry(models.Model):
    """A paper in an edition, and what the curator decided about it there."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="entries")
    paper = models.ForeignKey("Paper", on_delete=models.CASCADE, related_name="entries")
    reason = models.CharField(max_length=16, choices=EntryReason.choices, default=EntryReason.ANNOUNCED)
    hidden = models.BooleanField(default=False)
    featured = models.BooleanField(default=False)
    note = models.TextField(blank=True, help_text="The curator's word on this paper, shown to readers.")

    class Meta:
        verbose_name_plural = "edition entries"
        constraints = [
            models.UniqueConstraint(fields=["edition", "paper"], name="a_paper_once_per_edition"),
            models.CheckConstraint(name="hidden_is_not_featured", condition=~Q(hidden=True, featured=True)),
        ]
        # lists: the few that a curator put first or took out
        indexes = [
            models.Index(fields=["paper"], condition=Q(featured=True), name="entries_featured"),
            models.Index(fields=["paper"], condition=Q(hidden=True), name="entries_hidden"),
        ]

    def __str__(self) -> str:
        return f"{self.paper} in {self.edition}"


class ListOrder(models.Model):
    """In which order a list of the site stood when trends were last computed on a day: what positions are told from."""

    span = models.CharField(max_length=8)
    field = models.CharField(max_length=16, blank=True)
    day = models.DateField(help_text="UTC.")
    ended_on = models.DateField(help_text="The date of the edition with which the list ended.")
    papers = models.JSONField(
        default=list, help_text="Keys of those that had a trend or were featured, the first one first."
    )

    class Meta:
        ordering = ["-day", "span", "field"]
        constraints = [models.UniqueConstraint(fields=["span", "field", "day"], name="a_list_once_a_day")]

    def __str__(self) -> str:
        return f"{self.span} {self.field} on {self.day}"

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse


class PaperQuerySet(models.QuerySet["Paper"]):
    def listed_between(self, first: date, last: date) -> PaperQuerySet:
        """Papers of the editions from first to last, both included, each once."""
        return self.filter(entries__edition__date__range=(first, last)).distinct()

    def candidates(self, today: date, days: int) -> PaperQuerySet:
        """Papers that may go into a digest of today: in an edition of the last days, hidden in none of them."""
        span = (today - timedelta(days=days - 1), today)
        entries = EditionEntry.objects.filter(paper=models.OuterRef("pk"), edition__date__range=span)
        return self.filter(models.Exists(entries), ~models.Exists(entries.filter(hidden=True)))

    def by_trend(self) -> PaperQuerySet:
        return self.order_by(models.F("trend").desc(nulls_last=True), "-listed_on", "-arxiv_id")


class Paper(models.Model):
    arxiv_id = models.CharField(max_length=64, unique=True, help_text="Without a version.")
    version = models.PositiveSmallIntegerField(null=True, blank=True)
    title = models.TextField(help_text="As served, TeX included.")
    abstract = models.TextField(help_text="As served, TeX included.")
    authors = models.JSONField(default=list)
    categories = models.JSONField(default=list, blank=True)
    primary_category = models.CharField(max_length=32, blank=True)
    field = models.CharField(max_length=16, blank=True, help_text="The primary archive: cs, math, …")
    published_on = models.DateField(null=True, blank=True, help_text="First submitted to arXiv.")
    announced_on = models.DateField(null=True, blank=True)
    listed_on = models.DateField(null=True, blank=True, help_text="First day on a list of trending papers.")
    comment = models.TextField(blank=True)
    github_repo = models.CharField(max_length=300, blank=True)
    project_page = models.CharField(max_length=500, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    machine_summary = models.TextField(blank=True, help_text="Written by a model, shown with that label.")
    trend = models.FloatField(null=True, blank=True, help_text="Percentile 0–1 of attention; empty means unknown.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["listed_on"]),  # trend: the papers listed on one day
            models.Index(fields=["field", "-listed_on"]),  # a field's recent papers
        ]
        constraints = [
            models.CheckConstraint(
                name="trend_is_a_percentile", condition=Q(trend__isnull=True) | Q(trend__gte=0, trend__lte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("paper", args=[self.arxiv_id])

    @property
    def arxiv_url(self) -> str:
        return f"https://arxiv.org/abs/{self.arxiv_id}"


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


class Edition(models.Model):
    date = models.DateField(unique=True, help_text="arXiv's announcement date, Eastern time.")
    note = models.TextField(blank=True, help_text="The curator's word on top of every digest of the day.")
    papers = models.ManyToManyField(Paper, through="EditionEntry", related_name="editions")

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
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="entries")
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

    def __str__(self) -> str:
        return f"{self.paper} in {self.edition}"


class FeedState(models.Model):
    """What we know of a source: when it last answered, with how much, and what went wrong last."""

    source = models.CharField(max_length=32)
    category = models.CharField(max_length=64, blank=True)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    items = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["source", "category"]
        constraints = [
            models.UniqueConstraint(fields=["source", "category"], name="one_state_per_source_and_category"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.category}".strip()

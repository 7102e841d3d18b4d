from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.db import models
from django.db.models import Q
from django.urls import reverse

from papers.models.editions import EditionEntry
from papers.models.prepared import Prepared, columns_of, instances


class PaperQuerySet(models.QuerySet["Paper"]):
    def candidates(self, today: date, days: int) -> PaperQuerySet:
        """Return papers that may go into a digest of today: in an edition of the last days, not hidden or withdrawn."""
        span = (today - timedelta(days=days - 1), today)
        entries = EditionEntry.objects.filter(paper=models.OuterRef("pk"), edition__date__range=span)
        shown = self.filter(withdrawn_on=None)
        return shown.filter(models.Exists(entries), ~models.Exists(entries.filter(hidden=True)))


class Paper(models.Model):
    identifier = models.CharField(
        max_length=200, unique=True, help_text="arXiv's without a version, else a namespace and a name: doi:10.1101/12."
    )
    version = models.PositiveSmallIntegerField(null=True, blank=True)
    title = models.TextField(help_text="As served, TeX included.")
    abstract = models.TextField(help_text="As served, TeX included.")
    authors = models.JSONField(default=list, help_text="As served, TeX included.")
    plain_title = models.TextField(blank=True, help_text="For people: TeX turned into Unicode at ingest.")
    plain_abstract = models.TextField(blank=True)
    plain_authors = models.JSONField(default=list, blank=True)
    title_key = models.CharField(max_length=200, blank=True, help_text="The title's letters and digits alone.")
    categories = models.JSONField(default=list, blank=True)
    primary_category = models.CharField(max_length=32, blank=True)
    field = models.CharField(max_length=16, blank=True, help_text="The primary archive: cs, math, …")
    published_on = models.DateField(null=True, blank=True, help_text="First submitted to arXiv.")
    announced_on = models.DateField(null=True, blank=True)
    announced_estimated = models.BooleanField(default=False, help_text="No source said the day: it was worked out.")
    listed_on = models.DateField(null=True, blank=True, help_text="First day on a list of trending papers.")
    took_off_on = models.DateField(null=True, blank=True, help_text="First day of high attention after its own day.")
    withdrawn_on = models.DateField(null=True, blank=True, help_text="Day on which we learnt of the withdrawal.")
    doi = models.CharField(max_length=200, blank=True)
    journal_ref = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=500, blank=True, help_text="Where to read a paper that is not on arXiv.")
    comment = models.TextField(blank=True)
    github_repo = models.CharField(max_length=300, blank=True)
    project_page = models.CharField(max_length=500, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    machine_summary = models.TextField(blank=True, help_text="Written by a model, shown with that label.")
    trend = models.FloatField(null=True, blank=True, help_text="Percentile 0–1 of attention; empty means unknown.")
    trend_at = models.DateTimeField(null=True, blank=True, help_text="When the trend was computed.")
    looked_up_at = models.DateTimeField(null=True, blank=True, help_text="When arXiv was last asked what is missing.")
    stars_asked_at = models.DateTimeField(null=True, blank=True, help_text="When GitHub was last asked for its stars.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["listed_on", "identifier"]
            ),  # trend: those listed on a day; lists: what has no trend, in order
            models.Index(fields=["field", "-listed_on"]),  # a field's recent papers
            models.Index(fields=["title_key"]),  # ingest: the same paper under another name
            models.Index(fields=["doi"]),  # ingest: the same paper under another name
            models.Index(fields=["updated_at"]),  # search: what was written since its index was read
            models.Index(
                fields=["-announced_on", "-listed_on", "-identifier"], name="papers_newest_first"
            ),  # the admin
            models.Index(fields=["created_at"], name="papers_by_arrival"),  # what came on a day
            # lists: the few thousand with a trend, in order, and the few withdrawn
            models.Index(fields=["-trend"], condition=Q(trend__isnull=False), name="papers_with_a_trend"),
            models.Index(fields=["withdrawn_on"], condition=Q(withdrawn_on__isnull=False), name="papers_withdrawn"),
        ]
        constraints = [
            models.CheckConstraint(
                name="trend_is_a_percentile", condition=Q(trend__isnull=True) | Q(trend__gte=0, trend__lte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.shown_title

    def get_absolute_url(self) -> str:
        return reverse("paper", args=[self.identifier])

    @classmethod
    def by_key(cls, keys: Collection[int]) -> dict[int, Paper]:
        """Return the papers with these keys, as in_bulk does, by a query that is compiled once."""
        return {paper.pk: paper for paper in instances(cls, _whole(keys=keys) if keys else [])}

    @property
    def arxiv_id(self) -> str:
        """Return the identifier on arXiv, without a version; '' for a paper that is not there."""
        return "" if ":" in self.identifier else self.identifier

    # Each falls back on the text as served, for papers from before there were plain forms.
    @property
    def shown_title(self) -> str:
        return self.plain_title or " ".join(self.title.split())

    @property
    def shown_abstract(self) -> str:
        return self.plain_abstract or " ".join(self.abstract.split())

    @property
    def shown_authors(self) -> list[str]:
        return list(self.plain_authors or self.authors)

    @property
    def source_url(self) -> str:
        """Return where to read it: arXiv's page of the abstract, else the address it came with, else its DOI, or ''."""
        if self.arxiv_id:
            return f"https://arxiv.org/abs/{self.arxiv_id}"
        return self.url or (f"https://doi.org/{quote(self.doi)}" if self.doi else "")


def _with_keys(keys: Collection[int]) -> models.QuerySet[Paper, Any]:
    return Paper.objects.filter(pk__one_of=keys).order_by().values_list(*columns_of(Paper))


_whole = Prepared(_with_keys, keys=([1], [2]))


class Alias(models.Model):
    """Another identifier under which a paper came to us, so that it is found again by it."""

    identifier = models.CharField(max_length=200, unique=True)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name_plural = "aliases"

    def __str__(self) -> str:
        return self.identifier


class ChangeKind(models.TextChoices):
    REVISED = "revised"
    RETITLED = "title changed"
    OTHER_AUTHORS = "authors changed"
    OTHER_ABSTRACT = "abstract changed"
    WITHDRAWN = "withdrawn"
    BACK = "no longer withdrawn"
    CODE_ADDED = "code added"
    DOI_ADDED = "journal DOI added"


class PaperChange(models.Model):
    """Something that happened to a paper that we had: told to people who saved it, never a reason to call it new."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=20, choices=ChangeKind.choices)
    detail = models.CharField(
        max_length=300, blank=True, help_text="The version, link, DOI or sentence that came; what was before."
    )
    noticed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["noticed_at"])]  # what changed since yesterday
        constraints = [
            models.UniqueConstraint(fields=["paper", "kind", "detail"], name="one_change_once"),
        ]

    def __str__(self) -> str:
        return f"{self.paper}: {self.kind} {self.detail}".strip()


class WantedPaper(models.Model):
    """A paper that somebody named and that we do not have yet."""

    identifier = models.CharField(max_length=64, unique=True, help_text="arXiv's, without a version.")
    wanted_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When arXiv was last asked for it.")
    unknown = models.BooleanField(default=False, help_text="arXiv knows no such paper.")

    def __str__(self) -> str:
        return self.identifier

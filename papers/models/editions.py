from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from papers.records import latest_day

if TYPE_CHECKING:
    from papers.models.papers import Paper


class TopicQuerySet(models.QuerySet["Topic"]):
    def offered(self) -> TopicQuerySet:
        """Return the topics that can be looked at and followed anew; a retired one keeps its followers."""
        return self.filter(is_active=True)

    def called(self, slug: str) -> Topic | None:
        """Return the offered topic of this name, or the one that it was merged into."""
        named = self.filter(slug=slug).select_related("merged_into").first()
        found = named and (named.merged_into or named)
        return found if found and found.is_active else None

    def current(self) -> list[Topic]:
        """Return these topics in the order of their keys; in place of a merged one the topic that it went into."""
        found = {topic.pk: topic for topic in (one.merged_into or one for one in self.select_related("merged_into"))}
        return [found[key] for key in sorted(found)]


class Topic(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    field = models.CharField(max_length=16, db_index=True)
    description = models.TextField(help_text="Two or three sentences; they are embedded and matched to abstracts.")
    categories = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField("offered", default=True)
    examples = models.JSONField(
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
        help_text="Identifiers of papers that belong to it, whatever its words say.",
    )
    counterexamples = models.JSONField(
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
        help_text="Identifiers of papers that do not belong to it.",
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        help_text="Where its followers and its addresses lead.",
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                name="a_merged_topic_is_not_offered", condition=Q(merged_into__isnull=True) | Q(is_active=False)
            ),
        ]

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
        "Paper", through="EditionEntry", through_fields=("edition", "paper"), related_name="editions"
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-date"]
        permissions = [("undo_others_edition", "Can undo what another curator decided")]

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
    merged_into = models.ForeignKey(
        "Paper",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="merged_entries",
        help_text="The same work under another name, which readers get in its stead.",
    )

    class Meta:
        verbose_name_plural = "edition entries"
        constraints = [
            models.UniqueConstraint(fields=["edition", "paper"], name="a_paper_once_per_edition"),
            models.CheckConstraint(name="hidden_is_not_featured", condition=~Q(hidden=True, featured=True)),
            models.CheckConstraint(name="merged_is_hidden", condition=Q(merged_into__isnull=True) | Q(hidden=True)),
        ]
        # lists: the few that a curator put first or took out
        indexes = [
            models.Index(fields=["paper"], condition=Q(featured=True), name="entries_featured"),
            models.Index(fields=["paper"], condition=Q(hidden=True), name="entries_hidden"),
        ]

    def __str__(self) -> str:
        return f"{self.paper} in {self.edition}"


class Verb(models.TextChoices):
    """What a curator can do with an entry; the label says what happened, in the words of the log."""

    FEATURE = "feature", "Featured."
    UNFEATURE = "unfeature", "No longer featured."
    HIDE = "hide", "Hidden."
    UNHIDE = "unhide", "Shown again."
    NOTE = "note", "Noted."
    MERGE = "merge", "Merged."


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> DecisionQuerySet:
        return self.filter(undone_at__isnull=True)


class Decision(models.Model):
    """One act of a curator on a paper of an edition, with what the entry held before and after, to be undone."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="decisions")
    paper = models.ForeignKey("Paper", on_delete=models.CASCADE, related_name="decisions")
    verb = models.CharField(max_length=16, choices=Verb.choices)
    before = models.JSONField(help_text="What the entry held, by column.")
    after = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.paper}: {self.get_verb_display()}"


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

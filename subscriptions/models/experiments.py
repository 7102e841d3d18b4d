"""Two rankers compared on willing readers: which they are, and who of them brought what to whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from subscriptions.models.digests import Digest


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def running(self) -> ExperimentQuerySet:
        """Return the one that runs, if any."""
        return self.filter(is_running=True)


class Experiment(models.Model):
    name = models.CharField(max_length=60, unique=True)
    ranker_a = models.CharField(max_length=32, help_text="A variant of the ranking, as manage.py evaluate live lists.")
    ranker_b = models.CharField(max_length=32)
    is_running = models.BooleanField(default=True)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_running"], condition=Q(is_running=True), name="one_experiment_at_a_time"
            ),
            models.CheckConstraint(
                name="running_is_not_stopped",
                condition=Q(is_running=True, stopped_at__isnull=True) | Q(is_running=False, stopped_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.ranker_a} or {self.ranker_b}"


class Preference(models.IntegerChoices):
    """What the ratings of a digest say, once they are counted: which team had more praise."""

    A = -1
    NEITHER = 0
    B = 1


class Comparison(models.Model):
    """A digest that two rankers chose together, in turns: which of them brought which paper."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="comparisons")
    digest = models.OneToOneField(Digest, on_delete=models.CASCADE, related_name="comparison")
    team_a = models.JSONField(default=list, help_text="Ranks of the picks that ranker A brought.")
    team_b = models.JSONField(default=list, help_text="And those of ranker B.")
    made_at = models.DateTimeField(help_text="As the digest was composed: of one that was composed anew it is void.")
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text="When its ratings were counted; later ones change nothing."
    )
    ratings = models.PositiveSmallIntegerField(default=0, help_text="Of papers of either team, when it was settled.")
    preference = models.SmallIntegerField(choices=Preference.choices, default=Preference.NEITHER)

    class Meta:
        ordering = ["-made_at"]
        indexes = [
            # those whose ratings are still to be counted, the oldest first
            models.Index(fields=["made_at"], condition=Q(settled_at__isnull=True), name="comparisons_unsettled"),
        ]
        constraints = [
            models.CheckConstraint(
                name="unsettled_prefers_neither",
                condition=Q(settled_at__isnull=False) | Q(preference=0, ratings=0),
            ),
            models.CheckConstraint(
                name="settled_after_made", condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("made_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment_id} in digest {self.digest_id}"

    @classmethod
    def prepared(cls, digest: Digest) -> Comparison | None:
        """Return the comparison that was made for this digest in memory, without asking the database."""
        found = digest._state.fields_cache.get("comparison")
        return found if isinstance(found, cls) else None

from __future__ import annotations

from django.db import models


class FeedState(models.Model):
    """What we know of a source: when it last answered, with how much, and what went wrong last."""

    source = models.CharField(max_length=32)
    category = models.CharField(max_length=64, blank=True)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_batch_on = models.DateField(null=True, blank=True, help_text="Date of the newest announcement that came.")
    dated_on = models.DateField(null=True, blank=True, help_text="Date that the newest feed bears, whatever is in it.")
    items = models.PositiveIntegerField(default=0, help_text="New papers in that feed.")
    usual_items = models.FloatField(null=True, blank=True, help_text="Papers in an announcement, smoothed.")
    error = models.TextField(blank=True)
    seconds = models.FloatField(null=True, blank=True, help_text="How long the last attempt took, waits included.")
    asked_again_at = models.DateTimeField(
        null=True, blank=True, help_text="When an operator last wanted it to be asked before its time."
    )

    class Meta:
        ordering = ["source", "category"]
        verbose_name = "source"
        permissions = [("retry_feedstate", "Can have a source asked before its time")]
        constraints = [
            models.UniqueConstraint(fields=["source", "category"], name="one_state_per_source_and_category"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.category}".strip()


class Turn(models.Model):
    """Whose turn it is to ask a host: one row a host, taken and given back by conditional updates."""

    host = models.CharField(max_length=32, unique=True)
    free_at = models.DateTimeField(help_text="Nobody asks before; the database's clock.")
    holder = models.UUIDField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.host} from {self.free_at:%H:%M:%S}"


class Validator(models.Model):
    """What lets us ask a source whether an answer has changed since we stored what it said."""

    url = models.CharField(max_length=1000, unique=True)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url


class Harvest(models.Model):
    """How far a back-fill came: after a kill it goes on from here."""

    source = models.CharField(max_length=32)
    wanted_set = models.CharField(max_length=64, blank=True)
    since = models.DateField()
    asked_from = models.DateField(help_text="As since; after a harvest that was finished, the day on which it began.")
    token = models.CharField(max_length=500, blank=True, help_text="For the next page; empty at the start and end.")
    papers = models.PositiveIntegerField(default=0, help_text="Records read so far.")
    total = models.PositiveIntegerField(null=True, blank=True, help_text="Records in all, where the source says.")
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "wanted_set", "since"], name="one_harvest_of_a_set_and_date"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.wanted_set} since {self.since}"

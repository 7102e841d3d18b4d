"""State above single mails: whether anything may leave, how fast, and whether all that was planned has ended."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class StopReason(models.TextChoices):
    OPERATOR = "operator", "An operator stopped it."
    BOUNCES = "bounces", "Too many mails bounced."
    COMPLAINTS = "complaints", "Too many readers reported a mail as spam."


class ControlQuerySet(models.QuerySet["Control"]):
    def letting_mail_out(self) -> ControlQuerySet:
        """Return the row, if mail may leave this instance: nobody stopped it, and the database is the instance's."""
        return self.filter(stopped_at__isnull=True, instance_id=settings.INSTANCE_ID)


class Control(models.Model):
    """The one row that every claim asks: the kill switch, and which instance this database sends for."""

    instance_id = models.CharField(
        max_length=64, help_text="Only an instance with this INSTANCE_ID sends; a restored copy has another."
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_because = models.CharField(max_length=16, choices=StopReason.choices, blank=True)
    note = models.TextField(blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True, help_text="What went out before no longer counts.")
    zone_rules = models.CharField(max_length=16, blank=True, help_text="Rules by which all next hours were set.")
    new_zone_rules = models.CharField(max_length=16, blank=True, help_text="Those by which they are being set anew.")
    set_anew_to = models.PositiveBigIntegerField(default=0, help_text="Key of the last subscriber whose hour was.")
    last_tick_at = models.DateTimeField(
        null=True, blank=True, help_text="When planning ran last: beat, broker and worker live."
    )

    digests_stay_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Old digests are put away from then on: until workers of the release before are gone.",
    )

    backed_up_at = models.DateTimeField(
        null=True, blank=True, help_text="When manage.py backup last made a backup of this database."
    )
    restored_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was adopted after a restore: what was due by then may have been sent."
    )
    # The database has a default, too: a process of the release before does not know it.
    restored_day_too = models.BooleanField(
        default=True, db_default=True, help_text="Nor does anything else go out that is of the reader's date of then."
    )

    objects = ControlQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "control"
        permissions = [
            ("stop_control", "Can stop all sending"),
            ("resume_control", "Can resume sending"),
            ("close_breaker_control", "Can let mail go to a failing provider again"),
        ]
        constraints = [
            models.CheckConstraint(name="there_is_one_control", condition=Q(pk=1)),
            models.CheckConstraint(
                name="stopped_says_why",
                condition=Q(stopped_at__isnull=True, stopped_because="")
                | (Q(stopped_at__isnull=False) & ~Q(stopped_because="")),
            ),
        ]

    def __str__(self) -> str:
        return "stopped" if self.stopped_at else "sending"


class BreakerQuerySet(models.QuerySet["Breaker"]):
    def open(self) -> BreakerQuerySet:
        return self.filter(open_until__isnull=False)

    def probe(self, provider: str, now: datetime, until: datetime) -> bool:
        """Win the one try that an open breaker allows when its time is over; until then nobody else gets one."""
        return self.filter(provider=provider, open_until__lte=now).update(open_until=until) == 1


class Breaker(models.Model):
    """A mail provider's breaker: closed where open_until is empty; else nobody sends until then; then one tries."""

    provider = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    open_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="What the provider said last.")
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = BreakerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.provider}: {'open' if self.open_until else 'closed'}"


class SendTime(models.Model):
    """How many mails a provider answered within so long, but not within the next shorter bound."""

    provider = models.CharField(max_length=64)
    at_most_ms = models.PositiveIntegerField()
    count = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0, help_text="All of these answers together.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "at_most_ms"], name="one_row_per_bound")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.count} within {self.at_most_ms} ms"


class RateBucketQuerySet(models.QuerySet["RateBucket"]):
    def take(self, key: str, window: datetime, count: int, limit: int) -> bool:
        """Add count to a window's use unless that would pass its limit; the row must exist."""
        fits = self.filter(key=key, window=window, used__lte=limit - count)
        return fits.update(used=F("used") + count) == 1


class RateBucket(models.Model):
    """How much of an allowance is used, shared by all processes. Keys hold hashes, never an address or a network."""

    key = models.CharField(max_length=128)
    window = models.DateTimeField(help_text="Since when it counts.")
    used = models.PositiveIntegerField(default=0)
    free_at = models.DateTimeField(null=True, blank=True, help_text="Of a rate per second: when its next turn is free.")

    objects = RateBucketQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="one_bucket_per_window")]

    def __str__(self) -> str:
        return f"{self.key} since {self.window:%Y-%m-%d %H:%M}: {self.used}"


class RunQuerySet(models.QuerySet["Run"]):
    def with_digests(self) -> RunQuerySet:
        """Return those of whose digests some are still stored, as far as anybody noted."""
        return self.filter(emptied_at__isnull=True)


class Run(models.Model):
    """What was planned within one hour (UTC); it closes when all of it has ended and the numbers agree."""

    hour = models.DateTimeField(unique=True)
    eligible = models.PositiveIntegerField(default=0, help_text="Digests planned.")
    erased = models.PositiveIntegerField(default=0, help_text="Of these, digests of people who were erased since.")
    closed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, help_text="What does not agree.")
    reopened = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How often an operator let ended digests of it go on."
    )
    # Empty in a run that a process of the release before has closed.
    ended = models.JSONField(null=True, blank=True, help_text="How many digests ended in which way, when it closed.")
    gone = models.JSONField(null=True, blank=True, help_text="How those ended that were put away since.")
    emptied_at = models.DateTimeField(
        null=True, blank=True, help_text="When all of its digests were put away that may be."
    )

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-hour"]
        indexes = [
            models.Index(fields=["hour"], condition=Q(closed_at__isnull=True), name="open_runs"),  # the sweeper
            # with_digests(): few of those of many years
            models.Index(fields=["hour"], condition=Q(emptied_at__isnull=True), name="runs_with_digests"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:%M}"


class HostRules(models.Model):
    """The rules of time zones that the processes of one kind on one machine go by, and marks of their settings."""

    host = models.CharField(max_length=100)
    kind = models.CharField(max_length=16)
    version = models.CharField(max_length=16)
    source = models.CharField(max_length=200)
    noted_at = models.DateTimeField()
    # The database fills it in for a worker of the release before, which does not know it.
    marks = models.TextField(blank=True, db_default="", help_text="Of settings that must be the same on all machines.")
    clock_ahead = models.FloatField(default=0, db_default=0, help_text="Seconds, beyond the database’s clock.")

    class Meta:
        verbose_name_plural = "host rules"
        constraints = [models.UniqueConstraint(fields=["host", "kind"], name="one_note_per_host_and_kind")]

    def __str__(self) -> str:
        return f"{self.host} ({self.kind}): {self.version} from {self.source}"

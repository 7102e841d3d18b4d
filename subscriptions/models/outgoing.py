from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce


class DeliveryStatus(models.TextChoices):
    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


LEFT = (DeliveryStatus.SENT, DeliveryStatus.UNCERTAIN)  # as far as anybody knows
M = TypeVar("M", bound=models.Model)


class OutgoingQuerySet(models.QuerySet[M]):
    """The questions that digests and account mails share on their way out."""

    def finish(self, pk: int, status: DeliveryStatus, reason: str, now: datetime, provider_id: str = "") -> bool:
        """Record the end of a mail in flight; return False if the sweeper or the provider's report was faster.

        A worker that the provider told that it took the mail overrules the sweeper.
        """
        before = [DeliveryStatus.SENDING, *([DeliveryStatus.UNCERTAIN] if status == DeliveryStatus.SENT else [])]
        mine = self.filter(pk=pk, status__in=before)
        return mine.update(status=status, reason=reason[:200], finished_at=now, provider_id=provider_id[:255]) == 1

    def try_again(self, pk: int, reason: str, again_at: datetime, *, may_have_left: bool = False) -> bool:
        """Put back what the provider did not take, or what it knows again if it did."""
        mine = self.filter(pk=pk, status=DeliveryStatus.SENDING)
        changes: dict[str, Any] = {"reason": reason[:200], "next_attempt_at": again_at}
        if may_have_left:
            changes["unclear_since"] = Coalesce("unclear_since", F("claimed_at"))
        return mine.update(status=DeliveryStatus.PLANNED, **changes) == 1

    def leave_unclear(self, pk: int, reason: str, now: datetime) -> bool:
        """End as uncertain what waits for another attempt and may have left before; return False for any other."""
        mine = self.filter(pk=pk, status=DeliveryStatus.PLANNED, unclear_since__isnull=False)
        return mine.update(status=DeliveryStatus.UNCERTAIN, reason=reason[:200], finished_at=now) == 1

    def stuck(self, now: datetime) -> Self:
        """Return mails in flight for so long that their sender must be dead: nobody knows whether they left."""
        since = now - timedelta(seconds=settings.UNCERTAIN_AFTER_SECONDS)
        return self.filter(status=DeliveryStatus.SENDING, claimed_at__lt=since)


class Outgoing(models.Model):
    status = models.CharField(max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.PLANNED)
    reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    unclear_since = models.DateTimeField(
        null=True, blank=True, help_text="When the first attempt was made of which nobody knows whether it was taken."
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=255, blank=True)

    class Meta:
        abstract = True

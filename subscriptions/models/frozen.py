from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from subscriptions.models.digests import Digest
from subscriptions.models.outbox import AccountMail
from subscriptions.models.outgoing import DeliveryStatus

ON_THEIR_WAY = (DeliveryStatus.PLANNED, DeliveryStatus.SENDING)


class FrozenMailQuerySet(models.QuerySet["FrozenMail"]):
    def needless(self, before: datetime) -> FrozenMailQuerySet:
        """Return those whose mail has ended, or whose first attempt was before that time."""
        under_way = Q(digest__status__in=ON_THEIR_WAY) | Q(account_mail__status__in=ON_THEIR_WAY)
        return self.filter(~under_way | Q(frozen_at__lte=before))


class FrozenMail(models.Model):
    """A mail as it was handed over, while its next attempt has to be the same to the last byte."""

    digest = models.OneToOneField(Digest, on_delete=models.CASCADE, null=True, blank=True, related_name="frozen")
    account_mail = models.OneToOneField(
        AccountMail, on_delete=models.CASCADE, null=True, blank=True, related_name="frozen"
    )
    provider = models.CharField(max_length=64, help_text="Who got it: no other knows its key.")
    frozen_at = models.DateTimeField()
    content = models.BinaryField(help_text="The message, encrypted: it holds links that are the reader's alone.")

    objects = FrozenMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="frozen_is_one_mail",
                condition=Q(digest__isnull=False, account_mail__isnull=True)
                | Q(digest__isnull=True, account_mail__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.digest or self.account_mail}, frozen"

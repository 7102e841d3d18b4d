from __future__ import annotations

from datetime import datetime

from django.db import models


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def due(self, now: datetime) -> SignUpQuerySet:
        """In the order of their turns: who has proven some work goes before who has not."""
        return self.filter(next_attempt_at__lte=now).order_by("-proven", "pk")

    def without_proof(self) -> SignUpQuerySet:
        return self.filter(proven=False)


class SignUp(models.Model):
    """A form as it was sent in, which nobody has looked into yet; it goes when a worker makes a consent of it.

    So the request does the same for every address, and what a flood brings stays apart from the subscribers.
    """

    email = models.EmailField(help_text="In its canonical form.")
    wishes = models.JSONField(default=dict)
    form_text_hash = models.CharField(max_length=64)
    network_key = models.CharField(max_length=64, help_text="Keyed hash of the network it came from.")
    network_address = models.GenericIPAddressField(null=True, blank=True, help_text="Kept only if configured.")
    proven = models.BooleanField(default=False, help_text="The browser has computed a proof of work.")
    requested_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    waits_for = models.CharField(max_length=200, blank=True, help_text="Whose turn has to come first.")

    objects = SignUpQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"]),  # due()
            models.Index(fields=["network_key"]),  # how many of one network wait
        ]

    def __str__(self) -> str:
        return f"{self.email} at {self.requested_at:%Y-%m-%d %H:%M}"

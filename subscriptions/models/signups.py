from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Count, Q


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def due(self, now: datetime) -> SignUpQuerySet:
        return self.filter(next_attempt_at__lte=now)

    def without_proof(self) -> SignUpQuerySet:
        return self.filter(proven=False)

    def by_network(self) -> models.QuerySet[SignUp, tuple[str, int]]:
        """Return each wide network and the number of its waiting forms, the most first."""
        counted = self.values("wide_network_key").annotate(waiting=Count("pk"))
        return counted.order_by("-waiting", "wide_network_key").values_list("wide_network_key", "waiting")


class SignUp(models.Model):
    """A form as it was sent in, which is still to be admitted; it is deleted when a worker makes a consent of it.

    So the request does the same for every address, and what a flood brings stays apart from the subscribers.
    """

    email = models.EmailField(help_text="In its canonical form.")
    wishes = models.JSONField(default=dict)
    form_text_hash = models.CharField(max_length=64)
    network_key = models.CharField(max_length=64, help_text="Keyed hash of the network it came from.")
    wide_network_key = models.CharField(
        max_length=64, default="", blank=True, help_text="Keyed hash of the /48 (IPv6) or /24 (IPv4) around it."
    )
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
            # Whose share of the queue is the largest, and how many of a wide network wait.
            models.Index(fields=["wide_network_key"], condition=Q(proven=False), name="sign_ups_without_proof"),
            models.Index(fields=["wide_network_key"], condition=Q(proven=True), name="sign_ups_with_proof"),
        ]

    def __str__(self) -> str:
        return f"{self.email} at {self.requested_at:%Y-%m-%d %H:%M}"

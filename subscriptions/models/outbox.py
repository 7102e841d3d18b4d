from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, Q

from subscriptions.models.control import Breaker, Control
from subscriptions.models.outgoing import DeliveryStatus, Outgoing, OutgoingQuerySet
from subscriptions.models.people import AddressChange, Consent, Subscriber


class AccountMailKind(models.TextChoices):
    CONFIRM = "confirm"
    REMINDER = "reminder"
    WELCOME = "welcome"
    ALREADY = "already subscribed"
    NEW_ADDRESS = "confirm new address"
    ADDRESS_CHANGED = "address changed"
    MOVED_BACK = "address moved back"
    LINK = "link to preferences"
    GOODBYE = "goodbye"


class AccountMailQuerySet(OutgoingQuerySet["AccountMail"]):
    def waiting(self, now: datetime) -> AccountMailQuerySet:
        return self.filter(status=DeliveryStatus.PLANNED, next_attempt_at__lte=now)

    def claim(self, pk: int, now: datetime, provider: str = "") -> bool:
        """Move one mail from planned to sending; return False if someone else has it, or while sending is stopped."""
        failing = Breaker.objects.open().filter(provider=provider)
        mine = self.filter(
            Exists(Control.objects.letting_mail_out()), ~Exists(failing), pk=pk, status=DeliveryStatus.PLANNED
        )
        return mine.update(status=DeliveryStatus.SENDING, claimed_at=now, attempts=F("attempts") + 1) == 1


class AccountMail(Outgoing):
    """The outbox of confirm and account mails: written with the change that causes it, sent outside the request."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="account_mails")
    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, null=True, blank=True, related_name="mails")
    change = models.ForeignKey(AddressChange, on_delete=models.CASCADE, null=True, blank=True, related_name="mails")
    kind = models.CharField(max_length=24, choices=AccountMailKind.choices)
    to = models.EmailField(blank=True, help_text="Where it goes, if not to the subscriber's present address.")
    proven = models.BooleanField(
        default=False, help_text="Of a sign-up: the browser has computed a proof of work, so that it goes first."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountMailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="planned"), name="waiting_account_mails"),
            models.Index(fields=["claimed_at"], condition=Q(status="uncertain"), name="uncertain_account_mails"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["consent", "kind"], condition=Q(consent__isnull=False), name="one_mail_of_a_kind_per_consent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.subscriber}"

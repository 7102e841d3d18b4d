from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from subscriptions.models.digests import Digest
from subscriptions.models.outbox import AccountMail
from subscriptions.models.people import Subscriber

ATTEMPTS = 5
HAND_OVER = "hand-over"  # in place of a provider's name: what it said while it was given a mail


class Meaning(models.TextChoices):
    """The meaning of a report for a mail or its address, whatever words the provider has for it."""

    NOTHING = "nothing"
    ACCEPTED = "accepted", "the provider took it"
    DELIVERED = "delivered", "the mailbox has it"
    HARD = "hard bounce", "there is no such mailbox"
    SOFT = "soft bounce", "the mailbox did not take it this time"
    BLOCKED = "blocked", "refused for its content, its sender or a broken route, not for its address"
    REFUSED = "refused address", "the provider itself no longer mails this address"
    COMPLAINT = "complaint", "the reader reported it as spam"
    UNSUBSCRIBED = "unsubscribed", "the reader unsubscribed at the provider"


class EventStatus(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed", "given up"
    FOREIGN = "foreign", "of no mail of ours"


class DeliveryEventQuerySet(models.QuerySet["DeliveryEvent"]):
    def waiting(self, now: datetime) -> DeliveryEventQuerySet:
        return self.filter(status=EventStatus.WAITING, next_attempt_at__lte=now)

    def ours(self) -> DeliveryEventQuerySet:
        """Return those that are known to be of a mail of ours: only these say something of a reader."""
        return self.filter(Q(digest__isnull=False) | Q(account_mail__isnull=False) | Q(provider=HAND_OVER))

    def claim(self, pk: int) -> bool:
        """Mark one as done, in the transaction that did it; return False if somebody else was faster."""
        return self.filter(pk=pk, status=EventStatus.WAITING).update(status=EventStatus.DONE, error="") == 1

    def fail(self, pk: int, error: str, again_at: datetime) -> None:
        """Note a failed attempt; the last one gives the event up."""
        mine = self.filter(pk=pk, status=EventStatus.WAITING)
        mine.update(attempts=F("attempts") + 1, error=error[:500], next_attempt_at=again_at)
        mine.filter(attempts__gte=ATTEMPTS).update(status=EventStatus.FAILED)

    def ask_again(self, pk: int, again_at: datetime) -> None:
        """Put one off whose mail may still be recorded."""
        self.filter(pk=pk, status=EventStatus.WAITING).update(next_attempt_at=again_at)

    def set_aside(self, pk: int) -> bool:
        """Note that one is of no mail of ours, and forget whose address it names; return False if it waits no more."""
        waiting = self.filter(pk=pk, status=EventStatus.WAITING)
        return waiting.update(status=EventStatus.FOREIGN, subscriber=None, address_hash=None) == 1

    def again(self, now: datetime) -> int:
        """Let those that were given up be tried again; return their number."""
        given_up = self.filter(status=EventStatus.FAILED)
        return given_up.update(status=EventStatus.WAITING, attempts=0, next_attempt_at=now)

    def of_address(self, hashed: bytes) -> DeliveryEventQuerySet:
        """Return the events of an address."""
        return self.filter(address_hash=hashed)


class DeliveryEvent(models.Model):
    """What the mail provider reports later, in Anymail's words and in ours; it holds no address in clear."""

    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    account_mail = models.ForeignKey(
        AccountMail, on_delete=models.CASCADE, null=True, blank=True, related_name="events"
    )
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    address_hash = models.BinaryField(max_length=16, null=True)
    provider = models.CharField(max_length=32)
    event_id = models.CharField(max_length=255)
    # The database has a default, too: a process of the release before stores reports without it.
    provider_id = models.CharField(
        max_length=255, blank=True, default="", db_default="", help_text="The provider's id of the mail."
    )
    event_type = models.CharField(max_length=32)
    reject_reason = models.CharField(max_length=64, blank=True)
    description = models.TextField(blank=True)
    meaning = models.CharField(max_length=16, choices=Meaning.choices, default=Meaning.NOTHING)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=16, choices=EventStatus.choices, default=EventStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)

    objects = DeliveryEventQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at"]
        permissions = [("process_again_deliveryevent", "Can have a report that was given up processed again")]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="waiting"), name="waiting_events"),  # waiting()
            models.Index(fields=["address_hash"], name="events_of_an_address"),  # of_address()
            # What the watch over bounces and complaints counts.
            models.Index(
                fields=["received_at"], condition=Q(meaning__in=["hard bounce", "complaint"]), name="events_that_harm"
            ),
            # What the doctor and the page of numbers count of those that nobody could read or knows.
            models.Index(fields=["received_at"], condition=Q(status="failed"), name="events_given_up"),
        ]
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="an_event_is_stored_once")]

    def __str__(self) -> str:
        return f"{self.event_type} from {self.provider}"

    @property
    def is_ours(self) -> bool:
        return bool(self.digest_id or self.account_mail_id)

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from papers import zone_rules
from subscriptions.handles import new_handle

# Half a minute is a short abstract; more than thirty papers nobody reads in a mail, nor would they fit into one.
A_MINUTE, MOST_IN_MINUTES = 2, 30


@cache
def zone_names() -> frozenset[str]:
    return zone_rules.names()


def validate_zone(name: str) -> None:
    if name not in zone_names():
        raise ValidationError(f"{name!r} is not a time zone; use a name such as Europe/Paris or America/New_York.")


class SubscriberStatus(models.TextChoices):
    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


class Frequency(models.TextChoices):
    DAILY = "daily", "Every day"
    WEEKDAYS = "weekdays", "Monday to Friday"
    WEEKLY = "weekly", "Once a week"


class PauseReason(models.TextChoices):
    ASKED = "asked", "you asked for it"
    BOUNCES = "bounces", "mail to your address kept coming back"


class Suppression(models.Model):
    """An address never to be mailed again; it holds a keyed hash, so that it can outlive an erased person."""

    address_hash = models.BinaryField(max_length=16, unique=True)
    reason = models.CharField(max_length=32)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{bytes(self.address_hash).hex()[:12]}…: {self.reason}"


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def may_be_mailed(self) -> SubscriberQuerySet:
        """Return active subscribers without a suppression, in whatever way it came."""
        suppressed = Suppression.objects.filter(address_hash=OuterRef("address_hash"))
        return self.filter(~Exists(suppressed), status=SubscriberStatus.ACTIVE)

    def willing(self) -> SubscriberQuerySet:
        """Return active subscribers whose digests may be mixed from two rankers."""
        return self.filter(status=SubscriberStatus.ACTIVE, compares=True)

    def due(self, now: datetime) -> SubscriberQuerySet:
        """Return active subscribers whose next digest is due."""
        return self.filter(status=SubscriberStatus.ACTIVE, next_digest_at__lte=now)

    def lock_due(self, now: datetime, most: int) -> list[DueReader]:
        """Lock those who are due, the first ones first, and return them; others may still refer to them."""
        rows = self.due(now).order_by("next_digest_at").select_for_update(no_key=True)[:most]
        return [DueReader(*row) for row in rows.values_list(*(field.name for field in fields(DueReader)))]


class Subscriber(models.Model):
    handle = models.BinaryField(max_length=16, unique=True, default=new_handle, editable=False)
    # Unique by a constraint below, for unique=True brings a second index on PostgreSQL, for LIKE, which nobody asks.
    email = models.EmailField(help_text="In its canonical form.")
    address_hash = models.BinaryField(max_length=16, unique=True, editable=False)
    status = models.CharField(max_length=16, choices=SubscriberStatus.choices, default=SubscriberStatus.PENDING)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    send_hour = models.PositiveSmallIntegerField(default=8)
    frequency = models.CharField(max_length=16, choices=Frequency.choices, default=Frequency.DAILY)
    weekly_day = models.PositiveSmallIntegerField(default=0, help_text="0 is Monday.")
    digest_size = models.PositiveSmallIntegerField(default=10)
    reading_minutes = models.PositiveSmallIntegerField(
        default=0, help_text="The length of a digest in minutes of reading; 0: it counts in papers."
    )
    trend_weight = models.FloatField(default=0.5, help_text="0: relevance alone; 1: trend counts most.")
    required_terms = models.JSONField(default=list, blank=True, help_text="A paper must hold one of them, if any.")
    excluded_terms = models.JSONField(default=list, blank=True, help_text="No paper that holds one is ever sent.")
    term_plurals = models.BooleanField(default=True, help_text="These terms meet their plurals too.")
    exploration = models.BooleanField(
        default=True, help_text="One paper a day may be from outside the interests, with a label."
    )
    catch_up = models.BooleanField(default=True, help_text="After a week without a paper the nearest of it come once.")
    slow_down = models.BooleanField(default=True, help_text="Whether digests slow down after weeks without a sign.")
    # The database has a default, too: a process of the release before makes subscribers without it.
    compares = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Agreed that digests are mixed from two ways of choosing, which their ratings compare.",
    )
    last_sign_on = models.DateField(
        null=True, blank=True, help_text="When they last rated, changed something, or read a web copy; nothing else."
    )
    asked_on = models.DateField(null=True, blank=True, help_text="Since when digests ask, for want of a sign.")
    slowed_on = models.DateField(null=True, blank=True, help_text="Since when they come weekly, for want of a sign.")
    paused_until = models.DateField(null=True, blank=True)
    paused_because = models.CharField(max_length=16, choices=PauseReason.choices, blank=True)
    next_digest_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    interests_changed_at = models.DateTimeField(null=True, blank=True)
    link_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often all earlier links were made useless, as by a change of address."
    )

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        permissions = [
            ("preview_subscriber", "Can preview the digest of a subscriber"),
            ("suppress_subscriber", "Can suppress the address of a subscriber for good"),
            ("lift_subscriber", "Can let the suppressed address of a subscriber be mailed again"),
            ("export_subscriber", "Can export all that is stored about a subscriber"),
            ("unsubscribe_subscriber", "Can unsubscribe a subscriber"),
            ("erase_subscriber", "Can erase a subscriber"),
        ]
        indexes = [
            models.Index(fields=["next_digest_at"], condition=Q(status="active"), name="due_subscribers"),  # due()
            models.Index(fields=["status"], condition=~Q(status="active"), name="subscribers_not_active"),  # followers
            models.Index(fields=["paused_until"], condition=Q(status="paused"), name="paused_subscribers"),
            models.Index(fields=["status"], condition=Q(compares=True), name="willing_subscribers"),  # willing()
            models.Index(fields=["slowed_on"], condition=Q(slowed_on__isnull=False), name="slowed_subscribers"),
            models.Index(
                fields=["slowed_on"],
                condition=Q(slowed_on__isnull=False) & (Q(last_sign_on__gte=F("slowed_on")) | Q(slow_down=False)),
                name="woken_subscribers",
            ),  # lifecycle.quicken(): few of all who are slowed
            models.Index(fields=["id"], condition=Q(confirmed_at__isnull=True), name="unconfirmed_subscribers"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["email"], name="one_subscriber_per_address"),
            models.CheckConstraint(name="send_hour_of_a_day", condition=Q(send_hour__lte=23)),
            models.CheckConstraint(name="weekly_day_of_a_week", condition=Q(weekly_day__lte=6)),
            models.CheckConstraint(name="digest_size_in_bounds", condition=Q(digest_size__range=(1, 50))),
            models.CheckConstraint(name="reading_minutes_in_bounds", condition=Q(reading_minutes__range=(0, 60))),
            models.CheckConstraint(
                name="nobody_is_slowed_unasked", condition=Q(slowed_on__isnull=True) | Q(asked_on__isnull=False)
            ),
            models.CheckConstraint(name="trend_weight_in_bounds", condition=Q(trend_weight__range=(0, 1))),
            models.CheckConstraint(
                name="active_means_confirmed_and_scheduled",
                condition=~Q(status="active") | Q(confirmed_at__isnull=False, next_digest_at__isnull=False),
            ),
            models.CheckConstraint(
                name="only_paused_is_paused_until", condition=Q(paused_until__isnull=True) | Q(status="paused")
            ),
            models.CheckConstraint(name="paused_says_why", condition=Q(status="paused") | Q(paused_because="")),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def most_papers(self) -> int:
        """Return how many papers a digest has at most: as many as asked for, or two for each minute of reading."""
        return min(MOST_IN_MINUTES, A_MINUTE * self.reading_minutes) if self.reading_minutes else self.digest_size

    @property
    def is_asked(self) -> bool:
        """Tell whether no sign has come since digests began to ask for one."""
        return _nothing_since(self.asked_on, self.last_sign_on)

    @property
    def is_slowed(self) -> bool:
        """Tell whether digests come weekly for want of a sign, whatever was chosen."""
        return _nothing_since(self.slowed_on, self.last_sign_on)

    @property
    def present_frequency(self) -> Frequency:
        """Return how often digests come now: as chosen, or weekly while they are slowed down."""
        return Frequency.WEEKLY if self.is_slowed else Frequency(self.frequency)


def _nothing_since(day: date | None, last_sign_on: date | None) -> bool:
    return day is not None and (last_sign_on is None or last_sign_on < day)


@dataclass(slots=True)
class DueReader:
    """The columns of a subscriber that planning needs: to make models of a minute's readers takes it twice as long."""

    pk: int
    next_digest_at: datetime
    timezone: str
    send_hour: int
    frequency: str
    weekly_day: int
    slow_down: bool
    last_sign_on: date | None
    asked_on: date | None
    slowed_on: date | None

    @property
    def is_asked(self) -> bool:
        return _nothing_since(self.asked_on, self.last_sign_on)

    @property
    def is_slowed(self) -> bool:
        return _nothing_since(self.slowed_on, self.last_sign_on)

    @property
    def present_frequency(self) -> Frequency:
        return Frequency.WEEKLY if self.is_slowed else Frequency(self.frequency)


class Consent(models.Model):
    """One sign-up: the text that was agreed to, the time, and the wishes, which apply when it is confirmed."""

    handle = models.BinaryField(max_length=16, unique=True, default=new_handle, editable=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="consents")
    email = models.EmailField(blank=True, help_text="The address that was given, in its canonical form.")
    network_address = models.GenericIPAddressField(null=True, blank=True, help_text="Kept only if configured.")
    form_text_hash = models.CharField(max_length=64, help_text="sha256 of the words of the form that was agreed to.")
    source = models.CharField(max_length=32, default="website")
    wishes = models.JSONField(default=dict, help_text="Interests and time zone asked for at sign-up.")
    requested_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subscriber", "-requested_at"]),  # the newest consent of a subscriber
            # How many signed up, and how many confirmed, on a day.
            models.Index(fields=["requested_at"], name="consents_asked_for"),
            models.Index(fields=["confirmed_at"], condition=Q(confirmed_at__isnull=False), name="consents_confirmed"),
        ]
        constraints = [
            models.CheckConstraint(
                name="withdrawn_after_confirmed", condition=Q(withdrawn_at__isnull=True) | Q(confirmed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} on {self.requested_at:%Y-%m-%d}"


class AddressChange(models.Model):
    """A wish to be mailed elsewhere; it applies when the link that was sent to the new address is used.

    From then on the former address can take it back for some days.
    """

    handle = models.BinaryField(max_length=16, unique=True, default=new_handle, editable=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="address_changes")
    new_email = models.EmailField(help_text="In its canonical form.")
    old_email = models.EmailField(blank=True, help_text="Where mail went before, once the change is made.")
    requested_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subscriber", "-requested_at"])]  # the newest wish of a subscriber

    def __str__(self) -> str:
        return f"{self.subscriber} on {self.requested_at:%Y-%m-%d}"


class BounceScore(models.Model):
    """How often mail to an address came back; of the address and not of the person, who may change it."""

    address_hash = models.BinaryField(max_length=16, unique=True)
    score = models.FloatField(default=0)
    counted_on = models.DateField(null=True, blank=True, help_text="The last day that counted; one bounce a day does.")
    counts_since = models.DateTimeField(null=True, blank=True, help_text="When it led to a pause, and began anew.")

    def __str__(self) -> str:
        return f"{bytes(self.address_hash).hex()[:12]}…: {self.score:.1f}"

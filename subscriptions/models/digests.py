from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import Exact

from papers.models import Paper
from subscriptions.handles import new_handle
from subscriptions.models.control import Breaker, Control, Run
from subscriptions.models.interests import Interest
from subscriptions.models.outgoing import DeliveryStatus, Outgoing, OutgoingQuerySet
from subscriptions.models.people import Subscriber
from subscriptions.models.statements import Pair, Statement, insert_many

ATTEMPTS = 5
GIVEN_UP = "It was unclear whether it left; an operator gave it up."
# Meanings of reports by which a mail was in the provider's hands for its reader, whatever we noted.
HAD_BY_THE_PROVIDER = ("accepted", "delivered", "complaint", "unsubscribed")
# For digests whose keys are known. PostgreSQL does not see in it the condition of the indexes of planned ones, and goes
# by the keys. Where it last looked at the table while none waited, it takes these indexes for empty, and a claim that
# may use one reads all that wait.
IS_PLANNED = Exact(Lower("status"), DeliveryStatus.PLANNED.value)


class SkipReason(models.TextChoices):
    EMPTY = "empty", "no paper came close enough to your interests"
    LATE = "late", "our machines were down until it was too late in the day"
    PAUSED = "paused", "your digests were paused"
    UNSUBSCRIBED = "unsubscribed", "you had unsubscribed"
    SUPPRESSED = "suppressed", "your address bounces or complained"
    NO_PAPERS = "no papers", "no new papers had arrived"
    RESTORED = "restored", "we came back from a backup, and it may have reached you before"


class Handed(NamedTuple):
    """A digest that the provider took, and the provider's id of it."""

    pk: int
    provider_id: str


class NewDigest(NamedTuple):
    """What differs among digests that are planned together; to make a model of each costs more than to store them."""

    handle: bytes
    subscriber_id: int
    run_id: int
    local_date: date
    due_at: datetime
    next_attempt_at: datetime
    status: str = DeliveryStatus.PLANNED
    reason: str = ""
    finished_at: datetime | None = None


class DigestQuerySet(OutgoingQuerySet["Digest"]):
    def add(self, rows: Sequence[NewDigest]) -> int:
        """Store those that are the first of their subscriber and date, and return their number."""
        if rows and connection.vendor == "postgresql":
            return insert_many(Digest(), dict(zip(NewDigest._fields, zip(*rows, strict=True), strict=True)))
        self.bulk_create([Digest(**row._asdict()) for row in rows], ignore_conflicts=True)
        return self.filter(handle__in=[row.handle for row in rows]).count()

    def waiting(self, now: datetime) -> DigestQuerySet:
        """Return planned digests whose time has come and whose lease nobody holds."""
        return self.filter(_leased_by_nobody(now), status=DeliveryStatus.PLANNED, next_attempt_at__lte=now)

    def planned(self) -> DigestQuerySet:
        """Return all that are planned, as an index knows them."""
        return self.filter(status=DeliveryStatus.PLANNED, next_attempt_at__isnull=False)

    def lease(self, ids: Iterable[int], now: datetime, until: datetime) -> uuid.UUID:
        """Lease what is waiting among ids, for this caller alone; return the token, which finds them again."""
        token = uuid.uuid4()
        mine = self.filter(_leased_by_nobody(now), IS_PLANNED, pk__in=list(ids), next_attempt_at__lte=now)
        mine.update(lease_token=token, lease_until=until)
        return token

    def lease_some(self, count: int, now: datetime, until: datetime) -> uuid.UUID:
        """Lease any that wait, at most count, those that wait longest first; return the token.

        Workers that ask at the same time skip each other's rows on PostgreSQL; on SQLite they follow each other.
        """
        chosen = self.waiting(now).order_by("next_attempt_at")[:count]
        with transaction.atomic():
            return self.lease(chosen.select_for_update(skip_locked=True).values_list("pk", flat=True), now, until)

    def release(self, token: uuid.UUID, pks: Sequence[int] | None, next_attempt_at: datetime) -> int:
        """Give back these, or all, of what this lease still holds, for an attempt at that time; return their number."""
        mine = self.filter(lease_token=token, status=DeliveryStatus.PLANNED, lease_until__isnull=False)
        chosen = mine if pks is None else mine.filter(pk__in=pks)
        return chosen.update(lease_until=None, lease_token=None, next_attempt_at=next_attempt_at)

    def leased(self, token: uuid.UUID, now: datetime) -> DigestQuerySet:
        return self.filter(lease_token=token, lease_until__gt=now, status=DeliveryStatus.PLANNED)

    def claim(self, pk: int, token: uuid.UUID, now: datetime, provider: str = "") -> bool:
        """Move one digest from planned to sending; return False if someone else has it or it may no longer go.

        One UPDATE that holds the last check of the subscriber, of the kill switch and of the provider's breaker (none
        for an empty provider: for the one mail that finds out whether it is back). They stand in Exists and never in
        a joined filter: Django would turn that into "id IN (SELECT …)", which PostgreSQL does not look at again after
        it waited for the row's lock, and two workers would win.
        """
        if not settings.SENDING_ENABLED:
            return False
        return _claim((settings.INSTANCE_ID, provider), pk=pk, token=token, now=now, provider=provider) == 1

    def record_sent_and_claim(self, sent: Handed, pk: int, token: uuid.UUID, *, now: datetime, provider: str) -> bool:
        """Record that one was sent and claim the next by a single commit; return whether the claim was won."""
        fixed = (settings.INSTANCE_ID, provider)
        first = {"pk": sent.pk, "now": now, "provider_id": sent.provider_id[:255]}
        return _record_and_claim(fixed, first, {"pk": pk, "token": token, "now": now, "provider": provider}) == 1

    def record_sent(self, pk: int, now: datetime, provider_id: str) -> bool:
        """Record that it was sent; return False if a report of the provider was faster."""
        return _record_sent(pk=pk, now=now, provider_id=provider_id[:255]) == 1

    def try_again(self, pk: int, reason: str, again_at: datetime, *, may_have_left: bool = False) -> bool:
        """Put it back as any mail, and give back its lease."""
        put_back = super().try_again(pk, reason, again_at, may_have_left=may_have_left)
        return put_back and bool(self.filter(pk=pk).update(lease_until=None))

    def postpone(self, pk: int, reason: str, again_at: datetime) -> bool:
        """Keep a planned digest that could not be made into a mail for a later attempt; return False at the last."""
        mine = self.filter(pk=pk, status=DeliveryStatus.PLANNED, attempts__lt=ATTEMPTS - 1)
        attempts = F("attempts") + 1
        return mine.update(attempts=attempts, reason=reason[:200], next_attempt_at=again_at, lease_until=None) == 1

    def drop(self, pk: int, status: DeliveryStatus, reason: str, now: datetime) -> bool:
        """End a planned digest as skipped or failed, and give its picks back; return False if it is not planned.

        One that may have left at an earlier attempt becomes uncertain instead, and keeps them.
        """
        return self.leave_unclear(pk, reason, now) or self._end_without_mail(
            DeliveryStatus.PLANNED, pk, status, reason, now
        )

    def refuse(self, pk: int, reason: str, now: datetime) -> bool:
        """End a digest in flight that the provider refused for good, and give its picks back."""
        return self._end_without_mail(DeliveryStatus.SENDING, pk, DeliveryStatus.FAILED, reason, now)

    def resend(self, pks: Iterable[int], now: datetime) -> int:
        """Let uncertain digests go again, as an operator decided, though a second copy may arrive; return how many.

        From now on a provider that knows the key again is believed.
        """
        keys = list(pks)
        uncertain = self.filter(pk__in=keys, status=DeliveryStatus.UNCERTAIN)
        planned = {"status": DeliveryStatus.PLANNED, "next_attempt_at": now, "lease_until": None, "reason": ""}
        count = uncertain.update(**planned, unclear_since=now)
        self._reopen(keys if count else [])
        return count

    def give_up(self, pks: Iterable[int], now: datetime) -> int:
        """End uncertain digests that an operator believes lost: their papers come later; return their number.

        It is remembered that they may have left, so that none is begun anew.
        """
        keys = list(pks)
        unclear = {"unclear_since": Coalesce("unclear_since", F("claimed_at"))}
        ended = (DeliveryStatus.UNCERTAIN, DeliveryStatus.FAILED)
        count = sum(self._end_without_mail(ended[0], pk, ended[1], GIVEN_UP, now, **unclear) for pk in keys)
        self._reopen(keys if count else [])
        return count

    def never_left(self, now: datetime) -> DigestQuerySet:
        """Return failed digests that may be begun anew without anybody getting two mails, while it is their day.

        None that may have left at any attempt, none that the provider reports to have had, none whose reader has the
        digest of a later date: that has the papers.
        """
        mine = self.filter(status=DeliveryStatus.FAILED, unclear_since__isnull=True).exclude(reason=GIVEN_UP)
        later = Digest.objects.filter(subscriber=OuterRef("subscriber"), local_date__gt=OuterRef("local_date"))
        had = Digest.objects.filter(pk=OuterRef("pk"), events__meaning__in=HAD_BY_THE_PROVIDER)
        since = now - timedelta(hours=settings.LATENESS_HOURS)
        return mine.filter(~Exists(later), ~Exists(had), due_at__gte=since)

    def begin_anew(self, pks: Iterable[int], now: datetime) -> int:
        """Let failed digests that never left go again, with papers chosen anew; return how many.

        One UPDATE says who wins; a worker sees the digest when what was left of its former papers is gone.
        """
        return sum(self._begin_anew(pk, now) for pk in pks)

    def _begin_anew(self, pk: int, now: datetime) -> bool:
        fresh = {"status": DeliveryStatus.PLANNED, "reason": "", "attempts": 0, "next_attempt_at": now}
        with transaction.atomic():
            mine = self.never_left(now).filter(pk=pk)
            if mine.update(**fresh, composed_at=None, finished_at=None, lease_until=None, lease_token=None) != 1:
                return False
            DigestItem.objects.filter(digest=pk).delete()
            self._reopen([pk])
        return True

    def _reopen(self, pks: Sequence[int]) -> None:
        """Let the runs of these digests be counted once more: what they came to has changed."""
        runs = Run.objects.filter(pk__in=Digest.objects.filter(pk__in=pks).values("run"))
        runs.update(closed_at=None, reopened=F("reopened") + 1)

    def _end_without_mail(
        self, current: DeliveryStatus, pk: int, status: DeliveryStatus, reason: str, now: datetime, **also: Any
    ) -> bool:
        with transaction.atomic():
            mine = self.filter(pk=pk, status=current)
            if mine.update(status=status, reason=reason[:200], finished_at=now, **also) != 1:
                return False
            DigestItem.objects.filter(digest=pk, role__in=GIVEN_BACK).delete()
        return True


class Digest(Outgoing):
    handle = models.BinaryField(max_length=16, unique=True, default=new_handle, editable=False)
    # Found by the unique constraint on it and the date, which serves as its index.
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="digests", db_index=False)
    # Without a constraint in the database, which would look the run up for each digest: nothing deletes a run.
    run = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="digests", db_constraint=False
    )
    local_date = models.DateField(help_text="The subscriber's own date.")
    due_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    composed_at = models.DateTimeField(null=True, blank=True)
    considered = models.PositiveIntegerField(default=0, help_text="How many papers were candidates.")

    objects = DigestQuerySet.as_manager()

    class Meta:
        ordering = ["-local_date"]
        permissions = [
            ("resend_digest", "Can send an uncertain digest again"),
            ("give_up_digest", "Can give up an uncertain digest"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(status="planned", next_attempt_at__isnull=False),
                name="waiting_of_planned",
            ),  # waiting() and planned(), and nothing that asks for one digest or one lease
            models.Index(fields=["claimed_at"], condition=Q(status="sending"), name="digests_in_flight"),  # the sweeper
            models.Index(
                fields=["lease_token"],
                condition=Q(status="planned", lease_token__isnull=False),
                name="leased_of_planned",
            ),  # leased(); those that are only planned do not stand in it
            # What left or failed lately: the budget of retries, the doctor.
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="ended_digests"),
            # What an operator has to look at: the doctor and the page of numbers count it.
            models.Index(fields=["claimed_at"], condition=Q(status="uncertain"), name="uncertain_digests"),
            models.Index(fields=["run"], condition=Q(status="failed"), name="failed_digests"),  # a day's, for operators
        ]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "local_date"], name="one_digest_per_local_date"),
            models.CheckConstraint(
                name="skipped_and_failed_say_why", condition=~Q(status__in=["skipped", "failed"]) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="in_flight_and_sent_were_claimed",
                condition=~Q(status__in=["sending", "sent", "uncertain"]) | Q(claimed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} on {self.local_date}"

    @property
    def reason_label(self) -> str:
        """Return the reason in words for the subscriber; errors are for the operator, who sees them in the admin."""
        return SkipReason(self.reason).label if self.reason in SkipReason.values else ""


def _leased_by_nobody(now: datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)


def _claimed(pk: int, token: uuid.UUID, now: datetime, provider: str) -> tuple[DigestQuerySet, dict[str, Any]]:
    may_go = Subscriber.objects.may_be_mailed().filter(pk=OuterRef("subscriber"))
    failing = Breaker.objects.open().filter(provider=provider)
    gates = (Exists(may_go), Exists(Control.objects.letting_mail_out()), ~Exists(failing))
    mine = Digest.objects.filter(*gates, IS_PLANNED, pk=pk, lease_token=token, lease_until__gt=now)
    return mine, {"status": DeliveryStatus.SENDING, "claimed_at": now, "attempts": F("attempts") + 1}


def _sent(pk: int, now: datetime, provider_id: str) -> tuple[DigestQuerySet, dict[str, Any]]:
    handed_over = Digest.objects.filter(pk=pk, status__in=[DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN])
    return handed_over, {"status": DeliveryStatus.SENT, "reason": "", "finished_at": now, "provider_id": provider_id}


PKS, TIMES = (1, 2), (datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 2, tzinfo=UTC))
_claim = Statement(_claimed, pk=PKS, token=(uuid.uuid4(), uuid.uuid4()), now=TIMES, provider=("one", "another"))
_record_sent = Statement(_sent, pk=PKS, now=TIMES, provider_id=("one", "another"))
_record_and_claim = Pair(_record_sent, _claim)


class Role(models.TextChoices):
    PICK = "pick"
    FOLDED = "folded", "named under a pick on the same idea"
    NEAR_MISS = "near miss"
    NEWS = "news", "what happened to a paper that was kept"


SHOWN = (Role.PICK, Role.FOLDED)  # what the reader has seen in the mail, and does not get again
GIVEN_BACK = (*SHOWN, Role.NEWS)  # what comes with a later digest where one ends without a mail


class DigestItem(models.Model):
    """A paper at a rank in a digest; it copies the subscriber so that the database itself forbids a second pick."""

    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, related_name="items", db_index=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="+")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.PICK)
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField()
    relevance = models.FloatField()
    interest = models.ForeignKey(Interest, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.JSONField(default=dict, help_text="What the mail says of the choice, as data.")

    class Meta:
        ordering = ["role", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "paper"], condition=Q(role="pick"), name="picked_for_a_subscriber_once"
            ),
            models.UniqueConstraint(fields=["digest", "role", "rank"], name="one_paper_per_rank"),
        ]
        indexes = [
            # which news were told before
            models.Index(fields=["subscriber"], condition=Q(role="news"), name="news_of_a_subscriber"),
            # what gave way to another paper, as the first constraint tells what was picked
            models.Index(fields=["subscriber", "paper"], condition=Q(role="folded"), name="folded_for_a_subscriber"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.paper}"

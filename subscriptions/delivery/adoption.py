"""Make a restored database the one that sends, without sending anything that the one before it may have sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from subscriptions.limits import kill_switch
from subscriptions.models import (
    GIVEN_BACK,
    AccountMail,
    Control,
    DeliveryStatus,
    Digest,
    DigestItem,
    SignUp,
    SkipReason,
)

HAD = "It waited when the backup was made, and was probably sent since."
IN_FLIGHT = "It was on its way when the backup was made."


@dataclass(frozen=True, slots=True)
class Adopted:
    """How many rows of each kind go no further."""

    digests: int
    account_mails: int
    unclear: int  # digests and mails that were on their way
    forms: int


def adopt(now: datetime, *, day_too: bool = True) -> Adopted:
    """Make this instance the one that sends, and end all that waited: nobody gets it a second time.

    From then on nothing is planned that was due by now, nor, with day_too, that is of the reader's date of today. One
    transaction: until it is over this instance sends nothing.
    """
    with transaction.atomic():
        control = Control.objects.select_for_update().get(pk=kill_switch.ensure().pk)
        unclear = sum(_end_unclear(of, now) for of in (Digest.objects.all(), AccountMail.objects.all()))
        adopted = Adopted(_end_digests(now), _end_account_mails(now), unclear, SignUp.objects.all().delete()[0])
        changed = {"restored_at": now, "restored_day_too": day_too, "instance_id": settings.INSTANCE_ID}
        Control.objects.filter(pk=control.pk).update(**changed)
    return adopted


def _end_unclear(mails: QuerySet[Any], now: datetime) -> int:
    """End what was on its way, or waits for another attempt after one that may have left."""
    stands = {"status": DeliveryStatus.UNCERTAIN, "finished_at": now, "reason": IN_FLIGHT}
    sending = mails.filter(status=DeliveryStatus.SENDING)
    again = mails.filter(status=DeliveryStatus.PLANNED, unclear_since__isnull=False)
    return again.update(**stands) + sending.update(**stands, unclear_since=Coalesce("unclear_since", F("claimed_at")))


def _end_digests(now: datetime) -> int:
    planned = Digest.objects.planned()
    DigestItem.objects.filter(digest__in=planned, role__in=GIVEN_BACK).delete()
    return planned.update(status=DeliveryStatus.SKIPPED, reason=SkipReason.RESTORED, finished_at=now)


def _end_account_mails(now: datetime) -> int:
    planned = AccountMail.objects.filter(status=DeliveryStatus.PLANNED)
    return planned.update(status=DeliveryStatus.SKIPPED, reason=HAD, finished_at=now)

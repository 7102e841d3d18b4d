"""Send the account mails that wait in the outbox."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from subscriptions import emails, transport
from subscriptions.models import AccountMail, AccountMailKind, DeliveryStatus, Suppression

logger = logging.getLogger(__name__)
RETRY_AFTER = timedelta(minutes=2)
SIGN_UP_KINDS = (AccountMailKind.CONFIRM, AccountMailKind.REMINDER, AccountMailKind.ALREADY)


def send_waiting(clock: Callable[[], datetime]) -> int:
    """Send what waits, oldest first, within the hour's allowance of sign-up mails; the number sent."""
    if not settings.SENDING_ENABLED:
        return 0
    now = clock()
    waiting = AccountMail.objects.waiting(now).select_related("subscriber", "consent").order_by("pk")
    connection = get_connection()
    try:
        return sum(_send_one(mail, connection, clock) for mail in waiting[: _allowance(now)])
    finally:
        connection.close()


def _allowance(now: datetime) -> int:
    """A form that a robot fills must not make us bomb strangers: beyond the allowance mails wait for the next hour."""
    recent = AccountMail.objects.filter(kind__in=SIGN_UP_KINDS, claimed_at__gt=now - timedelta(hours=1)).count()
    left = max(0, settings.SIGN_UPS_PER_HOUR - recent)
    if not left:
        logger.error("More than %s sign-up mails in an hour: the rest waits.", settings.SIGN_UPS_PER_HOUR)
    return left


def _send_one(mail: AccountMail, connection: BaseEmailBackend, clock: Callable[[], datetime]) -> bool:
    if not AccountMail.objects.claim(mail.pk, clock()):
        return False
    if Suppression.objects.filter(address_hash=mail.subscriber.address_hash).exists():
        AccountMail.objects.finish(mail.pk, DeliveryStatus.SKIPPED, "the address is suppressed", clock())
        return False
    outcome = transport.send(emails.account_mail(mail), connection)
    if outcome.status == DeliveryStatus.PLANNED:
        AccountMail.objects.try_again(mail.pk, outcome.reason, clock() + RETRY_AFTER)
    else:
        AccountMail.objects.finish(mail.pk, outcome.status, outcome.reason, clock(), outcome.provider_id)
    return outcome.status == DeliveryStatus.SENT


def sweep(now: datetime) -> int:
    """Account mails in flight whose sender must be dead become uncertain; a person can ask for another."""
    stuck = list(AccountMail.objects.stuck(now).values_list("pk", flat=True))
    return sum(AccountMail.objects.finish(pk, DeliveryStatus.UNCERTAIN, "its sender stopped", now) for pk in stuck)

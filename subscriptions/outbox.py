"""Send the account mails that wait in the outbox."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

from subscriptions import breakers, control, emails, handover, providers, rations, transport
from subscriptions.addresses import address_hash
from subscriptions.breakers import Leave
from subscriptions.models import AccountMail, AccountMailKind, DeliveryStatus, Suppression
from subscriptions.verdicts import Outcome

logger = logging.getLogger(__name__)
MOST = 500  # in one go
SIGN_UP_KINDS = (AccountMailKind.CONFIRM, AccountMailKind.REMINDER, AccountMailKind.ALREADY)


def send_waiting(clock: Callable[[], datetime]) -> int:
    """Send what waits, oldest first, within the hour's allowance of sign-up mails; the number sent."""
    now = clock()
    waiting = AccountMail.objects.waiting(now).select_related("subscriber", "consent", "change").order_by("pk")
    mails = list(waiting[: min(MOST, _allowance(now))]) if control.may_send() else []
    # Whoever asks for leave without a mail takes the one try that an open breaker allows from the others.
    leave = breakers.allowed(providers.name(), now, len(mails)) if mails else Leave(0)
    if not leave.mails:
        return 0
    with transport.connection() as line:
        way = Way(line, clock, "" if leave.is_probe else providers.name())
        return sum(_send_one(mail, way) for mail in mails[: leave.mails])


@dataclass(frozen=True, slots=True)
class Way:
    line: BaseEmailBackend
    clock: Callable[[], datetime]
    provider: str  # whose breaker each claim asks; empty for the one mail that finds out whether it is back


def _allowance(now: datetime) -> int:
    """A form that a robot fills must not make us bomb strangers: beyond the allowance mails wait for the next hour."""
    recent = AccountMail.objects.filter(kind__in=SIGN_UP_KINDS, claimed_at__gt=now - timedelta(hours=1)).count()
    left = max(0, settings.SIGN_UPS_PER_HOUR - recent)
    if not left:
        logger.error("More than %s sign-up mails in an hour: the rest waits.", settings.SIGN_UPS_PER_HOUR)
    return left


def _send_one(mail: AccountMail, way: Way) -> bool:
    if not AccountMail.objects.claim(mail.pk, way.clock(), way.provider):
        return False
    if Suppression.objects.filter(address_hash=address_hash(mail.to or mail.subscriber.email)).exists():
        AccountMail.objects.finish(mail.pk, DeliveryStatus.SKIPPED, "the address is suppressed", way.clock())
        return False
    try:
        message = emails.account_mail(mail)
    except Exception as error:  # a mail that cannot be written must not stop the others
        logger.exception("Account mail %s cannot be rendered.", mail.pk)
        AccountMail.objects.finish(mail.pk, DeliveryStatus.FAILED, f"cannot be rendered: {error!r}", way.clock())
        return False
    outcome = transport.send(message, way.line, f"account-{mail.pk}-{mail.created_at:%s}")
    _record(mail, outcome, way.clock())
    breakers.heard(providers.name(), outcome, way.clock())
    return outcome.status == DeliveryStatus.SENT


def _record(mail: AccountMail, outcome: Outcome, now: datetime) -> None:
    if outcome.status == DeliveryStatus.PLANNED:
        at = now + rations.back_off(mail.attempts, outcome.wait)
        AccountMail.objects.try_again(mail.pk, outcome.reason, at)
    else:
        AccountMail.objects.finish(mail.pk, outcome.status, outcome.reason, now, outcome.provider_id)
        handover.judge_address(mail.to or mail.subscriber.email, outcome, now)


def sweep(now: datetime) -> int:
    """Account mails in flight whose sender must be dead become uncertain; a person can ask for another."""
    stuck = list(AccountMail.objects.stuck(now).values_list("pk", flat=True))
    return sum(AccountMail.objects.finish(pk, DeliveryStatus.UNCERTAIN, "its sender stopped", now) for pk in stuck)

"""Send the account mails that wait in the outbox."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from subscriptions.delivery import handover, second_copies
from subscriptions.limits import kill_switch, rate_buckets
from subscriptions.mails import emails
from subscriptions.models import AccountMail, AccountMailKind, DeliveryStatus, Suppression
from subscriptions.people.addresses import address_hash
from subscriptions.providers.results import SendResult
from subscriptions.signup import admission
from subscriptions.transport import backends, circuit_breakers, sending
from subscriptions.transport.circuit_breakers import SendPermit
from subscriptions.transport.outcomes import SAID, Outcome

logger = logging.getLogger(__name__)
MOST = 500  # in one go
LONGEST_ROUND = timedelta(minutes=3)  # the rest waits for the next minute's tick
ALL, WITHOUT_PROOF = "sign-up mails", "sign-up mails without proof"
SIGN_UP_KINDS = (AccountMailKind.CONFIRM, AccountMailKind.REMINDER, AccountMailKind.ALREADY)


def send_waiting(clock: Callable[[], datetime]) -> int:
    """Send what waits, within the hour's allowances of sign-up mails; return the number sent."""
    now = clock()
    mails = _in_turn(now) if kill_switch.may_send() else []
    # Asking for a permit without a mail would waste the one try that an open breaker allows.
    permit = circuit_breakers.allowed(backends.name(), now, len(mails)) if mails else SendPermit(0)
    if not permit.mails:
        return 0
    with sending.connection() as connection:
        route = Route(connection, clock, "" if permit.is_probe else backends.name())
        in_time = takewhile(lambda _: clock() - now < LONGEST_ROUND, mails[: permit.mails])
        return sum(_send_one(mail, route) for mail in in_time)


def _in_turn(now: datetime) -> list[AccountMail]:
    """Return mails that no sign-up can hold up, then sign-ups with a proof of work, then the rest; oldest first.

    A form that a robot fills must not make us bomb strangers: beyond an allowance mails wait for the next hour.
    """
    waiting = AccountMail.objects.waiting(now).select_related("subscriber", "consent", "change").order_by("pk")
    sign_ups = waiting.filter(kind__in=SIGN_UP_KINDS)
    left_of_all = _left(ALL, settings.SIGN_UPS_PER_HOUR, now)
    proven = list(sign_ups.filter(proven=True)[:left_of_all])
    rest = min(left_of_all - len(proven), _left(WITHOUT_PROOF, _most_without_proof(), now))
    chosen = [*waiting.exclude(kind__in=SIGN_UP_KINDS)[:MOST], *proven, *sign_ups.filter(proven=False)[:rest]]
    if not (left_of_all and rest) and sign_ups.exclude(pk__in=[mail.pk for mail in chosen]).exists():
        admission.sound_the_alarm(ALL, now)
    return chosen[:MOST]


def _left(key: str, limit: int, now: datetime) -> int:
    return max(0, limit - rate_buckets.used_of(key, period=rate_buckets.HOUR, now=now))


def _most_without_proof() -> int:
    """Return the allowance without proof, never 0: reminders need it where every form has to bring a proof."""
    return settings.SIGN_UPS_WITHOUT_PROOF or -(-settings.SIGN_UPS_PER_HOUR // 2)


@dataclass(frozen=True, slots=True)
class Route:
    connection: BaseEmailBackend
    clock: Callable[[], datetime]
    provider: str  # whose breaker each claim asks; empty for the one mail that finds out whether it is back


def _claim(mail: AccountMail, route: Route) -> bool:
    """Win one mail and its place in the hour's allowances, or neither; committed before anything leaves."""
    now = route.clock()
    with transaction.atomic():
        claimed = AccountMail.objects.claim(mail.pk, now, route.provider)
        fits = claimed and all(
            rate_buckets.take(key, 1, limit=limit, period=rate_buckets.HOUR, now=now)
            for key, limit in _allowances(mail)
        )
        transaction.set_rollback(claimed and not fits)
    return fits


def _allowances(mail: AccountMail) -> list[tuple[str, int]]:
    if mail.kind not in SIGN_UP_KINDS:
        return []
    of_all = (ALL, settings.SIGN_UPS_PER_HOUR)
    return [of_all] if mail.proven else [(WITHOUT_PROOF, _most_without_proof()), of_all]


def _send_one(mail: AccountMail, route: Route) -> bool:
    if not second_copies.may_go(mail, route.clock()):
        AccountMail.objects.leave_unclear(mail.pk, f"{SAID[SendResult.LOST]}.", route.clock())
        return False
    if not _claim(mail, route):
        return False
    address = mail.to or mail.subscriber.email
    if Suppression.objects.filter(address_hash=address_hash(address)).exists():
        AccountMail.objects.finish(mail.pk, DeliveryStatus.SKIPPED, "the address is suppressed", route.clock())
        return False
    try:
        message = second_copies.thawed(mail, address) or emails.account_mail(mail, route.clock())
    except Exception as error:  # a mail that cannot be written must not stop the others
        logger.exception("Account mail %s cannot be rendered.", mail.pk, extra={"event": "account_mail_not_rendered"})
        AccountMail.objects.finish(mail.pk, DeliveryStatus.FAILED, f"cannot be rendered: {error!r}", route.clock())
        return False
    outcome = sending.send(message, route.connection, second_copies.key_of(mail))
    outcome = handover.settled(outcome, mail, route.provider)
    if outcome.status != DeliveryStatus.SENT:
        line = "Account mail %s did not leave (%s): %s"
        logger.warning(line, mail.pk, outcome.status, outcome.reason, extra={"event": "account_mail_not_sent"})
    _record(mail, message, outcome, route.clock())
    if not route.provider or not handover.is_refused_again(outcome, mail):
        circuit_breakers.note_outcome(backends.name(), outcome, route.clock())
    return outcome.status == DeliveryStatus.SENT


def _record(mail: AccountMail, message: EmailMultiAlternatives, outcome: Outcome, now: datetime) -> None:
    if outcome.goes_again_the_same:
        second_copies.freeze(mail, message, now)
    if outcome.status == DeliveryStatus.PLANNED:
        again_at = now + second_copies.wait(mail, outcome)
        AccountMail.objects.try_again(mail.pk, outcome.reason, again_at, may_have_left=outcome.may_have_left)
    else:
        second_copies.melt(mail)
        AccountMail.objects.finish(mail.pk, outcome.status, outcome.reason, now, outcome.provider_id)
        handover.judge_address(mail.to or mail.subscriber.email, outcome, now)


def sweep(now: datetime) -> int:
    """Mark account mails in flight as uncertain whose sender must be dead; a person can ask for another."""
    stuck = list(AccountMail.objects.stuck(now).values_list("pk", flat=True))
    return sum(AccountMail.objects.finish(pk, DeliveryStatus.UNCERTAIN, "its sender stopped", now) for pk in stuck)

"""How many sign-ups become mails, so that nobody can use the form to bomb strangers.

A request only leaves a row here, whatever the address. A worker gives each its place: in the hour's allowance of its
network, of the domain it is for, and of the whole site, a part of which is for browsers that have proven some work.
What finds no place waits for the next hour.
"""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from subscriptions import lifecycle, proof, rates
from subscriptions.models import SignUp
from subscriptions.nudges import nudge
from subscriptions.wishes import Wishes

logger = logging.getLogger(__name__)
ALL, WITHOUT_PROOF, ALARM = "sign-ups", "sign-ups without proof", "sign-ups: alarm"
AT_ONCE = 200  # a worker's turn; the next minute brings another
HOURS_AHEAD = 24


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of who sent the form."""

    network: str
    network_address: str | None = None
    proof: str = ""
    patient: bool = False  # would rather wait than compute


class Answer(StrEnum):
    """The same for every address, so that none of them tells who is subscribed."""

    TAKEN = "taken"
    PROOF_WANTED = (
        "Many sign-ups are coming in just now. Please press the button once more: your browser then computes a small "
        "proof that it is no robot. Your answers are still here."
    )
    FULL = "More sign-ups are waiting than we can mail within a day, so nothing was stored. Please try again tomorrow."


@dataclass(frozen=True, slots=True)
class State:
    """How the form is doing in the hour that now is in."""

    mailed: int
    waiting: int
    asks_for_proof: bool
    alarm: bool


def state(now: datetime) -> State:
    used = {key: rates.used_of(key, period=rates.HOUR, now=now) for key in (ALL, ALARM)}
    return State(used[ALL], SignUp.objects.count(), asks_for_proof(now), bool(used[ALARM]))


def asks_for_proof(now: datetime) -> bool:
    """Whether those without a proof have used up their part of the hour, or will once it is their turn."""
    mailed = rates.used_of(WITHOUT_PROOF, period=rates.HOUR, now=now)
    waiting = SignUp.objects.without_proof().count()
    return mailed + waiting >= settings.SIGN_UPS_WITHOUT_PROOF


def receive(email: str, wishes: Wishes, sender: Sender, *, form_text_hash: str, now: datetime) -> Answer:
    """Keep a sign-up for the worker, unless it should bring a proof of work first or the queue is a day long."""
    proven = proof.spend(sender.proof, now)
    if not proven and not sender.patient and asks_for_proof(now):
        return Answer.PROOF_WANTED
    network_key = rates.secret_key("network", sender.network)
    if not _has_room(network_key):
        return Answer.FULL
    SignUp.objects.create(
        email=email,
        wishes=asdict(wishes),
        form_text_hash=form_text_hash,
        network_key=network_key,
        network_address=sender.network_address,
        proven=proven,
        requested_at=now,
        next_attempt_at=now,
    )
    nudge("send_account_mails")
    return Answer.TAKEN


def _has_room(network_key: str) -> bool:
    of_network = SignUp.objects.filter(network_key=network_key).count()
    if of_network >= HOURS_AHEAD * settings.SIGN_UPS_PER_NETWORK:
        return False
    return SignUp.objects.count() < HOURS_AHEAD * settings.SIGN_UPS_PER_HOUR


def admit(now: datetime) -> int:
    """Make consents and confirm mails of waiting sign-ups, as far as this hour's allowances go; how many went."""
    return sum(_admit(sign_up, now) for sign_up in SignUp.objects.due(now)[:AT_ONCE])


def _admit(sign_up: SignUp, now: datetime) -> bool:
    try:
        refused_by = _try_to_admit(sign_up, now)
    except Exception:  # one that cannot be read must not hold up those after it
        logger.exception("Sign-up %s could not be taken in; it is tried again in the next hour.", sign_up.pk)
        refused_by = "an error, see the log"
    if refused_by:
        _put_off(sign_up, refused_by, now)
    return not refused_by


def _try_to_admit(sign_up: SignUp, now: datetime) -> str:
    """Whose allowance is used up, if any; then nothing has changed."""
    with transaction.atomic():
        if not SignUp.objects.filter(pk=sign_up.pk).delete()[0]:
            return ""  # another worker has it
        mailed = lifecycle.sign_up(
            sign_up.email,
            Wishes.from_json(sign_up.wishes),
            form_text_hash=sign_up.form_text_hash,
            network=sign_up.network_address,
            now=now,
        )
        refused_by = _refused_by(sign_up, now) if mailed else ""
        transaction.set_rollback(bool(refused_by))
    return refused_by


def _refused_by(sign_up: SignUp, now: datetime) -> str:
    takes = (
        key for key, limit in _allowances(sign_up) if not rates.take(key, 1, limit=limit, period=rates.HOUR, now=now)
    )
    return next(takes, "")


def _allowances(sign_up: SignUp) -> Iterator[tuple[str, int]]:
    yield sign_up.network_key, settings.SIGN_UPS_PER_NETWORK
    domain = sign_up.email.rpartition("@")[2]
    if domain not in settings.BIG_MAIL_HOSTS:
        yield rates.secret_key("domain", domain), settings.SIGN_UPS_PER_DOMAIN
    if not sign_up.proven:
        yield WITHOUT_PROOF, settings.SIGN_UPS_WITHOUT_PROOF
    yield ALL, settings.SIGN_UPS_PER_HOUR


def _put_off(sign_up: SignUp, refused_by: str, now: datetime) -> None:
    next_hour = now.replace(minute=0, second=0, microsecond=0) + rates.HOUR
    waits_for = refused_by.partition(":")[0]  # a network or a domain, but not which
    SignUp.objects.filter(pk=sign_up.pk).update(next_attempt_at=next_hour, waits_for=waits_for)
    if refused_by in (ALL, WITHOUT_PROOF) and rates.take(ALARM, 1, limit=1, period=rates.HOUR, now=now):
        logger.error("A flood of sign-ups: this hour's allowance (%s) is used up. The rest waits.", refused_by)

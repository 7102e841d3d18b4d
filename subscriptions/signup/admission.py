"""Limit how many sign-ups become mails, so that nobody can use the form to bomb strangers.

A request only leaves a row here, whatever the address. A worker admits each within the hour's allowances of its
network, of the domain it is for, and of the whole site; a part of each is for browsers with a proof of work. A sign-up
that finds no place waits for the next hour; the fair queue then says whose turn it is.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from subscriptions import lifecycle
from subscriptions.enqueue import enqueue
from subscriptions.limits import rate_buckets
from subscriptions.models import SignUp
from subscriptions.people.wishes import Wishes
from subscriptions.signup import fair_queue, proof_of_work
from subscriptions.signup.fair_queue import FIRST_FEW, WIDE, NetworkKeys, Turn, part_without_proof, without_proof

logger = logging.getLogger(__name__)
ALL, WITHOUT_PROOF, ALARM = "sign-ups", "sign-ups without proof", "sign-ups: alarm"
MORE_WITHOUT_PROOF = "more sign-ups without proof"  # of networks that have had some within a day
AT_ONCE = 200  # a worker's turn; the next minute brings another
ERROR = "an error, see the log"


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of a form, as far as known."""

    network: str
    network_address: str | None = None
    proof: str = ""
    patient: bool = False  # would rather wait than compute


class Answer(StrEnum):
    """The answer to a form: the same for every address, so that none tells who is subscribed."""

    TAKEN = "taken"
    PROOF_WANTED = (
        "Many sign-ups are coming in just now. Please press the button once more: your browser then computes a small "
        "proof that it is no robot. Your answers are still here."
    )
    FULL_WITHOUT_PROOF = (
        "Too many sign-ups wait for their turn already, so nothing was stored. Please press “Subscribe” below: with "
        "the small proof that your browser then computes you need not wait. Or try again tomorrow. Your answers are "
        "still here."
    )
    FULL = "More sign-ups are waiting than we can mail within a day, so nothing was stored. Please try again tomorrow."


@dataclass(frozen=True, slots=True)
class State:
    """The state of sign-ups in the hour that now is in."""

    mailed: int
    waiting: int
    asks_for_proof: bool
    alarm: bool


def state(now: datetime) -> State:
    used = {key: rate_buckets.used_of(key, period=rate_buckets.HOUR, now=now) for key in (ALL, ALARM)}
    return State(used[ALL], SignUp.objects.count(), asks_for_proof(now), bool(used[ALARM]))


def asks_for_proof(now: datetime, network: str | None = None) -> bool:
    """Tell whether senders without a proof, or of this network, have used up their part of the hour or soon will."""
    waiting = SignUp.objects.without_proof()
    if _mailed(WITHOUT_PROOF, now) + waiting.count() >= settings.SIGN_UPS_WITHOUT_PROOF:
        return True
    if network is None:
        return False
    keys, own = NetworkKeys.of(network), settings.SIGN_UPS_PER_NETWORK
    of_network = _mailed(without_proof(keys.narrow), now) + waiting.filter(network_key=keys.narrow).count()
    of_wide = _mailed(without_proof(keys.wide), now) + waiting.filter(wide_network_key=keys.wide).count()
    return of_network >= part_without_proof(own) or of_wide >= part_without_proof(WIDE * own)


def load(now: datetime, network: str) -> float:
    """Return how much of the hour's allowance for proven forms is used, by all or by this network; from 0 to over 1."""
    key, waiting = NetworkKeys.of(network).narrow, SignUp.objects.filter(proven=True)
    return max(
        _load((ALL, WITHOUT_PROOF), settings.SIGN_UPS_PER_HOUR, waiting.count(), now),
        _load((key, without_proof(key)), settings.SIGN_UPS_PER_NETWORK, waiting.filter(network_key=key).count(), now),
    )


def _load(keys: tuple[str, str], limit: int, waiting: int, now: datetime) -> float:
    every, unproven = (_mailed(key, now) for key in keys)
    return (every - unproven + waiting) / max(1, limit - part_without_proof(limit))


def _mailed(key: str, now: datetime) -> int:
    return rate_buckets.used_of(key, period=rate_buckets.HOUR, now=now)


def receive(email: str, wishes: Wishes, sender: Sender, *, form_text_hash: str, now: datetime) -> Answer:
    """Keep a sign-up for the worker, unless it should bring a proof of work first or there is no room for it."""
    proven = proof_of_work.spend(sender.proof, now)
    if not proven and not sender.patient and asks_for_proof(now, sender.network):
        return Answer.PROOF_WANTED
    keys = NetworkKeys.of(sender.network)
    if not fair_queue.make_room(keys, proven):
        sound_the_alarm("room in the queue", now)
        return Answer.FULL if proven else Answer.FULL_WITHOUT_PROOF
    SignUp.objects.create(
        email=email,
        wishes=asdict(wishes),
        form_text_hash=form_text_hash,
        network_key=keys.narrow,
        wide_network_key=keys.wide,
        network_address=sender.network_address,
        proven=proven,
        requested_at=now,
        next_attempt_at=now,
    )
    enqueue("send_account_mails")
    return Answer.TAKEN


def admit(now: datetime) -> int:
    """Make consents and confirm mails of waiting sign-ups, within this hour's allowances; return how many went."""
    admitted, used_up = 0, set[str]()
    put_off: dict[str, list[int]] = defaultdict(list)
    for turn in fair_queue.turns(now):
        if admitted >= AT_ONCE:
            break
        # Most of a flood meets an allowance that is known to be used up; none of these rows is looked at.
        refused_by = next((key for key, _ in _allowances(turn) if key in used_up), "") or _admit(turn, now)
        if refused_by:
            used_up.add(refused_by)
            put_off[refused_by].append(turn.sign_up.pk)
        admitted += not refused_by
    for refused_by, keys in put_off.items():
        _put_off(keys, refused_by, now)
    return admitted


def _admit(turn: Turn, now: datetime) -> str:
    """Admit a sign-up; return the key of the allowance that is used up, '' if none is."""
    try:
        return _try_to_admit(turn, now)
    except Exception:  # one that cannot be read must not hold up those after it
        logger.exception(
            "Sign-up %s could not be taken in; it is tried again in the next hour.",
            turn.sign_up.pk,
            extra={"event": "sign_up_failed"},
        )
        return ERROR


def _try_to_admit(turn: Turn, now: datetime) -> str:
    with transaction.atomic():
        sign_up = SignUp.objects.filter(pk=turn.sign_up.pk).first()
        if not sign_up or not SignUp.objects.filter(pk=sign_up.pk).delete()[0]:
            return ""  # another worker has it
        mailed = lifecycle.sign_up(
            sign_up.email,
            Wishes.from_json(sign_up.wishes),
            form_text_hash=sign_up.form_text_hash,
            network=sign_up.network_address,
            proven=sign_up.proven,
            now=now,
        )
        refused_by = _refused_by(turn, now) if mailed else ""
        transaction.set_rollback(bool(refused_by))
    return refused_by


def _refused_by(turn: Turn, now: datetime) -> str:
    refusing = (
        key
        for key, limit in _allowances(turn)
        if not rate_buckets.take(key, 1, limit=limit, period=rate_buckets.HOUR, now=now)
    )
    return next(refusing, "")


def _allowances(turn: Turn) -> Iterator[tuple[str, int]]:
    """Yield the allowances in one order for all, so that two workers never wait for each other's."""
    sign_up = turn.sign_up
    yield from NetworkKeys(sign_up.network_key, sign_up.wide_network_key).shares(sign_up.proven)
    domain = sign_up.email.rpartition("@")[2]
    if domain not in settings.BIG_MAIL_HOSTS:
        key = rate_buckets.secret_key("domain", domain)
        yield key, settings.SIGN_UPS_PER_DOMAIN
        if not sign_up.proven:
            yield without_proof(key), part_without_proof(settings.SIGN_UPS_PER_DOMAIN)
    if not sign_up.proven:
        if turn.number >= FIRST_FEW:
            yield MORE_WITHOUT_PROOF, -(-settings.SIGN_UPS_WITHOUT_PROOF // 2)
        yield WITHOUT_PROOF, settings.SIGN_UPS_WITHOUT_PROOF
    yield ALL, settings.SIGN_UPS_PER_HOUR


def _put_off(keys: list[int], refused_by: str, now: datetime) -> None:
    next_hour = now.replace(minute=0, second=0, microsecond=0) + rate_buckets.HOUR
    waits_for = refused_by.partition(":")[0]  # a network or a domain, but not which
    SignUp.objects.filter(pk__in=keys).update(next_attempt_at=next_hour, waits_for=waits_for)
    if refused_by in (ALL, WITHOUT_PROOF, MORE_WITHOUT_PROOF):
        sound_the_alarm(refused_by, now)


def sound_the_alarm(what: str, now: datetime) -> None:
    """Log an error, once an hour."""
    if rate_buckets.take(ALARM, 1, limit=1, period=rate_buckets.HOUR, now=now):
        logger.error(
            "A flood of sign-ups, which uses up an allowance: %s. Others go on; see Sign ups.",
            what,
            extra={"event": "sign_up_flood"},
        )

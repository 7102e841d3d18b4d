"""The ledger of addresses: what bounced, when an address is too bad to be mailed, and what then happens to it.

It is kept by address and not by person: somebody with a new address is not punished for the old one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from subscriptions import lifecycle
from subscriptions.models import (
    HAND_OVER,
    BounceScore,
    DeliveryEvent,
    EventStatus,
    LeftBecause,
    Meaning,
    PauseReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.people.addresses import address_hash
from subscriptions.reports.classification import meaning_of_answer
from subscriptions.reports.safe_values import KEPT

THRESHOLD = 5.0
HALF_LIFE = 30.0  # days
WEIGHTS = {Meaning.HARD: 1.0, Meaning.SOFT: 0.5}
COUNTED = (*WEIGHTS, Meaning.DELIVERED)
# A suppression's reason and those that it outranks, so that the order of reports does not matter.
OUTRANKS: dict[Meaning, tuple[Meaning, ...]] = {
    Meaning.REFUSED: (),
    Meaning.HARD: (Meaning.REFUSED,),
    Meaning.COMPLAINT: (Meaning.REFUSED, Meaning.HARD),
}


@dataclass(frozen=True, slots=True)
class Score:
    value: float = 0.0
    day: date | None = None  # the last one that counted
    highest: float = 0.0


def suppress(hashed: bytes, because: Meaning) -> None:
    """Suppress an address, whether or not it is a subscriber's by now: it is never mailed again."""
    with transaction.atomic():
        subscriber = _locked(hashed)
        if subscriber:
            lifecycle.suppress(subscriber.email, reason=because)
        else:
            Suppression.objects.get_or_create(address_hash=hashed, defaults={"reason": because})
        Suppression.objects.filter(address_hash=hashed, reason__in=OUTRANKS[because]).update(reason=because)


def bounced(hashed: bytes, now: datetime) -> None:
    """Suppress an address for a hard bounce."""
    _recount(hashed, now)
    suppress(hashed, Meaning.HARD)


def _turned_away(hashed: bytes, now: datetime) -> None:
    """Suppress an address that the provider refuses."""
    suppress(hashed, Meaning.REFUSED)


def complained(hashed: bytes, now: datetime) -> None:
    """Withdraw the consent and suppress the address for good; no mail says so."""
    with transaction.atomic():
        unsubscribe(hashed, now, LeftBecause.COMPLAINT)
        suppress(hashed, Meaning.COMPLAINT)


def unsubscribe(hashed: bytes, now: datetime, because: LeftBecause = LeftBecause.PROVIDER) -> None:
    """Unsubscribe whoever has this address."""
    with transaction.atomic():
        subscriber = _locked(hashed)
        if subscriber:
            lifecycle.unsubscribe(subscriber, now, because=because)


def arrived(hashed: bytes, now: datetime) -> None:
    """Recount an address with bounces, now that a mail was delivered there."""
    if BounceScore.objects.filter(address_hash=hashed, score__gt=0).exists():
        _recount(hashed, now)


def _recount(hashed: bytes, now: datetime) -> Score:
    """Compute an address' score again from all that is stored of it; pause its subscriber where that is too high.

    It starts from nothing and not from the last report: reports come late, twice and in any order.
    """
    with transaction.atomic():
        subscriber = _locked(hashed)
        row, _ = BounceScore.objects.get_or_create(address_hash=hashed)
        score = score_of(_days(hashed, row, subscriber, now))
        row.score, row.counted_on = score.value, score.day
        if subscriber and subscriber.status == SubscriberStatus.ACTIVE and score.highest >= THRESHOLD:
            lifecycle.pause(subscriber, None, PauseReason.BOUNCES)
            row.counts_since = now
        row.save(update_fields=["score", "counted_on", "counts_since"])
    return score


def score_of(days: Mapping[date, Iterable[Meaning]]) -> Score:
    """Score days in order: one with a bounce counts once, by its worst; one with deliveries alone resets to 0."""
    score = Score()
    for day, meanings in sorted(days.items()):
        weight = max(WEIGHTS.get(Meaning(each), 0.0) for each in meanings)
        value = _decayed(score, day) + weight if weight else 0.0
        score = Score(value, day, max(value, score.highest))
    return score


def refused(address: str, answer: str, now: datetime) -> Meaning:
    """Note that an address was refused when a mail to it was handed over; return what that means for it.

    The answer is a code of RFC 3463 such as "5.1.1", or a word of the provider such as "rejected" or "inactive".
    One refusal of a kind counts per address and day.
    """
    meaning, hashed = meaning_of_answer(answer), address_hash(address)
    event = DeliveryEvent(
        provider=HAND_OVER,
        event_id=f"{hashed.hex()} {now:%Y-%m-%d} {meaning}",
        subscriber=Subscriber.objects.filter(address_hash=hashed).first(),
        address_hash=hashed,
        event_type="rejected",
        description=answer[:80] if "@" not in answer else "",
        meaning=meaning,
        happened_at=now,
        received_at=now,
        status=EventStatus.DONE,
    )
    with transaction.atomic():
        DeliveryEvent.objects.bulk_create([event], ignore_conflicts=True)
        apply(meaning, hashed, now)
    return meaning


def apply(meaning: Meaning, hashed: bytes, now: datetime) -> None:
    """Do to an address what a report of this meaning calls for; the same report twice changes nothing more."""
    if meaning in ACTIONS:
        ACTIONS[meaning](hashed, now)


ACTIONS: dict[Meaning, Callable[[bytes, datetime], object]] = {
    Meaning.DELIVERED: arrived,
    Meaning.HARD: bounced,
    Meaning.SOFT: _recount,
    Meaning.REFUSED: _turned_away,
    Meaning.COMPLAINT: complained,
    Meaning.UNSUBSCRIBED: unsubscribe,
}


def _locked(hashed: bytes) -> Subscriber | None:
    """Lock the subscriber who has this address now; reports on the same one follow each other."""
    return Subscriber.objects.select_for_update().filter(address_hash=hashed).first()


def _decayed(score: Score, day: date) -> float:
    return float(score.value * 0.5 ** ((day - score.day).days / HALF_LIFE)) if score.day else 0.0


def _days(hashed: bytes, row: BounceScore, subscriber: Subscriber | None, now: datetime) -> dict[date, list[Meaning]]:
    """Return what was reported of an address on each day (UTC), since it was confirmed, or last led to a pause."""
    confirmed = subscriber.confirmed_at if subscriber else None
    since = max(time for time in (now - KEPT, row.counts_since, confirmed) if time)
    reports = DeliveryEvent.objects.of_address(hashed).ours().filter(meaning__in=COUNTED, happened_at__gt=since)
    days: dict[date, list[Meaning]] = {}
    for happened_at, meaning in reports.order_by().values_list("happened_at", "meaning"):
        days.setdefault(happened_at.date(), []).append(Meaning(meaning))
    return days

"""A wave of bounces or complaints stops all sending; only a person lets it go on."""

from datetime import datetime, timedelta

import pytest
import time_machine

from subscriptions import tasks
from subscriptions.limits import kill_switch
from subscriptions.models import (
    Control,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    Meaning,
    Run,
    StopReason,
    Subscriber,
    SubscriberStatus,
)
from subscriptions.people.addresses import address_hash
from subscriptions.reports import auto_stop
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def send(count: int, at: datetime = MORNING) -> list[Digest]:
    run, _ = Run.objects.get_or_create(hour=at.replace(minute=0))
    first = Subscriber.objects.count()
    addresses = [f"reader{number}@example.org" for number in range(first, first + count)]
    people = Subscriber.objects.bulk_create(
        Subscriber(
            email=address,
            address_hash=address_hash(address),
            status=SubscriberStatus.ACTIVE,
            confirmed_at=at,
            next_digest_at=at,
        )
        for address in addresses
    )
    sent = {"run": run, "local_date": at.date(), "due_at": at, "next_attempt_at": at, "claimed_at": at}
    return Digest.objects.bulk_create(
        Digest(subscriber=person, status=DeliveryStatus.SENT, finished_at=at, **sent) for person in people
    )


def come_back(digests: list[Digest], meaning: Meaning, at: datetime = MORNING) -> None:
    DeliveryEvent.objects.bulk_create(
        DeliveryEvent(
            provider="Postmark",
            event_id=f"{meaning} {digest.pk}",
            event_type="some",
            digest=digest,
            address_hash=address_hash(digest.subscriber.email),
            meaning=meaning,
            happened_at=at,
            received_at=at,
        )
        for digest in digests
    )


@pytest.mark.parametrize(
    ("sent", "meaning", "back", "expected"),
    [
        (400, Meaning.HARD, 20, None),
        (400, Meaning.HARD, 21, StopReason.BOUNCES),
        (199, Meaning.HARD, 50, None),
        (400, Meaning.COMPLAINT, 2, None),
        (400, Meaning.COMPLAINT, 3, StopReason.COMPLAINTS),
        (3000, Meaning.COMPLAINT, 3, None),
        (400, Meaning.SOFT, 300, None),
    ],
)
def test_sending_stops_beyond_a_share_of_enough_mail(
    sent: int, meaning: Meaning, back: int, expected: StopReason | None
) -> None:
    come_back(send(sent)[:back], meaning)
    assert auto_stop.watch(MORNING) == expected
    assert kill_switch.may_send() == (expected is None)


def test_the_same_address_counts_once() -> None:
    digests = send(400)
    come_back(digests[:10], Meaning.HARD)
    for number in range(5):
        DeliveryEvent.objects.create(
            provider="Postmark",
            event_id=f"again {number}",
            event_type="some",
            digest=digests[0],
            address_hash=address_hash(digests[0].subscriber.email),
            meaning=Meaning.HARD,
            happened_at=MORNING,
            received_at=MORNING,
        )
    assert auto_stop.harmed(Meaning.HARD, MORNING) == 10


def test_what_is_a_day_old_no_longer_counts() -> None:
    come_back(send(400)[:300], Meaning.HARD)
    send(400, MORNING + 25 * HOUR)
    assert auto_stop.watch(MORNING + 25 * HOUR) is None


def test_after_a_resume_the_old_wave_stops_nothing_and_a_new_one_does() -> None:
    old = send(400)
    come_back(old[:100], Meaning.HARD)
    assert auto_stop.watch(MORNING)
    assert auto_stop.watch(MORNING + HOUR) is None  # stopped already
    assert kill_switch.resume(MORNING + HOUR)
    new = send(400, MORNING + 2 * HOUR)
    come_back(old[100:200], Meaning.HARD, MORNING + 2 * HOUR)  # of mails of before, and late
    assert auto_stop.watch(MORNING + 2 * HOUR) is None
    come_back(new[:100], Meaning.HARD, MORNING + 3 * HOUR)
    assert auto_stop.watch(MORNING + 3 * HOUR) == StopReason.BOUNCES


def test_an_operators_stop_keeps_its_reason() -> None:
    kill_switch.stop(StopReason.OPERATOR, "maintenance", MORNING)
    come_back(send(400)[:100], Meaning.HARD)
    assert auto_stop.watch(MORNING) is None
    assert Control.objects.get().stopped_because == StopReason.OPERATOR


def test_a_wave_of_reports_stops_the_claims_by_way_of_the_task() -> None:
    come_back(send(400)[:100], Meaning.HARD)
    with time_machine.travel(MORNING, tick=False):
        tasks.process_events()
    assert not Control.objects.letting_mail_out().exists()
    stopped = Control.objects.get()
    assert stopped.stopped_because == StopReason.BOUNCES
    assert "100 addresses" in stopped.note
    assert "5.00%" in stopped.note


def test_the_count_reads_no_more_rows_than_it_needs() -> None:
    come_back(send(400)[:21], Meaning.HARD)
    assert auto_stop.sent(MORNING, at_most=250) == 250

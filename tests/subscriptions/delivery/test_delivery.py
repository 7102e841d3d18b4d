from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.test import override_settings
from pytest_django import Settings

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.delivery import batches, shutdown
from subscriptions.mails import frames
from subscriptions.models import DeliveryStatus, Digest, DigestItem, Role, SkipReason, Subscriber
from tests.subscriptions.conftest import MORNING, plan

pytestmark = pytest.mark.usefixtures("some_papers")


def clock_at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def deliver(at: datetime = MORNING) -> int:
    return batches.deliver(plan() or list(Digest.objects.values_list("pk", flat=True)), clock_at(at))


def test_a_due_digest_is_sent_and_recorded(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    assert deliver() == 1
    digest = Digest.objects.get()
    assert (digest.status, digest.attempts, digest.finished_at) == (DeliveryStatus.SENT, 1, MORNING)
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]


def test_delivering_again_sends_nothing(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    ids = plan()
    assert batches.deliver(ids, clock_at(MORNING)) == 1
    assert batches.deliver(ids, clock_at(MORNING + timedelta(hours=1))) == 0
    assert len(mail.outbox) == 1


def test_a_batch_that_another_worker_leased_is_left_alone(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    ids = plan()
    Digest.objects.lease(ids, MORNING, until=MORNING + timedelta(minutes=10))
    assert batches.deliver(ids, clock_at(MORNING + timedelta(minutes=1))) == 0
    assert batches.deliver(ids, clock_at(MORNING + timedelta(minutes=11))) == 1


def test_a_claim_with_a_lost_lease_is_refused(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    [pk] = plan()
    token = Digest.objects.lease([pk], MORNING, until=MORNING + timedelta(minutes=10))
    assert not Digest.objects.claim(pk, token, MORNING + timedelta(minutes=11))
    assert Digest.objects.claim(pk, token, MORNING)
    assert not Digest.objects.claim(pk, token, MORNING)


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (lambda person: lifecycle.unsubscribe(person, MORNING), SkipReason.UNSUBSCRIBED),
        (lambda person: lifecycle.pause(person, None), SkipReason.PAUSED),
        (lambda person: lifecycle.suppress(person.email, "complained"), SkipReason.SUPPRESSED),
    ],
)
def test_whoever_stops_after_planning_gets_no_mail(
    make_subscriber: Callable[..., Subscriber], stop: Callable[[Subscriber], object], reason: str
) -> None:
    subscriber = make_subscriber()
    ids = plan()
    stop(subscriber)
    assert batches.deliver(ids, clock_at(MORNING)) == 0
    digest = Digest.objects.get()
    assert (digest.status, digest.reason) == (DeliveryStatus.SKIPPED, reason)
    assert not DigestItem.objects.filter(role=Role.PICK).exists()
    assert mail.outbox == []


def test_a_suppression_alone_stops_the_claim_whatever_the_status(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    lifecycle.suppress(subscriber.email, "bounced")
    Subscriber.objects.update(status="active")
    assert deliver() == 0


def test_whoever_is_erased_after_planning_gets_no_mail(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    ids = plan()
    lifecycle.erase(subscriber)
    assert batches.deliver(ids, clock_at(MORNING)) == 0
    assert mail.outbox == []


def test_whoever_is_erased_while_the_batch_is_on_its_way_does_not_hold_up_the_others(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    gone = make_subscriber("gone@example.org")
    make_subscriber("stays@example.org")
    ids = plan()
    moments = iter([lambda: None, lambda: lifecycle.erase(gone)])

    def clock() -> datetime:
        """The second look at the clock is the claim of the first digest."""
        next(moments, lambda: None)()
        return MORNING

    assert batches.deliver(ids, clock) == 1
    assert [message.to for message in mail.outbox] == [["stays@example.org"]]


def test_a_digest_that_is_hours_late_is_skipped_and_its_papers_come_next_time(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    make_subscriber()
    assert batches.deliver(plan(), clock_at(MORNING + timedelta(hours=8))) == 0
    assert Digest.objects.get().reason == SkipReason.LATE
    tomorrow = MORNING + timedelta(days=1)
    assert batches.deliver(plan(tomorrow), clock_at(tomorrow)) == 1
    assert DigestItem.objects.filter(role=Role.PICK).count() == 3


def test_a_digest_that_is_two_hours_late_still_goes(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    assert batches.deliver(plan(), clock_at(MORNING + timedelta(hours=2))) == 1


def test_sending_can_be_switched_off_altogether(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    with override_settings(SENDING_ENABLED=False):
        assert deliver() == 0
    assert Digest.objects.get().status == DeliveryStatus.PLANNED


def test_a_digest_that_cannot_be_rendered_fails_alone(make_subscriber: Callable[..., Subscriber]) -> None:
    bad, good = make_subscriber("bad@example.org", follows=(4,)), make_subscriber("good@example.org", follows=(0,))
    Paper.objects.filter(title="Paper 3").update(authors=[{"no": "name"}])
    ids = plan()
    assert batches.deliver(ids, clock_at(MORNING)) == 1
    assert Digest.objects.get(subscriber=good).status == DeliveryStatus.SENT
    assert Digest.objects.get(subscriber=bad).status == DeliveryStatus.PLANNED
    for attempt in range(1, 5):
        batches.deliver(ids, clock_at(MORNING + timedelta(minutes=6 * attempt)))
    failed = Digest.objects.get(subscriber=bad)
    assert failed.status == DeliveryStatus.FAILED
    assert "cannot be rendered" in failed.reason


def test_a_worker_that_died_while_sending_leaves_an_uncertain_digest_that_nobody_resends(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    make_subscriber()
    [pk] = plan()
    token = Digest.objects.lease([pk], MORNING, until=MORNING + timedelta(minutes=10))
    assert Digest.objects.claim(pk, token, MORNING)
    assert batches.sweep(MORNING + timedelta(minutes=10)) == 0
    later = MORNING + timedelta(minutes=20)
    assert batches.sweep(later) == 1
    assert Digest.objects.get().status == DeliveryStatus.UNCERTAIN
    assert batches.deliver([pk], clock_at(later)) == 0
    assert mail.outbox == []


def test_a_template_that_is_broken_costs_nobody_the_digest_if_it_is_mended_soon(
    make_subscriber: Callable[..., Subscriber], settings: Settings, tmp_path: Path
) -> None:
    for name in ("ada", "bob"):
        make_subscriber(f"{name}@example.org")
    ids = plan()
    (tmp_path / "emails").mkdir()
    for kind in ("html", "txt"):
        (tmp_path / "emails" / f"digest.{kind}").write_text("{% no_such_tag %}")
    whole = settings.TEMPLATES
    with override_settings(TEMPLATES=[{**whole[0], "DIRS": [tmp_path, *whole[0]["DIRS"]]}]):
        frames.rendered_frame.cache_clear()
        assert batches.deliver(ids, clock_at(MORNING)) == 0
    frames.rendered_frame.cache_clear()
    assert {one.reason[:21] for one in Digest.objects.all()} == {"It cannot be rendered"}
    assert batches.deliver(ids, clock_at(MORNING + timedelta(minutes=6))) == 2


@pytest.mark.parametrize(("rate", "sent"), [(0.0, 3), (1.0, 1)])
def test_a_clock_that_is_put_back_by_a_day_in_mid_batch_puts_no_worker_to_sleep(
    make_subscriber: Callable[..., Subscriber], settings: Settings, rate: float, sent: int
) -> None:
    """Where mails have turns, those of the others are out of reach: they go again."""
    settings.PROVIDER_RATE_PER_SECOND = rate
    for name in ("ada", "bob", "cem"):
        make_subscriber(f"{name}@example.org")
    plan()
    waits: list[float] = []
    assert batches.deliver_waiting(put_back_after_the_first, waits.append) == sent
    assert waits == []
    assert Digest.objects.waiting(MORNING).count() == 3 - sent


def put_back_after_the_first() -> datetime:
    return MORNING - timedelta(days=1) if mail.outbox else MORNING


@pytest.mark.parametrize(("seconds", "sent"), [(60.0, 5), (0.0, 2)])
def test_a_worker_takes_one_batch_after_another_for_a_while(
    make_subscriber: Callable[..., Subscriber], monkeypatch: pytest.MonkeyPatch, seconds: float, sent: int
) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    monkeypatch.setattr(batches, "GO_ON", seconds)
    for number in range(5):
        make_subscriber(f"reader{number}@example.org")
    plan()
    assert batches.deliver_for_a_while(clock_at(MORNING)) == sent == len(mail.outbox)


def test_a_worker_that_is_told_to_stop_takes_no_other_batch(
    make_subscriber: Callable[..., Subscriber], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 1)
    for name in ("ada", "bob"):
        make_subscriber(f"{name}@example.org")
    plan()

    def told_to_stop_after_the_first() -> datetime:
        if mail.outbox:
            shutdown.begin()
        return MORNING

    try:
        assert batches.deliver_for_a_while(told_to_stop_after_the_first) == 1
    finally:
        shutdown.stopping.value = 0
    untouched = Digest.objects.get(status=DeliveryStatus.PLANNED)
    assert (untouched.lease_token, untouched.composed_at) == (None, None)

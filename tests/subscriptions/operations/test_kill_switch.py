"""Flipped in mid-run, the kill switch lets each worker end the one mail that it is at, and no other leaves."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils.timezone import now

from papers.models import Edition, Paper
from subscriptions.limits import kill_switch
from subscriptions.models import DeliveryStatus, Digest, StopReason, Subscriber
from tests.services import SmtpSink, eventually
from tests.stack import Stack

READERS, SENT_BEFORE, WORKERS = 60, 4, 2
PLAN = "from subscriptions.tasks import plan_due_digests; plan_due_digests()"


class SlowSink(SmtpSink):
    """A mail server that takes a mail only when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = 0
        self._permits = asyncio.Semaphore(0)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.arrived += 1
        await self._permits.acquire()
        return await super().handle_DATA(server, session, envelope)

    def let_in(self, count: int) -> None:
        for _ in range(count):
            self._controller.loop.call_soon_threadsafe(self._permits.release)


@pytest.fixture
def sink() -> Iterator[SlowSink]:
    with SlowSink() as sink:
        yield sink


@pytest.fixture
def mid_run(
    shared_stack: Stack, sink: SlowSink, some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]
) -> Stack:
    """A run of digests in which some are sent, and each worker waits for the mail server to take another."""
    Edition.objects.update(date=now().date())
    for number in range(READERS):
        make_subscriber(f"reader{number}@example.org", next_digest_at=now(), confirmed_at=now())
    shared_stack.environment |= {"EMAIL_URL": sink.url, "SPREAD_MINUTES": "0", "EDITION_WAIT_MINUTES": "0"}
    shared_stack.start("mail")
    shared_stack.manage("shell", "-v0", "-c", PLAN)
    sink.let_in(SENT_BEFORE)
    eventually(lambda: sink.arrived > SENT_BEFORE, 60, lambda: shared_stack.log("mail"))
    return shared_stack


def count(status: DeliveryStatus) -> int:
    return Digest.objects.filter(status=status).count()


def test_a_stop_in_mid_run_lets_out_at_most_one_mail_for_each_worker(mid_run: Stack, sink: SlowSink) -> None:
    sent = len(sink.envelopes)
    kill_switch.stop(StopReason.OPERATOR, "", now())
    sink.let_in(READERS)
    eventually(lambda: count(DeliveryStatus.SENDING) == 0, 60, lambda: mid_run.log("mail"))
    mid_run.stop("mail")  # a worker ends what it is at: now nothing can come any more
    assert sent <= len(sink.envelopes) <= sent + WORKERS
    assert count(DeliveryStatus.SENT) == len(sink.envelopes)
    assert count(DeliveryStatus.PLANNED) == READERS - len(sink.envelopes)


def test_a_stop_holds_in_new_processes_and_all_goes_out_after_it(mid_run: Stack, sink: SlowSink) -> None:
    kill_switch.stop(StopReason.OPERATOR, "", now())
    sink.let_in(READERS)
    eventually(lambda: count(DeliveryStatus.SENDING) == 0, 60, lambda: mid_run.log("mail"))
    mid_run.stop("mail")
    sent = len(sink.envelopes)
    assert sent < READERS
    let_all_go_again()
    mid_run.manage("digest", "send")
    assert len(sink.envelopes) == sent
    kill_switch.resume()
    let_all_go_again()
    sink.let_in(READERS)
    mid_run.manage("digest", "send")
    assert len(sink.envelopes) == READERS == count(DeliveryStatus.SENT)


def let_all_go_again() -> None:
    """As after the end of a lease, or of the pause before the next attempt."""
    waiting = Digest.objects.filter(status=DeliveryStatus.PLANNED)
    waiting.update(lease_until=None, next_attempt_at=now() - timedelta(minutes=2))

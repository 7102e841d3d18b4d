"""Two hundred digests through each real mail server, which crashes, restarts, refuses and takes its time meanwhile."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from pytest_django import Settings

from papers.models import Paper
from recommender.vectors import unit
from subscriptions.delivery import batches
from subscriptions.models import Breaker, DeliveryStatus, Digest, Subscriber
from tests.services import SmtpSink, eventually
from tests.subscriptions.conftest import MORNING, axis, plan
from tests.subscriptions.mail_servers import filters, signing
from tests.subscriptions.mail_servers.debian import Exim, OpenSmtpd, Postfix
from tests.subscriptions.mail_servers.haraka import Haraka
from tests.subscriptions.mail_servers.private import LARGEST, MailServer

READERS = 200
ROUNDS, PAUSE = 5, timedelta(minutes=10)  # of workers that look for work
CRASH_AT, RESTART_AT = 60, 120  # mails
MESSAGE_ID = re.compile(rb"(?im)^Message-ID: <([0-9a-f]{32})@")


class Name(NamedTuple):
    address: str
    ends: str
    is_large: bool = False


def reader(number: int) -> Name:
    """Refused and deferred ones among the others, as in a list that grew: two in a row are rare."""
    if number % 13 in (5, 9):
        kind, ends = ("gone", "failed") if number % 13 == 5 else ("later", "planned")
        return Name(f"{kind}{number}@example.com", ends)
    if number in (50, 150):
        return Name(f"large{number}@example.com", "failed", is_large=True)
    return Name("slow@example.com" if number == 101 else f"reader{number}@example.com", "sent")


@pytest.fixture
def crowd(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], make_paper: Callable[..., Paper]
) -> list[Name]:
    """Readers of few papers, and two whose digests are long."""
    for number in range(2, 8):
        for lean in (0.7, -0.7):
            make_paper(1000 + 2 * number + (lean > 0), unit(axis(1) + lean * axis(number)), abstract="Long. " * 120)
    names = [reader(number) for number in range(READERS)]
    for name in names:
        make_subscriber(name.address, follows=(1,) if name.is_large else (0,), digest_size=30 if name.is_large else 1)
    return names


@pytest.fixture(params=[Postfix, Exim, OpenSmtpd, Haraka], ids=lambda kind: kind.__name__)
def server(request: pytest.FixtureRequest, smtp_sink: SmtpSink, settings: Settings) -> Iterator[MailServer]:
    server: MailServer = request.param(smtp_sink.port)
    try:
        server.start()
        settings.EMAIL_BACKEND = "tests.subscriptions.mail_servers.signing.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, filters.PATIENCE
        settings.DEFAULT_FROM_EMAIL = "Paper Round <digest@example.org>"
        settings.SMTP_MESSAGES_PER_CONNECTION = 1_000  # the server's own ration is met
        yield server
    finally:
        server.remove()
        eventually(lambda: not server.left_behind(), 5, lambda: f"Still there: {server.left_behind()}")


@pytest.fixture
def trouble(server: MailServer, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes between two mails of a batch, while the connection is kept.

    All that was taken has gone on by then: a server that dies while it hands on a mail may do so again.
    """

    def before(begun: int, taken: int) -> None:
        if begun in (CRASH_AT, RESTART_AT):
            eventually(lambda: len(smtp_sink.raw) >= taken, 30, server.log)
            (server.crash if begun == CRASH_AT else server.restart)()

    monkeypatch.setattr(signing.EmailBackend, "begun", 0)
    monkeypatch.setattr(signing.EmailBackend, "taken", 0)
    monkeypatch.setattr(signing.EmailBackend, "before", staticmethod(before))


def deliver_all() -> None:
    now: datetime = MORNING
    for _ in range(ROUNDS):
        while batches.deliver_waiting(lambda now=now: now):  # type: ignore[misc]
            pass
        now += PAUSE


def arrived_ids(sink: SmtpSink) -> Counter[str]:
    return Counter(MESSAGE_ID.findall(raw)[0].decode() for raw in sink.raw)


@pytest.mark.usefixtures("trouble")
def test_what_arrives_is_what_is_recorded(
    crowd: list[Name], server: MailServer, smtp_sink: SmtpSink, caplog: pytest.LogCaptureFixture
) -> None:
    plan()
    deliver_all()
    found = dict(Digest.objects.values_list("subscriber__email", "status"))
    assert found == {name.address: name.ends for name in crowd}, server.log()
    sent = {bytes(digest.handle).hex() for digest in Digest.objects.filter(status=DeliveryStatus.SENT)}
    eventually(lambda: len(arrived_ids(smtp_sink)) >= len(sent), 30, server.log)
    arrived = arrived_ids(smtp_sink)
    assert set(arrived) == sent
    # A server that is stopped before it has noted the next one's answer hands on once more: no second copy of ours.
    assert max(arrived.values()) == 1 or signing.EmailBackend.taken == len(sent)
    assert [raw for raw in smtp_sink.raw if not signing.is_unchanged(raw)] == []
    assert max(map(len, smtp_sink.raw)) < LARGEST
    assert not Breaker.objects.open().exists()
    assert "No mail goes to" not in caplog.text

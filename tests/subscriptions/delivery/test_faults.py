"""Each way in which a provider or a mail server fails: what becomes of the digest, and how often it was taken over."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from pytest_django import Settings

from papers.models import Paper
from subscriptions.delivery import batches, handover, outbox
from subscriptions.models import DeliveryStatus, Digest, Subscriber
from subscriptions.providers.results import SendResult
from subscriptions.reports import events
from subscriptions.transport import backends, circuit_breakers
from subscriptions.transport.outcomes import Outcome
from tests.services import FaultySmtp, Provider, free_port
from tests.subscriptions.conftest import MORNING, plan
from tests.subscriptions.doctor.tls_server import TlsServer, write_certificate
from tests.subscriptions.reports.provider_reports import Mail, anymail_of, postmark

PLANNED, SENT = DeliveryStatus.PLANNED, DeliveryStatus.SENT
FAILED, UNCERTAIN = DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN
SOON = timedelta(minutes=10)
WRONG_KEY = Outcome(SendResult.MISCONFIGURED, "The key was wrong.")
API_FAULTS = [
    ("nobody listens", PLANNED, 0),
    ("nobody answers", PLANNED, 0),
    ("closed", UNCERTAIN, 0),
    ("reset", UNCERTAIN, 1),
    ("hang", UNCERTAIN, 1),
    ("garbled", UNCERTAIN, 1),
    ("truncated", UNCERTAIN, 1),
    ("refused", FAILED, 0),
    ("inactive", FAILED, 0),
    ("unauthorized", PLANNED, 0),
    ("forbidden", PLANNED, 0),
    ("throttled", PLANNED, 0),
    ("broken", UNCERTAIN, 0),
    ("unavailable", PLANNED, 0),
]
SMTP_FAULTS = [
    ("nobody listens", PLANNED, 0),
    ("nobody answers", PLANNED, 0),
    ("connect 421", PLANNED, 0),
    ("mail 451", PLANNED, 0),
    ("mail 554", PLANNED, 0),  # about the sender, which is the operator's to mend
    ("mail 552", FAILED, 0),  # it is too large
    ("rcpt 451", PLANNED, 0),
    ("rcpt 554", PLANNED, 0),  # as "relay denied" would be, to everybody
    ("rcpt 550 5.1.1", FAILED, 0),
    ("data 451", PLANNED, 0),
    ("data 554", PLANNED, 0),
    ("end 451", PLANNED, 0),
    ("end 554", PLANNED, 0),
    ("end 552", FAILED, 0),  # it is too large
    ("drop before", UNCERTAIN, 0),
    ("drop after", UNCERTAIN, 1),
    ("hang", UNCERTAIN, 1),
]


@contextmanager
def silent(port: int) -> Iterator[None]:
    """A server so busy that it does not even take the connection."""
    with ExitStack() as open_sockets:
        server = open_sockets.enter_context(socket.socket())
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen(0)
        for _ in range(3):
            client = open_sockets.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        yield


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Digest:
    make_subscriber()
    plan()
    return Digest.objects.get()


@pytest.fixture
def port() -> int:
    return free_port()


def use_api(settings: Settings, port: int, backend: str = "postmark") -> None:
    settings.EMAIL_BACKEND = f"anymail.backends.{backend}.EmailBackend"
    url = {f"{backend.upper()}_API_URL": f"http://127.0.0.1:{port}/"}
    settings.ANYMAIL = {Provider.BACKENDS[backend]: "token", "REQUESTS_TIMEOUT": (0.5, 0.5)} | url


def use_smtp(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 0.5
    settings.SMTP_ANSWER_SECONDS = 0.5


def deliver(at: datetime = MORNING) -> Digest:
    batches.deliver_waiting(lambda: at)
    return Digest.objects.get()


def deliver_while_handling(error: Exception) -> Digest:
    try:
        raise error
    except type(error):
        return deliver()


class Babbler(TlsServer):
    """Takes a request, and answers with something that is no TLS."""

    heard = b""

    def serve(self, client: ssl.SSLSocket, beside: socket.socket) -> None:
        self.heard = client.recv(65_536)
        beside.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        client.close()


def live_on() -> Digest:
    """Ten rounds of all that looks for work, until long after the fault is mended."""
    for nth in range(1, 11):
        batches.sweep(MORNING + nth * SOON)
        outbox.send_waiting(lambda nth=nth: MORNING + nth * SOON)  # type: ignore[misc]
        deliver(MORNING + nth * SOON)
    return Digest.objects.get()


def check(fake: Provider | FaultySmtp, found: Digest, status: DeliveryStatus, taken: int) -> None:
    """After the fault, and after it was mended: what could not have left goes once more, all else never."""
    assert (found.status, found.attempts, len(fake.accepted)) == (status, 1, taken), found.reason
    assert found.reason
    assert "ada@example.org" not in found.reason
    fake.mode = "ok"
    ended = live_on()
    if status == PLANNED:
        assert (ended.status, ended.attempts, len(fake.accepted)) == (SENT, 2, 1)
    else:
        assert (ended.status, ended.attempts, len(fake.accepted)) == (status, 1, taken)


def fails_before_there_is_a_server(mode: str, port: int) -> Digest | None:
    if mode == "nobody answers":
        with silent(port):
            return deliver()
    return deliver() if mode == "nobody listens" else None


@pytest.mark.parametrize(("mode", "status", "taken"), API_FAULTS)
def test_a_fault_of_the_providers_api(
    digest: Digest, settings: Settings, port: int, mode: str, status: DeliveryStatus, taken: int
) -> None:
    use_api(settings, port)
    found = fails_before_there_is_a_server(mode, port)
    with Provider(port=port) as provider:
        provider.mode = mode
        check(provider, found or deliver(), status, taken)


@pytest.mark.parametrize(("mode", "status", "taken"), SMTP_FAULTS)
def test_a_fault_of_the_mail_server(
    digest: Digest, settings: Settings, port: int, mode: str, status: DeliveryStatus, taken: int
) -> None:
    use_smtp(settings, port)
    found = fails_before_there_is_a_server(mode, port)
    with FaultySmtp(port=port) as sink:
        sink.mode = mode
        check(sink, found or deliver(), status, taken)


@pytest.mark.parametrize("mode", ["closed", "reset", "hang", "garbled", "truncated"])
def test_a_worker_that_was_started_while_the_broker_was_away_takes_no_lost_answer_for_a_refusal(
    digest: Digest, settings: Settings, mode: str
) -> None:
    """Celery's main process forks where it handles the broker's error, which its child then handles all its life."""
    with Provider() as provider:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = provider.anymail | {"REQUESTS_TIMEOUT": (0.5, 0.5)}
        provider.mode = mode
        assert deliver_while_handling(ConnectionRefusedError("Redis")).status == UNCERTAIN


@pytest.mark.parametrize("mode", ["drop before", "drop after", "hang"])
def test_nor_does_it_take_a_mail_servers_silence_for_one(
    digest: Digest, settings: Settings, port: int, mode: str
) -> None:
    use_smtp(settings, port)
    with FaultySmtp(port=port) as sink:
        sink.mode = mode
        assert deliver_while_handling(ConnectionRefusedError("Redis")).status == UNCERTAIN


@pytest.mark.parametrize(("is_believed", "status"), [(False, PLANNED), (True, UNCERTAIN)])
def test_an_error_of_tls_is_no_refusal_once_the_message_may_have_arrived(
    digest: Digest, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_believed: bool, status: str
) -> None:
    certificate = write_certificate(tmp_path, datetime.now(UTC), days=90)
    if is_believed:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with Babbler(certificate) as server:
        use_api(settings, server.port)
        settings.ANYMAIL["POSTMARK_API_URL"] = f"https://127.0.0.1:{server.port}/"
        assert deliver().status == status
        assert bool(server.heard) == is_believed


@pytest.mark.parametrize("backend", ["resend", "brevo"])
@pytest.mark.parametrize("mode", ["reset", "hang", "garbled", "truncated"])
def test_a_provider_that_forgets_second_copies_gets_it_again_and_takes_one(
    digest: Digest, settings: Settings, port: int, backend: str, mode: str
) -> None:
    use_api(settings, port, backend)
    with Provider(port=port) as provider:
        provider.mode = mode
        assert deliver().status == PLANNED
        provider.mode = "ok"
        ended = live_on()
        assert (ended.status, ended.attempts, provider.calls, len(provider.accepted)) == (SENT, 2, 2, 1)


def test_who_wants_it_may_have_it_sent_again_where_the_answer_was_lost(
    digest: Digest, settings: Settings, port: int
) -> None:
    use_api(settings, port)
    settings.ON_UNCERTAIN = "resend"
    with Provider(port=port) as provider:
        provider.mode = "reset"
        assert deliver().status == PLANNED
        provider.mode = "ok"
        assert (live_on().status, len(provider.accepted)) == (SENT, 2)


def test_a_wrong_key_costs_one_call_and_nobody_their_digest(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], settings: Settings, port: int
) -> None:
    for number in range(60):
        make_subscriber(f"reader{number}@example.org")
    plan()
    use_api(settings, port)
    with Provider(port=port) as provider:
        provider.mode = "unauthorized"
        for _ in range(5):
            batches.deliver_waiting(lambda: MORNING)
        assert provider.calls == 1
    assert set(Digest.objects.values_list("status", flat=True)) == {PLANNED}
    assert circuit_breakers.open_until(backends.name())


def test_one_bad_address_holds_up_nobody_behind_it_on_the_same_connection(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], settings: Settings, port: int
) -> None:
    for number in range(3):
        make_subscriber(f"reader{number}@example.org")
    plan()
    use_smtp(settings, port)
    with FaultySmtp(port=port) as sink:
        drawn = iter(["ok", "ok", "rcpt 550 5.1.1", "ok"])  # the first for the connection
        sink.odds.draw = lambda: next(drawn)  # type: ignore[method-assign]
        assert batches.deliver_waiting(lambda: MORNING) == 2
        assert sink.commands.count("ehlo") == 1
    assert sorted(Digest.objects.values_list("status", flat=True)) == [FAILED, SENT, SENT]


def test_what_comes_after_an_outage_is_found_out_with_the_outbox_empty_and_late_digests_in_front(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], settings: Settings, port: int
) -> None:
    """Neither the look into an empty outbox nor a digest that may go no more uses up the one try."""
    make_subscriber("early@example.org")
    plan()
    use_api(settings, port)
    deliver()
    evening = MORNING + timedelta(hours=7)
    make_subscriber("late@example.org", next_digest_at=evening)
    plan(evening)
    circuit_breakers.note_outcome(backends.name(), WRONG_KEY, evening - timedelta(minutes=1))
    with Provider(port=port):
        outbox.send_waiting(lambda: evening)
        for _ in range(3):
            batches.deliver_waiting(lambda: evening)
    assert sorted(Digest.objects.values_list("status", "reason")) == [(SENT, ""), ("skipped", "late")]


def test_what_became_late_is_skipped_while_nothing_may_be_sent(digest: Digest) -> None:
    circuit_breakers.note_outcome(backends.name(), WRONG_KEY, MORNING + timedelta(hours=7))
    batches.sweep(MORNING + timedelta(hours=7))
    digest.refresh_from_db()
    assert (digest.status, digest.reason) == ("skipped", "late")


def test_the_name_of_the_digest_travels_with_the_mail(digest: Digest, settings: Settings, port: int) -> None:
    """By it the provider's reports, and a receiver of a second copy, know it."""
    use_api(settings, port)
    with Provider(port=port) as provider:
        deliver()
        assert bytes(digest.handle).hex() in json.dumps(provider.accepted[0]["Metadata"])


@pytest.mark.parametrize("result", [SendResult.NOT_ACCEPTED, SendResult.REFUSED_MESSAGE, SendResult.AMBIGUOUS])
def test_an_answer_that_comes_after_another_worker_took_over_does_not_free_or_end_its_mail(
    digest: Digest, result: SendResult
) -> None:
    """The first worker stood still so long that its mail was declared uncertain, and an operator had it sent again."""
    first = Digest.objects.get(lease_token=taken_on(MORNING))
    batches.sweep(MORNING + timedelta(hours=1))
    Digest.objects.resend([digest.pk], MORNING + timedelta(hours=1))
    taken_on(MORNING + timedelta(hours=1))
    handover.record(first, Outcome(result, "It came late."), MORNING + timedelta(hours=1))
    digest.refresh_from_db()
    assert (digest.status, digest.attempts) == ("sending", 2)


def taken_on(at: datetime) -> UUID:
    """A worker has leased and claimed the one digest."""
    token = Digest.objects.lease_some(1, at, until=at + SOON)
    assert Digest.objects.claim(Digest.objects.get().pk, token, at)
    return token


def test_the_providers_report_settles_what_its_lost_answer_left_open(
    digest: Digest, settings: Settings, port: int
) -> None:
    use_api(settings, port)
    with Provider(port=port) as provider:
        provider.mode = "reset"
        assert deliver().status == UNCERTAIN
        assert live_on().status == UNCERTAIN
        assert (provider.calls, len(provider.accepted)) == (1, 1)
    settings.ANYMAIL |= anymail_of("postmark")
    report = Mail(recipient="ada@example.org", handle=bytes(digest.handle).hex())
    with time_machine.travel(report.at + SOON, tick=False):
        assert postmark("delivered", report).send() == 200
        events.process(lambda: report.at + SOON)
    digest.refresh_from_db()
    assert digest.status == SENT

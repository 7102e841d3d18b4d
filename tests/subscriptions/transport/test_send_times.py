"""How long the mail provider takes is counted for every mail, and told to Prometheus."""

import re
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from subscriptions.models import SendTime, Subscriber
from subscriptions.operations import metrics
from subscriptions.transport import send_times
from subscriptions.transport.send_times import LONGER
from tests.services import SmtpSink
from tests.subscriptions.conftest import deliver_due


@pytest.fixture
def histogram(monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, float]]:
    """What /metrics tells of it just now."""
    monkeypatch.setattr(metrics, "KEPT", -1.0)

    def read() -> dict[str, float]:
        rows = re.findall(r"^paper_round_send_seconds_(.+) (\S+)$", metrics.page().decode(), re.MULTILINE)
        return {name: float(value) for name, value in rows}

    return read


@pytest.mark.usefixtures("some_papers")
@pytest.mark.parametrize("answer", ["250 OK", "451 later"])
def test_each_mail_is_counted_whatever_the_server_answers(
    smtp_sink: SmtpSink,
    settings: Settings,
    make_subscriber: Callable[..., Subscriber],
    histogram: Callable[[], dict[str, float]],
    answer: str,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    smtp_sink.answer = answer
    for name in ("ada", "grace"):
        make_subscriber(f"{name}@example.org")
    deliver_due()
    told = histogram()
    [count] = [value for name, value in told.items() if name.startswith("count")]
    assert count == told[next(name for name in told if 'le="+Inf"' in name)]
    assert count == 2
    assert 0 < next(value for name, value in told.items() if name.startswith("sum")) < 60


@pytest.mark.django_db
def test_the_buckets_add_up_over_batches_and_processes(histogram: Callable[[], dict[str, float]]) -> None:
    for batch in ((0.04, 0.05, 0.0501), (0.7, 45.0)):
        for seconds in batch:
            send_times.note("Postmark", seconds)
        send_times.write()
    told = histogram()
    within = {bound: told[f'bucket{{le="{bound}",provider="Postmark"}}'] for bound in ("0.05", "0.1", "1.0", "+Inf")}
    assert within == {"0.05": 2, "0.1": 3, "1.0": 4, "+Inf": 5}
    assert told['sum{provider="Postmark"}'] == pytest.approx(45.8401)
    assert SendTime.objects.get(at_most_ms=LONGER).count == 1


@pytest.mark.django_db
def test_what_cannot_be_written_is_written_with_the_next_batch() -> None:
    def away(*_: object) -> None:
        raise OperationalError("the server has gone away")

    send_times.note("Postmark", 0.2)
    with connection.execute_wrapper(away):
        send_times.write()
    send_times.note("Postmark", 0.2)
    send_times.write()
    assert SendTime.objects.get().count == 2

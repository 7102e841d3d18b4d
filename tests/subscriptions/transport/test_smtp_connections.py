"""What a mail server means for a connection and what for a mail: who is called again, and what stays open behind."""

from collections.abc import Iterator

import pytest
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from subscriptions.providers.results import SendResult
from subscriptions.transport import sending
from subscriptions.transport.outcomes import Outcome
from tests.fakes.strict_smtp import StrictSmtp

pytestmark = pytest.mark.django_db  # where it is noted how long each mail takes
SENT, DEFERRED, NOT_ACCEPTED = SendResult.SENT, SendResult.DEFERRED, SendResult.NOT_ACCEPTED
GONE = "gone@example.org"


@pytest.fixture(params=["at once", "one by one"])
def server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[StrictSmtp]:
    with StrictSmtp() as server:
        if request.param == "one by one":
            server.manners.extensions.remove("PIPELINING")
        server.manners.refused[GONE] = "550 5.1.1 User unknown"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
        sending.hang_up()


def send(to: str = "ada@example.org", body: str = "Hello.") -> Outcome:
    message = EmailMultiAlternatives("A subject", body, "digest@example.org", [to])
    with sending.connection() as line:
        return sending.send(message, line, "key")


def results(*recipients: str) -> list[SendResult]:
    return [send(recipient).result for recipient in recipients]


def test_a_recipient_refused_after_a_reconnect_leaves_nothing_open(server: StrictSmtp) -> None:
    server.manners.hangs_up_after_mail = True
    assert results("a@example.org", GONE, "b@example.org") == [SENT, SendResult.REFUSED_ADDRESS, SENT]
    assert [taken.recipient for taken in server.taken] == ["a@example.org", "b@example.org"]


def test_many_refused_in_a_row_cost_a_new_connection_and_no_mail(server: StrictSmtp) -> None:
    """Postfix says goodbye after so many errors, at once and not to the next command."""
    server.manners.errors = 3
    assert results(*[GONE] * 7, "ada@example.org") == [*[SendResult.REFUSED_ADDRESS] * 7, SENT]


def test_before_a_server_loses_patience_with_errors_it_is_called_anew(server: StrictSmtp) -> None:
    """Postfix answers later and later from the tenth error on, until a mail is taken."""
    server.manners.errors = 10
    assert results(*[GONE] * 20, "ada@example.org") == [*[SendResult.REFUSED_ADDRESS] * 20, SENT]
    assert [server.words(number).count("rcpt") for number in (1, 2, 3)] == [8, 8, 5]
    assert server.words(1)[-1] == "quit"


def test_a_refused_recipient_is_one_error_and_not_two(server: StrictSmtp) -> None:
    send(GONE)
    assert server.words(1) == ["ehlo", "mail", "rcpt", "rset"]


@pytest.mark.parametrize("answer", ["452 4.5.3 Too many messages", "421 too many messages in this connection"])
def test_a_ration_of_mails_a_connection_is_no_outage(server: StrictSmtp, answer: str) -> None:
    server.manners.ration, server.manners.ration_answer = 3, answer
    assert results(*["ada@example.org"] * 10) == [SENT] * 10
    assert [taken.connection for taken in server.taken] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]


def test_what_is_refused_on_a_new_connection_too_is_judged(server: StrictSmtp) -> None:
    send()
    server.manners.ration, server.manners.ration_answer = 1, "452 4.3.1 Insufficient system storage"
    server.manners.largest, server.manners.size_answer = 0, "452 4.3.1 Insufficient system storage"
    assert (send().result, server.connections) == (NOT_ACCEPTED, 2)
    assert (send().result, server.connections) == (NOT_ACCEPTED, 2)


def test_a_server_that_tests_the_first_connection_gets_the_mail_over_the_second(server: StrictSmtp) -> None:
    """Postscreen's deep tests: it cannot hand on the connection on which a client passes them."""
    server.manners.tests_connections = 1
    assert results("a@example.org", "b@example.org") == [SENT, SENT]
    assert [taken.connection for taken in server.taken] == [2, 2]


def test_and_who_is_put_off_there_too_is_put_off_alone(server: StrictSmtp) -> None:
    server.manners.tests_connections = 2
    assert (send().result, server.connections) == (DEFERRED, 2)


def test_a_connection_carries_no_more_mails_than_it_is_set_to(server: StrictSmtp, settings: Settings) -> None:
    settings.SMTP_MESSAGES_PER_CONNECTION = 2
    assert results(*["ada@example.org"] * 5) == [SENT] * 5
    assert [taken.connection for taken in server.taken] == [1, 1, 2, 2, 3]
    assert server.words(1)[-1] == "quit"


def test_an_answer_to_the_whole_mail_may_take_longer_than_any_other(server: StrictSmtp, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT, server.manners.pace = 0.5, 1.0
    assert (send().result, len(server.taken)) == (SENT, 1)
    settings.SMTP_ANSWER_SECONDS = 0.2
    assert send().result == SendResult.AMBIGUOUS


@pytest.mark.parametrize("answer", ["hello?", "354 still here", "999 what"])
def test_an_answer_that_is_neither_yes_nor_no_leaves_it_open(server: StrictSmtp, answer: str) -> None:
    server.manners.final = answer
    assert send().result == SendResult.AMBIGUOUS
    server.manners.final = "250 Taken"
    assert send().result == SENT


@pytest.mark.parametrize("answer", ["454 4.7.0 TLS not available", "501 5.5.4 Syntax error"])
def test_who_will_not_encrypt_gets_no_mail_and_no_second_one_in_the_clear(
    server: StrictSmtp, settings: Settings, answer: str
) -> None:
    settings.EMAIL_USE_TLS = True
    server.manners.extensions.append("STARTTLS")
    server.manners.starttls = answer
    first = send()
    assert (first.result, send().result) == (NOT_ACCEPTED, NOT_ACCEPTED)
    assert answer[:3] in first.reason
    assert "mail" not in {word for _, word in server.said}


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("552 5.3.4 Message size exceeds fixed limit", SendResult.REFUSED_MESSAGE),
        ("552 Message size exceeds maximum permitted", SendResult.REFUSED_MESSAGE),
        ("552 5.2.3 Message size exceeds fixed maximum message size", SendResult.REFUSED_MESSAGE),
        ("552 5.7.1 Sender over quota", SendResult.MISCONFIGURED),
        ("550 5.7.1 Sender not allowed", SendResult.MISCONFIGURED),
        ("452 4.3.1 Insufficient system storage", NOT_ACCEPTED),
    ],
)
def test_a_size_that_is_refused_with_the_sender_is_about_this_mail(
    server: StrictSmtp, answer: str, result: SendResult
) -> None:
    server.manners.largest, server.manners.size_answer = 2_000, answer
    assert (send(body="long\n" * 1_000).result, send().result) == (result, SENT)


def test_any_refusal_of_a_sender_whose_mail_is_larger_than_announced_is_about_its_size(server: StrictSmtp) -> None:
    """Haraka says 550."""
    server.manners.extensions[-1] = "SIZE 2000"
    server.manners.largest, server.manners.size_answer = 2_000, "550 Message too big!"
    assert (send(body="long\n" * 1_000).result, send().result) == (SendResult.REFUSED_MESSAGE, SENT)
    server.manners.largest = 100
    assert send().result == SendResult.MISCONFIGURED

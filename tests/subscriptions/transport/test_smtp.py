"""One connection for many mails, to a server that takes commands one by one and to one that takes them at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from subscriptions.providers.results import SendResult
from subscriptions.transport import sending
from subscriptions.transport.outcomes import Outcome
from tests.services import SmtpSink

pytestmark = pytest.mark.django_db  # where it is noted how long each mail takes
GREETINGS: dict[str, list[str]] = {"one by one": [], "at once": ["250-PIPELINING"]}


class Server(SmtpSink):
    """Counts the sessions that brought a mail, and refuses the recipients it is told to."""

    def __init__(self, extensions: list[str]) -> None:
        super().__init__()
        self.extensions, self.sessions, self.refused = extensions, set(), {}  # type: ignore[var-annotated]
        self.hangs_up = False

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, host: str, said: list[str]) -> Any:
        session.host_name = host
        return [said[0], *self.extensions, *said[1:]]

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]) -> str:
        if to in self.refused:
            return str(self.refused[to])
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.sessions.add(session.peer)
        answer = await super().handle_DATA(server, session, envelope)
        if self.hangs_up:
            assert server.transport is not None
            server.loop.call_later(0, server.transport.close)
        return answer


@pytest.fixture(params=list(GREETINGS))
def server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Server]:
    with Server(GREETINGS[request.param]) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
        sending.hang_up()


def send(to: str = "ada@example.org", body: str = "Hello.") -> Outcome:
    message = EmailMultiAlternatives("A subject", body, "digest@example.org", [to])
    with sending.connection() as line:
        return sending.send(message, line, "key")


def test_many_mails_go_over_one_connection(server: Server) -> None:
    assert [send().result for _ in range(5)] == [SendResult.SENT] * 5
    assert (len(server.envelopes), len(server.sessions)) == (5, 1)


def test_a_server_that_hung_up_in_between_is_called_again(server: Server) -> None:
    server.hangs_up = True
    assert [send().result for _ in range(3)] == [SendResult.SENT] * 3
    assert (len(server.envelopes), len(server.sessions)) == (3, 3)


@pytest.mark.parametrize(
    ("answer", "result", "code"),
    [
        ("550 5.1.1 No such user", SendResult.REFUSED_ADDRESS, "5.1.1"),
        ("550 5.2.1 Mailbox disabled", SendResult.REFUSED_ADDRESS, "5.2.1"),
        ("554 5.7.1 Relay access denied", SendResult.REFUSED, "5.7.1"),
        ("550 5.1.8 Sender domain not found", SendResult.REFUSED, "5.1.8"),
        ("550 relay not permitted", SendResult.REFUSED, "550"),
        ("450 4.2.0 Come back later", SendResult.DEFERRED, "4.2.0"),
        ("450 4.3.2 Service currently unavailable", SendResult.DEFERRED, "4.3.2"),
        ("421 4.7.0 Too many errors", SendResult.NOT_ACCEPTED, "4.7.0"),
    ],
)
def test_a_refused_recipient_gets_nothing_and_the_next_one_does(
    server: Server, answer: str, result: SendResult, code: str
) -> None:
    server.refused["gone@example.org"] = answer
    outcome = send("gone@example.org")
    assert (outcome.result, outcome.code) == (result, code)
    assert send().result == SendResult.SENT
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [["ada@example.org"]]


@pytest.mark.parametrize("body", [".", "..", "a\n.\nb", ".a\n\n.b\n", "no end", "an end\n"])
def test_lines_that_begin_with_a_dot_arrive_as_they_are(server: Server, body: str) -> None:
    send(body=body)
    assert server.messages[0].get_content().splitlines() == body.splitlines()


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("554 5.7.1 no thanks", SendResult.REFUSED),
        ("554 not from this sender", SendResult.REFUSED),
        ("552 too large", SendResult.REFUSED_MESSAGE),
        ("552 5.2.2 mailbox full", SendResult.REFUSED),
        ("554 5.3.4 too large", SendResult.REFUSED_MESSAGE),
        ("550 5.6.0 broken MIME", SendResult.REFUSED_MESSAGE),
        ("451 4.7.1 later", SendResult.NOT_ACCEPTED),
        ("252 perhaps", SendResult.SENT),
    ],
)
def test_what_is_refused_after_the_message_says_nothing_of_the_address(
    server: Server, answer: str, result: SendResult
) -> None:
    server.answer = answer
    outcome = send()
    assert (outcome.result, outcome.code, outcome.at_recipient) == (result, "", False)


def test_a_reason_never_repeats_the_address(server: Server) -> None:
    server.refused["gone@example.org"] = "550 5.1.1 gone@example.org is unknown"
    assert "gone" not in send("gone@example.org").reason

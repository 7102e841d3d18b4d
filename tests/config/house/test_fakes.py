"""The fakes fail as they are told, and remember what they took over."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from tests.fakes.mail_servers import FaultySmtp
from tests.fakes.odds import Odds, accepted, write_odds
from tests.fakes.process import Fake
from tests.fakes.provider import Provider
from tests.processes import PATIENCE

NAME = "0123456789abcdef" * 2


def mail() -> EmailMessage:
    message = EmailMessage()
    message["To"], message["From"], message["Message-ID"] = "a@example.org", "b@example.org", f"<{NAME}@example.org>"
    message.set_content("Today\n.\nis a day")
    return message


def send(port: int, seconds: float = 10 * PATIENCE) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=seconds) as client:
        client.send_message(mail())


def test_a_mail_server_that_fails_at_a_stage_takes_nothing_and_answers_its_code() -> None:
    with FaultySmtp() as sink:
        for mode in [mode for mode in FaultySmtp.MODES if mode[-3:].isdigit()]:
            sink.mode = mode
            with pytest.raises(smtplib.SMTPException, match=mode[-3:]):
                send(sink.port)
        assert sink.accepted == []


@pytest.mark.parametrize(("mode", "taken"), [("drop before", 0), ("drop after", 1), ("hang", 1)])
def test_a_mail_server_can_leave_before_or_after_it_has_taken_the_mail(mode: str, taken: int) -> None:
    with FaultySmtp() as sink:
        sink.mode = mode
        with pytest.raises((smtplib.SMTPServerDisconnected, TimeoutError)):
            send(sink.port, *[0.5] * (mode == "hang"))
        assert len(sink.accepted) == taken


def test_several_mails_go_over_one_connection() -> None:
    with FaultySmtp() as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.send_message(mail())
        client.send_message(mail())
        assert len(sink.accepted) == 2


@pytest.mark.parametrize("where", ["header", "message"])
def test_a_provider_takes_a_message_with_a_key_only_once(provider: Provider, where: str) -> None:
    key = {"Idempotency-Key": NAME} if where == "header" else {}
    body = {"to": "a@example.org", "headers": {} if key else {"idempotencyKey": NAME}}
    url = f"{provider.settings('resend')['RESEND_API_URL']}emails"
    first, second = (requests.post(url, json=body, headers=key, timeout=10 * PATIENCE).json() for _ in range(2))
    assert first == second
    assert len(provider.accepted) == 1


def test_a_provider_can_close_a_connection_before_it_has_read_from_it(provider: Provider) -> None:
    provider.mode = "closed"
    with pytest.raises(requests.ConnectionError):
        requests.post(provider.anymail["POSTMARK_API_URL"], json={}, timeout=10 * PATIENCE)
    assert (provider.calls, provider.accepted) == (1, [])


def test_a_fake_with_a_process_of_its_own_knows_after_a_kill_what_it_took_over() -> None:
    fake = Fake("smtp", seed=1)
    try:
        for _ in range(2):
            fake.start()
            send(fake.port)
            fake.kill()
        assert accepted(fake.ledger) == {NAME: 2}
    finally:
        fake.remove()


def test_odds_can_change_at_any_time_and_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    file = tmp_path / "odds"
    write_odds(file, {"ok": 1, "hang": 1})
    first, second = Odds(file, 5), Odds(file, 5)
    drawn = [first.draw() for _ in range(20)]
    assert drawn == [second.draw() for _ in range(20)]
    assert set(drawn) == {"ok", "hang"}
    write_odds(file, {"hang": 1})
    assert first.draw() == "hang"

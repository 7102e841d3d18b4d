"""The services that tests stand on do what their names say."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import requests

from tests.processes import PATIENCE
from tests.services import PostgresServer, Provider, SmtpSink, fresh_database, made_once

MESSAGE = {"To": "reader@example.org", "Subject": "Papers"}


def post(provider: Provider, seconds: float = 10 * PATIENCE) -> requests.Response:
    return requests.post(provider.anymail["POSTMARK_API_URL"] + "email", json=MESSAGE, timeout=seconds)


def test_a_provider_takes_a_message_over_and_says_so(provider: Provider) -> None:
    assert post(provider).json()["Message"] == "OK"
    assert provider.accepted == [MESSAGE]


@pytest.mark.parametrize("mode", sorted(Provider.ERRORS))
def test_a_provider_that_answers_an_error_has_taken_nothing(provider: Provider, mode: str) -> None:
    provider.mode = mode
    assert post(provider).status_code >= 400
    assert (provider.calls, provider.accepted) == (1, [])


@pytest.mark.parametrize("mode", ["hang", "reset", "truncated"])
def test_a_provider_can_take_a_message_and_fail_to_say_so(provider: Provider, mode: str) -> None:
    provider.mode = mode
    with pytest.raises(requests.RequestException):
        post(provider, *[0.3] * (mode == "hang"))
    assert provider.accepted == [MESSAGE]


def test_a_provider_can_answer_nonsense(provider: Provider) -> None:
    provider.mode = "garbled"
    with pytest.raises(requests.JSONDecodeError):
        post(provider).json()
    assert provider.accepted == [MESSAGE]


def test_a_provider_that_was_stopped_refuses_connections(provider: Provider) -> None:
    provider.stop()
    with pytest.raises(requests.ConnectionError):
        post(provider)


def test_a_mail_server_keeps_the_bytes_of_what_it_took(smtp_sink: SmtpSink) -> None:
    message = EmailMessage()
    message["To"], message["From"], message["Subject"] = "reader@example.org", "digest@example.org", "Papers"
    message.set_content("Today")
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as client:
        client.send_message(message)
    assert b"\r\n\r\nToday\r\n" in smtp_sink.raw[0]
    assert smtp_sink.messages[0]["Subject"] == "Papers"


def test_a_postgres_database_is_fresh_each_time(postgres_server: PostgresServer) -> None:
    url = fresh_database(postgres_server, "papers")
    postgres_server.execute("CREATE TABLE paper (id int)", "papers")
    assert fresh_database(postgres_server, "papers") == url
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('paper')").fetchone() == (None,)


def test_postgres_can_be_killed_and_comes_back_with_its_data() -> None:
    server = PostgresServer(durable=True)
    try:
        server.start()
        url = fresh_database(server, "papers")
        server.execute("CREATE TABLE paper (id int)", "papers")
        server.kill()
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT to_regclass('paper')").fetchone() == ("paper",)
    finally:
        server.remove()


def test_a_browser_runs_scripts(chromium: object) -> None:
    page = chromium.new_page()  # type: ignore[attr-defined]
    page.set_content("<p id=answer></p><script>answer.textContent = 6 * 7</script>")
    assert page.inner_text("#answer") == "42"
    page.close()


def test_what_takes_long_to_make_is_made_once_and_whole(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(place: Path) -> None:
        made.append(place)
        place.write_text("whole")

    with ThreadPoolExecutor(4) as several:
        places = list(several.map(lambda _: made_once(f"{tmp_path.name}.txt", make), range(8)))
    assert len(made) == len(set(places)) == 1
    assert places[0].read_text() == "whole"
    assert not made[0].exists()


def test_what_could_not_be_made_is_made_by_the_next() -> None:
    def fail(place: Path) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        made_once("what fails first", fail)
    assert made_once("what fails first", Path.touch).exists()

"""What never stands in the log, in whatever part of a line somebody wrote it."""

import json
import logging
import smtplib
from typing import Any

import pytest
from django.urls import get_resolver, reverse
from hypothesis import given
from hypothesis import strategies as st

from config.log.format import JsonLines, Readable, use_secrets
from config.log.redaction import Redaction

ADDRESS, TOKEN = "ada.lovelace+papers@mail.example.org", "AbCdEfGhIjKlMnOpQrSt_-"
redact = Redaction(["a-key-of-this-site", {"token": "nested-secret"}, ["listed-secret"], "short", None])


@pytest.mark.parametrize(
    "text",
    [
        ADDRESS,
        f"<{ADDRESS}>",
        f'"Ada" <{ADDRESS}>',
        f"{{'{ADDRESS}': (550, b'5.1.1 <{ADDRESS}> unknown')}}",
        f"/subscribe/?email={ADDRESS.replace('@', '%40')}",
        "ädä@exämple.org",
        "o'neill@example.org",
        f"x={ADDRESS},y={ADDRESS};{ADDRESS}.",
        "\n" + ADDRESS + "\n",
    ],
)
def test_no_address(text: str) -> None:
    assert "[address]" in redact(text)
    assert not any(part in redact(text).lower() for part in ("lovelace", "example", "exämple", "neill"))


@pytest.mark.parametrize("page", ["u/{}", "preferences/{}/", "preferences/{}/erase/", "digests/{}/", "confirm/{}/"])
def test_no_token_of_a_page(page: str) -> None:
    path = "/" + page.format(TOKEN)
    assert TOKEN not in redact(f"Internal Server Error: {path}")
    assert TOKEN not in redact(f"https://papers.example.org{path}?x=1")
    assert redact(path).startswith("/" + page.partition("{")[0])


def test_no_token_of_any_route_that_has_one() -> None:
    """Also of one that is added later, and whatever its tokens look like."""
    names = [name for name in get_resolver().reverse_dict if isinstance(name, str) and takes_a_token(name)]
    assert len(names) > 8
    for name in names:
        path = reverse(name, args=["an-odd.token:here"])
        assert "odd" not in redact(f"GET {path} 200"), path


def takes_a_token(name: str) -> bool:
    return any(parameters == ["token"] for _, parameters in get_resolver().reverse_dict.getlist(name)[0][0])


@pytest.mark.parametrize("token", [TOKEN, TOKEN + ".7", TOKEN + ".7.1795000000"])
def test_no_token_of_a_page_that_we_have_not_thought_of(token: str) -> None:
    assert redact(f"GET /some-day/{token}/ 200") == "GET /some-day/[token]/ 200"


@pytest.mark.parametrize("page", ["/u/a:signed:one", "/address/x/take-back/", "/new-kind-of-page/" + TOKEN])
def test_no_token_of_another_form(page: str) -> None:
    assert "[token]" in redact(page)


@pytest.mark.parametrize("secret", ["a-key-of-this-site", "nested-secret", "listed-secret"])
def test_no_key(secret: str) -> None:
    assert redact(f"refused: {secret}!") == "refused: [secret]!"


@pytest.mark.parametrize(
    "text",
    [
        "Not Found: /papers/2606.01234/",
        'File "/srv/site/subscriptions/management/commands/serve_query_encoder.py", line 3, in handle',
        "celery@papers-1 ready.",
        "2026-11-28T12:00:00+00:00 GET /topics/ 200",
        "short words stay",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert redact(text) == text


def record(message: str, *args: object, error: BaseException | None = None, **extra: object) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("subscriptions.x", logging.ERROR, __file__, 1, message, args, info)
    made.__dict__.update(extra)
    return made


def caught(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as one:
        return one


def test_a_line_holds_its_fields_and_no_address_in_any_of_them() -> None:
    error = caught(smtplib.SMTPRecipientsRefused({ADDRESS: (550, f"<{ADDRESS}> unknown".encode())}))
    line = record("%s: %s", {"to": [ADDRESS]}, error, error=error, digest=7, run=3, event="digest_not_sent", to=ADDRESS)
    data = json.loads(JsonLines().format(line))
    assert data["time"].endswith("+00:00")
    assert {
        "level": "ERROR",
        "logger": "subscriptions.x",
        "digest": 7,
        "run": 3,
        "event": "digest_not_sent",
    }.items() <= data.items()
    assert data["error"] == "SMTPRecipientsRefused"
    assert data["traceback"].startswith("Traceback (most recent call last):")
    for text in (JsonLines().format(line), Readable().format(line)):
        assert "lovelace" not in text
        assert "example" not in text


def test_values_that_a_database_quotes_are_cut_off_but_not_what_led_to_the_error() -> None:
    first = caught(ValueError("duplicate key\nDETAIL:  Key (name)=(Ada\nLovelace) already exists."))
    text = JsonLines().format(record("failed", error=caught(RuntimeError("not stored"), first)))
    traceback = json.loads(text)["traceback"]
    assert "Lovelace" not in traceback
    assert "duplicate key [values]" in traceback
    assert traceback.endswith("RuntimeError: not stored")


def test_secrets_of_the_site_are_known_to_its_lines() -> None:
    use_secrets(["of-the-provider"])
    try:
        assert "of-the-provider" not in Readable().format(record("refused: %s", "of-the-provider"))
    finally:
        use_secrets([])


class Odd:
    def __repr__(self) -> str:
        return ADDRESS


@pytest.mark.parametrize("value", [Odd(), b"\xff", {1: Odd()}, [Odd()], {"a": {ADDRESS}}, float("inf")])
def test_any_value_makes_a_line(value: Any) -> None:
    assert "lovelace" not in JsonLines().format(record("odd", extra=value))


@given(st.text())
def test_redaction_takes_any_text_and_finds_nothing_a_second_time(text: str) -> None:
    once = redact(text)
    assert redact(once) == once

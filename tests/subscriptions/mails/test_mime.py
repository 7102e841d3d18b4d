import io
import quopri
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import BadHeaderError, EmailAlternative, EmailMultiAlternatives, get_connection
from hypothesis import example, given, settings, strategies

from subscriptions.mails import mime
from subscriptions.mails.mime import (
    DirectMessage,
    Ready,
    Wire,
    encoded_header,
    quoted,
    sender,
    unquoted,
    with_line_ends,
)
from tests.subscriptions.mails.letters import parsed, part

TEXT = strategies.text(strategies.characters(exclude_categories=["Cs"]), max_size=300)
SENT_AT = datetime(2026, 6, 30, 8, 0, tzinfo=UTC)
HEADERS = {
    "Message-ID": "<0123456789abcdef0123456789abcdef@example.org>",
    "List-Unsubscribe": "<https://papers.example.org/u/0123456789abcdefghijkl>",
    "List-Id": "Pápér Round <digest.example.org>",
}


def letter(kind: type[EmailMultiAlternatives] = DirectMessage, **fields: Any) -> Any:
    known = {
        "subject": "Three papers – and “more” 🦉 of them, in a line that is longer than one of a header may be",
        "body": "Words – of ten\n\n.\nFrom here = there\n" + "long " * 50 + "\nüber\n",
        "from_email": "Päper Round <digest@example.org>",
        "to": ["ada@example.org"],
        "reply_to": ["Help <help@example.org>"],
        "headers": dict(HEADERS),
    }
    message = kind(**known | fields)
    message.attach_alternative("<p>Words – of ten</p>\n" + "<p>x</p>" * 300 + "</html>", "text/html")
    return message


def test_what_is_built_directly_reads_as_what_django_builds() -> None:
    ours = parsed(letter().message().as_bytes())
    djangos = parsed(letter(EmailMultiAlternatives).message().as_bytes())
    for kind in ("plain", "html"):
        assert part(ours, kind) == part(djangos, kind)
    names = {name for name in set(djangos.keys()) if name not in ("Content-Type", "Date")}
    assert {name: str(ours[name]).strip() for name in names} == {name: str(djangos[name]).strip() for name in names}
    assert [one.get_content_type() for one in ours.walk()] == [one.get_content_type() for one in djangos.walk()]
    assert ours.defects == []


def test_the_bytes_are_ascii_in_short_lines_and_the_same_every_time() -> None:
    message = letter()
    message.sent_at = SENT_AT
    raw = message.message().as_bytes()
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 76
    assert raw == message.message().as_bytes()
    assert parsed(raw)["Date"].datetime == SENT_AT


def test_parts_that_somebody_changed_are_encoded_anew() -> None:
    message = letter()
    message.made_of(Ready(quoted("old\n"), b"<p>old</p>\r\n", is_easy=True))
    assert (message.body, message.html) == ("old\n", "<p>old</p>\n")
    message.body, message.alternatives = "new\n", [EmailAlternative("<p>new</p>\n", "text/html")]
    wire = parsed(message.message().as_bytes())
    assert (part(wire, "plain"), part(wire, "html")) == ("new\n", "<p>new</p>\n")


def test_parts_that_are_ready_go_as_they_are_and_read_as_what_they_were_made_of() -> None:
    message, html = letter(), "<p>Words &#8211; of ten</p>\n" * 30
    text = str(message.body)
    ready = Ready(quoted(text), with_line_ends(html), is_easy=True)
    message.made_of(ready).sent_at = SENT_AT
    raw = message.message().as_bytes()
    assert ready.text in raw
    assert ready.html in raw
    assert (message.body, message.html) == (text, html)
    assert message.message().as_bytes() == raw


@given(strategies.lists(TEXT))
@example(["a" * 75, "b" * 76, " ", "=", "x\n", ".", "\n", "é" * 30])
def test_pieces_that_are_encoded_one_by_one_join_to_the_whole(pieces: list[str]) -> None:
    pieces = [piece.replace("\r", "") for piece in pieces]
    wire = b"".join(map(quoted, pieces))
    assert wire.isascii()
    assert all(len(line) <= 76 for line in wire.split(b"\r\n"))
    assert quopri.decodestring(wire.replace(b"\r\n", b"\n")).decode() == "".join(pieces)
    assert unquoted(wire) == "".join(pieces)


@given(name=strategies.sampled_from(["Subject", "List-Id", "X-Anything"]), value=TEXT)
@example(name="Subject", value="=?utf-8?q?evil?=")
@example(name="Subject", value="a" * 75 + " " + "b" * 60)
def test_a_header_is_refused_or_is_ascii_that_reads_as_what_was_meant(name: str, value: str) -> None:
    try:
        encoded = encoded_header(name, value)
    except BadHeaderError:
        assert mime.CONTROL.search(value)
        return
    assert encoded.isascii()
    assert re.fullmatch(r"[ -~]*(\r\n [ -~]*)*", encoded)
    assert all(len(line) <= 76 for line in f"{name}: {encoded}".split("\r\n")) or " " not in value.strip()
    if not value.isascii() or "=?" in value:
        assert str(make_header(decode_header(encoded.replace("\r\n", "")))).split() == value.split()
    else:
        assert encoded.replace("\r\n", "").lstrip() == value.lstrip()


INJECTIONS = ["a\r\nBcc: b@example.org", "a\nBcc: b@example.org", "a\rb", "a\x00b", "a\x0bb", "a\x85b", "a\u2028b"]


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize("field", ["subject", "from_email", "to", "reply_to", "headers"])
def test_no_control_character_reaches_a_header(field: str, value: str) -> None:
    given: Any = {"to": [f"{value}@example.org"], "reply_to": [value], "headers": {"List-Id": value}}.get(field, value)
    with pytest.raises(BadHeaderError):
        letter(**{field: given}).message()


def test_no_control_character_reaches_the_name_of_a_header_or_one_that_is_added_later() -> None:
    with pytest.raises(BadHeaderError):
        letter(headers={"X-A\r\nBcc": "b"}).message()
    with pytest.raises(BadHeaderError):
        letter().message()["X-Metadata"] = "a\r\nb: c"


@given(TEXT)
@settings(max_examples=200)
def test_a_senders_name_is_short_and_has_nothing_that_means_something_in_an_address(name: str) -> None:
    header = encoded_header("From", sender(f"{name} <digest@example.org>"))
    assert header.isascii()
    shown, address = mime.name_and_address(str(make_header(decode_header(header.replace("\r\n", "")))))
    assert address == "digest@example.org"
    assert len(shown) <= mime.NAME_LENGTH
    assert not mime.MEANS_MORE.search(shown)


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ('Eve, "x" @:; <digest@example.org>', "Eve x <digest@example.org>"),
        ("arXiv.news <digest@example.org>", '"arXiv.news" <digest@example.org>'),
        ("digest@bücher.example", "digest@xn--bcher-kva.example"),
        ("digest@faß.example", "digest@xn--fa-hia.example"),
        ("digest@example.org", "digest@example.org"),
    ],
)
def test_a_sender_is_written_as_mail_programs_read_it(given: str, header: str) -> None:
    assert encoded_header("From", sender(given)) == header


def test_an_address_that_ascii_cannot_write_is_refused() -> None:
    with pytest.raises(BadHeaderError, match="ASCII"):
        letter(to=["müller@example.org"]).message()


def test_what_a_direct_message_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="one recipient"):
        letter(to=["a@example.org", "b@example.org"]).message()


def through(backend: str, message: DirectMessage, **options: Any) -> None:
    with get_connection(f"django.core.mail.backends.{backend}.EmailBackend", **options) as connection:
        connection.send_messages([message])


def test_every_backend_of_django_sends_the_same(tmp_path: Path, smtp_sink: Any) -> None:
    message, console = letter(), io.StringIO()
    message.sent_at = SENT_AT
    through("console", message, stream=console)
    through("filebased", message, file_path=str(tmp_path))
    through("locmem", message)
    through("smtp", message, host="127.0.0.1", port=smtp_sink.port)
    [file] = tmp_path.iterdir()
    raw = message.message().as_bytes()
    assert smtp_sink.raw == [raw]
    assert smtp_sink.envelopes[0].rcpt_tos == ["ada@example.org"]
    assert mail.outbox[-1].message().as_bytes() == raw
    assert file.read_bytes().startswith(raw)
    assert raw.decode().split() == console.getvalue().split()[: len(raw.split())]


def test_a_message_can_be_read_as_text_with_the_line_ends_of_this_machine() -> None:
    text = letter().message().as_string()
    assert "\r" not in text
    assert parsed(text.encode())["To"] == "ada@example.org"


def test_a_provider_may_look_into_what_is_built_and_add_headers() -> None:
    wire: Wire = letter().message()
    assert [one["Content-Transfer-Encoding"] for one in wire.walk()] == [None]
    wire["X-Metadata"] = '{"digest": "0123"}'
    assert b'\r\nX-Metadata: {"digest": "0123"}\r\n' in wire.as_bytes()


def test_a_message_without_an_id_gets_one_of_the_senders_domain() -> None:
    made: Callable[[], Any] = lambda: parsed(letter(headers={}).message().as_bytes())["Message-ID"]  # noqa: E731
    assert re.fullmatch(r"<[^@]+@example\.org>", str(made()).strip())
    assert str(made()) != str(made())

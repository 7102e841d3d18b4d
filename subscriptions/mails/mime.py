"""Build mails as bytes, directly: 7-bit throughout, the same for every attempt, and many times faster.

A message is a Django message in all that backends look at (subject, body, alternatives, extra_headers, from_email, to),
so that those that hand a mail to a provider's API send the same thing as those that put it on the wire.
"""

import binascii
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email.header import Header
from email.message import Message
from email.policy import Policy
from email.utils import format_datetime, formatdate, make_msgid
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Self

from django.core.mail import BadHeaderError, EmailAlternative, EmailMultiAlternatives

from subscriptions.mails.typesetting import one_line, wrapped
from subscriptions.people.addresses import ascii_domain, is_plain

NAME_LENGTH = 75  # characters of a display name
LINE, LONGEST = 76, 998
ON_ONE_LINE = frozenset({"list-unsubscribe", "list-unsubscribe-post"})  # some providers read no second line
ADDRESSES = frozenset({"from", "to", "reply-to"})
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ASCII_LINE = re.compile(r"[ -~]*")
USUAL = frozenset({"Message-ID", "List-Unsubscribe"})  # each mail's own, and mostly of one plain word
AS_IT_IS = re.compile(r"[!-<>-~]*")
MEANS_MORE = re.compile(r'[()<>@,:;"\[\]\\]')


class Ready(NamedTuple):
    """Both parts of a mail as they go over the wire."""

    text: bytes  # quoted-printable
    html: bytes  # with the line ends of mail
    is_easy: bool  # the HTML can go as it is: its lines are short, and none begins with "From "


class DirectMessage(EmailMultiAlternatives):
    """A text and an HTML of the same content to one address, whose message() is built without a tree of objects.

    Where it is made of parts that are ready, text and HTML are read back from them for whoever asks.
    """

    sent_at: datetime | None = None
    ready: Ready | None = None

    def made_of(self, ready: Ready) -> Self:
        """Take text and HTML from these parts."""
        self.ready = ready
        vars(self).pop("body", None)
        vars(self).pop("alternatives", None)
        return self

    @cached_property
    def body(self) -> str:  # type: ignore[override]
        return unquoted(self.ready.text) if self.ready else ""

    @cached_property
    def alternatives(self) -> list[EmailAlternative]:  # type: ignore[override]
        return [EmailAlternative(_html_of(self.ready), "text/html")] if self.ready else []

    @property
    def html(self) -> str:
        return str(self.alternatives[0][0])

    def message(self, *, policy: Policy | None = None) -> Any:
        """Return the message; raise BadHeaderError for a control character or an address that ASCII cannot write."""
        if self.attachments or self.cc or self.bcc or len(self.to) != 1 or not self._has_both_parts():
            raise ValueError("A direct message has a text, an HTML part and one recipient, and nothing else.")
        boundary = _boundary(str(self.extra_headers.get("Message-ID", self.subject)))
        wire = Wire(_both_parts(self.quoted_text(), self._html_on_the_wire(), boundary))
        wire.add("Content-Type", _content_type(boundary))
        wire.add("MIME-Version", "1.0")
        for name, value in self._headers():
            wire[name] = value
        return wire

    def _has_both_parts(self) -> bool:
        return "alternatives" not in vars(self) or len(self.alternatives) == 1

    def _headers(self) -> Iterator[tuple[str, str]]:
        own = {
            "Subject": str(self.subject),
            "From": str(self.from_email),
            "To": str(self.to[0]),
            "Reply-To": str(self.reply_to[0]) if self.reply_to else "",
            "Date": _date(self.sent_at) if self.sent_at else formatdate(),
        }
        given = {name.lower() for name in self.extra_headers}
        yield from ((name, value) for name, value in own.items() if value and name.lower() not in given)
        if "message-id" not in given:
            yield "Message-ID", make_msgid(domain=str(self.from_email).rpartition("@")[2].strip("> "))
        yield from ((name, str(value)) for name, value in self.extra_headers.items())

    def quoted_text(self) -> bytes:
        """Return the text encoded, as it was made if nobody has changed it since."""
        if self.ready and ("body" not in vars(self) or self.body == unquoted(self.ready.text)):
            return self.ready.text
        return quoted(str(self.body))

    def _html_on_the_wire(self) -> tuple[bytes, bytes]:
        """Return an encoding and the encoded HTML."""
        if self.ready and self.ready.is_easy and "alternatives" not in vars(self):
            return b"7bit", self.ready.html
        return html_on_the_wire(self.html)


class Wire(Message):
    """A mail whose body is ready; headers can still be added, each checked and encoded as it comes."""

    _headers: list[tuple[str, str]]

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body

    def __setitem__(self, name: str, value: Any) -> None:
        self.add(name, encoded_header(name, str(value)))

    def add(self, name: str, encoded: str) -> None:
        """Add a header whose value is encoded already."""
        self._headers.append((name, encoded))

    def as_bytes(self, unixfrom: bool = False, policy: Policy | None = None, linesep: str = "\r\n") -> bytes:
        head = "".join([f"{name}: {value}\r\n" for name, value in self._headers])
        whole = b"%s\r\n%s" % (head.encode("ascii"), self.body)
        return whole if linesep == "\r\n" else whole.replace(b"\r\n", linesep.encode())

    def as_string(
        self, unixfrom: bool = False, maxheaderlen: int = 0, policy: Policy | None = None, linesep: str = "\n"
    ) -> str:
        return self.as_bytes(linesep=linesep).decode("ascii")


def quoted(text: str) -> bytes:
    """Encode as quoted-printable with CRLF, in lines of 76, ending where the text ends: encoded pieces can be joined.

    A piece that does not end with its line ends with a soft break, so that the next one begins at the left edge.
    """
    data = text.replace("\r", "").encode()
    if not data:
        return b""
    if data.endswith(b"\n"):
        return binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    # The equals sign stands for the soft break while lines are measured, and takes more room than it.
    return (binascii.b2a_qp(data + b"=", istext=True)[:-3] + b"=\n").replace(b"\n", b"\r\n")


def unquoted(wire: bytes) -> str:
    """Return the text that was encoded, in one piece or in several, without carriage returns."""
    return binascii.a2b_qp(wire.replace(b"\r\n", b"\n")).decode()


def with_line_ends(html: str) -> bytes:
    """Return ASCII with the line ends of mail."""
    return html.replace("\n", "\r\n").encode("ascii")


def _html_of(ready: Ready) -> str:
    return ready.html.decode("ascii").replace("\r\n", "\n")


def _boundary(seed: str) -> str:
    """Return a boundary, the same for every attempt; "=_" never stands in quoted-printable text."""
    return f"=_{hashlib.sha256(seed.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _content_type(boundary: str) -> str:
    return f'multipart/alternative;\r\n boundary="{boundary}"'


_date = lru_cache(maxsize=4)(format_datetime)


def _both_parts(text: bytes, html: tuple[bytes, bytes], boundary: str) -> bytes:
    edge = boundary.encode("ascii")
    head = b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: %s\r\n\r\n'
    encoding, body = html
    plain = head % (b"plain", b"quoted-printable")
    # The line break before an edge belongs to the edge.
    parts = (b"--%s\r\n" % edge, plain, text, b"\r\n--%s\r\n" % edge, head % (b"html", encoding), body)
    return b"".join([*parts, b"\r\n--%s--\r\n" % edge])


def html_on_the_wire(html: str) -> tuple[bytes, bytes]:
    """Return an encoding and the encoded HTML: as it is where it is ASCII in lines that mail may have.

    A line that begins with "From " is changed by some servers, which breaks signatures.
    """
    if not html.isascii() or "\r" in html or not _has_short_lines(html):
        return b"quoted-printable", quoted(html)
    return b"7bit", with_line_ends(html.replace("\nFrom ", "\n&#70;rom "))


def _has_short_lines(text: str) -> bool:
    """Tell whether each line is shorter than mail allows; looks at one end of a line in a thousand characters."""
    start, room = 0, LONGEST - 2
    while len(text) - start > room:
        end = text.rfind("\n", start, start + room)
        if end < 0:
            return False
        start = end + 1
    return True


def encoded_header(name: str, value: str) -> str:
    """Return the value in ASCII, folded where it can be; raise BadHeaderError for control characters, endless words."""
    if len(name) + len(value) <= LINE - 2 and (
        AS_IT_IS.fullmatch(value) if name in USUAL else name == "To" and is_plain(value)
    ):
        return value
    return _encoded_header(name, value)


@lru_cache(maxsize=1024)
def _encoded_header(name: str, value: str) -> str:
    if CONTROL.search(name) or CONTROL.search(value):
        raise BadHeaderError(f"Header values can't contain control characters (got {value[:200]!r} for {name!r}).")
    if name.lower() in ADDRESSES:
        value = _address(value)
    elif not ASCII_LINE.fullmatch(value) or "=?" in value:
        return _encoded_words(name, value)
    if len(name) + 2 + len(value) <= LINE:
        return value
    if name.lower() in ON_ONE_LINE:  # a link is never broken; at most it begins on the next line
        return f"\r\n {value}" if len(value) < LINE else value
    first, *others = wrapped(f"{name}: {value}", LINE).split("\n")
    if max(map(len, (first, *others))) >= LONGEST:
        raise BadHeaderError(f"A word of the header {name} is too long for a line ({value[:60]!r}…).")
    return "\r\n ".join([first[len(name) + 2 :], *others])


@lru_cache(maxsize=1024)
def _encoded_words(name: str, value: str) -> str:
    return Header(value, "utf-8", header_name=name, maxlinelen=LINE - 1).encode(linesep="\r\n")


@lru_cache(maxsize=256)
def _address(value: str) -> str:
    """Return an address with or without a name, in ASCII; a domain in other letters is written as DNS knows it."""
    if is_plain(value):
        return value
    name, address = name_and_address(value)
    local, at, domain = address.rpartition("@")
    if not at or not local.isascii():
        raise BadHeaderError(f"{value!r} cannot be written as an e-mail address in ASCII.")
    return _named(name if name.isascii() else _encoded_words("From", name), f"{local}@{ascii_domain(domain)}")


def name_and_address(value: str) -> tuple[str, str]:
    """Split 'Name <address>', or an address alone; all before the last bracket is the name."""
    name, _, address = value.rpartition("<")
    return name.strip(' "'), address.removesuffix(">").strip()


def _named(name: str, address: str) -> str:
    if not name:
        return address
    return f'"{name}" <{address}>' if "." in name else f"{name} <{address}>"


@lru_cache(maxsize=64)
def sender(value: str) -> str:
    """Return the same address, with a name of at most 75 characters and without those that mean something in one."""
    name, address = name_and_address(one_line(value))
    return _named(sender_name(name), address)


def sender_name(name: str) -> str:
    return one_line(MEANS_MORE.sub(" ", name))[:NAME_LENGTH].strip()

"""Mails as files, and one line for each day of each reader."""

from collections.abc import Sequence
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

from django.core.mail import EmailMessage

from subscriptions.mails.mime import DirectMessage
from subscriptions.models import DeliveryStatus, Digest, Role
from tests.fortnight import readers

HEADINGS = {"h1", "h2", "h3"}


def write(folder: Path, day: date, mails: Sequence[EmailMessage]) -> None:
    """Write the mails of a day, and beside them what became of each reader's digest."""
    by_address = {message.to[0]: message for message in mails}
    for number in range(readers.ENGINEER, readers.NEWCOMER + 1):
        place = folder / f"reader-{number}"
        place.mkdir(parents=True, exist_ok=True)
        for file in place.glob(f"{day}.*"):
            file.unlink()
        message = by_address.get(readers.address(number))
        if isinstance(message, DirectMessage):
            (place / f"{day}.eml").write_bytes(message.message().as_bytes())
            (place / f"{day}.html").write_text(message.html)
            (place / f"{day}.txt").write_text(f"Subject: {message.subject}\n\n{message.body}")
        (place / f"{day}.line").write_text(_line(number, day, message))


def sum_up(folder: Path) -> None:
    """Put all lines into one file."""
    lines = [file.read_text() for file in sorted(folder.glob("reader-*/*.line"))]
    (folder / "index.txt").write_text("\n".join([*lines, ""]))


def _line(number: int, day: date, message: EmailMessage | None) -> str:
    digest = Digest.objects.filter(subscriber=readers.person(number), local_date=day).first()
    start = f"reader-{number} {day:%a %Y-%m-%d}"
    if digest is None:
        return f"{start} no digest planned"
    if digest.status != DeliveryStatus.SENT or not isinstance(message, DirectMessage):
        return f"{start} {digest.status} ({digest.reason_label or digest.reason})"
    roles = {role: digest.items.filter(role=role).count() for role in Role}
    papers = ", ".join(f"{count} {role}" for role, count in roles.items() if count)
    size = f"{len(message.message().as_bytes()):,} bytes, html {len(message.html.encode()):,}"
    return f"{start} sent: {papers}; {size}, text {len(str(message.body).encode()):,}; {headings(message.html)}"


def headings(html: str) -> str:
    """Return what the headings of a mail say."""
    reader = _Headings()
    reader.feed(html)
    return " | ".join(" ".join(words.split()) for words in reader.found)


class _Headings(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HEADINGS:
            self.inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in HEADINGS

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data

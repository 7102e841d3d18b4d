"""The mailbox of development: mails as files in var/mailbox instead of on the wire."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import time_ns

from django.conf import settings
from django.core.mail import EmailMessage as OutgoingMessage
from django.core.mail.backends.base import BaseEmailBackend

NAME = re.compile(r"[0-9]{19,20}-[0-9a-f]{32}")


class MailboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[OutgoingMessage]) -> int:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            path = folder / f"{time_ns()}-{uuid.uuid4().hex}.eml"
            unfinished = path.with_suffix(".unfinished")
            unfinished.write_bytes(message.message().as_bytes())
            unfinished.rename(path)
        return len(email_messages)


@dataclass(frozen=True, slots=True)
class Mail:
    id: str
    raw: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def sender(self) -> str:
        return str(self.message["From"])

    @property
    def date(self) -> datetime:
        return parsedate_to_datetime(str(self.message["Date"]))

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        return str(body.get_content()) if body else ""


def mails() -> list[Mail]:
    """Return the mails, the newest first, without what a full disk or a power failure left of some."""
    found = [_read(path) for path in sorted(_folder().glob("*.eml"), reverse=True)]
    return [mail for mail in found if mail.message["Date"]]


def mail(name: str) -> Mail | None:
    path = _folder() / f"{name}.eml"
    return _read(path) if NAME.fullmatch(name) and path.exists() else None


def _folder() -> Path:
    return Path(settings.MAILBOX_DIR)


def _read(path: Path) -> Mail:
    raw = path.read_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    return Mail(id=path.stem, raw=raw.decode("utf-8", "replace"), message=message)

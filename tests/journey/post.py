"""A reader's mailbox: what a real mail server took for one address."""

from email.message import EmailMessage

from tests.services import SmtpSink, eventually


class Post:
    def __init__(self, server: SmtpSink, address: str) -> None:
        self._server, self.address = server, address

    def mail(self, subject: str) -> EmailMessage:
        """Wait for a mail whose subject has these words, and return the newest one."""
        return eventually(lambda: self._newest(subject), 30, lambda: f"no mail “{subject}” for {self.address}")

    def _newest(self, subject: str) -> EmailMessage | None:
        mine = [mail for mail in self._server.messages if mail["To"] == self.address]
        return next((mail for mail in reversed(mine) if subject in mail["Subject"]), None)


def as_page(mail: EmailMessage) -> str:
    """Return the part that mail programs show."""
    part = mail.get_body(("html",))
    assert part
    return str(part.get_content())

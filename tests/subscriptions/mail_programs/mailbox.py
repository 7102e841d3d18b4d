"""A reader's mailbox, kept by Dovecot: webmails open it, and tests put mails there as mail programs do, by IMAP."""

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from tests.subscriptions.mail_programs.overlaid import Overlaid

NAME, PASSWORD = "ada", "loopback"
SETTINGS = """
base_dir = /run/dovecot
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
mail_location = maildir:{mails}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={mails}
}}
"""


class Mailbox(Overlaid):
    """One mailbox, whatever name one signs in with."""

    name = "dovecot"

    def __init__(self) -> None:
        super().__init__()
        settings = SETTINGS.format(mails=self.own("mails"), port=self.port, password=PASSWORD)
        self.settings = self.write("dovecot.conf", settings)

    def steps(self) -> str:
        return f"dovecot -c '{self.settings}' -F"

    def deliver(self, raw: bytes) -> int:
        """Put a mail into the inbox, and return its number there."""
        with self._signed_in() as client:
            _, said = client.append("INBOX", "", "", raw)
        [number] = re.findall(rb"APPENDUID \d+ (\d+)", said[0])
        return int(number)

    @contextmanager
    def _signed_in(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=30) as client:
            client.login(NAME, PASSWORD)
            yield client

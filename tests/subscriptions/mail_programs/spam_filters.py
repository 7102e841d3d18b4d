"""SpamAssassin and rspamd as their packages bring them, without the network: what they think of mails alone."""

import json
import mailbox
import re
from collections.abc import Iterable
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.processes import PATIENCE
from tests.subscriptions.mail_programs.letters import Letter
from tests.subscriptions.mail_programs.overlaid import Overlaid, run_laid_over, unpacked

SCORE = re.compile(r"\bscore=(-?[\d.]+)")
TESTS = re.compile(r"\btests=([\w,\s]*?)\s+\w+=")


def spamassassin(letters: Iterable[Letter], scratch: Path) -> dict[str, tuple[float, str]]:
    """Score and names of the tests that struck, by a mail's name; without tests that ask others."""
    program = unpacked("spamassassin", needed=True)
    box = mailbox.mbox(scratch / "mails")
    names = []
    for letter in letters:
        box.add(message_from_bytes(letter.raw))
        names.append(letter.name)
    box.close()
    run_laid_over(program, scratch, 'export HOME="$PWD" LANG=C; spamassassin --local --mbox < mails > judged')
    judged = mailbox.mbox(scratch / "judged")
    statuses = [str(mail["X-Spam-Status"]) for mail in judged]
    judged.close()
    return {name: _judged(status) for name, status in zip(names, statuses, strict=True)}


def _judged(status: str) -> tuple[float, str]:
    [score], [tests] = SCORE.findall(status), TESTS.findall(status)
    return float(score), re.sub(r"\s", "", tests)


OPTIONS = {
    "logging": 'type = "console"; level = "warning";',
    "worker-normal": 'bind_socket = "127.0.0.1:{port}"; count = 1;',
    "worker-controller": "enabled = false;",
    "worker-proxy": "enabled = false;",
    "worker-fuzzy": "enabled = false;",
    "options": 'dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }}',
}


class Rspamd(Overlaid):
    """Judges each mail by its content; whom it asks on the network does not answer."""

    name, is_needed = "rspamd", False  # it compiles its rules at each start, for half a minute

    def __init__(self) -> None:
        super().__init__()
        self.own("local.d")
        for name, text in OPTIONS.items():
            self.write(f"local.d/{name}.inc", text.format(port=self.port) + "\n")

    def steps(self) -> str:
        return f"""
            cp '{self.folder}'/local.d/* /etc/rspamd/local.d/
            mkdir -p /run/rspamd /var/lib/rspamd /var/log/rspamd
            chown -R nobody:nogroup /run/rspamd /var/lib/rspamd /var/log/rspamd
            rspamd -f -u nobody -g nogroup
        """

    def judge(self, letter: Letter) -> dict[str, float]:
        """Points by the name of each rule that struck."""
        url = f"http://127.0.0.1:{self.port}/checkv2"
        with urlopen(Request(url, letter.raw), timeout=30 * PATIENCE) as answer:
            said: dict[str, Any] = json.load(answer)
        return {name: symbol["score"] for name, symbol in said["symbols"].items()}

"""Haraka as npm brings it, with a few lines of its own language for what tests want refused."""

import re
import shutil

from tests.processes import missing
from tests.subscriptions.mail_servers.private import HOST, LARGEST, MailServer

RULES = """
    'use strict'
    exports.hook_rcpt = (next, connection, params) => {
        const name = params[0].user
        if (name.startsWith('gone')) return next(DENY, 'I cannot deliver mail for this one')
        if (name.startsWith('later')) return next(DENYSOFT, 'Come again')
        connection.transaction.notes.slow = name === 'slow'
        next(OK)
    }
    exports.hook_data_post = (next, connection) => {
        setTimeout(next, connection.transaction.notes.slow ? 4000 : 0)
    }
"""


class Haraka(MailServer):
    """Asks the next server before it answers: what it took is there."""

    name = "haraka"

    def __init__(self, destination: int) -> None:
        self.node = shutil.which("node") or missing("node", "Node.js 20 or newer for Haraka")
        super().__init__(destination)

    def command(self) -> list[str]:
        haraka = self.program / "node_modules/Haraka/bin/haraka"
        return ["setpriv", "--pdeathsig", "KILL", self.node, str(haraka), "-c", str(self.folder)]

    def configure(self) -> None:
        shutil.copytree(self.program / "node_modules/Haraka/config", self.folder / "config")
        self.write("config/smtp.ini", f"listen=127.0.0.1:{self.port}\nnodes=0\n[main]\n")
        self.write("config/me", f"{HOST}\n")
        limits = self.folder / "config/connection.ini"
        limits.write_text(re.sub(r"(?m)^bytes=.*", f"bytes={LARGEST}", limits.read_text()))
        self.write("config/plugins", "rules\nqueue/smtp_forward\n")
        self.write("config/smtp_forward.ini", f"host=127.0.0.1\nport={self.destination}\nenable_outbound=false\n")
        self.write("plugins/rules.js", RULES)

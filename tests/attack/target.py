"""What is attacked: all processes of the Procfile with the settings of production, on the loopback."""

import os
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Self

from tests.attack.http import SITE
from tests.services import PostgresServer, RedisServer, SmtpSink, fresh_database
from tests.stack import PROCFILE, Stack

UPLOADERS = 5
# Some readers of whom the attacker is one.
MAKE_READERS = f"""
from datetime import timedelta
from django.utils.timezone import now
from subscriptions.people import tokens
from subscriptions.people.addresses import address_hash
from subscriptions.models import Subscriber, SubscriberStatus
for number in range({UPLOADERS}):
    email = f"uploader{{number}}@example.org"
    since = {{"confirmed_at": now(), "created_at": now(), "next_digest_at": now() + timedelta(days=1)}}
    person = Subscriber.objects.create(
        email=email, address_hash=address_hash(email), status=SubscriberStatus.ACTIVE, **since
    )
    print("token", tokens.make(tokens.Purpose.PREFERENCES, person.handle))
"""
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
SETTINGS = {
    "DEBUG": "false",
    "SECRET_KEY": "a long and random secret of the attack, which nobody uses anywhere else",
    "ALLOWED_HOSTS": f"{SITE},127.0.0.1",
    "SITE_URL": f"https://{SITE}",
    "TRUSTED_PROXIES": "1",
    "INSTANCE_ID": "attacked",
    "DIGEST_FROM": "Paper Round <digest@example.org>",
    "ACCOUNT_FROM": "Paper Round <hello@example.org>",
    "SOURCE_PAUSE": "0",
    # Nothing is reached beyond this machine.
    **dict.fromkeys(
        ("HUGGINGFACE_URL", "ARXIV_RSS_URL", "ARXIV_OAI_URL", "ARXIV_API_URL", "GITHUB_API_URL"), "http://127.0.0.1:9"
    ),
}


class AttackedStack(Stack):
    """The web server has a folder for temporary files of its own: what is in it came from its clients."""

    def __init__(self, temporary: Path, **environment: str) -> None:
        super().__init__(**environment)
        self.temporary = temporary

    def command(self, name: str) -> str:
        return (f"TMPDIR={self.temporary} " if name == "web" else "") + super().command(name)


class Target:
    def __init__(self) -> None:
        self.redis, self.postgres, self.mails = RedisServer(), PostgresServer(), SmtpSink()
        self.temporary = Path(tempfile.mkdtemp(prefix="pr"))
        self.stack = AttackedStack(self.temporary, **SETTINGS, EMAIL_URL=self.mails.url)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        self.mails.__enter__()
        self.redis.start()
        self.postgres.start()
        self.stack.environment |= {
            "DATABASE_URL": fresh_database(self.postgres, "attacked"),
            "REDIS_URL": self.redis.url,
        }
        self.stack.manage("prepare", "--no-sample")
        self.stack.manage("ingest", "jsonl", "--file", "papers/sample/papers.jsonl")
        self.stack.manage("embed")
        self.stack.manage("collectstatic", "--no-input")
        self.tokens = re.findall(r"token (\S+)", self.stack.manage("shell", "-v0", "-c", MAKE_READERS))
        self.stack.start()

    def __exit__(self, *details: object) -> None:
        self.stack.remove()
        self.mails.__exit__()
        self.postgres.remove()
        self.redis.remove()

    @property
    def port(self) -> int:
        return self.stack.port

    def workers(self) -> dict[str, list[int]]:
        """The processes that do the work, by kind: as long as they are the same none was killed or ended."""
        return {name: self.stack.children(name) or [self.stack.processes[name].pid] for name in PROCFILE}

    def processor(self) -> dict[str, float]:
        """Seconds of processor that each kind of process has used so far, with what it started; ours is "attack"."""
        kinds = {name: process.pid for name, process in self.stack.processes.items()}
        servers = {"database": self.postgres, "broker": self.redis}
        kinds |= {name: server.process.pid for name, server in servers.items() if server.process}
        used = {name: _seconds(pid) for name, pid in kinds.items()}
        return used | {"attack": sum(os.times()[:4])}

    def web_memory(self) -> dict[int, float]:
        """Megabytes of each web worker: its own, and its part of what it shares."""
        return {pid: _pss(pid) for pid in self.stack.children("web")}

    def has_mail_for(self, address: str) -> bool:
        return any(address in envelope.rcpt_tos for envelope in self.mails.envelopes)

    def left_over(self) -> list[str]:
        return sorted(file.name for file in self.temporary.rglob("*"))

    def logged(self) -> Counter[str]:
        """The lines of all logs that tell of an error, each by what kind of error it is."""
        lines = (line for name in PROCFILE for line in self.stack.log(name, 10_000_000).splitlines())
        return Counter(found[0] for line in lines if (found := ERROR.match(line)))


ERROR = re.compile(r"(?:[a-z_]\w*\.)+[A-Z]\w*(?:Error|Exception)\b|[A-Z]\w*Error\b")


def _seconds(process: int) -> float:
    """Of a process, of its children that live, and of those that have ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0.0  # it has ended just now
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_seconds(int(child)) for child in children)


def _pss(process: int) -> float:
    found = PSS.search(Path(f"/proc/{process}/smaps_rollup").read_text())
    return int(found[1]) / 1000 if found else 0.0

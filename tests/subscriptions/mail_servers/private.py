"""Mail servers of Debian and npm, unpacked beside the checkout and started on the loopback, alone with their files.

Debian's packages shut each other out, want users of their own and know where their files lie. So each is unpacked into
a folder (`make mail-servers`) and runs in namespaces: there it has its users and its folders, and nothing of it
outlives the process that holds the namespaces.
"""

import os
import shutil
import signal
import smtplib
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.processes import PATIENCE, ROOT, Service, missing

UNPACKED = ROOT / ".mail-servers"
HOST = "mail.example.net"
LARGEST = 15_000  # bytes of a mail
ALONE = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
# The first process of a namespace takes all others with it: a shell, which is killed with us. Exim would not be killed:
# a process that changes its user is told no more that its parent has died.
ASKED_TO_END = "trap 'kill $server' TERM\n{} & server=$!\nwait $server || wait $server"
FIRST_ID = 61_000  # of users that only the server's own namespace knows


def unpacked(name: str, *, needed: bool) -> Path:
    """The folder of a server; without it the test is skipped, and fails in CI if it is one of those that are needed."""
    folder, remedy = UNPACKED / name, "make mail-servers (Debian's apt, or npm for Haraka)"
    if not (folder / "unpacked").exists():
        if not needed:
            pytest.skip(f"{name} is missing: {remedy}")
        missing(name, remedy)
    return folder


def _command_of(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(errors="replace")
    except OSError:  # it has ended
        return ""


class MailServer(Service):
    """Takes mail on a port of the loopback and hands it on to another; refuses whom tests want refused.

    Readers whose address begins with "gone" are refused for good, with "later" for now; a mail to "slow" is looked at
    by a filter for longer than any other answer may take. Mails above LARGEST bytes are refused where the server does.
    """

    name = ""
    is_needed = False

    def __init__(self, destination: int) -> None:
        self.program = unpacked(self.name, needed=self.is_needed)
        super().__init__()
        self.destination = destination
        self.folder.chmod(0o755)
        self.configure()

    def configure(self) -> None:
        """Write what the server reads at its start into self.folder."""
        raise NotImplementedError

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"))
        return file

    def is_ready(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as client:
                return client.ehlo()[0] == 250
        except OSError:
            return False

    def left_behind(self) -> list[str]:
        """Commands of processes that have to do with the server's folder."""
        commands = [_command_of(entry) for entry in Path("/proc").glob("[0-9]*") if entry.name != str(os.getpid())]
        return [command for command in commands if str(self.folder) in command]

    def restart(self) -> None:
        self.stop()
        self.start()

    def crash(self) -> None:
        """As a machine would that loses its power, but for what the disk has not written yet."""
        self.kill()
        self.start()


class DebianServer(MailServer):
    """One that is unpacked from Debian's packages, with users, folders and libraries that are only there for it."""

    users: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()  # folders of this machine that are empty there
    in_place_of: Mapping[str, str] = {}  # folders below these, and those of self.folder that stand there

    def __init__(self, destination: int) -> None:
        if os.geteuid():
            pytest.skip(f"{self.name} is started by root alone: run this test as root")
        super().__init__(destination)

    def command(self) -> list[str]:
        steps = [f"mount --bind '{self.program}' '{self.root}'"]
        steps += [f"mount --bind '{self.folder}/{name}' /etc/{name}" for name in ("passwd", "group")]
        steps += [f"mount -t tmpfs tmpfs '{place}'" for place in self.hidden]
        for place, name in self.in_place_of.items():
            steps += [f"mkdir -p '{place}'", f"mount --bind '{self.folder}/{name}' '{place}'"]
        return [*ALONE, "sh", "-ec", "\n".join([*steps, ASKED_TO_END.format(self.server())])]

    def server(self) -> str:
        """The command that stays in the foreground."""
        raise NotImplementedError

    @property
    def root(self) -> Path:
        """Where the unpacked packages are seen by the server, whose users may not look into the checkout."""
        return self.folder / "root"

    @property
    def libraries(self) -> str:
        found = [*self.program.glob("usr/lib/*-linux-gnu"), *self.program.glob("lib/*-linux-gnu")]
        return ":".join(str(self.root / folder.relative_to(self.program)) for folder in found)

    def environment(self) -> dict[str, str]:
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": self.libraries, "LANG": "C"}

    def configure(self) -> None:
        self.root.mkdir()
        ids = {name: FIRST_ID + number for number, name in enumerate(self.users)}
        for file, line in (("passwd", "{0}:x:{1}:{1}::/nonexistent:/bin/false\n"), ("group", "{0}:x:{1}:\n")):
            # Not those of a server that is installed on this machine: the first of a name counts.
            known = [row for row in Path("/etc", file).read_text().splitlines(True) if row.split(":")[0] not in ids]
            self.write(file, "".join([*known, *(line.format(name, number) for name, number in ids.items())]))
        self.ids = ids

    def own(self, name: str, user: str, mode: int = 0o700, group: str = "") -> Path:
        """A folder of one of the server's users."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, self.ids.get(user, 0), self.ids.get(group or user, 0))
        folder.chmod(mode)
        return folder

    def stop(self, how: signal.Signals | None = None) -> None:
        """Tell the first process of the namespace, and wait until none is left in it."""
        if self.process is None or self.has_ended():
            return
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), how or self.stop_signal)
        self.process.wait(30 * PATIENCE)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    close = remove

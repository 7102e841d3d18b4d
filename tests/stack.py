"""The site as it runs: the processes of the Procfile, each in a process group of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.services import (
    PATIENCE,
    ROOT,
    eventually,
    free_port,
    is_listening,
    migrated_file,
    process_environment,
    processes_of,
)

PROCFILE = dict(re.findall(r"^(\w+): *(.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE))
# The children of a mail worker: so many mails may be unclear after each of its deaths.
MAIL_CHILDREN = int(PROCFILE["mail"].split(" -c ")[1].split()[0])
READY = {"mail": " ready.", "sources": " ready.", "embed": " ready.", "beat": "beat: Starting"}


def kind(name: str) -> str:
    return name.rstrip("0123456789")


class Stack:
    """Starts, kills and ends the site's processes; environment holds the settings they get.

    Everything lives in a new VAR_DIR; the database is a SQLite file in it unless DATABASE_URL is given. A name with a
    number, such as mail2, is one more process of its kind.
    """

    log_mode = "wb"
    app = "config"  # the module of the Celery application

    def __init__(self, **environment: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pr"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {"VAR_DIR": str(self.folder), "PORT": str(self.port), "SITE_URL": self.url}
        # The web server would fill a folder of its own at each start, which takes seconds.
        self.environment |= {"SIGN_UP_SECONDS": "0", "STATIC_ROOT": str(self.folder / "static")} | environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def manage(self, *arguments: str, seconds: float = 120) -> str:
        """Run manage.py with the stack's settings and return what it printed; AssertionError if it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            **self._place(),
            timeout=seconds * PATIENCE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def migrate(self) -> None:
        """Give the SQLite database in the stack's folder all tables."""
        migrated_file(self.folder / "paper_round.sqlite3")

    def start(self, *names: str, wait: bool = True) -> None:
        """Start all processes of the Procfile, or those named; return when they are ready."""
        chosen = names or tuple(PROCFILE)
        for name in chosen:
            self._launch(name)
        for name in chosen if wait else ():
            self.wait_for(name)

    def _launch(self, name: str) -> None:
        with self._log(name).open(self.log_mode) as log:
            self.processes[name] = subprocess.Popen(
                ["/bin/sh", "-c", self.command(name)],
                **self._place(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def command(self, name: str) -> str:
        return PROCFILE[kind(name)].replace(f"-n {kind(name)}@", f"-n {name}@").replace("-A config ", f"-A {self.app} ")

    def wait_for(self, name: str, seconds: float = 60) -> None:
        eventually(lambda: self._is_ready(name), seconds, lambda: f"{name} is not ready:\n{self.log(name)}")

    def _is_ready(self, name: str) -> bool:
        assert self.processes[name].poll() is None, f"{name} has ended:\n{self.log(name)}"
        if name == "web":
            return self.is_answering()
        if name == "encoder":
            return is_listening(self.folder / "encoder.sock")
        return READY[kind(name)] in self.log(name)

    def is_answering(self) -> bool:
        """Any answer will do; a redirect to https, which a production site gives, cannot be followed here."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("HEAD", "/")
            return bool(connection.getresponse().status)
        except OSError:
            return False
        finally:
            connection.close()

    def log(self, name: str, most: int = 20_000) -> str:
        """What a process has printed since its last start, at most so many characters from its end."""
        return self._log(name).read_text(errors="replace")[-most:]

    def children(self, name: str) -> list[int]:
        """Ids of the processes that a worker has forked and that do the work."""
        process = self.processes.get(name)
        try:
            known = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text() if process else ""
        except OSError:
            known = ""
        return [int(child) for child in known.split()]

    def signal_process(self, process: int, how: signal.Signals) -> bool:
        """False if it has ended by now."""
        try:
            os.kill(process, how)
        except ProcessLookupError:
            return False
        return True

    def alive(self) -> set[int]:
        """Ids of all processes that live with this stack's folder, forked ones too."""
        return processes_of(self.folder)

    def stop(self, *names: str, how: signal.Signals = signal.SIGTERM, seconds: float = 30) -> None:
        """Send a signal to whole process groups, wait until they are gone, and kill what is not in time."""
        for name in names or tuple(self.processes):
            self._signal(name, how)
        for name in names or tuple(self.processes):
            self._bury(name, seconds)

    def kill(self, *names: str) -> None:
        """Workers with their children, which are in groups of their own."""
        children = [child for name in names or tuple(self.processes) for child in self.children(name)]
        self.stop(*names, how=signal.SIGKILL)
        for child in children:
            self.signal_process(child, signal.SIGKILL)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _bury(self, name: str, seconds: float) -> None:
        try:
            self.processes[name].wait(seconds)
        except subprocess.TimeoutExpired:
            self._signal(name, signal.SIGKILL)
        self.processes.pop(name).wait()

    def _signal(self, name: str, how: signal.Signals) -> None:
        try:
            os.killpg(self.processes[name].pid, how)
        except ProcessLookupError:
            return

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _place(self) -> dict[str, Any]:
        return {"cwd": ROOT, "env": process_environment(**self.environment)}

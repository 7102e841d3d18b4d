"""The web server and the query encoder as processes of their own, for a benchmark of whole requests."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.utils.html import escape

from recommender.search.finding import AWAY, BEHIND

COMMANDS = {
    "encoder": ("manage.py", "serve_query_encoder"),
    "web": ("-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"),
}
PAUSE = 0.2
FROM_A_PROXY = {"X-Forwarded-Proto": "https"}  # heard where TRUSTED_PROXIES says so


class NotServing(Exception):
    """A process of the benchmark has ended; the message says what it printed."""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    milliseconds: float


class Site:
    """Answers searches on one connection that stays open, as a browser's does."""

    def __init__(self, port: int, processes: dict[str, subprocess.Popen[bytes]], folder: Path) -> None:
        self.port, self.processes, self.folder = port, processes, folder
        self.connection = HTTPConnection("127.0.0.1", port)

    def search(self, query: str, **filters: str) -> Answer:
        """Return the page of a query, and the time from the request's first byte to the answer's last."""
        path = "/search/?" + urlencode({"q": query, **filters})
        began = time.perf_counter()
        text = self.page(path)
        return Answer(text, (time.perf_counter() - began) * 1000)

    def page(self, path: str) -> str:
        """Return the text at a path; raise NotServing where there is none."""
        return self._content(path, FROM_A_PROXY).decode()

    def sent(self, path: str) -> int:
        """Return how many bytes are sent to a browser, which asks for them compressed."""
        return len(self._content(path, FROM_A_PROXY | {"Accept-Encoding": "gzip"}))

    def _content(self, path: str, headers: dict[str, str]) -> bytes:
        for _ in range(2):
            self.connection.request("GET", path, headers=headers)
            with suppress(RemoteDisconnected):  # the server does not keep an idle connection for long
                return self.connection.getresponse().read()
        raise NotServing(f"{path} was not answered.")

    def wait(self) -> float:
        """Wait until the server knows all papers; return how many seconds that took."""
        began = time.perf_counter()
        while not self._is_ready():
            self._look_after()
            time.sleep(PAUSE)
        return time.perf_counter() - began

    def memory(self) -> float:
        """Return the megabytes of the web server's worker, files that it shares with others included."""
        master = self.processes["web"].pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        status = Path(f"/proc/{children[0]}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def _is_ready(self) -> bool:
        try:
            page = self.search("a paper").text
        except OSError:
            self.connection.close()
            return False
        return not any(note in page for note in (escape(AWAY), escape(BEHIND)))

    def _look_after(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise NotServing(f"{name} has ended: {(self.folder / name).read_text()[-2000:]}")


@contextmanager
def serving(database_url: str, **settings_of_site: str) -> Iterator[Site]:
    """Run the site on a database, on a free port of the loopback; its processes end with the block."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="pr") as name:
        folder = Path(name)
        own = {"DATABASE_URL": database_url, "PORT": str(port), "QUERY_ENCODER_SOCKET": str(folder / "encoder.sock")}
        environment = os.environ | own | {"QUERY_ENCODER_TIMEOUT": "30", "VAR_DIR": str(settings.VAR_DIR)}
        environment["SEARCHES_PER_MINUTE"] = "1000000"  # all of them come from here
        environment |= settings_of_site
        processes = {which: _started(which, environment, folder) for which in COMMANDS}
        site = Site(port, processes, folder)
        try:
            yield site
        finally:
            site.connection.close()
            for process in processes.values():
                process.terminate()
                process.wait()


def _started(which: str, environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / which).open("wb") as log:
        command = [sys.executable, *COMMANDS[which]]
        return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

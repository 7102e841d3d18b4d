"""`make run` as a terminal would start it, on a machine that has everything installed."""

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

from tests.services import (
    PATIENCE,
    ROOT,
    eventually,
    free_port,
    is_listening,
    made_once,
    process_environment,
    processes_of,
)

SOURCES = ("HUGGINGFACE_URL", "ARXIV_RSS_URL", "ARXIV_OAI_URL", "ARXIV_API_URL", "GITHUB_API_URL")
NO_SOURCES = dict.fromkeys(SOURCES, "http://127.0.0.1:9") | {"SOURCE_PAUSE": "0", "SIGN_UP_SECONDS": "0"}


class Run:
    """One make run in a session of its own, as a terminal would start it, with further settings of its environment."""

    def __init__(self, folder: Path, port: int = 0, **settings: str) -> None:
        self.folder, self.port = folder, port or free_port()
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=ROOT,
                env=process_environment(
                    VENV=sys.prefix, VAR_DIR=str(folder), PORT=str(self.port), **NO_SOURCES, **settings
                ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_until_ready(self) -> Self:
        """Until the site said so, and everything else works too."""
        eventually(self.said_so_or_ended, 120, self.said)
        eventually(self.workers_are_ready, 60, self.said)
        return self

    def said_so_or_ended(self) -> bool:
        assert self.make.poll() is None, self.said()
        return f"Paper Round is ready at http://127.0.0.1:{self.port}" in self.said()

    def workers_are_ready(self) -> bool:
        all_workers = self.said().count(" ready.") == 3
        return all_workers and "beat: Starting" in self.said() and is_listening(self.folder / "encoder.sock")

    def named(self) -> dict[str, int]:
        """Process ids of the Procfile's processes."""
        return {name: int(pid) for name, pid in re.findall(r"(\w+)\.1 started \(pid=(\d+)\)", self.said())}

    def ended(self) -> None:
        self.make.wait(30 * PATIENCE)
        eventually(lambda: not processes_of(self.folder), 15, lambda: f"left: {processes_of(self.folder)}")

    def end_at_once(self) -> None:
        for process in processes_of(self.folder):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.ended()


def new_folder() -> Path:
    """Short, because of the socket in it."""
    return Path(mkdtemp(prefix="pr"))


def filled_folder() -> Path:
    """A new folder as the first start of a day leaves it, with papers and their vectors."""
    return Path(shutil.copytree(made_once("filled", _fill), new_folder(), dirs_exist_ok=True))


def _fill(place: Path) -> None:
    run = Run(new_folder()).wait_until_ready()
    os.killpg(run.make.pid, signal.SIGINT)
    run.ended()
    shutil.move(run.folder, place)

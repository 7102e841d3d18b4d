"""`make run` on a machine that has everything installed: one start, one stop, and nothing left over."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

import pytest

from tests.services import ROOT, environment_of, eventually, free_port, is_listening, process_environment, processes_of

NAMES = {"web", "mail", "embed", "beat", "encoder"}
NO_SOURCES = {"HUGGINGFACE_URL": "http://127.0.0.1:9/", "ARXIV_RSS_URL": "http://127.0.0.1:9"}


class Run:
    """One make run in a session of its own, as a terminal would start it."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder, self.port = folder, port or free_port()
        self.output = folder / "output"
        self.started = time.monotonic()
        with self.output.open("wb") as output:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=ROOT,
                env=process_environment(VENV=sys.prefix, VAR_DIR=str(folder), PORT=str(self.port), **NO_SOURCES),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_until_ready(self) -> Self:
        """Until the site said so, which is timed, and everything else works too."""
        eventually(self.said_so_or_ended, 120, self.said)
        self.seconds = time.monotonic() - self.started
        eventually(self.workers_are_ready, 60, self.said)
        return self

    def said_so_or_ended(self) -> bool:
        assert self.make.poll() is None, self.said()
        return f"Paper Round is ready at http://127.0.0.1:{self.port}" in self.said()

    def workers_are_ready(self) -> bool:
        both_workers = self.said().count(" ready.") == 2
        return both_workers and "beat: Starting" in self.said() and is_listening(self.folder / "encoder.sock")

    def named(self) -> dict[str, int]:
        """Process ids of the Procfile's processes."""
        return {name: int(pid) for name, pid in re.findall(r"(\w+)\.1 started \(pid=(\d+)\)", self.said())}

    def ended(self) -> None:
        self.make.wait(30)
        eventually(lambda: not processes_of(self.folder), 15, lambda: f"left: {processes_of(self.folder)}")

    def end_at_once(self) -> None:
        for process in processes_of(self.folder):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.ended()


def new_folder() -> Path:
    """Short, because of the socket in it."""
    return Path(mkdtemp(prefix="pr"))


@pytest.fixture(scope="module")
def filled() -> Iterator[Path]:
    """What the first start of a day leaves behind: papers and their vectors."""
    folder = new_folder()
    run = Run(folder).wait_until_ready()
    os.killpg(run.make.pid, signal.SIGINT)
    run.ended()
    yield folder
    shutil.rmtree(folder)


def second_start(filled: Path) -> Iterator[Run]:
    folder = new_folder()
    shutil.copytree(filled, folder, dirs_exist_ok=True)
    run = Run(folder)
    try:
        yield run.wait_until_ready()
    finally:
        run.end_at_once()
        shutil.rmtree(folder)


run = pytest.fixture(second_start)
untouched_run = pytest.fixture(second_start, scope="module")


def test_the_second_start_of_a_day_loads_nothing_and_takes_less_than_ten_seconds(untouched_run: Run) -> None:
    assert untouched_run.seconds < 10
    assert "embedded" not in untouched_run.said()
    assert "Installing" not in untouched_run.said()


def test_every_process_of_the_procfile_is_started(untouched_run: Run) -> None:
    assert set(untouched_run.named()) == NAMES


def test_links_in_mail_follow_the_port(untouched_run: Run) -> None:
    mark = f"SITE_URL=http://127.0.0.1:{untouched_run.port}\0".encode()
    assert all(mark in environment_of(Path(f"/proc/{process}")) for process in untouched_run.named().values())


def test_ctrl_c_ends_every_process(run: Run) -> None:
    assert len(processes_of(run.folder)) > len(NAMES)
    os.killpg(run.make.pid, signal.SIGINT)
    run.ended()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_ending_make_alone_ends_every_process_too(run: Run, how: signal.Signals) -> None:
    run.make.send_signal(how)
    run.ended()


def test_a_killed_run_takes_its_processes_along_and_the_next_one_starts(run: Run) -> None:
    os.killpg(run.make.pid, signal.SIGKILL)
    run.ended()
    again = Run(run.folder, run.port)
    try:
        again.wait_until_ready()
    finally:
        again.end_at_once()

"""`make run` on a machine that has everything installed: one start, one stop, and nothing left over."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.make_run import Run, filled_folder
from tests.services import environment_of, processes_of

NAMES = {"web", "mail", "sources", "embed", "beat", "encoder"}


def second_start() -> Iterator[Run]:
    run = Run(filled_folder())
    try:
        yield run.wait_until_ready()
    finally:
        run.end_at_once()
        shutil.rmtree(run.folder)


run = pytest.fixture(second_start)
untouched_run = pytest.fixture(second_start, scope="module")


def test_the_second_start_of_a_day_installs_and_loads_nothing(untouched_run: Run) -> None:
    assert "embedded" not in untouched_run.said()
    assert "Installing" not in untouched_run.said()


def test_every_process_of_the_procfile_is_started(untouched_run: Run) -> None:
    assert set(untouched_run.named()) == NAMES


def test_links_in_mail_follow_the_port(untouched_run: Run) -> None:
    mark = f"SITE_URL=http://127.0.0.1:{untouched_run.port}\0".encode()
    processes = untouched_run.named()
    assert [name for name in NAMES if mark not in environment_of(Path(f"/proc/{processes[name]}"))] == []


def test_workers_leave_the_processor_to_the_pages(untouched_run: Run) -> None:
    own, behind = os.getpriority(os.PRIO_PROCESS, 0), {"mail", "sources", "embed", "beat"}
    for name, process in untouched_run.named().items():
        assert (os.getpriority(os.PRIO_PROCESS, process) > own) == (name in behind)
        group = Path(f"/proc/{process}/autogroup")  # of its session, where the kernel has them
        if group.exists():
            assert group.read_text().strip().endswith("nice 19") == (name in behind)


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

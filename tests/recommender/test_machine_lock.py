"""What each machine makes for itself is made by one of its processes at a time."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recommender import machine_lock
from tests.services import ROOT

HOLD = """
import sys
from pathlib import Path
from recommender import machine_lock
with machine_lock.held(Path(sys.argv[1])) as held:
    print(held, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> "subprocess.Popen[str]":
    """A process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "new" / "one.lock")]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "True\n"
    return process


def test_another_process_waits_and_goes_on_without_it_in_the_end(
    holder: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    with machine_lock.held(tmp_path / "new" / "one.lock", longest=0.3) as held:
        assert not held
    holder.communicate()
    with machine_lock.held(tmp_path / "new" / "one.lock", longest=60) as held:
        assert held


def test_a_killed_process_leaves_no_lock_behind(holder: "subprocess.Popen[str]", tmp_path: Path) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with machine_lock.held(tmp_path / "new" / "one.lock", longest=60) as held:
        assert held


def test_where_no_file_can_be_made_the_work_is_done_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with machine_lock.held(tmp_path / "file" / "one.lock") as held:
        assert not held

"""What make says before it starts anything."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.services import ROOT, free_port, process_environment


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=process_environment(**environment),
        capture_output=True,
        text=True,
        timeout=360,
    )


def test_a_port_that_is_taken_is_told_in_one_line_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = make("run", PORT=port, VENV=str(tmp_path / "venv"), VAR_DIR=str(tmp_path / "var"))
    assert done.returncode == 2
    assert (
        done.stdout
        == f"Port {port} is taken or cannot be used. Nothing was started. Choose another: PORT=8001 make run\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("python", "remedy"), [("", "python3.11"), ("/bin/false", "python3.11-venv")])
def test_a_missing_python_is_told_with_the_name_of_its_package(python: str, remedy: str, tmp_path: Path) -> None:
    done = make("install", f"PYTHON={python}", VENV=str(tmp_path / "venv"))
    assert done.returncode == 2
    assert remedy in done.stdout
    assert done.stdout.count("\n") == 1


def test_make_without_a_word_names_the_two_commands() -> None:
    listed = make().stdout
    assert "make run " in listed
    assert "make test " in listed


def test_a_changed_lock_file_asks_for_another_installation(tmp_path: Path) -> None:
    """The stamp's name holds the hash of the lock file."""
    for name in ("Makefile", "requirements.lock", "requirements-cuda.lock", "requirements-dev.lock"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    before = stamp(tmp_path)
    with (tmp_path / "requirements.lock").open("a") as lock:
        lock.write("another-package==1.0\n")
    assert stamp(tmp_path) != before


def stamp(folder: Path) -> str:
    done = subprocess.run(["make", "--print-data-base", "-n", "help"], cwd=folder, capture_output=True, text=True)
    return next(line for line in done.stdout.splitlines() if line.startswith("installed := "))


def test_a_free_port_is_no_reason_to_stop() -> None:
    assert make("port-is-free", PORT=str(free_port())).returncode == 0

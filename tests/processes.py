"""What starting, watching and ending processes takes, and the one place where tests wait."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

Found = TypeVar("Found")
ROOT = Path(__file__).parent.parent


PATIENCE = 6  # times as long as a machine at rest takes: on a busy one nothing is wrong with what comes late


def eventually(look: Callable[[], Found], seconds: float = 10, otherwise: Callable[[], str] = str) -> Found:
    """Look until there is something to see, and return it.

    Args:
        look: Whatever is true ends the wait.
        seconds: The longest that a machine at rest takes; a busy one gets PATIENCE times as long.
        otherwise: What to say of a wait in vain.

    Raises:
        AssertionError: The time is over.
    """
    deadline = time.monotonic() + seconds * PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds * PATIENCE} s. {otherwise()}")
        time.sleep(0.05)
    return found


def is_listening(path: Path) -> bool:
    """Whether a server accepts connections at a Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def say(line: str) -> None:
    """Tell whoever runs a program of the tests, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def can_connect(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test on a developer's machine; fail it where CI is set, so that nothing is left out in silence."""
    stop = pytest.fail if os.environ.get("CI") else pytest.skip
    stop(f"{what} is missing: {remedy}")


def program(name: str, package: str, folders: str = "") -> str:
    """Path of a program, looked for in PATH and in a pattern of folders below /usr/lib, newest first."""
    places = [str(place) for place in sorted(Path("/usr/lib").glob(folders), reverse=True)] if folders else []
    path = shutil.which(name, path=os.pathsep.join([*places, os.environ["PATH"]]))
    return path or missing(name, f"apt-get install {package}")


def shared_data_folder() -> Path:
    """The folder of real data; a test that asks for it is skipped without, in CI too: a clone has nothing beside it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is missing: this test reads real papers beside the checkout")
    return folder


def process_environment(**settings: str) -> dict[str, str]:
    """For a process of its own: settings, and what the tests' own process has but for what serves only that one.

    The usual hour of a digest is half a day away: nobody who signs up in mid-test becomes due before the test says so.
    """
    only_here = {"DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    inherited = {name: value for name, value in os.environ.items() if name not in only_here}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return inherited | {"PATH": path, "DIGEST_HOUR": str((datetime.now(UTC).hour + 12) % 24)} | settings


def processes_of(folder: Path) -> set[int]:
    """Every process that lives with this VAR_DIR, whoever its parent is by now."""
    mark = f"VAR_DIR={folder}\0".encode()
    return {int(entry.name) for entry in Path("/proc").glob("[0-9]*") if mark in environment_of(entry)}


def environment_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes() + b"\0"
    except OSError:
        return b""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """A server process with a folder; it can be killed and started again on the same port and data."""

    user: str | None = None
    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="pr"))
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str] | None:
        """None: that of the tests."""
        return None

    def is_ready(self) -> bool:
        raise NotImplementedError

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-3000:]

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def start(self) -> None:
        if not self.has_ended():
            return
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                **self._as_user(),
            )
        eventually(self.is_ready, 30, self.log)

    def stop(self, how: signal.Signals | None = None) -> None:
        if self.process:
            self.process.send_signal(how or self.stop_signal)
            self.process.wait(30 * PATIENCE)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    close = remove

    def _as_user(self) -> dict[str, Any]:
        return {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}

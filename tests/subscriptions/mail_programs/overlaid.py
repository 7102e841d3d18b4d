"""Programs of Debian packages that nobody installs: a process sees them laid over the machine's own folders.

Packages know where their files are. So each program is unpacked into a folder (`make mail-programs`), and its process
has mounts of its own: there the unpacked folders stand before those of the machine, what it writes is in memory, and
nothing of it outlives the process that holds the namespace.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.processes import ROOT, Service, can_connect, missing
from tests.subscriptions.mail_servers.private import ALONE

UNPACKED = ROOT / ".mail-programs"
USER = "nobody"
AS_NOBODY = "setpriv --reuid nobody --regid nogroup --clear-groups"
LAID_OVER = ("etc", "usr", "var")


def unpacked(name: str, *, needed: bool) -> Path:
    """The folder of a program; without it the test is skipped, or fails in CI if it is one of those that are needed."""
    if os.geteuid():
        pytest.skip(f"{name} is laid over the machine's folders, which only root can do: run this test as root")
    folder, remedy = UNPACKED / name, f"make .mail-programs/{name}/unpacked (Debian's apt)"
    if not (folder / "unpacked").exists():
        if not needed:
            pytest.skip(f"{name} is missing: {remedy}")
        missing(name, remedy)
    return folder


def laid_over(folders: Sequence[Path], layers: Path, steps: str) -> list[str]:
    """The command that runs the shell's steps where the files of these folders are, and that takes them all with it."""
    mounts = ["umask 022", f"mount -t tmpfs tmpfs '{layers}'"]
    for name in LAID_OVER:
        below = ":".join([*(str(folder / name) for folder in folders if (folder / name).is_dir()), f"/{name}"])
        mounts += [
            f"mkdir '{layers}/{name}' '{layers}/{name}.work'",
            f"mount -t overlay overlay -o "
            f"'lowerdir={below},upperdir={layers}/{name},workdir={layers}/{name}.work' '/{name}'",
        ]
    return [*ALONE, "sh", "-ec", "\n".join([*mounts, "mount -t tmpfs tmpfs /run", "chmod 755 /run", steps])]


def run_laid_over(program: Path, scratch: Path, steps: str) -> None:
    """Run the shell's steps where a program's files are; they may write into the scratch folder."""
    (scratch / "layers").mkdir()
    subprocess.run(laid_over([program], scratch / "layers", steps), check=True, capture_output=True, cwd=scratch)


class Overlaid(Service):
    """A server of unpacked packages, on a port of the loopback."""

    name = ""
    is_needed = True
    stop_signal = signal.SIGKILL  # the namespace's first process goes with it, and takes all others along

    def __init__(self) -> None:
        self.program = unpacked(self.name, needed=self.is_needed)
        super().__init__()
        self.folder.chmod(0o755)
        (self.folder / "layers").mkdir()

    def command(self) -> list[str]:
        return laid_over([self.program], self.folder / "layers", self.steps())

    def is_ready(self) -> bool:
        assert not self.has_ended(), self.log()
        return can_connect(self.port)

    def steps(self) -> str:
        """What the shell does there; the last one becomes the server."""
        raise NotImplementedError

    def own(self, name: str) -> Path:
        """A folder in which the server may write."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        folder.chmod(0o777)
        return folder

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text)
        file.chmod(0o644)  # for the user that the server runs as
        return file

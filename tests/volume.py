"""A disk so small that a test can fill it."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.processes import program


@contextmanager
def small_volume(megabytes: int) -> Iterator[Path]:
    """Where nobody may mount one, the test is skipped."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small volume")
    folder = Path(tempfile.mkdtemp(prefix="pr"))
    mount = [program("mount", "mount"), "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a small volume cannot be mounted here: {done.stderr}")
    try:
        yield folder
    finally:
        subprocess.run([program("umount", "mount"), "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill(volume: Path) -> Path:
    """To the last byte, and return what fills it."""
    filler = volume / "filler"
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return filler

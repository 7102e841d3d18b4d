"""The files of pages, brought together on each machine by the web server itself, as far as it lacks them.

A start that finds them as they are in this release costs a look at some hundred files. After one that was killed in the
middle all is made anew, because what it left may be half a file.
"""

import logging
import subprocess
import sys
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

from recommender import machine_lock

logger = logging.getLogger(__name__)
UNFINISHED = "unfinished"


def make(root: Path, sources: Iterable[Any], base: Path) -> None:
    """Have collectstatic fill root, unless it did so from these sources; whichever process is first does it for all.

    The sources are those of STATICFILES_DIRS. A failure is logged and ends nothing: what is there is served, and pages
    can be read without their files.
    """
    folders = [source[1] if isinstance(source, tuple) else source for source in sources]
    version, note = _version([*folders, base / "requirements.lock"]), root.with_suffix(".made")
    try:
        with machine_lock.held(root.with_suffix(".lock")):
            if (before := _read(note)) != version:
                _collect(note, base, again=before == UNFINISHED)
                note.write_text(version)
    except (OSError, subprocess.SubprocessError) as error:
        logger.error("The static files could not be brought together in %s: %s", root, error)


def _collect(note: Path, base: Path, again: bool) -> None:
    note.write_text(UNFINISHED)
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run([*command, *(["--clear"] if again else [])], cwd=base, check=True)


def _read(note: Path) -> str:
    try:
        return note.read_text()
    except FileNotFoundError:
        return ""


def _version(sources: Iterable[Path]) -> str:
    """Hash paths, sizes and times of all files in these places, and of the lock file, which names each package."""
    files = sorted(file for source in sources for file in (source.rglob("*") if source.is_dir() else [source]))
    facts = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
    return blake2b(repr(facts).encode(), digest_size=16).hexdigest()

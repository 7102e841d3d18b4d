"""The rules of time zones that this process goes by: the newer of the system's and those of the package tzdata.

Python reads the system's files first, however old they are, and each machine has its own. What is chosen here at the
start holds for everything in the process; a database is never asked for rules of its own.
"""

import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import tzdata

VERSION = re.compile(r"[12]\d{3}[a-z]{1,2}")
# Where this machine keeps its own, before any choice was made; PYTHONTZPATH names other folders.
SYSTEM = tuple(zoneinfo.TZPATH)
# In some release or other, but no place that anybody lives by: "not set", and whatever this machine is set to.
NO_PLACES = frozenset({"Factory", "localtime", "posixrules", "Etc/Unknown"})
FIRST_RELEASE = (4, 1)  # month and day by which each year has had its first


@dataclass(frozen=True, slots=True)
class Rules:
    """A release of the time-zone rules; the version is IANA's, such as 2026f: letters count the year's releases."""

    version: str
    source: str

    def __str__(self) -> str:
        return f"{self.version} from {self.source}"

    def is_old(self, today: date) -> bool:
        """Tell whether there must be a newer release: none has been for longer than from one year's spring on."""
        return today >= date(int(self.version[:4]) + 1, *FIRST_RELEASE)


def use_newest(folders: Sequence[str] = SYSTEM) -> Rules:
    """Make this process go by the newest rules on this machine, and return them; to be called before all else."""
    global _in_use
    _in_use = Rules(tzdata.IANA_VERSION, "the package tzdata")
    path: tuple[str, ...] = ()
    for folder in folders:
        version = version_in(Path(folder))
        if version > _in_use.version:
            _in_use, path = Rules(version, f"the files in {folder}"), (folder,)
    # Without a folder to look in Python reads the package; with one the package has what the system has left out.
    zoneinfo.reset_tzpath(to=path)
    zoneinfo.ZoneInfo.clear_cache()
    return _in_use


_in_use: Rules | None = None


def in_use() -> Rules:
    return _in_use or use_newest()


def zone(name: str) -> zoneinfo.ZoneInfo:
    """Return a zone by these rules, for modules that keep one from their import on."""
    in_use()
    return zoneinfo.ZoneInfo(name)


def version_in(folder: Path) -> str:
    """Return the version that a folder of zones says of itself, '' where it says none."""
    for name in ("+VERSION", "tzdata.zi"):
        try:
            with (folder / name).open(encoding="ascii", errors="replace") as file:
                match = VERSION.search(file.readline(100))
        except OSError:
            continue
        if match:
            return match[0]
    return ""


def names() -> frozenset[str]:
    """Return every name that can be used, old ones such as Asia/Calcutta included, which browsers still say."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "posixrules"})


def places() -> frozenset[str]:
    """Return the names that people may choose from."""
    return names() - NO_PLACES

"""The files of a folder of backups: their names, which of them are kept, and how one comes to stand there whole."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import disk_usage

from subscriptions.backups.problems import Problem, no_room

SHAPE = re.compile(r"paper-round-(\d{8}T\d{6}Z)\.(?:dump|sqlite3)(?:\.age)?")
WRITTEN = "%Y%m%dT%H%M%SZ"
UNFINISHED = ".unfinished"
ABANDONED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Backup:
    path: Path
    made_at: datetime

    @property
    def size(self) -> int:
        return self.path.stat().st_size


def name(made_at: datetime, ending: str) -> str:
    return f"paper-round-{made_at.astimezone(UTC).strftime(WRITTEN)}.{ending}"


def of(folder: Path) -> list[Backup]:
    """Return the whole backups of a folder, the newest first; other files are none of ours."""
    found = [(path, SHAPE.fullmatch(path.name)) for path in folder.glob("paper-round-*")]
    backups = [Backup(path, datetime.strptime(shape[1], WRITTEN).replace(tzinfo=UTC)) for path, shape in found if shape]
    return sorted(backups, key=lambda backup: backup.made_at, reverse=True)


def kept(times: Iterable[datetime], days: int, weeks: int) -> set[datetime]:
    """Return which backups stay: the newest of each of the last days, and of each of the last weeks, that have one."""
    newest_first = sorted(times, reverse=True)
    return {*_newest_of_each(newest_first, datetime.date, days), *_newest_of_each(newest_first, _week, weeks)}


def _week(moment: datetime) -> tuple[int, int]:
    year, week, _ = moment.isocalendar()
    return year, week


def _newest_of_each(
    newest_first: Iterable[datetime], period: Callable[[datetime], object], most: int
) -> list[datetime]:
    chosen: dict[object, datetime] = {}
    for moment in newest_first:
        chosen.setdefault(period(moment), moment)
    return list(chosen.values())[:most]


def rotate(folder: Path, days: int, weeks: int, now: datetime) -> list[Path]:
    """Delete what is not kept, and what an interrupted backup left; return what went."""
    backups = of(folder)
    stay = kept((backup.made_at for backup in backups), days, weeks)
    gone = [backup.path for backup in backups if backup.made_at not in stay]
    for path in [*gone, *_abandoned(folder, now)]:
        path.unlink(missing_ok=True)
    return gone


def _abandoned(folder: Path, now: datetime) -> Iterator[Path]:
    for path in folder.glob(f"paper-round-*{UNFINISHED}*"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - ABANDONED:
            yield path


def prepared(folder: Path) -> Path:
    """Return the folder, made for this user alone if it is new; Problem if there is no room for another backup."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = disk_usage(folder).free
    except OSError as error:
        raise Problem(f"{folder} cannot be used: {error.strerror}. Name a folder that this user may write.") from error
    last = next(iter(of(folder)), None)
    if last and free < last.size:
        raise no_room(folder, f"The last backup has {last.size:,} bytes, and {free:,} are free.")
    return folder


def settle(unfinished: Path, place: Path) -> None:
    """Put a whole file in its place, so that it is there after a power cut, and readable by its owner alone."""
    with unfinished.open("rb") as file:
        os.fchmod(file.fileno(), 0o600)
        os.fsync(file.fileno())
    unfinished.rename(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

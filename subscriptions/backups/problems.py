"""What can go wrong, in one sentence each, with the remedy."""

from pathlib import Path

FULL = ("No space left on device", "database or disk is full", "File too large", "Disk quota exceeded")


class Problem(Exception):
    """Something that an operator can mend."""


def no_room(folder: Path, why: str) -> Problem:
    return Problem(
        f"The disk of {folder} is full: {why} Free some room, keep fewer backups (--days, --weeks), or name a folder on"
        " another disk. Earlier backups are untouched."
    )


def is_full(said: str) -> bool:
    return any(words in said for words in FULL)

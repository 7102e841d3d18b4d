"""A stranger's bibliography, read while they wait: in memory and in a confined process, and kept nowhere.

A subscriber's waits in the database for a worker. Nobody has to keep anything of a stranger, so theirs is read at once,
under narrower limits: one at a time on the whole site, and some a day for each network.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from subscriptions.bibliographies import confined_reading
from subscriptions.bibliographies.entries import BibliographyError
from subscriptions.limits import rate_buckets
from subscriptions.people import library
from subscriptions.people.library import Matched

SECONDS = 5  # of a processor
TURN = "a library before sign-up"
LONGEST = timedelta(seconds=3 * SECONDS + 15)  # by the clock, with a little for the database; then the turn is free
BUSY = "Somebody else’s library is being read at this moment. Please choose the file again in some seconds."
ENOUGH_TODAY = (
    "Several libraries came from your network today. Sign up without it, and upload it on your preferences page."
)


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a file; either identifiers or, in words for the reader, why there are none."""

    identifiers: tuple[str, ...] = ()  # of stored papers first, then of those that arXiv is to be asked for
    here: int = 0
    unknown: int = 0  # entries by which no paper can be found
    unreadable: int = 0  # entries that begin and cannot be read
    problem: str = ""

    @property
    def looked_up(self) -> int:
        return len(self.identifiers) - self.here


def read(pieces: Iterable[bytes], network: str, now: datetime) -> Read:
    """Return the papers of a file that comes in pieces; of the file itself nothing stays."""
    key = rate_buckets.secret_key("library", network)
    if not rate_buckets.take(key, 1, limit=settings.LIBRARIES_PER_DAY, period=rate_buckets.DAY, now=now):
        return Read(problem=ENOUGH_TODAY)
    if not rate_buckets.take_turn(TURN, every=LONGEST, ever=None, now=now):
        return Read(problem=BUSY)
    try:
        return _read(pieces)
    except BibliographyError as error:
        return Read(problem=str(error))
    finally:
        rate_buckets.give_back(TURN)


def _read(pieces: Iterable[bytes]) -> Read:
    memory = settings.LIBRARY_MEMORY_MB * 1_000_000
    reading = confined_reading.read(pieces, seconds=SECONDS, memory=memory)
    matched = library.match(reading.entries)
    here = tuple(dict.fromkeys(matched.here))
    return Read((*here, *_to_look_up(matched)), len(here), matched.unknown, len(reading.unreadable))


def _to_look_up(matched: Matched) -> list[str]:
    """Leave out identifiers that the file gives to several papers: their titles, which would tell, are not kept."""
    return [identifier for identifier in matched.wanted if identifier not in matched.suspects]

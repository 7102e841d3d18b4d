"""A reader's bibliography from the upload to the interest that it becomes; read by a worker, never in a web request."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from enum import Enum
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from subscriptions.bibliographies import confined_reading
from subscriptions.bibliographies.entries import BibliographyError
from subscriptions.bibliographies.reading import Reading
from subscriptions.enqueue import enqueue
from subscriptions.limits import rate_buckets
from subscriptions.models import LibraryPiece, LibraryUpload, Subscriber, UploadState
from subscriptions.people import library, wishes
from subscriptions.people.library import Matched

logger = logging.getLogger(__name__)
MOST_OPEN = 100  # files of 5 MB in the database at a time
ATTEMPTS = 3  # a worker may be stopped in mid-file; a file that stops workers must not do so for ever
KEPT = timedelta(days=7)
PIECE = 100_000  # bytes
LISTED = 20  # entries that could not be read, of which the reader is told the line
GIVEN_UP = "We could not read this file, though we tried several times. Please export it again, or in parts."


class Answer(Enum):
    TAKEN = ""
    ENOUGH_TODAY = "You uploaded several libraries today. Please come back tomorrow."
    BUSY = "Many libraries are being read at the moment. Nothing was stored; please try again in some minutes."


def receive(subscriber: Subscriber, pieces: Iterable[bytes], now: datetime) -> Answer:
    """Keep a file until a worker has read it, in place of one that waits; the library in use stays until then.

    It comes in pieces of PIECE, so that it is never as a whole in the memory of a web server.
    """
    key = rate_buckets.secret_key("library", str(subscriber.pk))
    if not rate_buckets.take(key, 1, limit=settings.LIBRARIES_PER_DAY, period=rate_buckets.DAY, now=now):
        return Answer.ENOUGH_TODAY
    if LibraryUpload.objects.open().exclude(subscriber=subscriber).count() >= MOST_OPEN:
        return Answer.BUSY
    with transaction.atomic():
        if _locked(subscriber.pk):
            _forget(subscriber)
            _store(LibraryUpload.objects.create(subscriber=subscriber, uploaded_at=now), pieces)
    enqueue("read_libraries")
    return Answer.TAKEN


def _store(upload: LibraryUpload, pieces: Iterable[bytes]) -> None:
    for number, content in enumerate(pieces):
        LibraryPiece.objects.create(upload=upload, number=number, content=content)
        upload.size += len(content)
    upload.save(update_fields=["size"])


def remove(subscriber: Subscriber) -> bool:
    """Delete the library in use and a file that waits or is being read; return False if there is neither."""
    with transaction.atomic():
        _locked(subscriber.pk)
        waited = _forget(subscriber)
        return wishes.remove_library(subscriber) or waited


def _locked(pk: int) -> Subscriber | None:
    """Lock the person first, as all code does that changes what is theirs, against deadlocks. None if erased."""
    return Subscriber.objects.select_for_update().filter(pk=pk).first()


def _forget(subscriber: Subscriber) -> bool:
    """Delete waiting uploads, and tell whether there was one; a worker that is reading one will find it gone."""
    uploads = LibraryUpload.objects.filter(subscriber=subscriber)
    was_open = uploads.open().exists()
    uploads.delete()
    return was_open


def read_next(clock: Callable[[], datetime]) -> bool:
    """Read the file that has waited longest; return False if none waits."""
    upload = _claimed(clock())
    if upload is None:
        return False
    try:
        reading = _reading(upload)
    except BibliographyError as error:
        with transaction.atomic():
            _finish(upload, UploadState.REFUSED, clock(), refusal=str(error)[:300])
    else:
        _take_in(upload, reading, clock())
    return True


def _claimed(now: datetime) -> LibraryUpload | None:
    """Claim an upload that nobody else reads: for as long as reading may take, and a minute for the database."""
    until = now + timedelta(seconds=3 * settings.LIBRARY_SECONDS + 60)
    for pk in LibraryUpload.objects.free(now).values_list("pk", flat=True)[:10]:
        token = uuid4()
        if LibraryUpload.objects.claim(pk, token, now, until):
            return LibraryUpload.objects.filter(pk=pk, lease_token=token).first()
    return None


def _reading(upload: LibraryUpload) -> Reading:
    if upload.attempts > ATTEMPTS:
        logger.error("Library upload %s stopped its worker %s times and is given up.", upload.pk, ATTEMPTS)
        raise BibliographyError(GIVEN_UP)
    memory = settings.LIBRARY_MEMORY_MB * 1_000_000
    return confined_reading.read(_pieces(upload), seconds=settings.LIBRARY_SECONDS, memory=memory)


def _pieces(upload: LibraryUpload) -> Iterator[bytes]:
    """Yield the pieces one at a time, so that the file is never as a whole in memory."""
    pieces = upload.pieces.order_by("number").values_list("content", flat=True)
    return map(bytes, pieces.iterator(chunk_size=1))


def _take_in(upload: LibraryUpload, reading: Reading, now: datetime) -> None:
    """Store the interest and the result in one transaction, unless the file was replaced, or the person erased."""
    matched = library.match(reading.entries)
    with transaction.atomic():
        if person := _finish(upload, UploadState.READ, now, **_account(reading, matched)):
            wishes.add_library(person, matched, now)


def _account(reading: Reading, matched: Matched) -> dict[str, object]:
    """Say of every entry that begins in the file what became of it."""
    counts = {"here": len(matched.here), "looked_up": len(matched.wanted), "unknown": matched.unknown}
    unreadable = [[entry.line, entry.reason] for entry in reading.unreadable]
    return {
        **counts,
        "mismatched": matched.mismatched,
        "short_dois": matched.short_dois,
        "repeated": max(0, len(reading.entries) - sum(counts.values())),
        "unreadable": len(unreadable),
        "unreadable_lines": unreadable[:LISTED],
    }


def _finish(upload: LibraryUpload, state: UploadState, now: datetime, **result: object) -> Subscriber | None:
    """Note the result, and delete the bytes; return the owner, None if another worker has it by now, or it is gone."""
    person = _locked(upload.subscriber_id)
    assert upload.lease_token
    if not LibraryUpload.objects.finish(upload.pk, upload.lease_token, state, now, **result):
        return None
    upload.pieces.all().delete()
    return person

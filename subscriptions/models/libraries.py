from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from subscriptions.models.people import Subscriber


class UploadState(models.TextChoices):
    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    REFUSED = "refused"


OPEN_UPLOADS = (UploadState.WAITING, UploadState.READING)


class LibraryUploadQuerySet(models.QuerySet["LibraryUpload"]):
    def open(self) -> LibraryUploadQuerySet:
        return self.filter(state__in=OPEN_UPLOADS)

    def free(self, now: datetime) -> LibraryUploadQuerySet:
        """Return uploads that nobody is reading, the oldest first: new ones, and those whose lease is over."""
        lost = Q(state=UploadState.READING, lease_until__lte=now)
        return self.filter(Q(state=UploadState.WAITING) | lost).order_by("uploaded_at")

    def claim(self, pk: int, token: UUID, now: datetime, until: datetime) -> bool:
        """Begin to read one; return False if somebody else did."""
        mine = self.free(now).order_by().filter(pk=pk)
        lease = {"lease_token": token, "lease_until": until, "attempts": F("attempts") + 1}
        return mine.update(state=UploadState.READING, **lease) == 1

    def finish(self, pk: int, token: UUID, state: UploadState, now: datetime, **result: object) -> bool:
        """Note the result; return False if another worker has it by now, or it is gone."""
        mine = self.filter(pk=pk, lease_token=token, state=UploadState.READING)
        return mine.update(state=state, finished_at=now, **result) == 1


class LibraryUpload(models.Model):
    """A bibliography that a reader has sent, and what came of it, for the reader to see."""

    subscriber = models.OneToOneField(Subscriber, on_delete=models.CASCADE, related_name="library_upload")
    state = models.CharField(max_length=16, choices=UploadState.choices, default=UploadState.WAITING)
    size = models.PositiveIntegerField(default=0, help_text="Bytes.")
    uploaded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    here = models.PositiveIntegerField(default=0, help_text="Papers of it that we have.")
    looked_up = models.PositiveIntegerField(default=0, help_text="Papers that arXiv is asked for.")
    unknown = models.PositiveIntegerField(default=0, help_text="Entries by which no paper can be found.")
    mismatched = models.PositiveIntegerField(default=0, help_text="Entries that name an arXiv id of another paper.")
    short_dois = models.PositiveIntegerField(default=0, help_text="Of the unknown ones those with a short DOI alone.")
    repeated = models.PositiveIntegerField(default=0, help_text="Entries whose paper another entry names, too.")
    unreadable = models.PositiveIntegerField(default=0, help_text="Entries that begin and could not be read.")
    unreadable_lines = models.JSONField(default=list, blank=True, help_text="The first of them: [line, reason].")
    refusal = models.CharField(max_length=300, blank=True, help_text="Why nothing came of it, and what helps.")

    objects = LibraryUploadQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["uploaded_at"], condition=Q(state__in=["waiting", "reading"]), name="open_library_uploads"
            ),  # free()
        ]
        constraints = [
            models.CheckConstraint(
                name="a_refusal_says_why",
                condition=(Q(state="refused") & ~Q(refusal="")) | (~Q(state="refused") & Q(refusal="")),
            ),
            models.CheckConstraint(
                name="reading_has_a_lease", condition=~Q(state="reading") | Q(lease_token__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.size} bytes of {self.subscriber}: {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_UPLOADS

    @property
    def begun(self) -> int:
        """Count the entries that begin in the file: all of them are in one of the numbers."""
        return self.here + self.looked_up + self.unknown + self.repeated + self.unreadable

    @property
    def unreadable_unlisted(self) -> int:
        return self.unreadable - len(self.unreadable_lines)


class AwaitedEntry(models.Model):
    """An entry that names an arXiv paper which is not here yet: whether it is that paper is judged when it comes."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="awaited_entries")
    arxiv_id = models.CharField(max_length=64)
    doi = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=500)
    title_key = models.CharField(max_length=200)
    authors = models.JSONField(default=list, blank=True)
    is_suspect = models.BooleanField(default=False, help_text="Its file gives the same identifier to other titles.")
    noted_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "awaited entries"
        indexes = [models.Index(fields=["arxiv_id"])]  # whose paper has come
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "arxiv_id", "title_key"], name="an_awaited_entry_once")
        ]

    def __str__(self) -> str:
        return f"{self.arxiv_id}: {self.title}"


class LibraryPiece(models.Model):
    """A stretch of a file's bytes, until the file is read.

    In the database, because the web server and the workers may be on different machines; in pieces, because a
    connection to PostgreSQL keeps a buffer for the longest statement that it ever sent, in each thread of a server.
    """

    upload = models.ForeignKey(LibraryUpload, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="a_piece_once")]

    def __str__(self) -> str:
        return f"piece {self.number} of {self.upload}"

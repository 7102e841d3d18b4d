"""Live through the days: papers come, digests go, people answer; each morning is kept as a file."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import time_machine
from django.conf import settings
from django.core import mail
from django.db import connections
from tqdm import tqdm

from papers.arxiv.announcements import SATURDAY
from papers.editions import topics
from papers.feeds import arxiv_feed, feed_states
from papers.fetching.http import Page
from papers.fetching.validators import Validators
from papers.ingest import saving
from papers.sources import huggingface
from papers.sources.arxiv_rss import Answer, Feed
from subscriptions.delivery import batches
from subscriptions.digests import planning
from subscriptions.models import Digest
from tests.fortnight import letters, readers, vectors
from tests.fortnight.source import DAYS, Source
from tests.stack import Stack

FORTNIGHT = DAYS[7:]
SIGN_UP_ON = DAYS[6]
NIGHT, ANNOUNCED, LISTED, EVENING = 3, 4, 12, 20  # hours by UTC
MORNING = range(5, 12)  # within which everybody's hour is


@dataclass(frozen=True)
class Replay:
    source: Source
    kept: Path  # files of vectors and mornings
    folder: Path  # of mails

    def live(self, stack: Stack, *, anew: bool) -> None:
        """Live through all days that were not, and write the mails of the fortnight."""
        vectors.make(self.source, self._vectors)
        for file in self.kept.glob("morning-*.sqlite3") if anew else ():
            file.unlink()
        stack.start("encoder")
        begun = self._resume()
        for day in tqdm([day for day in DAYS if day >= begun], unit="day", disable=None):
            if day > begun or not self._morning(day).exists():
                self._night(day)
            self._day(day)
        letters.sum_up(self.folder)

    def write_again(self) -> None:
        """Choose and write the digests of each morning that is kept."""
        for day in tqdm(FORTNIGHT, unit="day", disable=None):
            self._restore(self._morning(day))
            self._deliver(day)
        letters.sum_up(self.folder)

    @property
    def _vectors(self) -> Path:
        return self.kept / "vectors.sqlite3"

    @property
    def _live(self) -> Path:
        return self.kept / "live.sqlite3"

    def _morning(self, day: date) -> Path:
        return self.kept / f"morning-{day}.sqlite3"

    def _resume(self) -> date:
        """Return the day to go on with, whose morning is in use; the first one with an empty database."""
        mornings = [day for day in DAYS if self._morning(day).exists()]
        if mornings:
            self._restore(self._morning(mornings[-1]))
            return mornings[-1]
        self._remove_live()
        vectors.use(self._live)
        topics.load()
        return DAYS[0]

    def _restore(self, morning: Path) -> None:
        self._remove_live()
        shutil.copyfile(morning, self._live)
        vectors.use(self._live)

    def _remove_live(self) -> None:
        connections.close_all()
        for file in self.kept.glob("live.sqlite3*"):
            file.unlink()

    def _night(self, day: date) -> None:
        """From midnight until the papers of the day have their vectors; then the morning is kept."""
        with hour(day, NIGHT) as now:
            if day == DAYS[0]:
                saving.save(self.source.named(readers.library(self.source)), now)
            readers.change_kept_papers(now)
        with hour(day, ANNOUNCED) as now:
            self._announce(day, now)
            self._embed(now)
        if day in FORTNIGHT:
            self._keep(day)

    def _announce(self, day: date, now: datetime) -> None:
        """Take in arXiv's announcement as from its feed; what was seen on a weekend stood in none."""
        papers, page = self.source.announced(day), Page("", b"", Validators())
        if day.weekday() >= SATURDAY:
            saving.save(papers, now)
        elif papers:
            arxiv_feed.take(Answer(settings.ARXIV_CATEGORIES, page, Feed(day, len(papers), papers), ()), now)
            feed_states.sum_up(feed_states.ARXIV, day, now)

    def _embed(self, now: datetime) -> None:
        vectors.take(self._vectors)
        vectors.complete(self._vectors, now)

    def _keep(self, day: date) -> None:
        connections.close_all()
        unfinished = self.kept / "unfinished"
        shutil.copyfile(self._live, unfinished)
        unfinished.rename(self._morning(day))

    def _day(self, day: date) -> None:
        if day in FORTNIGHT:
            self._deliver(day)
        with hour(day, LISTED) as now:
            saving.save(self.source.watched(day, now), now)
            feed_states.note_success(huggingface.NAME, now)
            self._embed(now)
        with hour(day, EVENING) as now:
            if day == SIGN_UP_ON:
                readers.sign_up(self.source, now)
            if act := readers.EVENINGS.get(day):
                act(now)
            vectors.complete(self._vectors, now)

    def _deliver(self, day: date) -> None:
        mail.outbox.clear()
        for number in MORNING:
            with hour(day, number) as now:
                deliver(now)
        letters.write(self.folder, day, mail.outbox)


@contextmanager
def hour(day: date, number: int) -> Iterator[datetime]:
    """Let it be half a minute after this hour."""
    moment = datetime(day.year, day.month, day.day, number, 0, 30, tzinfo=UTC)
    with time_machine.travel(moment):
        yield moment


def deliver(now: datetime) -> None:
    """Plan and deliver all that is due, as the minute's tick and the workers do."""
    planning.plan(now)
    waiting = -1
    while waiting != (waiting := Digest.objects.waiting(now).count()):
        batches.deliver_waiting(lambda: now)

"""What arXiv is asked paper by paper: those that somebody named, and what a list of trending papers does not say."""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from papers.feeds import wanted
from papers.ingest.saving import Report, save
from papers.models import Paper
from papers.sources import SourceError, arxiv_api

MOST_WANTED, MOST_INCOMPLETE = 500, 300  # papers in one run
MOST_REFUSALS = 20  # questions in one run: finding one bad identifier among a hundred takes seven or eight
ASK_AGAIN_AFTER = timedelta(days=7)

log = logging.getLogger(__name__)


def look_up(now: datetime) -> Report:
    """Ask arXiv for the papers that somebody named, then for those without categories, and save what it says.

    Nothing is asked where nothing is lacking. Raises SourceError, after saving what came before it.
    """
    waiting = deque(batches([*wanted.waiting(now, MOST_WANTED), *_incomplete(now)]))
    total, refused = Report(), 0
    while waiting:
        batch = waiting.popleft()
        try:
            total += ask(batch, now)
        except arxiv_api.BadQuestion as error:
            refused += 1
            # A question or two may be wrong; where all are refused, it is not the papers' fault.
            if refused > MOST_REFUSALS:
                raise
            waiting.extendleft(halves(batch, error, now))
    return total


def batches(identifiers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(identifiers), arxiv_api.AT_ONCE):
        yield identifiers[start : start + arxiv_api.AT_ONCE]


def halves(batch: Sequence[str], error: SourceError, now: datetime) -> list[Sequence[str]]:
    """Return two smaller questions, the second first; none for one paper alone, which is marked as asked for."""
    middle = len(batch) // 2
    if middle:
        return [batch[middle:], batch[:middle]]
    log.warning("%s is not asked for again soon: %s", batch[0], error)
    mark(batch, now)
    return []


def _incomplete(now: datetime) -> list[str]:
    """Return arXiv's papers without categories that it was not asked for lately, the newest first."""
    due = Q(looked_up_at=None) | Q(looked_up_at__lt=now - ASK_AGAIN_AFTER)
    rows = Paper.objects.filter(due, categories=[]).exclude(identifier__contains=":")
    newest = rows.order_by(F("listed_on").desc(nulls_last=True), "-identifier")
    return list(newest.values_list("identifier", flat=True)[:MOST_INCOMPLETE])


def ask(identifiers: Sequence[str], now: datetime) -> Report:
    """Ask for these papers in one question; raise SourceError."""
    served = arxiv_api.parse(arxiv_api.fetch(identifiers))
    report = save([record for record in served if record.identifier in identifiers], now)
    mark(identifiers, now)
    return report


@transaction.atomic
def mark(asked: Sequence[str], now: datetime) -> None:
    """Remember that arXiv was asked, so that it is not asked the same again and again."""
    papers = Paper.objects.filter(identifier__in=asked)
    # Locked in one order, as ingest does, so that two processes wait for each other instead of deadlocking.
    have = list(papers.order_by("identifier").select_for_update().values_list("identifier", flat=True))
    papers.update(looked_up_at=now)
    wanted.note_answer(asked, have, now)

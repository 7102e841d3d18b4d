"""After several empty days one catch-up: what came nearest, for a reader who would get nothing once more."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from recommender.ranking import picks
from recommender.ranking.reader import Candidates, Ranking, Reader
from recommender.ranking.standing import NEAR_MISS_DEPTH
from subscriptions.models import DeliveryStatus, Digest, Frequency, SkipReason

MOST = 5  # papers
NOTHING_CAME = {SkipReason.EMPTY, SkipReason.NO_PAPERS}


class Spell(NamedTuple):
    """How long nothing must have come before a catch-up does, counted without the day itself."""

    days: int
    empty: int  # digests on them; fewer were not all mail days of a week


# Weekly readers wait for two empty weeks: their one mail has looked at the whole week already.
SPELLS = {Frequency.DAILY: Spell(6, 6), Frequency.WEEKDAYS: Spell(6, 4), Frequency.WEEKLY: Spell(13, 1)}
LONGEST = timedelta(days=max(spell.days for spell in SPELLS.values()))


class _Past(NamedTuple):
    day: date
    status: str
    reason: str

    @property
    def was_empty(self) -> bool:
        return self.status == DeliveryStatus.SKIPPED and self.reason in NOTHING_CAME


def owed(digests: Sequence[Digest]) -> list[Digest]:
    """Return those of these empty digests in whose place a catch-up is due; one query for all.

    Whatever was sent in the days before, a catch-up among it, ends the spell: none comes twice within seven days.
    """
    wanting = [digest for digest in digests if digest.subscriber.catch_up]
    if not wanting:
        return []
    past, first = defaultdict[int, list[_Past]](list), min(digest.local_date for digest in wanting) - LONGEST
    rows = Digest.objects.filter(subscriber__in={one.subscriber_id for one in wanting}, local_date__gte=first)
    for subscriber, day, status, reason in rows.order_by().values_list(
        "subscriber_id", "local_date", "status", "reason"
    ):
        past[subscriber].append(_Past(day, status, reason))
    return [digest for digest in wanting if _ends_a_spell(digest, past[digest.subscriber_id])]


def _ends_a_spell(digest: Digest, past: Sequence[_Past]) -> bool:
    spell = SPELLS[digest.subscriber.present_frequency]
    since = digest.local_date - timedelta(days=spell.days)
    within = [one for one in past if since <= one.day < digest.local_date]
    return len(within) >= spell.empty and all(one.was_empty for one in within)


def nearest(readers: Sequence[Reader], pool: Candidates) -> list[Ranking]:
    """Rank anew, with a floor as low as near misses lie: at most five, each idea once, none that was shown before."""
    lowered = [
        replace(one, floor=one.floor - NEAR_MISS_DEPTH, size=min(MOST, one.size), explore=False) for one in readers
    ]
    return [replace(ranking, near_misses=()) for ranking in picks.rank(lowered, pool)]

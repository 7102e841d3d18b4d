"""How many readers would be sent each paper of the newest edition: their next digests are chosen, and not stored.

Few readers are asked one by one. Of many a sample is, and each stands for as many others: with two thousand asked, the
share of readers of a paper is known to within two hundredths, nineteen times in twenty.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from papers.editions.lists import newest_edition
from papers.models import Edition, EditionEntry
from recommender.candidates import cache_key, loading
from recommender.ranking.reader import Candidates
from subscriptions.digests import choices
from subscriptions.models import DigestItem, Reach, Role, Subscriber, SubscriberStatus

SAMPLE = 2_000  # readers
BATCH = 50  # readers that are ranked together
HOLDS = timedelta(hours=1)  # while candidates stay as they are: readers change little by little


def refresh(now: datetime) -> Reach | None:
    """Count again for the newest edition if that is due: its candidates changed, or an hour has passed."""
    edition = newest_edition(now)
    if edition is None:
        return None
    last, present = Reach.objects.filter(edition=edition).first(), _present(now)
    if last and bytes(last.of) == present and now - last.counted_at < HOLDS:
        return None
    return count(edition, now, present)


def count(edition: Edition, now: datetime, of: bytes = b"") -> Reach:
    """Choose the next digest of the readers, or of SAMPLE of them, and store in how many each paper stands.

    A paper that stands in a digest which a reader was sent before counts, too.
    """
    pool = loading.cached(now.date(), settings.CANDIDATE_DAYS)
    active = Subscriber.objects.filter(status=SubscriberStatus.ACTIVE).order_by("pk")
    everybody = np.fromiter(active.values_list("pk", flat=True), dtype=np.int64)
    asked = _drawn(everybody, seed=edition.pk)
    papers = set(EditionEntry.objects.filter(edition=edition).values_list("paper", flat=True))
    counted = Counter[int]()
    for start in range(0, len(asked), BATCH):
        keys = asked[start : start + BATCH]
        had = DigestItem.objects.filter(subscriber__in=keys, role=Role.PICK, digest__local_date__gte=edition.date)
        counted.update(had.order_by().values_list("paper", flat=True))  # none of these comes twice
        counted.update(_next(keys, pool, now.date()))
    of_edition = {str(paper): number for paper, number in counted.items() if paper in papers}
    stored = {"counted_at": now, "of": of, "readers": len(everybody), "asked": len(asked), "papers": of_edition}
    return Reach.objects.update_or_create(edition=edition, defaults=stored)[0]


def _drawn(everybody: NDArray[np.int64], seed: int) -> list[int]:
    """Return all readers where they are few, else always the same ones for an edition, so that counts compare."""
    if len(everybody) <= SAMPLE:
        return list(everybody.tolist())
    return sorted(np.random.default_rng(seed).choice(everybody, SAMPLE, replace=False).tolist())


def _next(keys: Sequence[int], pool: Candidates, today: date) -> Iterator[int]:
    """Yield each paper of the next digests of these readers."""
    people = list(Subscriber.objects.filter(pk__in=keys).order_by("pk"))
    for _, result in choices.rank(people, pool, today):
        yield from (pick.paper_id for pick in result.picks)


def _present(now: datetime) -> bytes:
    """Return a hash of what the candidates are now."""
    key = cache_key.cache_key(now.date(), settings.CANDIDATE_DAYS)
    model = key.quick.model.pk if key.quick.model else 0
    return blake2b(repr((model, key.quick[1:], key.slow)).encode(), digest_size=16).digest()

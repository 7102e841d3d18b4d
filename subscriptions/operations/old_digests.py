"""Put old digests away: what came to whom on which day stays in a few bytes, and their rows go.

A reader's digests of about a week go together, so that the row which keeps them is written once a week. Each batch is
one short transaction that waits for nobody: rows that others have locked are left for later. It can be killed at any
time, and several processes may do it at once.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from time import monotonic
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from subscriptions.delivery import shutdown
from subscriptions.digests import balance
from subscriptions.digests.balance import Said
from subscriptions.interests.readers import wanted_of_digests
from subscriptions.models import (
    LEFT,
    SHOWN,
    Control,
    DeliveryStatus,
    Digest,
    DigestItem,
    PastPicks,
    Role,
    Run,
    Subscriber,
    digests_stay,
)
from subscriptions.models.past_picks import Shelf, merged, shelved

logger = logging.getLogger(__name__)
GATHERED = timedelta(days=7)  # of a reader's digests, that go together
READERS, DIGESTS_AT_ONCE = 50, 500  # of a transaction
LISTED = 5_000  # digests of a run, whose readers are listed at once
ENDED = (*LEFT, DeliveryStatus.SKIPPED, DeliveryStatus.FAILED)
Key = tuple[int, int]  # subscriber and shelf
Came = dict[int, list[int]]  # papers, by digest


class Old(NamedTuple):
    """A digest that may go."""

    pk: int
    subscriber: int
    run: int | None
    status: str
    reason: str
    day: date


def put_away(clock: Callable[[], datetime], seconds: float) -> int:
    """Put away what is old enough for about so many seconds, the oldest first; return how many digests."""
    now, end, gone = clock(), monotonic() + seconds, 0
    if Control.objects.filter(digests_stay_until__gt=now).exists():
        return 0
    before = now - digests_stay()
    for some in _batches(before, now):
        gone += some
        if shutdown.is_stopping() or monotonic() > end:
            break
    if gone:
        logger.info("%d digests of before %s were put away.", gone, before.date(), extra={"event": "digests_put_away"})
    return gone


def _batches(before: datetime, now: datetime) -> Iterator[int]:
    """Put away batch after batch, and yield how many each was; a run that is empty then is noted as such."""
    for readers in _readers(before, now):
        while some := put_away_some(readers, before):
            yield some


def _readers(before: datetime, now: datetime) -> Iterator[Sequence[int]]:
    """Yield readers whose oldest digests are a week older than need be, some at once; run after run."""
    for run in Run.objects.with_digests().filter(hour__lt=before - GATHERED).order_by("hour"):
        yield from _in_parts(run)
        if not Digest.objects.filter(run=run, comparison=None).exists():
            Run.objects.filter(pk=run.pk).update(emptied_at=now)
    yield from _in_parts(None, due_at__lt=before - GATHERED)


def _that_may_go() -> QuerySet[Digest]:
    """Return digests that have ended, but for mixed ones: the verdict of their experiment counts them."""
    return Digest.objects.filter(status__in=ENDED, comparison=None)


def _in_parts(run: Run | None, **which: object) -> Iterator[Sequence[int]]:
    rows = _that_may_go().filter(run=run, **which).order_by("pk")
    last = 0
    while some := list(rows.filter(pk__gt=last).values_list("pk", "subscriber")[:LISTED]):
        last = some[-1][0]
        readers = list(dict.fromkeys(subscriber for _, subscriber in some))
        yield from (readers[start : start + READERS] for start in range(0, len(readers), READERS))


def put_away_some(readers: Sequence[int], before: datetime) -> int:
    """Put away digests of these readers that were due before; return how many, at most DIGESTS_AT_ONCE.

    Where others have a digest or its reader in their hands it stays, for the next time.
    """
    old = _old(readers, before)
    came = _came(old)
    _make_room(_on_shelves(old, came).keys())
    with transaction.atomic():
        mine = _locked(old)
        more = _on_shelves(mine, came)
        rows = _rows(more.keys(), locked=True)
        waiting = {reader for reader, shelf in more.keys() - rows.keys()}
        going = [one for one in mine if one.subscriber not in waiting]
        _keep({key: merged(rows[key], some) for key, some in more.items() if key[0] not in waiting})
        Digest.objects.filter(pk__in=[one.pk for one in going]).delete()
        _count_in_runs(going)
    return len(going)


def _count_in_runs(gone: Sequence[Old]) -> None:
    """Let runs keep their balance, the oldest first, as erasing does."""
    counts = Counter((one.run, one.status, one.reason) for one in gone if one.run is not None)
    for run in sorted({run for run, _, _ in counts}):
        ended = [Said(status, reason, count) for (of, status, reason), count in counts.items() if of == run]
        balance.count_gone(ended, run)


def _old(readers: Sequence[int], before: datetime) -> list[Old]:
    by_day = {"local_date__lte": before.date() + timedelta(days=1)}  # which the index knows, unlike the moment
    rows = _that_may_go().filter(subscriber__in=readers, due_at__lt=before, **by_day)
    columns = ("pk", "subscriber", "run", "status", "reason", "local_date")
    return list(map(Old._make, rows.order_by("subscriber", "local_date").values_list(*columns)[:DIGESTS_AT_ONCE]))


def _came(old: Sequence[Old]) -> Came:
    """Return the papers that came with digests which left; not those that gave way to one that their reader liked."""
    left = [one.pk for one in old if one.status in LEFT]
    items = DigestItem.objects.filter(digest__in=left, role__in=SHOWN).order_by()
    rows = list(items.values_list("digest", "paper", "role"))
    wanted = wanted_of_digests({digest for digest, _, role in rows if role == Role.FOLDED})
    came = defaultdict[int, list[int]](list)
    for digest, paper, _ in rows:
        if (digest, paper) not in wanted:
            came[digest].append(paper)
    return came


def _on_shelves(digests: Iterable[Old], came: Came) -> dict[Key, Shelf]:
    by_reader = defaultdict[int, list[tuple[int, date]]](list)
    for one in digests:
        by_reader[one.subscriber] += [(paper, one.day) for paper in came.get(one.pk, ())]
    return {(reader, at): some for reader, picks in by_reader.items() for at, some in shelved(picks).items()}


def _make_room(keys: Collection[Key]) -> None:
    """Make empty rows that lack, in a transaction of its own: planning locks readers, and must not wait for long."""
    if lacking := set(keys) - _rows(keys).keys():
        with transaction.atomic():
            wanted = Subscriber.objects.filter(pk__in={reader for reader, _ in lacking}).order_by()
            here = set(wanted.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
            PastPicks.objects.bulk_create(
                [PastPicks(subscriber_id=reader, shelf=shelf) for reader, shelf in sorted(lacking) if reader in here],
                ignore_conflicts=True,
            )


def _rows(keys: Collection[Key], *, locked: bool = False) -> dict[Key, bytes]:
    """Return what is on these shelves already; two processes that lock them do so in one order."""
    rows = PastPicks.objects.filter(
        subscriber__in={reader for reader, _ in keys}, shelf__in={shelf for _, shelf in keys}
    ).order_by("pk")
    found = (rows.select_for_update() if locked else rows).values_list("subscriber", "shelf", "picks")
    return {(reader, shelf): bytes(picks) for reader, shelf, picks in found}


def _keep(picks: Mapping[Key, bytes]) -> None:
    PastPicks.objects.bulk_create(
        [PastPicks(subscriber_id=reader, shelf=shelf, picks=some) for (reader, shelf), some in picks.items()],
        update_conflicts=True,
        unique_fields=["subscriber", "shelf"],
        update_fields=["picks"],
    )


def _locked(old: Sequence[Old]) -> list[Old]:
    """Lock those that are as they were, and that nobody else has locked."""
    rows = Digest.objects.filter(pk__in=[one.pk for one in old]).order_by()
    states = set(rows.select_for_update(skip_locked=True).values_list("pk", "status"))
    return [one for one in old if (one.pk, one.status) in states]

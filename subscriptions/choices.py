"""Which papers each of some subscribers gets on a day; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.conf import settings

from recommender import candidates, ranking
from recommender.reader import Candidates, Ranking, Reader
from subscriptions import readers
from subscriptions.models import Digest, DigestItem, Subscriber
from subscriptions.reasons import Chosen, chosen_for, items_of


class Choice(NamedTuple):
    reader: Reader
    result: Ranking
    pool: Candidates  # that it was chosen from


def of(people: Sequence[Subscriber], today: date) -> list[Choice]:
    """What each of these people gets today, in order.

    While no paper is embedded, or most are not, who would get nothing gets the most noticed papers in the categories
    of the topics that they follow: a digest is worth more than its reasons.
    """
    pool = candidates.cached(today, settings.CANDIDATE_DAYS)
    found = [Choice(*both, pool) for both in rank(people, pool)]
    lacking = [at for at, one in enumerate(found) if not one.result.picks]
    other = candidates.unembedded(today, settings.CANDIDATE_DAYS) if lacking else pool
    if lacking and len(other.ids) > len(pool.ids):
        plain = readers.load_plain([people[at] for at in lacking], other)
        for at, reader, result in zip(lacking, plain, ranking.rank(plain, other), strict=True):
            found[at] = Choice(reader, result, other)
    return found


def rank(people: Sequence[Subscriber], pool: Candidates) -> list[tuple[Reader, Ranking]]:
    model = pool.model
    found = readers.load(people, model, pool.named) if model else [readers.reader(person, ()) for person in people]
    return list(zip(found, ranking.rank(found, pool), strict=True))


def items(digests: Sequence[Digest], made: Sequence[Choice]) -> list[DigestItem]:
    """Unsaved papers; those that were chosen from one pool get their reasons together."""
    found: list[DigestItem] = []
    for pool in {id(one.pool): one.pool for one in made}.values():
        chosen: list[Chosen] = []
        for digest, one in zip(digests, made, strict=True):
            chosen += chosen_for(digest, one.reader, one.result) if one.pool is pool else []
        found += items_of(chosen, pool)
    return found

"""Choose the papers that subscribers get on a day; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings

from recommender.candidates import loading
from recommender.ranking import picks
from recommender.ranking.reader import Candidates, Ranking, Reader
from subscriptions.digests.reasons import Chosen, chosen_for, items_of, news_items
from subscriptions.interests import kept_news, readers
from subscriptions.interests.kept_news import News
from subscriptions.models import Digest, DigestItem, Subscriber


class Choice(NamedTuple):
    reader: Reader
    result: Ranking
    pool: Candidates  # that it was chosen from
    news: Sequence[News] = ()  # of papers that the reader kept


def choose(people: Sequence[Subscriber], today: date) -> list[Choice]:
    """Choose what each of these people gets today, in order.

    While no paper is embedded, or most are not, people who would get nothing get the most noticed papers in the
    categories of their topics: a digest is worth more than its reasons.
    """
    pool = loading.cached(today, settings.CANDIDATE_DAYS)
    choices = [Choice(*both, pool) for both in rank(people, pool)]
    lacking = [number for number, choice in enumerate(choices) if not choice.result.picks]
    other = loading.unembedded(today, settings.CANDIDATE_DAYS) if lacking else pool
    if lacking and len(other.ids) > len(pool.ids):
        plain = readers.load_plain([people[number] for number in lacking], other)
        for number, reader, result in zip(lacking, plain, picks.rank(plain, other), strict=True):
            choices[number] = Choice(reader, result, other)
    return choices


def with_news(made: Sequence[Choice], people: Sequence[Subscriber], now: datetime) -> list[Choice]:
    """Add what happened to papers that these people kept; where nothing was chosen it waits for the next digest."""
    told = kept_news.news([one.pk for one, choice in zip(people, made, strict=True) if choice.result.picks], now)
    return [choice._replace(news=told.get(one.pk, ())) for one, choice in zip(people, made, strict=True)]


def rank(people: Sequence[Subscriber], pool: Candidates) -> list[tuple[Reader, Ranking]]:
    model = pool.model
    people_as_readers = (
        readers.load(people, model, pool.named) if model else [readers.reader(person, ()) for person in people]
    )
    return list(zip(people_as_readers, picks.rank(people_as_readers, pool), strict=True))


def items(digests: Sequence[Digest], made: Sequence[Choice]) -> list[DigestItem]:
    """Return unsaved items; those that were chosen from one pool get their reasons together."""
    unsaved: list[DigestItem] = []
    for pool in {id(choice.pool): choice.pool for choice in made}.values():
        chosen: list[Chosen] = []
        for digest, choice in zip(digests, made, strict=True):
            chosen += chosen_for(digest, choice.reader, choice.result) if choice.pool is pool else []
        unsaved += items_of(chosen, pool)
    for digest, choice in zip(digests, made, strict=True):
        unsaved += news_items(digest, choice.news)
    return unsaved

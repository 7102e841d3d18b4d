"""Choose the papers that subscribers get on a day; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings

from recommender.candidates import loading
from recommender.ranking import picks
from recommender.ranking.reader import Candidates, Ranking, Reader
from subscriptions.digests import after_restore, catch_up
from subscriptions.digests.reasons import Chosen, chosen_for, items_of, news_items
from subscriptions.experiments import mixing
from subscriptions.interests import kept_news, readers
from subscriptions.interests.kept_news import News
from subscriptions.models import Digest, DigestItem, Subscriber


class Choice(NamedTuple):
    reader: Reader
    result: Ranking
    pool: Candidates  # that it was chosen from
    news: Sequence[News] = ()  # of papers that the reader kept
    is_catch_up: bool = False  # what came nearest, after days on which nothing came near enough


def choose(digests: Sequence[Digest], today: date) -> list[Choice]:
    """Choose what the readers of these digests get today, in order.

    Whoever would get nothing for the last day of a week gets what came nearest in it.
    """
    choices = _with_mixtures(_choose([digest.subscriber for digest in digests], today), digests)
    nothing = {id(digest): at for at, digest in enumerate(digests) if _is_empty(choices[at])}
    places = [nothing[id(digest)] for digest in catch_up.owed([digests[at] for at in nothing.values()])]
    if places:
        pool = choices[places[0]].pool
        found = catch_up.nearest([choices[at].reader for at in places], pool)
        for at, result in zip(places, found, strict=True):
            choices[at] = Choice(choices[at].reader, result, pool, is_catch_up=bool(result.picks))
    return choices


def _with_mixtures(choices: list[Choice], digests: Sequence[Digest]) -> list[Choice]:
    """Put mixtures in the place of what willing readers would get while an experiment runs; others cost nothing."""
    willing = [
        at for at, digest in enumerate(digests) if digest.subscriber.compares and choices[at].pool.model is not None
    ]
    if willing:
        pool = choices[willing[0]].pool
        made = [(choices[at].reader, choices[at].result) for at in willing]
        for at, mixture in zip(willing, mixing.mixed([digests[at] for at in willing], made, pool), strict=True):
            if mixture is not None:
                choices[at] = choices[at]._replace(result=mixture)
    return choices


def _is_empty(choice: Choice) -> bool:
    """Tell whether papers were in question, with vectors to say how near they are, and none was near enough."""
    return not choice.result.picks and choice.pool.model is not None and bool(len(choice.pool.ids))


def _choose(people: Sequence[Subscriber], today: date) -> list[Choice]:
    """Choose what each of these people gets, in order.

    While no paper is embedded, or most are not, people who would get nothing get the most noticed papers in the
    categories of their topics: a digest is worth more than its reasons.
    """
    pool = loading.cached(today, settings.CANDIDATE_DAYS)
    choices = [Choice(*both, pool) for both in rank(people, pool, today)]
    lacking = [number for number, choice in enumerate(choices) if not choice.result.picks]
    other = loading.unembedded(today, settings.CANDIDATE_DAYS) if lacking else pool
    if lacking and len(other.ids) > len(pool.ids):
        some = [people[number] for number in lacking]
        plain = after_restore.without_what_may_have_come(readers.load_plain(some, other), some, other, today)
        for number, reader, result in zip(lacking, plain, picks.rank(plain, other), strict=True):
            choices[number] = Choice(reader, result, other)
    return choices


def with_news(made: Sequence[Choice], people: Sequence[Subscriber], now: datetime) -> list[Choice]:
    """Add what happened to papers that these people kept; where nothing was chosen it waits for the next digest."""
    told = kept_news.news([one.pk for one, choice in zip(people, made, strict=True) if choice.result.picks], now)
    return [choice._replace(news=told.get(one.pk, ())) for one, choice in zip(people, made, strict=True)]


def rank(people: Sequence[Subscriber], pool: Candidates, today: date) -> list[tuple[Reader, Ranking]]:
    model = pool.model
    people_as_readers: Sequence[Reader] = (
        readers.load(people, model, pool.named) if model else [readers.reader(person, ()) for person in people]
    )
    people_as_readers = after_restore.without_what_may_have_come(people_as_readers, people, pool, today)
    return list(zip(people_as_readers, picks.rank(people_as_readers, pool), strict=True))


def items(digests: Sequence[Digest], made: Sequence[Choice]) -> list[DigestItem]:
    """Return unsaved items; those that were chosen from one pool get their reasons together."""
    unsaved: list[DigestItem] = []
    for pool in {id(choice.pool): choice.pool for choice in made}.values():
        chosen: list[Chosen] = []
        for digest, choice in zip(digests, made, strict=True):
            chosen += chosen_for(digest, choice.reader, choice.result) if choice.pool is pool else []
        unsaved += items_of(chosen, pool)
    late = {digest.pk for digest, choice in zip(digests, made, strict=True) if choice.is_catch_up}
    for item in unsaved if late else ():
        if item.digest_id in late:
            item.reason = {**item.reason, "catch_up": True}
    for digest, choice in zip(digests, made, strict=True):
        unsaved += news_items(digest, choice.news)
    return unsaved

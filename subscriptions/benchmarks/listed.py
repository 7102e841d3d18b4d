"""Papers of a benchmark as a site has them after some weeks: announced day by day, noticed, under topics."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from tqdm import tqdm

from papers.editions import topics
from papers.models import Edition, EditionEntry, Paper, Signal, SignalKind, Topic
from papers.trends import updating
from recommender.candidates import background
from recommender.embedding import topic_assignment
from recommender.embedding.embed import text_hash, topic_text
from recommender.encoding import encoder
from recommender.models import EmbeddingModel, TopicVector

A_DAY = 300  # papers
NOTICED = 5  # one in so many has counts
READINGS = 8
AUTHORS, PEOPLE = 4, 20_000
AT_ONCE = 2_000


def spread(model: EmbeddingModel, count: int, now: datetime) -> None:
    """Give the newest papers, so many, a day each, counts to one in five, and all of them topics and trends."""
    papers = list(Paper.objects.order_by("-pk")[:count])
    random = np.random.default_rng(3)
    for start in tqdm(range(0, count, AT_ONCE), desc="Listing papers", disable=None):
        _announce(papers[start : start + AT_ONCE], start, now, random)
    _file_under_topics(model)
    background.refresh(now)
    updating.refresh(now)


def _announce(papers: list[Paper], start: int, now: datetime, random: np.random.Generator) -> None:
    for number, paper in enumerate(papers, start):
        paper.announced_on = now.date() - timedelta(days=number // A_DAY)
        paper.published_on = paper.announced_on - timedelta(days=1)
        paper.listed_on = paper.announced_on if number % NOTICED == 0 else None
        paper.authors = [f"Given Surname{person}" for person in random.integers(PEOPLE, size=AUTHORS).tolist()]
        paper.primary_category = paper.categories[0]
    Paper.objects.bulk_update(papers, ["announced_on", "published_on", "listed_on", "authors", "primary_category"])
    days = {paper.announced_on for paper in papers if paper.announced_on}
    editions = {day: Edition.objects.get_or_create(date=day)[0] for day in days}
    EditionEntry.objects.bulk_create(
        EditionEntry(edition=editions[paper.announced_on], paper=paper) for paper in papers if paper.announced_on
    )
    Signal.objects.bulk_create(_readings(papers, now, random))


def _readings(papers: list[Paper], now: datetime, random: np.random.Generator) -> list[Signal]:
    """Return counts that grow, the newest an hour old."""
    noticed = [paper for paper in papers if paper.listed_on]
    grown = np.cumsum(random.integers(0, 12, size=(len(noticed), READINGS)), axis=1).tolist()
    return [
        Signal(paper=paper, kind=SignalKind.UPVOTES, value=value, observed_at=now - timedelta(hours=1 + 9 * ago))
        for paper, values in zip(noticed, grown, strict=True)
        for ago, value in enumerate(reversed(values))
    ]


def _file_under_topics(model: EmbeddingModel) -> None:
    topics.load()
    rows = list(Topic.objects.order_by("pk"))
    texts = [topic_text(topic) for topic in rows]
    vectors = encoder.load(model.name).encode_queries(texts)
    TopicVector.objects.bulk_create(
        TopicVector(topic=topic, model=model, vector=vector, text_hash=text_hash(text))
        for topic, text, vector in zip(rows, texts, vectors, strict=True)
    )
    topic_assignment.assign_all(model)

"""Subscribers as the recommender sees them: plain data, loaded for a whole batch in a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from zlib import crc32

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet, Value

from papers.among import condition_around
from papers.editions import curation
from papers.models import Paper, Topic
from papers.models.prepared import Prepared
from recommender.candidates import background
from recommender.embedding.embed import topic_text
from recommender.models import EmbeddingModel, TopicVector
from recommender.ranking.fusion import OF_TEXT
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.reader import Candidates, Reader, ReaderInterest, within_limit
from recommender.words import lexicon
from recommender.words.lexicon import Terms
from subscriptions.interests import feedback_profile
from subscriptions.models import (
    OF_NAMES,
    OF_PAPERS,
    DigestItem,
    Feedback,
    Interest,
    InterestKind,
    InterestVector,
    PastPicks,
    Role,
    Subscriber,
)
from subscriptions.models.feedback import LIKED
from subscriptions.models.vectors import OF_SUBJECT, as_subject

NOBODY: Mapping[str, int] = {}
TOPICS_KEPT = 1_000
KEYS = ([1], [2])  # samples
WITH_VECTORS = {InterestKind.TEXT, *OF_PAPERS}
PAPER_LABELS: dict[str, str] = {InterestKind.PAPERS: "papers you named", InterestKind.LIBRARY: "papers in your library"}
cached_topics: dict[tuple[int, bytes, int, int], Subject] = {}  # by topic, hash of its text, model and background


class Stored(NamedTuple):
    """The columns of an interest that a batch is read with: making Django's object takes ten times as long."""

    id: int
    subscriber_id: int
    kind: str
    text: str
    topic_id: int | None
    topic: str | None
    muted: bool
    arxiv_ids: list[str]
    people: dict[str, int]


def load(subscribers: Sequence[Subscriber], model: EmbeddingModel, named: Mapping[str, int]) -> list[Reader]:
    """Return one Reader for each subscriber, in order; named maps the candidates' identifiers to their keys."""
    keys = [subscriber.pk for subscriber in subscribers]
    stored = _stored(keys)
    interests, people = _interests(stored, model), _people(stored)
    known, tastes = known_papers(keys, stored, named), feedback_profile.load(keys, model)
    readers = []
    for subscriber in subscribers:
        taught = tastes.get(subscriber.pk, feedback_profile.NOTHING_TAUGHT)
        people[subscriber.pk].update(taught.people)
        readers.append(
            reader(
                subscriber, interests[subscriber.pk], known[subscriber.pk], taught=taught, people=people[subscriber.pk]
            )
        )
    return readers


def load_plain(subscribers: Sequence[Subscriber], pool: Candidates) -> list[Reader]:
    """Return readers for candidates without vectors: only the categories of their topics choose."""
    keys = [subscriber.pk for subscriber in subscribers]
    stored = _stored(keys)
    known, wanted = known_papers(keys, stored, pool.named), _categories(stored)
    return [
        reader(subscriber, (), known[subscriber.pk] | _outside(wanted[subscriber.pk], pool))
        for subscriber in subscribers
    ]


def plain(reader: Reader, categories: set[str], pool: Candidates) -> Reader:
    """Return a reader for candidates without vectors, of somebody whose topics have these categories."""
    return replace(reader, interests=(), seen=reader.seen | _outside(categories, pool), less=None, people=NOBODY)


def _categories(stored: Sequence[Stored]) -> dict[int, set[str]]:
    """Return the categories of the topics that each subscriber follows."""
    rows = Topic.objects.filter(pk__in={interest.topic_id for interest in stored if interest.topic_id})
    of_topic = dict(rows.values_list("pk", "categories"))
    categories: dict[int, set[str]] = defaultdict(set)
    for interest in stored:
        if interest.topic_id and not interest.muted:
            categories[interest.subscriber_id].update(of_topic[interest.topic_id])
    return categories


def _outside(categories: set[str], pool: Candidates) -> set[int]:
    """Return the candidates in none of the categories; none where there are no categories to go by."""
    if not categories:
        return set()
    both = zip(pool.ids.tolist(), pool.categories, strict=True)
    return {paper for paper, own in both if own.isdisjoint(categories)}


def reader(
    subscriber: Subscriber,
    interests: Iterable[ReaderInterest],
    known: Iterable[int] = (),
    *,
    taught: feedback_profile.Taste = feedback_profile.NOTHING_TAUGHT,
    people: Mapping[str, int] = NOBODY,
) -> Reader:
    asked = tuple(interests)
    return Reader(
        key=subscriber.pk or 0,
        interests=within_limit((*asked, *taught.interests), settings.READER_SUBJECTS),
        seen=frozenset(known),
        size=subscriber.most_papers,
        seconds=60 * subscriber.reading_minutes or None,
        trend_weight=subscriber.trend_weight,
        floor=settings.RELEVANCE_FLOOR,
        less=taught.less,
        required=tuple(subscriber.required_terms),
        excluded=tuple(subscriber.excluded_terms),
        plurals=subscriber.term_plurals,
        people=people,
        explore=subscriber.exploration,
        turn=_turn(asked),
    )


def _turn(interests: Iterable[ReaderInterest]) -> int:
    """Return whose turn it is to explore what: the same before somebody has signed up as after it."""
    return crc32("\n".join(sorted(f"{interest.kind} {interest.label}" for interest in interests)).encode())


def _stored(subscriber_ids: list[int]) -> list[Stored]:
    return list(map(Stored._make, _of_subscribers(subscribers=subscriber_ids)))


def _all_interests(subscribers: Collection[int]) -> QuerySet[Interest, Any]:
    columns = ("pk", "subscriber_id", "kind", "text", "topic_id", "topic__name", "muted", "arxiv_ids", "people")
    return Interest.objects.filter(subscriber__one_of=subscribers).order_by("pk").values_list(*columns)


_of_subscribers = Prepared(_all_interests, subscribers=KEYS)


def _interests(stored: Sequence[Stored], model: EmbeddingModel) -> dict[int, list[ReaderInterest]]:
    own = own_subjects([interest.id for interest in stored if interest.kind in WITH_VECTORS], model)
    topics = topic_subjects({interest.topic_id for interest in stored if interest.topic_id}, model)
    by_subscriber: dict[int, list[ReaderInterest]] = defaultdict(list)
    for interest in stored:
        known = topics.get(interest.topic_id) if interest.topic_id else own.get(interest.id)
        if not interest.muted and (known or interest.kind in OF_NAMES):
            label = PAPER_LABELS.get(interest.kind) or interest.topic or interest.text
            by_subscriber[interest.subscriber_id].append(
                ReaderInterest(interest.id, _evidence_kind(interest.kind), label, known or ())
            )
    return by_subscriber


def _people(stored: Sequence[Stored]) -> dict[int, Counter[str]]:
    """Return the people whom each subscriber knows by their interests, for words.authors; a muted one knows nobody."""
    people: dict[int, Counter[str]] = defaultdict(Counter)
    for interest in stored:
        if interest.people and not interest.muted:
            people[interest.subscriber_id].update(interest.people)
    return people


def as_evidence(interest: Interest, subjects: Iterable[Subject]) -> ReaderInterest:
    label = PAPER_LABELS.get(interest.kind) or str(interest)
    return ReaderInterest(interest.pk or 0, _evidence_kind(interest.kind), label, tuple(subjects))


def _evidence_kind(kind: str) -> str:
    return InterestKind.PAPERS.value if kind in OF_PAPERS else kind


def own_subjects(interest_ids: list[int], model: EmbeddingModel) -> dict[int, tuple[Subject, ...]]:
    """Return the stored subjects of each interest."""
    grouped: dict[int, list[Subject]] = defaultdict(list)
    for interest_id, *row in _vectors(interests=interest_ids, model=model.pk) if interest_ids else ():
        grouped[interest_id].append(as_subject(row))
    return {key: tuple(subjects) for key, subjects in grouped.items()}


def _of_interests(interests: Collection[int], model: int) -> QuerySet[InterestVector, Any]:
    rows = InterestVector.objects.filter(model=model, interest__one_of=interests)
    return rows.values_list("interest_id", *OF_SUBJECT)


_vectors = Prepared(_of_interests, interests=KEYS, model=(1, 2))


def topic_subjects(topic_ids: Iterable[int], model: EmbeddingModel) -> dict[int, tuple[Subject, ...]]:
    """Map each topic to its cached subject; a process reads a topic again when its text was embedded again."""
    hashes, learned = _hashes(topics=list(topic_ids), model=model.pk), background.newest_key()
    keys = {topic: (topic, bytes(text), model.pk, learned) for topic, text in hashes}
    if len(cached_topics) > TOPICS_KEPT:
        cached_topics.clear()
    if lacking := [topic for topic, key in keys.items() if key not in cached_topics]:
        for row in TopicVector.objects.filter(topic__in=lacking, model=model).select_related("topic"):
            terms = _terms(topic_text(row.topic), learned)
            cached_topics[keys[row.topic_id]] = Subject(row.vector, terms, OF_TEXT.by(model.scales.texts))
    return {topic: (cached_topics[key],) for topic, key in keys.items()}


def _of_topics(topics: Collection[int], model: int) -> QuerySet[TopicVector, Any]:
    return TopicVector.objects.filter(model=model, topic__one_of=topics).values_list("topic_id", "text_hash")


_hashes = Prepared(_of_topics, topics=KEYS, model=(1, 2))


def _terms(text: str, learned: int) -> Terms:
    vocabulary = background.vocabulary_of(learned)
    return lexicon.stored(lexicon.unit_rows([text], vocabulary), vocabulary)[0]


def known_papers(subscriber_ids: list[int], stored: Sequence[Stored], named: Mapping[str, int]) -> dict[int, set[int]]:
    """Return the candidates that each subscriber knows: shown to them before, rated, or named by themselves.

    What gave way to a paper that they liked comes again: they want more of it, and were told no more than its title.
    What came in digests that were put away is looked for among the candidates alone.
    Who knows a paper that a curator merged into another knows that one.
    """
    merged = curation.merged(named.values())
    stands_for = {one.paper: one.into for one in merged}
    keys = {*named.values(), *stands_for}
    named = {**named, **{one.identifier: one.into for one in merged}}
    known: dict[int, set[int]] = defaultdict(set)
    rows = [row for row in _came(condition_around("paper_id", keys), subscribers=subscriber_ids) if row[1] in keys]
    come_again = wanted_of_digests({digest for _, _, digest in rows if digest})
    for subscriber_id, paper_id, digest in rows:
        if (digest, paper_id) not in come_again:
            known[subscriber_id].add(stands_for.get(paper_id, paper_id))
    # After the items, never before: what is put away in between then stands in both, and not in neither.
    for subscriber_id, paper_id in PastPicks.objects.came(subscriber_ids, keys):
        known[subscriber_id].add(stands_for.get(paper_id, paper_id))
    for interest in stored:
        if interest.arxiv_ids:
            known[interest.subscriber_id] |= {named[arxiv_id] for arxiv_id in interest.arxiv_ids if arxiv_id in named}
    return known


def _shown_and_rated(where: str, subscribers: Collection[int]) -> QuerySet[DigestItem, Any]:
    """Return (subscriber, paper, under which digest it was named or 0) of papers around the candidates."""
    shown, rated = DigestItem.objects.order_by(), Feedback.objects.order_by().annotate(under=Value(0))
    picked = shown.filter(role=Role.PICK).annotate(under=Value(0))
    folded = shown.filter(role=Role.FOLDED).annotate(under=F("digest_id"))
    every = [
        rows.filter(subscriber__one_of=subscribers)
        .extra(where=[where])
        .values_list("subscriber_id", "paper_id", "under")
        for rows in (picked, folded, rated)
    ]
    return every[0].union(*every[1:], all=True)


_came = Prepared(_shown_and_rated, subscribers=KEYS)


def seen(subscriber: Subscriber, interests: Iterable[Interest], named: Mapping[str, int]) -> set[int]:
    """Return the candidates that a subscriber knows who has these interests, stored or not."""
    columns = ("pk", "subscriber_id", "kind", "text", "topic_id", "topic_id", "muted", "arxiv_ids", "people")
    stored = [Stored(*(getattr(interest, column) for column in columns)) for interest in interests]
    return known_papers([subscriber.pk], stored, named)[subscriber.pk]


def wanted_of_digests(digests: Collection[int]) -> set[tuple[int, int]]:
    """Return (digest, paper) of what these named under a paper that its reader liked."""
    if not digests:
        return set()
    liked = Feedback.objects.filter(subscriber=OuterRef("subscriber"), paper=OuterRef("paper"), kind__in=LIKED)
    picks = DigestItem.objects.filter(Exists(liked), digest__in=digests, role=Role.PICK)
    return {
        (digest, paper) for digest, reason in picks.values_list("digest_id", "reason") for paper in reason["folded"]
    }


def keys_of(arxiv_ids: Collection[str]) -> dict[str, int]:
    """Return primary keys of the papers with these arXiv ids, as far as they are stored here."""
    if not arxiv_ids:
        return {}
    return dict(Paper.objects.filter(identifier__in=arxiv_ids).values_list("identifier", "pk"))

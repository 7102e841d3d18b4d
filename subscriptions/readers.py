"""Subscribers as the recommender sees them: plain data, loaded for a whole batch in a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.conf import settings

from papers.among import among
from papers.models import Paper, Topic
from recommender import background, lexicon
from recommender.embed import topic_text
from recommender.lexicon import Terms
from recommender.models import EmbeddingModel, TopicVector
from recommender.reader import Candidates, Reader, ReaderInterest, within_limit
from recommender.subjects import Subject
from subscriptions import taste
from subscriptions.models import (
    OF_NAMES,
    OF_PAPERS,
    SHOWN,
    DigestItem,
    Feedback,
    Interest,
    InterestKind,
    InterestVector,
    Subscriber,
)
from subscriptions.models.vectors import OF_SUBJECT, as_subject

# As a sum no index serves it: by one, SQLite would look up each candidate for each subscriber of the batch.
PAPER = "paper_id + 0"
NOBODY: Mapping[str, int] = {}
TOPICS_KEPT = 1_000
WITH_VECTORS = {InterestKind.TEXT, *OF_PAPERS}
PAPER_LABELS: dict[str, str] = {InterestKind.PAPERS: "papers you named", InterestKind.LIBRARY: "papers in your library"}
_topics: dict[tuple[int, bytes, int, int], Subject] = {}  # by topic, hash of its text, model and background


class Stored(NamedTuple):
    """What a batch is read with of an interest: no object of Django's, which takes ten times as long to make."""

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
    """One Reader for each subscriber, in order; the candidates' keys by their identifiers say whose picks matter."""
    keys = [subscriber.pk for subscriber in subscribers]
    stored = _stored(keys)
    interests, people = _interests(stored, model), _people(stored)
    known, tastes = _known(keys, stored, named), taste.load(keys, model)
    found = []
    for one in subscribers:
        taught = tastes.get(one.pk, taste.NOTHING_TAUGHT)
        people[one.pk].update(taught.people)
        found.append(reader(one, interests[one.pk], known[one.pk], taught=taught, people=people[one.pk]))
    return found


def load_plain(subscribers: Sequence[Subscriber], pool: Candidates) -> list[Reader]:
    """As load, for candidates without vectors: of each reader's topics the categories say what may be picked."""
    keys = [subscriber.pk for subscriber in subscribers]
    stored = _stored(keys)
    known, wanted = _known(keys, stored, pool.named), _categories(stored)
    return [reader(one, (), known[one.pk] | _outside(wanted[one.pk], pool)) for one in subscribers]


def _categories(stored: Sequence[Stored]) -> dict[int, set[str]]:
    """Those of the topics that each subscriber follows."""
    rows = Topic.objects.filter(pk__in={one.topic_id for one in stored if one.topic_id})
    of_topic = dict(rows.values_list("pk", "categories"))
    found: dict[int, set[str]] = defaultdict(set)
    for one in stored:
        if one.topic_id and not one.muted:
            found[one.subscriber_id].update(of_topic[one.topic_id])
    return found


def _outside(categories: set[str], pool: Candidates) -> set[int]:
    """Candidates in none of the categories; none of them where there are no categories to go by."""
    if not categories:
        return set()
    both = zip(pool.ids.tolist(), pool.categories, strict=True)
    return {paper for paper, own in both if own.isdisjoint(categories)}


def reader(
    subscriber: Subscriber,
    interests: Iterable[ReaderInterest],
    known: Iterable[int] = (),
    *,
    taught: taste.Taste = taste.NOTHING_TAUGHT,
    people: Mapping[str, int] = NOBODY,
) -> Reader:
    return Reader(
        key=subscriber.pk or 0,
        interests=within_limit((*interests, *taught.interests), settings.READER_SUBJECTS),
        seen=frozenset(known),
        size=subscriber.digest_size,
        trend_weight=subscriber.trend_weight,
        floor=settings.RELEVANCE_FLOOR,
        less=taught.less,
        required=tuple(subscriber.required_terms),
        excluded=tuple(subscriber.excluded_terms),
        people=people,
        explore=subscriber.exploration,
    )


def _stored(subscriber_ids: list[int]) -> list[Stored]:
    rows = Interest.objects.filter(subscriber__in=subscriber_ids).order_by("pk")
    columns = ("pk", "subscriber_id", "kind", "text", "topic_id", "topic__name", "muted", "arxiv_ids", "people")
    return list(map(Stored._make, rows.values_list(*columns)))


def _interests(stored: Sequence[Stored], model: EmbeddingModel) -> dict[int, list[ReaderInterest]]:
    own = own_subjects([one.id for one in stored if one.kind in WITH_VECTORS], model)
    topics = topic_subjects({one.topic_id for one in stored if one.topic_id}, model)
    found: dict[int, list[ReaderInterest]] = defaultdict(list)
    for one in stored:
        known = topics.get(one.topic_id) if one.topic_id else own.get(one.id)
        if not one.muted and (known or one.kind in OF_NAMES):
            label = PAPER_LABELS.get(one.kind) or one.topic or one.text
            found[one.subscriber_id].append(ReaderInterest(one.id, _evidence_kind(one.kind), label, known or ()))
    return found


def _people(stored: Sequence[Stored]) -> dict[int, Counter[str]]:
    """The people whom each subscriber knows by their interests, for recommender.authors; a muted one knows nobody."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for one in stored:
        if one.people and not one.muted:
            found[one.subscriber_id].update(one.people)
    return found


def as_evidence(interest: Interest, subjects: Iterable[Subject]) -> ReaderInterest:
    label = PAPER_LABELS.get(interest.kind) or str(interest)
    return ReaderInterest(interest.pk or 0, _evidence_kind(interest.kind), label, tuple(subjects))


def _evidence_kind(kind: str) -> str:
    return InterestKind.PAPERS.value if kind in OF_PAPERS else kind


def own_subjects(interest_ids: list[int], model: EmbeddingModel) -> dict[int, tuple[Subject, ...]]:
    grouped: dict[int, list[Subject]] = defaultdict(list)
    rows = InterestVector.objects.filter(interest__in=interest_ids, model=model)
    for interest_id, *row in rows.values_list("interest_id", *OF_SUBJECT):
        grouped[interest_id].append(as_subject(row))
    return {key: tuple(found) for key, found in grouped.items()}


def topic_subjects(topic_ids: Iterable[int], model: EmbeddingModel) -> dict[int, tuple[Subject, ...]]:
    """Of these topics the one subject that each is; a process reads a topic again when its text was embedded anew."""
    rows = TopicVector.objects.filter(topic__in=topic_ids, model=model)
    learned = background.newest_key()
    keys = {topic: (topic, bytes(text), model.pk, learned) for topic, text in rows.values_list("topic_id", "text_hash")}
    if len(_topics) > TOPICS_KEPT:
        _topics.clear()
    if lacking := [topic for topic, key in keys.items() if key not in _topics]:
        for row in rows.filter(topic__in=lacking).select_related("topic"):
            _topics[keys[row.topic_id]] = Subject(row.vector, _terms(topic_text(row.topic), model, learned))
    return {topic: (_topics[key],) for topic, key in keys.items()}


def _terms(text: str, model: EmbeddingModel, learned: int) -> Terms:
    vocabulary = background.learned_as(learned, model).vocabulary
    return lexicon.stored(lexicon.unit_rows([text], vocabulary), vocabulary)[0]


def _known(subscriber_ids: list[int], stored: Sequence[Stored], named: Mapping[str, int]) -> dict[int, set[int]]:
    """Candidates that each subscriber knows already: shown to them before, rated, or named by themselves."""
    known: dict[int, set[int]] = defaultdict(set)
    shown = DigestItem.objects.filter(role__in=SHOWN, subscriber__in=subscriber_ids).order_by()
    rated = Feedback.objects.filter(subscriber__in=subscriber_ids).order_by()
    both = [among(rows, PAPER, named.values()).values_list("subscriber_id", "paper_id") for rows in (shown, rated)]
    for subscriber_id, paper_id in both[0].union(both[1], all=True):
        known[subscriber_id].add(paper_id)
    for one in stored:
        if one.arxiv_ids:
            known[one.subscriber_id] |= {named[arxiv_id] for arxiv_id in one.arxiv_ids if arxiv_id in named}
    return known


def keys_of(arxiv_ids: Collection[str]) -> dict[str, int]:
    """Primary keys of the papers with these arXiv ids, as far as they are known here."""
    if not arxiv_ids:
        return {}
    return dict(Paper.objects.filter(identifier__in=arxiv_ids).values_list("identifier", "pk"))

"""Subscribers as the recommender sees them: plain data, loaded for a whole batch in a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from django.conf import settings

from papers.among import among
from papers.models import Paper
from recommender import background, lexicon
from recommender.embed import topic_text
from recommender.lexicon import Terms
from recommender.models import EmbeddingModel, TopicVector
from recommender.reader import Reader, ReaderInterest, within_limit
from recommender.subjects import Subject
from subscriptions import acquaintances, taste
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
from subscriptions.models.vectors import subjects

PAPER_LABELS: dict[str, str] = {InterestKind.PAPERS: "papers you named", InterestKind.LIBRARY: "papers in your library"}


def load(subscribers: Sequence[Subscriber], model: EmbeddingModel, named: Mapping[str, int]) -> list[Reader]:
    """One Reader for each subscriber, in order; the candidates' keys by their identifiers say whose picks matter."""
    stored = _stored([subscriber.pk for subscriber in subscribers])
    interests, people = _interests(stored, model), _people(stored)
    known = _known([subscriber.pk for subscriber in subscribers], stored, named)
    tastes = taste.load([subscriber.pk for subscriber in subscribers], model)
    found = []
    for one in subscribers:
        taught = tastes.get(one.pk, taste.NOTHING_TAUGHT)
        made = reader(one, interests[one.pk], known[one.pk], taught=taught)
        found.append(replace(made, people=people[one.pk] + Counter(taught.people)))
    return found


def reader(
    subscriber: Subscriber,
    interests: Iterable[ReaderInterest],
    known: Iterable[int] = (),
    *,
    taught: taste.Taste = taste.NOTHING_TAUGHT,
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
        explore=subscriber.exploration,
    )


def _stored(subscriber_ids: list[int]) -> list[Interest]:
    return list(Interest.objects.filter(subscriber__in=subscriber_ids).select_related("topic").order_by("pk"))


def _interests(stored: Sequence[Interest], model: EmbeddingModel) -> dict[int, list[ReaderInterest]]:
    own = own_subjects([interest.pk for interest in stored], model)
    topics = topic_subjects({interest.topic_id for interest in stored if interest.topic_id}, model)
    found: dict[int, list[ReaderInterest]] = defaultdict(list)
    for interest in stored:
        known = topics.get(interest.topic_id) if interest.topic_id else own.get(interest.pk)
        if not interest.muted and (known or interest.kind in OF_NAMES):
            found[interest.subscriber_id].append(as_evidence(interest, known or ()))
    return found


def _people(stored: Sequence[Interest]) -> dict[int, Counter[str]]:
    of: dict[int, list[Interest]] = defaultdict(list)
    for interest in stored:
        of[interest.subscriber_id].append(interest)
    return defaultdict(Counter, {key: acquaintances.known_to(mine) for key, mine in of.items()})


def as_evidence(interest: Interest, subjects: Iterable[Subject]) -> ReaderInterest:
    kind = InterestKind.PAPERS if interest.kind in OF_PAPERS else interest.kind
    label = PAPER_LABELS.get(interest.kind) or str(interest)
    return ReaderInterest(interest.pk or 0, kind, label, tuple(subjects))


def own_subjects(interest_ids: list[int], model: EmbeddingModel) -> dict[int, tuple[Subject, ...]]:
    grouped: dict[int, list[InterestVector]] = defaultdict(list)
    for row in InterestVector.objects.filter(interest__in=interest_ids, model=model):
        grouped[row.interest_id].append(row)
    return {key: subjects(rows) for key, rows in grouped.items()}


def topic_subjects(topic_ids: Iterable[int], model: EmbeddingModel) -> dict[int, tuple[Subject, ...]]:
    """Of these topics the one subject that each is."""
    rows = TopicVector.objects.filter(topic__in=topic_ids, model=model).select_related("topic")
    learned = background.newest_key()
    return {row.topic_id: (Subject(row.vector, _terms(topic_text(row.topic), model, learned)),) for row in rows}


@lru_cache(maxsize=1024)
def _terms(text: str, model: EmbeddingModel, learned: int) -> Terms:
    vocabulary = background.learned_as(learned, model).vocabulary
    return lexicon.stored(lexicon.unit_rows([text], vocabulary), vocabulary)[0]


def _known(subscriber_ids: list[int], stored: Sequence[Interest], named: Mapping[str, int]) -> dict[int, set[int]]:
    """Candidates that each subscriber knows already: shown to them before, rated, or named by themselves."""
    known: dict[int, set[int]] = defaultdict(set)
    shown = DigestItem.objects.filter(role__in=SHOWN, subscriber__in=subscriber_ids)
    rated = Feedback.objects.filter(subscriber__in=subscriber_ids).order_by()
    for rows in (shown, rated):
        among_them = among(rows, "paper_id", named.values())
        for subscriber_id, paper_id in among_them.values_list("subscriber_id", "paper_id"):
            known[subscriber_id].add(paper_id)
    for interest in stored:
        known[interest.subscriber_id] |= {named[arxiv_id] for arxiv_id in interest.arxiv_ids if arxiv_id in named}
    return known


def keys_of(arxiv_ids: Collection[str]) -> dict[str, int]:
    """Primary keys of the papers with these arXiv ids, as far as they are known here."""
    if not arxiv_ids:
        return {}
    return dict(Paper.objects.filter(identifier__in=arxiv_ids).values_list("identifier", "pk"))

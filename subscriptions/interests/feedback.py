"""Readers' words about papers: stored, listed and taken back. The next digest follows them, see feedback_profile."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from papers.models import Paper, PaperChange
from recommender.models import EmbeddingModel
from subscriptions.interests import feedback_profile
from subscriptions.models import Digest, Feedback, FeedbackKind, Role, Subscriber

RATED = (Role.PICK, Role.NEAR_MISS)  # what the page of a digest shows one by one


def rate(digest: Digest, words_by_identifier: Mapping[str, str], now: datetime) -> int:
    """Store a word for each paper of the digest that is named, by its identifier; '' takes a word back.

    Other papers and other words are ignored, and repeating a word does not make it newer. Returns how many changed.
    """
    shown = dict(digest.items.filter(role__in=RATED).values_list("paper__identifier", "paper"))
    with transaction.atomic():
        Subscriber.objects.select_for_update().get(pk=digest.subscriber_id)
        before = words_on(digest.subscriber, shown.values())
        words = {
            shown[name]: word
            for name, word in words_by_identifier.items()
            if name in shown and word in {"", *FeedbackKind}
        }
        changed = {paper: word for paper, word in words.items() if word != before.get(paper, "")}
        _store(digest.subscriber, changed, now)
        if changed:
            feedback_profile.rebuild(digest.subscriber, EmbeddingModel.objects.serving())
    return len(changed)


def say(subscriber: Subscriber, more: Sequence[str], less: Sequence[str], now: datetime) -> int:
    """Store these words about papers that are stored, by their identifiers; return how many that are.

    What is said of one paper twice is its last word: less.
    """
    if not (more or less):
        return 0
    words = dict.fromkeys(more, FeedbackKind.MORE.value) | dict.fromkeys(less, FeedbackKind.LESS.value)
    keys = dict(Paper.objects.filter(identifier__in=words).values_list("identifier", "pk"))
    with transaction.atomic():
        Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        _store(subscriber, {keys[one]: word for one, word in words.items() if one in keys}, now)
        feedback_profile.rebuild(subscriber, EmbeddingModel.objects.serving())
    return len(keys)


def _store(subscriber: Subscriber, changed: Mapping[int, str], now: datetime) -> None:
    subscriber.feedback.filter(paper__in=[paper for paper, word in changed.items() if not word]).delete()
    rows = [
        Feedback(subscriber=subscriber, paper_id=paper, kind=word, at=now) for paper, word in changed.items() if word
    ]
    Feedback.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["subscriber", "paper"], update_fields=["kind", "at"]
    )


def words_on(subscriber: Subscriber, paper_ids: Iterable[int]) -> dict[int, str]:
    """Return the reader's word on each of these papers that they have said one on."""
    return dict(subscriber.feedback.filter(paper__in=list(paper_ids)).values_list("paper", "kind"))


def taught(subscriber: Subscriber) -> QuerySet[Feedback]:
    """Return all that the reader has said, the newest first, with the papers."""
    return subscriber.feedback.select_related("paper")


def saved(subscriber: Subscriber) -> QuerySet[Feedback]:
    """Return what the reader kept, the newest first, with the papers."""
    return taught(subscriber).filter(kind=FeedbackKind.SAVE)


def changed(subscriber: Subscriber) -> QuerySet[Feedback]:
    """Return what the reader kept of which something has changed since then."""
    later = PaperChange.objects.filter(paper=OuterRef("paper"), noticed_at__gt=OuterRef("at"))
    return saved(subscriber).filter(Exists(later))


def forget(subscriber: Subscriber, identifier: str) -> int:
    """Take back the word on one paper; return how many there were."""
    gone, _ = subscriber.feedback.filter(paper__identifier=identifier).delete()
    feedback_profile.rebuild(subscriber, EmbeddingModel.objects.serving())
    return gone


def reset(subscriber: Subscriber) -> int:
    """Take back every word; return how many there were."""
    subscriber.taste.all().delete()
    return subscriber.feedback.all().delete()[0]

"""The people whom a reader knows: authors of the papers that they named, uploaded, kept or asked more of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from papers.models import Paper
from recommender.authors import best_known, people_of
from subscriptions.models import Feedback, Interest
from subscriptions.models.feedback import LIKED

MOST_PEOPLE = 300  # stored with an interest
MOST_LIKED = 100  # of a reader's newest words


def remember(interest: Interest) -> int:
    """Store with an interest who wrote its papers, as far as they are here; how many people that are.

    To be called when its papers change and when one of them arrives, as for its vectors.
    """
    named = Paper.objects.filter(identifier__in=interest.arxiv_ids).values_list("plain_authors", "authors")
    interest.people = best_known(people_of(plain or served for plain, served in named), MOST_PEOPLE)
    interest.save(update_fields=["people"])
    return len(interest.people)


def load(stored: Iterable[Interest], subscriber_ids: Sequence[int]) -> dict[int, Counter[str]]:
    """For each subscriber the people they know, for recommender.authors.Authors.met; one query.

    stored are the interests of these subscribers; a muted one knows nobody.
    """
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for interest in stored:
        if not interest.muted:
            found[interest.subscriber_id].update(interest.people)
    liked: dict[int, list[list[str]]] = defaultdict(list)
    for one in _liked(subscriber_ids):
        liked[one.subscriber_id].append(one.paper.shown_authors)
    for subscriber_id, lists in liked.items():
        found[subscriber_id].update(people_of(lists))
    return dict(found)


def _liked(subscriber_ids: Sequence[int]) -> QuerySet[Feedback]:
    place = Window(RowNumber(), partition_by=["subscriber"], order_by=[F("at").desc(), F("pk").desc()])
    told = Feedback.objects.filter(subscriber__in=subscriber_ids, kind__in=LIKED).select_related("paper")
    columns = ("subscriber", "paper__authors", "paper__plain_authors")
    return told.only(*columns).annotate(place=place).filter(place__lte=MOST_LIKED)

"""The people whom a reader knows: authors of the papers that they named, uploaded, kept or asked more of."""

from collections.abc import Collection, Iterable

from papers.models import Paper
from recommender.words.authors import best_known, people_of
from subscriptions.models import Interest

MOST_PEOPLE = 300  # stored with an interest


def remember(interest: Interest) -> int:
    """Store with an interest who wrote its papers, as far as they are stored; return how many people that is.

    To be called when its papers change and when one of them arrives, as for its vectors.
    """
    interest.people = of_named(interest.arxiv_ids)
    interest.save(update_fields=["people"])
    return len(interest.people)


def of_named(identifiers: Collection[str]) -> dict[str, int]:
    """Return the people who wrote these papers, as far as they are stored."""
    named = Paper.objects.filter(identifier__in=identifiers).values_list("plain_authors", "authors")
    return best_known(people_of(plain or served for plain, served in named), MOST_PEOPLE)


def of_liked(papers: Iterable[Paper]) -> dict[str, int]:
    """Return the people who wrote the papers that a reader kept or asked more of."""
    return best_known(people_of(paper.shown_authors for paper in papers), MOST_PEOPLE)

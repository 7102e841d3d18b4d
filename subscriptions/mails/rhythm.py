"""What a digest says of its own length."""

from collections.abc import Iterable, Sequence

from django.conf import settings

from subscriptions.models import Digest, DigestItem, Role


def summary_line(digest: Digest, items: Sequence[DigestItem], count: int) -> str:
    """Say how many papers of how many, count of them shown; a short digest says that it is short on purpose."""
    subscriber, recent = digest.subscriber, f"{digest.considered:,} recent papers"
    if count < subscriber.most_papers and not (subscriber.reading_minutes and _leaves_out(items)):
        return f"{count} of {recent} came close enough today. Nothing else did."
    within = f", for about {subscriber.reading_minutes} minutes of reading" if subscriber.reading_minutes else ""
    return f"The {count} that fit you best among {recent}{within}."


def _leaves_out(items: Iterable[DigestItem]) -> bool:
    """Tell whether a near miss was close enough: then it was for want of time."""
    return any(item.role == Role.NEAR_MISS and item.relevance >= settings.RELEVANCE_FLOOR for item in items)

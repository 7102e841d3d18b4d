"""Count what the ratings of a mixed digest say of the two teams: once, a week after it was made.

Later ratings change nothing, so that each digest is one throw that falls once. A test that is looked at every day is
honest only with such throws.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from subscriptions.models import (
    LEFT,
    Comparison,
    DeliveryStatus,
    DigestItem,
    Feedback,
    FeedbackKind,
    Preference,
    Role,
)

SETTLED_AFTER = timedelta(days=7)
AT_ONCE = 1_000
# Praise and its contrary, of a paper, for the team that brought it.
CREDIT = {FeedbackKind.MORE: 1, FeedbackKind.SAVE: 1, FeedbackKind.SEEN: 0, FeedbackKind.LESS: -1}
Words = Mapping[tuple[int, int], str]  # by digest and rank


def settle(now: datetime) -> int:
    """Settle comparisons whose week is over, the oldest first; return how many.

    Those of mails that never left, or that were chosen anew and not mixed then, are deleted.
    """
    ripe = Comparison.objects.filter(settled_at__isnull=True, made_at__lte=now - SETTLED_AFTER)
    ended = ripe.exclude(digest__status__in=[DeliveryStatus.PLANNED, DeliveryStatus.SENDING])
    some = list(ended.order_by("made_at", "pk").select_related("digest")[:AT_ONCE])
    left = [one for one in some if one.digest.status in LEFT and one.digest.composed_at == one.made_at]
    words = _words(left)
    for one in left:
        one.settled_at, one.ratings, one.preference = now, *_counted(one, words)
    Comparison.objects.filter(pk__in={one.pk for one in some} - {one.pk for one in left}).delete()
    Comparison.objects.bulk_update(left, ["settled_at", "ratings", "preference"])
    return len(left)


def _words(comparisons: Sequence[Comparison]) -> Words:
    """Return what readers said of the picks of these digests."""
    picked = DigestItem.objects.filter(digest__in=[one.digest_id for one in comparisons], role=Role.PICK).order_by()
    said = Feedback.objects.filter(subscriber=OuterRef("subscriber"), paper=OuterRef("paper"))
    rows = picked.annotate(word=Subquery(said.values("kind")[:1])).filter(word__isnull=False)
    return {(digest, rank): word for digest, rank, word in rows.values_list("digest", "rank", "word")}


def _counted(comparison: Comparison, words: Words) -> tuple[int, Preference]:
    """Return how many of both teams' papers were rated, and which team had more praise."""
    a, b = (
        [CREDIT[FeedbackKind(words[key])] for rank in team if (key := (comparison.digest_id, rank)) in words]
        for team in (comparison.team_a, comparison.team_b)
    )
    lead = sum(b) - sum(a)
    return len(a) + len(b), Preference.B if lead > 0 else Preference.A if lead < 0 else Preference.NEITHER

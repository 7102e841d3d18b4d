"""Tell whether the papers of the day are here with their vectors, so that digests need not be made without them."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Exists, OuterRef

from papers import periods
from papers.arxiv import announcements
from papers.feeds import feed_states
from papers.models import Paper
from recommender.models import EmbeddingModel, PaperVector

LOOK_EVERY = timedelta(seconds=20)
EMBEDDED_WITHIN = timedelta(hours=6)  # of its arrival; a paper that has no vector by then will never have one


def is_ready(now: datetime) -> bool:
    """Tell whether nothing of the day is still on its way; asks the database every twenty seconds at most."""
    return is_ready_since(periods.beginning(now, LOOK_EVERY))


@lru_cache(maxsize=2)
def is_ready_since(now: datetime) -> bool:
    return not feed_states.is_awaiting(announcements.batch_due(now)) and not _lacks_vectors(now)


def _lacks_vectors(now: datetime) -> bool:
    model = EmbeddingModel.objects.serving()
    known = PaperVector.objects.filter(model=model, paper=OuterRef("pk"))
    candidates = Paper.objects.candidates(now.date(), settings.CANDIDATE_DAYS)
    return candidates.filter(~Exists(known), created_at__gt=now - EMBEDDED_WITHIN).exists()

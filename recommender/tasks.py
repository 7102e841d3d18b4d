from celery import shared_task
from django.conf import settings

from papers.shared_clock import now
from recommender.candidates import background
from recommender.embedding import embed, sentence_vectors
from recommender.search import topics


@shared_task
def embed_missing() -> None:
    if embed.feed_models(settings.EMBEDDING_MODEL) < embed.AT_ONCE:  # else more papers wait, and they come first
        background.refresh(now())
        sentence_vectors.feed(now().date(), settings.CANDIDATE_DAYS)
        topics.remember_orders(now())

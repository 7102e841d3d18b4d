from celery import shared_task
from django.conf import settings

from recommender import embed


@shared_task
def embed_missing() -> None:
    embed.feed_models(settings.EMBEDDING_MODEL)

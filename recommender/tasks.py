from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from recommender import background, embed


@shared_task
def embed_missing() -> None:
    embed.feed_models(settings.EMBEDDING_MODEL)
    background.refresh(now())
